/* writing.c - see writing.h. */
#include "app/writing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/settings.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model/ending.h"
#include "store/store.h"
#include "track/records.h"

int
writing_failed(const struct writing *w, int err)
{
	if (err != 0)
		log_error("%s", w->store != NULL && store_error(w->store)[0] != '\0'
				    ? store_error(w->store)
				    : err_text(err));
	return err;
}

int
writing_scope(struct writing *w, const char *sensor, const char *realm, uint8_t *out)
{
	size_t i = 0;

	while (
	    i < w->scopes && (strcmp(w->sensor[i], sensor) != 0 || strcmp(w->realm[i], realm) != 0))
		i++;
	*out = (uint8_t)i;
	if (i < w->scopes)
		return 0;
	if (i == WRITING_SCOPES)
		return ERR_CAP;
	w->sensor[i] = strdup(sensor);
	w->realm[i] = strdup(realm);
	w->scopes++;
	if (w->sensor[i] == NULL || w->realm[i] == NULL)
		return -ENOMEM;
	return store_realm(w->store, (uint8_t)i, sensor, realm);
}

int
writing_keep(struct writing *w, const char *sensor, const char *realm, struct accepted *a)
{
	int err = writing_scope(w, sensor, realm, &a->key.realm);

	a->accepted_ns = w->now_ns;
	w->count++;
	return err != 0 ? err : store_keep_accepted(w->store, a);
}

int
writing_open(struct writing *w, struct settings *s)
{
	*w = (struct writing){.settings = s};
	if (s->store == NULL) {
		log_error("which store? -d FILE names it");
		return ERR_USAGE;
	}
	if (access(s->store, F_OK) != 0) {
		int err = -errno;

		log_error("%s: %s", s->store, err_text(err));
		return err;
	}
	int err = store_open(&w->store, s->store, STORE_WRITER);

	if (err == 0)
		err = store_begin(w->store);
	if (err == 0) {
		w->begun = true;
		err = ending_read(w->store, &w->now_ns);
	}
	return writing_failed(w, err);
}

int
writing_close(struct writing *w, int err)
{
	if (err == 0)
		err = writing_failed(w, store_commit(w->store));
	else if (w->begun)
		store_rollback(w->store);
	store_close(&w->store);
	for (size_t i = 0; i < w->scopes; i++) {
		free(w->sensor[i]);
		free(w->realm[i]);
	}
	return err;
}
