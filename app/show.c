/* show.c - what the verbs that read a store have in common. */
#include "app/show.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/settings.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model.h"
#include "report/render_text.h"
#include "store/query.h"
#include "store/store.h"
#include "track/policy.h"

static int
failed_store(const struct store *store, int err)
{
	const char *why = store == NULL ? "" : store_error(store);

	if (err != 0)
		log_error("%s", why[0] != '\0' ? why : err_text(err));
	return err;
}

static bool
wants_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no != NULL && no[0] != '\0')
		return false;
	return isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
}

int
show_report(struct store *store, const struct policy *policy, const struct report_options *options,
    FILE *out, bool *failed)
{
	struct report *r;
	int err = failed_store(store, report_build(&r, store, policy, options));

	if (err != 0)
		return err;
	*failed = r->failed;
	err = render_text(r, out, wants_colour(out));
	if (err != 0)
		log_error("the report cannot be written: %s", err_text(err));
	report_free(&r);
	return err;
}

int
show_open(const struct settings *s, struct store **store)
{
	*store = NULL;
	if (s->store == NULL) {
		log_error("which store? -d FILE names it");
		return ERR_USAGE;
	}
	int err = store_open(store, s->store, STORE_READER);
	return failed_store(*store, err);
}

int
show_policy(const struct settings *s, struct store *store, const struct policy **out)
{
	struct query_summary summary;

	*out = s->policy;
	if (*out != NULL)
		return 0;
	int err = failed_store(store, query_summary(store, &summary));
	if (err != 0)
		return err;
	const char *name = summary.policy == NULL ? "windows-default" : summary.policy;
	*out = policy_builtin(name);
	if (*out != NULL)
		return 0;
	log_error(
	    "the store was last used with policy `%s', which is not known here; name one by -c",
	    name);
	return ERR_USAGE;
}

int
show_time(const char *text, struct store *store, int64_t *out)
{
	struct query_summary summary;

	*out = 0;
	if (text == NULL)
		return 0;
	int err = failed_store(store, query_summary(store, &summary));
	if (err == 0 && (err = clock_parse(text, summary.last_ns, out)) != 0)
		log_error("time `%s' makes no sense: %s", text, err_text(err));
	return err;
}
