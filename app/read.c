/* read.c - order a run from the settings, and tell what came of it. */
#include "app/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/captures.h"
#include "app/exits.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model.h"
#include "track/policy.h"

enum {
	EVENTS_BUFFER = 256 * 1024
};

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* The first signal ends the run in order, the second one at once. Without SA_RESTART a read that
 * waits comes back. */
static void
catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* In the form without a verb, what is no option is the filter, as tcpdump has it. */
static int
bare_filter(struct settings *s, size_t files)
{
	size_t size = 1, used = 0;

	for (size_t i = files; i < s->paths; i++)
		size += strlen(s->path[i]) + 1;
	if (files == s->paths)
		return 0;
	if (s->filter != NULL) {
		log_error(
		    "a filter by -f or -F, and words that are no option: `%s'", s->path[files]);
		return EX_USAGE;
	}
	s->filter = calloc(1, size);
	if (s->filter == NULL)
		return EX_OSERR;
	for (size_t i = files; i < s->paths; i++)
		used += (size_t)snprintf(
		    s->filter + used, size - used, "%s%s", i > files ? " " : "", s->path[i]);
	s->paths = files;
	return 0;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	if (stat(a, &x) != 0 || stat(b, &y) != 0)
		return false;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A capture named twice is read once. */
static void
paths_unique(struct settings *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->paths; i++) {
		size_t j = 0;

		while (j < kept && !same_file(s->path[i], s->path[j]))
			j++;
		if (j < kept)
			log_info("%s is named twice; it is read once", s->path[i]);
		else
			s->path[kept++] = s->path[i];
	}
	s->paths = kept;
}

static int
events_open(const struct settings *s, struct output *out)
{
	const struct output_spared spared = {s->store, s->path, s->paths};
	int err = output_open(out, s->events, &spared);

	if (err == 0 && out->file != NULL)
		setvbuf(out->file, NULL, _IOFBF, EVENTS_BUFFER);
	return err == 0 || err == ERR_USAGE ? exits_of(err) : EX_IOERR;
}

static void
tell_summary(const struct settings *s, const struct pipeline *p)
{
	const struct consumer *c = &p->consumer;

	log_info("captures %zu, packets %" PRIu64 ", answers %" PRIu64 ", binds %" PRIu64
		 ", new %" PRIu64 ", additional %" PRIu64 ", moved %" PRIu64 ", returned %" PRIu64
		 ", alerts %" PRIu64 "%s%s%s",
	    captures_read(p->captures), p->packets, c->answers, c->binds, c->changes[CHANGE_NEW],
	    c->changes[CHANGE_ADDITIONAL], c->changes[CHANGE_MOVED], c->changes[CHANGE_RETURNED],
	    c->alerts, s->store == NULL ? "" : "; kept in ", s->store == NULL ? "" : s->store,
	    p->stopped ? "; stopped early" : "");
}

/* A store in memory would be gone without a word, so there the run ends with the report, unless
 * events have the output. */
static int
tell(const struct settings *s, const struct pipeline *p)
{
	const struct report_options options = {.fail_on = s->fail_on};
	struct output out;
	bool failed;

	if (s->store != NULL || (s->events != NULL && strcmp(s->events, "-") == 0)) {
		tell_summary(s, p);
		return 0;
	}
	output_standard(&out);
	return exits_of(show_report(p->store, p->order->policy, &options, &out, &failed));
}

static int
run(const struct settings *s, const struct pipeline_order *order)
{
	struct pipeline p;
	int status = exits_of(pipeline_open(&p, order));

	if (status == 0)
		status = exits_of(pipeline_run(&p));
	if (status == 0) {
		size_t problems = pipeline_problems(&p);

		status = tell(s, &p);
		if (status == 0 && problems > 0 && !stop)
			status = EX_DATAERR;
	}
	pipeline_close(&p);
	return status;
}

/* Else the run would take it for a damaged capture. */
static int
input_check(const struct settings *s)
{
	for (size_t i = 0; i < s->paths; i++) {
		int flags = strcmp(s->path[i], "-") == 0 ? fcntl(STDIN_FILENO, F_GETFL) : O_RDONLY;

		if (flags >= 0 && (flags & O_ACCMODE) != O_WRONLY)
			continue;
		log_error("standard input: %s", strerror(EBADF));
		return EX_IOERR;
	}
	return 0;
}

static int
captures_check(struct settings *s)
{
	int status = s->bare ? bare_filter(s, s->files) : 0;

	if (status != 0)
		return status;
	if (s->paths == 0) {
		log_error("which captures? name files or folders, or `-' for standard input");
		return EX_USAGE;
	}
	paths_unique(s);
	return input_check(s);
}

int
read_run(struct settings *s)
{
	struct pipeline_order order = {
	    .store = s->store, .sensor = s->sensor, .realm = s->realm, .count = s->count};
	struct output events;
	int status = captures_check(s);

	if (status != 0)
		return status;
	order.path = s->path;
	order.paths = s->paths;
	order.filter = s->filter;
	order.policy = s->policy != NULL ? s->policy : policy_builtin("windows-default");
	order.progress = s->quiet ? PROGRESS_NEVER : s->progress;
	order.stop = &stop;
	status = events_open(s, &events);
	if (status != 0)
		return status;
	order.events = events.file;
	order.events_name = events.name;
	catch_signals();
	status = run(s, &order);
	int closed = output_close(&events, status == 0 || status == EX_DATAERR);
	return closed != 0 ? exits_of(closed) : status;
}
