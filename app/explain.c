/* explain.c - an id to what the store knows of it. */
#include "app/explain.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "app/exits.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/explain/explain.h"
#include "store/store.h"

static void
tell_matches(const struct explanation *e, const char *id)
{
	size_t told = e->match_count < EXPLAIN_MATCHES ? e->match_count : EXPLAIN_MATCHES;

	log_error("%zu changes and alerts begin with `%s':", e->match_count, id);
	for (size_t i = 0; i < told; i++)
		log_error("  %s", e->match[i]);
}

int
explain_find(
    struct store *store, const struct policy *policy, const char *id, struct explanation **out)
{
	int err = explain_read(out, store, policy, id);

	if (err == ERR_USAGE && *out != NULL)
		tell_matches(*out, id);
	else if (err == -ENOENT)
		log_error(
		    "no change and no alert of the store has an id that begins with `%s'", id);
	else if (err != 0)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	if (err != 0)
		explain_free(out);
	return err;
}

static int
explain_one(struct settings *s, struct store *store)
{
	const struct policy *policy;
	struct explanation *e;
	struct output out;
	int err = show_policy(s, store, &policy);

	if (err == 0)
		err = explain_find(store, policy, s->path[0], &e);
	if (err != 0)
		return err;
	errno = 0;
	err = (strcmp(s->format, "json") == 0 ? explain_json : explain_text)(e, stdout);
	output_standard(&out);
	if (err != 0 && ferror(stdout))
		err = output_failed(&out);
	else if (err != 0)
		log_error("%s", err_text(err));
	explain_free(&e);
	return err;
}

int
explain_run(struct settings *s)
{
	struct store *store;

	if (s->paths != 1) {
		log_error("explain wants one id of a change or an alert, or the beginning of it");
		return EX_USAGE;
	}
	if (strcmp(s->format, "json") != 0 && strcmp(s->format, "text") != 0) {
		log_error("format `%s' is none: text or json is wanted", s->format);
		return EX_USAGE;
	}
	int err = show_open(s, &store);
	if (err == 0)
		err = explain_one(s, store);
	store_close(&store);
	return exits_of(err);
}
