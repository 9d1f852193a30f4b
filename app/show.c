/* show.c - what the verbs that read a store have in common. */
#include "app/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/output.h"
#include "app/policies.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "policy/file.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/ending.h"
#include "report/model/model.h"
#include "store/query.h"
#include "store/store.h"

static int
failed_store(const struct store *store, int err)
{
	const char *why = store == NULL ? "" : store_error(store);

	if (err != 0)
		log_error("%s", why[0] != '\0' ? why : err_text(err));
	return err;
}

static bool
terminal_wants(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no != NULL && no[0] != '\0')
		return false;
	return isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
}

bool
show_colour(const struct settings *s, FILE *out)
{
	return s->color == COLOR_AUTO ? terminal_wants(out) : s->color == COLOR_ALWAYS;
}

int
show_build(struct report **out, struct store *store, const struct policy *policy,
    const struct report_options *options)
{
	return failed_store(store, report_build(out, store, policy, options));
}

int
show_report(const struct settings *s, struct store *store, const struct policy *policy,
    const struct report_options *options, const struct output *out)
{
	struct report *r;

	store_set_hosts(store, s->hosts);
	int err = show_build(&r, store, policy, options);
	if (err != 0)
		return err;
	errno = 0;
	err = document_write(&document_text, r, out->file, show_colour(s, out->file));
	if (err != 0 && ferror(out->file))
		err = output_failed(out);
	else if (err != 0)
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
	if (err == 0)
		store_set_hosts(*store, s->hosts);
	/* one view for the whole verb, whoever writes meanwhile */
	if (err == 0)
		err = store_begin(*store);
	return failed_store(*store, err);
}

int
show_policy(struct settings *s, struct store *store, const struct policy **out)
{
	struct query_summary summary;

	*out = s->policy;
	if (*out != NULL)
		return 0;
	int err = failed_store(store, query_brief(store, &summary));
	if (err != 0)
		return err;
	const char *name = summary.policy == NULL ? "windows-default" : summary.policy;
	const char *text = summary.policy == NULL ? name : summary.policy_text;
	err = policies_stored(name, text, &s->policy_file);
	if (err == 0)
		*out = s->policy = policy_file_policy(s->policy_file);
	return err == 0 ? 0 : ERR_USAGE;
}

int
show_time(const char *text, struct store *store, int64_t *out)
{
	int64_t end_ns;

	*out = 0;
	if (text == NULL)
		return 0;
	int err = failed_store(store, ending_read(store, &end_ns));
	if (err == 0 && (err = clock_parse(text, end_ns, out)) != 0)
		log_error("time `%s' makes no sense: %s", text, err_text(err));
	/* 0 says that there is no bound; no packet lies between 1969 and 1970. */
	if (err == 0 && *out == 0)
		*out = -1;
	return err;
}

int
show_span(const struct settings *s, struct store *store, int64_t *since_ns, int64_t *until_ns)
{
	int err = show_time(s->since, store, since_ns);

	if (err == 0)
		err = show_time(s->until, store, until_ns);
	if (err != 0 || *since_ns == 0 || *until_ns == 0 || *since_ns <= *until_ns)
		return err;
	log_error("--since %s is later than --until %s", s->since, s->until);
	return ERR_USAGE;
}

static int
ask_scope(struct store *store, const char *sensor, const char *realm, bool *known)
{
	size_t count = 1;
	int err = sensor == NULL && realm == NULL
		      ? 0
		      : failed_store(store, query_scopes(store, sensor, realm, &count));

	*known = count > 0;
	return err;
}

int
show_scope(const struct settings *s, struct store *store)
{
	const char *sensor = s->query.sensor, *realm = s->query.realm;
	bool sensor_known, realm_known, both_known;
	int err = ask_scope(store, sensor, NULL, &sensor_known);

	if (err == 0)
		err = ask_scope(store, NULL, realm, &realm_known);
	if (err == 0)
		err = ask_scope(store, sensor, realm, &both_known);
	if (err != 0 || both_known)
		return err;
	if (!sensor_known)
		log_error("the store knows no sensor `%s'", sensor);
	else if (!realm_known)
		log_error("the store knows no realm `%s'", realm);
	else
		log_error("the store knows no sensor `%s' in realm `%s'", sensor, realm);
	return ERR_USAGE;
}
