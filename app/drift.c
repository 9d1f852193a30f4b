/* drift.c - settings to a report on some output. */
#include "app/drift.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "app/exits.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model.h"
#include "store/store.h"

static int
output_open(const char *path, FILE **out)
{
	int fd = path == NULL || strcmp(path, "-") == 0
		     ? -1
		     : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	if (path == NULL || strcmp(path, "-") == 0) {
		*out = stdout;
		return 0;
	}
	*out = fd < 0 ? NULL : fdopen(fd, "w");
	if (*out != NULL)
		return 0;
	log_error("%s: %s", path, strerror(errno));
	return -EIO;
}

static int
output_close(const char *path, FILE *out)
{
	if (out == stdout || fclose(out) == 0)
		return 0;
	log_error("%s: %s", path, strerror(errno));
	return -EIO;
}

static int
write_report(const struct settings *s, struct store *store, bool *failed)
{
	struct report_options options = {.fail_on = s->fail_on};
	const struct policy *policy;
	FILE *out;
	int err = show_time(s->since, store, &options.since_ns);

	if (err == 0)
		err = show_time(s->until, store, &options.until_ns);
	if (err == 0)
		err = show_policy(s, store, &policy);
	if (err == 0)
		err = output_open(s->output, &out);
	if (err != 0)
		return err;
	err = show_report(store, policy, &options, out, failed);
	int closed = output_close(s->output, out);
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
