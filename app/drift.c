/* drift.c - settings to a report: as a document, as tables, or as a mail. */
#include "app/drift.h"

#include <errno.h>
#include <string.h>

#include "app/exits.h"
#include "app/mailing.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "app/tables.h"
#include "app/version.h"
#include "base/err.h"
#include "base/log.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
#include "report/rows/report_csv.h"
#include "report/rows/report_json.h"
#include "store/store.h"

static bool
is_csv(const struct settings *s)
{
	return strcmp(s->format, "csv") == 0;
}

static bool
is_tables(const struct settings *s)
{
	return is_csv(s) || strcmp(s->format, "json") == 0;
}

static int
format_write(const struct settings *s, const struct report *r, FILE *out)
{
	if (is_csv(s))
		return report_csv(r, s->section, out);
	if (is_tables(s))
		return report_json(r, s->section, out);
	return document_write(formats_document(s->format), r, out, show_colour(s, out));
}

static int
file_write(const struct settings *s, const struct report *r, const struct output_spared *spared)
{
	struct output out;
	int err = output_replace(&out, s->output == NULL ? "-" : s->output, spared);

	if (err != 0)
		return err;
	errno = 0;
	err = format_write(s, r, out.file);
	if (err != 0 && ferror(out.file))
		err = output_failed(&out);
	else if (err != 0)
		log_error("the report cannot be written: %s", err_text(err));
	int closed = output_close(&out, err == 0);
	return err != 0 ? err : closed;
}

static int
give(const struct settings *s, const struct report *r)
{
	const struct output_spared spared = {.store = s->store};

	if (s->mails > 0)
		return mailing_send(s, r, &spared);
	if (is_csv(s) && s->section == NULL)
		return tables_write(r, s->output);
	return file_write(s, r, &spared);
}

static int
write_report(struct settings *s, struct store *store, bool *failed)
{
	struct report_options options = {.fail_on = s->fail_on};

	options.version = version_list(&options.version_count);
	const struct policy *policy;
	struct report *r;
	int err = show_span(s, store, &options.since_ns, &options.until_ns);

	if (err == 0)
		err = show_policy(s, store, &policy);
	if (err == 0)
		err = show_build(&r, store, policy, &options);
	if (err != 0)
		return err;
	*failed = r->failed;
	err = give(s, r);
	report_free(&r);
	return err;
}

static const char *
wrong_mail(const struct settings *s)
{
	if (s->mails == 0)
		return s->always || s->from != NULL || s->subject_prefix != NULL ||
			       s->sendmail != NULL
			   ? "--always, --from, --subject-prefix and --sendmail go with --mail "
			     "ADDRESS"
			   : NULL;
	if (strcmp(s->format, "text") != 0 || s->section != NULL)
		return "a mail has text and HTML in it: --format and --section do not go with "
		       "--mail";
	return NULL;
}

/* What does not go together, in words; NULL: it does. */
static const char *
wrong(const struct settings *s)
{
	if (!is_tables(s) && formats_document(s->format) == NULL)
		return "that format is none: text, markdown, html, json or csv is wanted";
	if (!is_tables(s) && s->section != NULL)
		return "--section goes with --format json or csv";
	if (is_csv(s) && s->section == NULL && (s->output == NULL || strcmp(s->output, "-") == 0))
		return "as CSV a report is several tables: -o FOLDER takes a file for each, "
		       "--section NAME picks one";
	return wrong_mail(s);
}

int
drift_run(struct settings *s)
{
	const char *why = wrong(s);
	struct store *store;
	bool failed = false;

	if (why != NULL) {
		log_error("%s", why);
		return EXITS_ERROR;
	}
	int err = show_open(s, &store);
	if (err == 0)
		err = write_report(s, store, &failed);
	store_close(&store);
	return err != 0 ? EXITS_ERROR : failed ? EXITS_FOUND : EXITS_CLEAN;
}
