/* baseline.c - what was accepted is written by nobody but these verbs: drift is never learned silently. */
#include "app/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/exits.h"
#include "app/list.h"
#include "app/settings.h"
#include "app/show.h"
#include "app/writing.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "report/rows/rows.h"
#include "store/query.h"
#include "store/store.h"

/* NULL where none was given. */
static const char *
reason_of(const struct settings *s, char out[ALERT_TEXT])
{
	if (s->reason == NULL)
		return NULL;
	text_clean((const uint8_t *)s->reason, strlen(s->reason), out, ALERT_TEXT);
	return out;
}

static int
alive_keep(void *ctx, const struct query_episode *e)
{
	struct writing *w = ctx;
	struct accepted a = {.key = e->key, .minor = e->minor, .endpoint = e->endpoint};

	if (e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	(void)reason_of(w->settings, a.reason);
	return writing_keep(w, e->sensor, e->realm, &a);
}

static int
create(struct writing *w)
{
	const struct query_filter alive = {0};
	int err = store_drop_accepted(w->store, NULL);

	if (err == 0)
		err = query_alive(w->store, &alive, alive_keep, w);
	if (err == 0) {
		char reason[ALERT_TEXT];

		err = store_accept_whole(w->store, w->now_ns, reason_of(w->settings, reason));
	}
	return writing_failed(w, err);
}

int
baseline_create(struct settings *s)
{
	struct writing w;
	int err = writing_open(&w, s);

	if (err == 0)
		err = create(&w);
	err = writing_close(&w, err);
	if (err == 0)
		printf("%zu endpoint%s accepted\n", w.count, w.count == 1 ? "" : "s");
	return exits_of(err);
}

int
baseline_show(struct settings *s)
{
	size_t findings;

	return exits_of(list_rows(s, &rows_baseline, &findings));
}

static int
whole_seen(void *ctx, const struct query_accepted_whole *row)
{
	(void)ctx;
	(void)row;
	return 1;
}

/* Was the whole state accepted once? To one that was not, everything would be a difference. */
static int
find_whole(struct settings *s)
{
	struct store *store;
	int err = show_open(s, &store);

	if (err == 0) {
		err = query_accepted_whole(store, whole_seen, NULL);
		if (err == 0) {
			log_error("the store has no baseline: epmwatch baseline create -d STORE");
			err = -ENOENT;
		} else if (err < 0) {
			log_error("%s", store_error(store));
		}
	}
	store_close(&store);
	return err < 0 ? err : 0;
}

int
baseline_diff(struct settings *s)
{
	size_t findings = 0;
	int err = find_whole(s);

	if (err == 0)
		err = list_rows(s, &rows_difference, &findings);
	return err != 0 ? exits_of(err) : findings > 0 ? EXITS_FOUND : EXITS_CLEAN;
}
