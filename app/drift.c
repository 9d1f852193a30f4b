/* drift.c - settings to a report on some output. */
#include "app/drift.h"

#include <string.h>

#include "app/exits.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model.h"
#include "store/store.h"

static int
write_report(struct settings *s, struct store *store, bool *failed)
{
	struct report_options options = {.fail_on = s->fail_on};
	const struct policy *policy;
	struct output out;
	int err = show_span(s, store, &options.since_ns, &options.until_ns);

	if (err == 0)
		err = show_policy(s, store, &policy);
	if (err == 0)
		err = output_replace(&out, s->output == NULL ? "-" : s->output,
		    &(struct output_spared){.store = s->store});
	if (err != 0)
		return err;
	err = show_report(store, policy, &options, &out, failed);
	int closed = output_close(&out, err == 0);
	return err != 0 ? err : closed;
}

int
drift_run(struct settings *s)
{
	struct store *store;
	bool failed = false;

	if (strcmp(s->format, "text") != 0) {
		log_error("format `%s' is not there yet: reports are text so far", s->format);
		return EXITS_ERROR;
	}
	int err = show_open(s, &store);
	if (err == 0)
		err = write_report(s, store, &failed);
	store_close(&store);
	return err != 0 ? EXITS_ERROR : failed ? EXITS_FOUND : EXITS_CLEAN;
}
