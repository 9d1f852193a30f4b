/* db.c - what was asked of a store as a whole, and what came of it in words. */
#include "app/db.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "app/exits.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model/ending.h"
#include "store/store.h"
#include "store/upkeep.h"
#include "track/policy.h"

#define DAY_NS INT64_C(86400000000000)

enum {
	SESSIONS_DAYS = 7,
	PUSHES_DAYS = 90,
	KEYS_DAYS = 400,
};

static int
failed(const struct store *store, int err)
{
	if (err != 0)
		log_error("%s", store != NULL && store_error(store)[0] != '\0' ? store_error(store)
									       : err_text(err));
	return err;
}

int
db_exit(int err)
{
	if (err == ERR_NOT_STORE || err == ERR_NEWER || err == ERR_OLDER)
		return EX_DATAERR;
	return exits_of(err);
}

/* A store that is there already: a writer would make it. */
static int
open_writer(const struct settings *s, struct store **store)
{
	struct stat st;

	*store = NULL;
	if (s->store == NULL) {
		log_error("which store? -d FILE names it");
		return ERR_USAGE;
	}
	if (stat(s->store, &st) != 0) {
		int err = -errno;

		log_error("%s: cannot be opened: %s", s->store, err_text(err));
		return err;
	}
	return failed(*store, store_open(store, s->store, STORE_WRITER));
}

static void
say_disjoint(void *ctx, const char *text)
{
	(void)ctx;
	log_warn("%s", text);
}

static int
merge_one(struct settings *s, struct store *store, const char *path)
{
	static const struct thresholds defaults = THRESHOLDS_DEFAULT;
	const struct thresholds *t = s->policy != NULL ? &s->policy->thresholds : &defaults;
	struct upkeep_merged merged;
	int err = failed(store, upkeep_merge(store, path, t->merge_skew_ns, &merged));

	if (err == 0 && !s->quiet)
		printf("%s: %" PRId64 " episodes, %" PRId64 " changes, %" PRId64 " alerts; %" PRId64
		       " changes were there already\n",
		    path, merged.episodes, merged.changes, merged.alerts, merged.same);
	return err;
}

int
db_merge(struct settings *s)
{
	struct store *store = NULL;
	int err = s->store == NULL || s->paths == 0 ? ERR_USAGE : 0;

	if (err != 0)
		log_error("-d FILE names the store that is merged into, and what follows those "
			  "that are merged");
	else
		err = failed(store, store_open(&store, s->store, STORE_WRITER));
	for (size_t i = 0; i < s->paths && err == 0; i++)
		err = merge_one(s, store, s->path[i]);
	if (err == 0)
		err = failed(store, upkeep_disjoint(store, say_disjoint, NULL));
	store_close(&store);
	return db_exit(err);
}

int
db_prune(struct settings *s)
{
	struct upkeep_ages ages = {
	    .sessions = s->keep_sessions_ns != 0 ? s->keep_sessions_ns : SESSIONS_DAYS * DAY_NS,
	    .pushes = s->keep_pushes_ns != 0 ? s->keep_pushes_ns : PUSHES_DAYS * DAY_NS,
	    .keys = s->keep_keys_ns != 0 ? s->keep_keys_ns : KEYS_DAYS * DAY_NS};
	struct upkeep_pruned gone;
	struct store *store;
	int err = open_writer(s, &store);

	if (err == 0)
		err = failed(store, ending_read(store, &ages.now_ns));
	if (err == 0)
		err = failed(store, upkeep_prune(store, &ages, &gone));
	store_close(&store);
	if (err == 0 && !s->quiet)
		printf("%s: %" PRId64 " keys with %" PRId64 " episodes, %" PRId64
		       " changes and %" PRId64 " alerts, %" PRId64 " servers, %" PRId64
		       " sessions, %" PRId64 " pushes are gone\n",
		    s->store, gone.keys, gone.episodes, gone.changes, gone.alerts, gone.servers,
		    gone.sessions, gone.pushes);
	return db_exit(err);
}

int
db_vacuum(struct settings *s)
{
	struct store *store;
	int64_t bytes = 0;
	int err = open_writer(s, &store);

	if (err == 0)
		err = failed(store, upkeep_vacuum(store, &bytes));
	store_close(&store);
	if (err == 0 && !s->quiet)
		printf("%s: %" PRId64 " bytes given back\n", s->store, bytes);
	return db_exit(err);
}
