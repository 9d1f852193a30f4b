/* read.c - order a run from the settings, and tell what came of it. */
#include "app/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/captures.h"
#include "app/event_types.h"
#include "app/exits.h"
#include "app/memory.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/policies.h"
#include "app/settings.h"
#include "app/show.h"
#include "app/stop.h"
#include "base/err.h"
#include "base/log.h"
#include "report/model/model.h"

enum {
	WORKERS_MOST = 4
}; /* unless more are asked for */

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

	/* Events come in lines that have a buffer of their own. */
	if (err == 0 && out->file != NULL)
		setvbuf(out->file, NULL, _IONBF, 0);
	return err == 0 || err == ERR_USAGE ? exits_of(err) : EX_IOERR;
}

static void
tell_summary(const struct settings *s, const struct pipeline *p)
{
	const struct consumer *c = &p->ledger.consumer;

	log_info("captures %zu, packets %" PRIu64 ", answers %" PRIu64 ", binds %" PRIu64
		 ", new %" PRIu64 ", additional %" PRIu64 ", moved %" PRIu64 ", returned %" PRIu64
		 ", alerts %" PRIu64 "%s%s%s",
	    captures_read(p->captures), p->packets, c->lessons.answers, c->lessons.binds, c->changes[CHANGE_NEW],
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

	if (s->store != NULL || (s->events != NULL && strcmp(s->events, "-") == 0)) {
		tell_summary(s, p);
		return 0;
	}
	output_standard(&out);
	return exits_of(
	    show_report(s, p->ledger.store, p->order->ledger.policy, &options, &out));
}

/* The share of a history without a file is the only one that can run out. */
static void
tell_overflow(const struct settings *s, int err)
{
	if (err == -ENOSPC && s->store == NULL)
		log_error("that is more than the memory allows; give the history a file by -d, "
			  "or more by --memory");
}

static int
run(const struct settings *s, const struct pipeline_order *order)
{
	struct pipeline p;
	int status = exits_of(pipeline_open(&p, order));

	if (status == 0) {
		int err = pipeline_run(&p);

		tell_overflow(s, err);
		status = exits_of(err);
	}
	if (status == 0) {
		size_t problems = pipeline_problems(&p);

		status = tell(s, &p);
		if (status == 0 && problems > 0 && stop_asked == 0)
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
	int status = s->bare ? settings_filter_words(s, s->files) : 0;

	if (status != 0)
		return status;
	if (s->paths == 0) {
		log_error("which captures? name files or folders, or `-' for standard input");
		return EX_USAGE;
	}
	paths_unique(s);
	status = policies_take(s);
	return status != 0 ? status : input_check(s);
}

static size_t
workers_of(const struct settings *s)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->workers != 0)
		return s->workers;
	return processors < 1 ? 1 : processors < WORKERS_MOST ? (size_t)processors : WORKERS_MOST;
}

/* What the settings ask for; the parts of the memory are the caller's. */
static void
order_make(const struct settings *s, struct memory_parts *memory, struct pipeline_order *out)
{
	const struct memory_need need = {.total = s->memory, .in_memory = s->store == NULL};
	char text[MEMORY_TEXT];

	/* The setter has seen to it that it is enough. */
	(void)memory_split(&need, memory);
	if (!s->no_ndpi)
		memory_warn(memory);
	log_debug("memory %s", memory_describe(memory, text));
	*out = (struct pipeline_order){.path = s->path,
	    .paths = s->paths,
	    .filter = s->filter,
	    .span_ns = s->span_ns,
	    .no_smb = s->no_smb,
	    .no_ndpi = s->no_ndpi,
	    .classify_all = s->classify_all,
	    .threads = workers_of(s),
	    .count = s->count,
	    .uncompressed = s->uncompressed,
	    .progress = s->quiet ? PROGRESS_NEVER : s->progress,
	    .stop = &stop_asked,
	    .ledger = {.store = s->store,
		.sensor = s->sensor,
		.realm = s->realm,
		.realms = s->realms,
		.policy = s->policy,
		.event_types = s->event_types != 0 ? s->event_types : EVENT_TYPES_ALL,
		.memory = memory}};
}

int
read_run(struct settings *s)
{
	struct pipeline_order order;
	struct memory_parts memory;
	struct output events;
	int status = captures_check(s);

	if (status != 0)
		return status;
	order_make(s, &memory, &order);
	status = events_open(s, &events);
	if (status != 0)
		return status;
	order.ledger.events = events.file;
	order.ledger.events_name = events.name;
	stop_catch();
	status = run(s, &order);
	int closed = output_close(&events, status == 0 || status == EX_DATAERR);
	return closed != 0 ? exits_of(closed) : status;
}
