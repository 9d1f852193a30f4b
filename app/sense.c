/* sense.c - order a run from the settings, and say in a line what begins and in a line what came of it. */
#include "app/sense.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/event_types.h"
#include "app/exits.h"
#include "app/live.h"
#include "app/memory.h"
#include "app/output.h"
#include "app/policies.h"
#include "app/settings.h"
#include "app/stop.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "policy/file.h"

#define MIB ((size_t)1 << 20)

enum {
	NAMES = 256
};

static int
settings_check(struct settings *s)
{
	if (s->devices == 0) {
		log_error("which interface? -i NAME names it");
		return EX_USAGE;
	}
	if (s->store == NULL) {
		log_error("which store? -d FILE names it");
		return EX_USAGE;
	}
	if (s->devices > 1 && s->workers > 1) {
		log_error("several interfaces are watched by one worker; --workers %zu needs a "
			  "single -i",
		    s->workers);
		return EX_USAGE;
	}
	int status = policies_take(s);
	return status != 0 ? status : settings_filter_words(s, 0);
}

static int
memory_check(const struct settings *s, struct memory_parts *out)
{
	const struct memory_need need = {.total = s->memory,
	    .workers = s->workers != 0 ? s->workers : 1,
	    .devices = s->devices,
	    .ring = s->ring_bytes};

	if (memory_split(&need, out) == 0)
		return 0;
	log_error("%zuM of memory is too little for these rings: %zuM is the least",
	    out->total / MIB, (memory_least(&need) + MIB - 1) / MIB);
	return EX_USAGE;
}

static int
events_open(const struct settings *s, struct output *out)
{
	const struct output_spared spared = {.store = s->store};
	int err = output_append(out, s->events, &spared);

	/* Events come in lines that have a buffer of their own. */
	if (err == 0 && out->file != NULL)
		setvbuf(out->file, NULL, _IONBF, 0);
	return err == 0 || err == ERR_USAGE ? exits_of(err) : EX_IOERR;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
tell_start(const struct settings *s, const struct live_order *o)
{
	char names[NAMES], memory[MEMORY_TEXT];
	size_t used = 0;

	memory_warn(o->ledger.memory);
	for (size_t i = 0; i < o->devices && used < sizeof(names); i++)
		used += (size_t)snprintf(
		    names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "", o->device[i]);
	log_info("watching %s%s%s with %zu worker%s, kept in %s; memory %s", names,
	    o->filter != NULL ? " for " : "", o->filter != NULL ? o->filter : "", o->workers,
	    plural(o->workers), s->store, memory_describe(o->ledger.memory, memory));
}

static void
tell_end(const struct settings *s, struct live *l)
{
	const struct consumer *c = &l->ledger.consumer;
	struct events_totals t;

	live_totals(l, &t);
	log_info("packets %" PRIu64 ", dropped %" PRIu64 ", answers %" PRIu64 ", binds %" PRIu64
		 ", new %" PRIu64 ", additional %" PRIu64 ", moved %" PRIu64 ", returned %" PRIu64
		 ", alerts %" PRIu64 "; kept in %s",
	    t.packets, t.dropped_kernel + t.dropped_interface + t.dropped_queue, c->lessons.answers,
	    c->lessons.binds, c->changes[CHANGE_NEW], c->changes[CHANGE_ADDITIONAL],
	    c->changes[CHANGE_MOVED], c->changes[CHANGE_RETURNED], c->alerts, s->store);
}

static int
run(const struct settings *s, const struct live_order *order)
{
	struct live l;
	int err = live_open(&l, order);

	if (err == 0) {
		tell_start(s, order);
		err = live_run(&l);
		tell_end(s, &l);
	}
	live_close(&l);
	return exits_of(err);
}

/* One that is read again during the run. */
struct again {
	const char *name;
	struct policy_file *file; /* owned; the one that holds, NULL: that of the start */
};

/* A bad file is refused whole, after messages. */
static const struct policy *
policy_again(void *ctx)
{
	struct again *a = ctx;
	struct policy_file *file;

	if (policies_open(a->name, false, &file) != 0) {
		log_warn("policy %s is not taken: what held before does", a->name);
		return NULL;
	}
	policy_file_free(&a->file);
	a->file = file;
	log_info("policy %s was read again", a->name);
	return policy_file_policy(file);
}

static void
order_make(const struct settings *s, const struct memory_parts *memory, struct live_order *out)
{
	*out = (struct live_order){.device = s->device,
	    .devices = s->devices,
	    .workers = s->workers != 0 ? s->workers : 1,
	    .filter = s->filter,
	    .span_ns = s->span_ns,
	    .no_smb = s->no_smb,
	    .prefilter = !s->unfiltered,
	    .ring_block = s->ring_block,
	    .ring_timeout_ms = s->ring_timeout_ms,
	    .snaplen = s->snaplen,
	    .count = s->count,
	    .stats_ns = (s->stats_s != 0 ? s->stats_s : SETTINGS_STATS_S) * NS_PER_S,
	    .stop = &stop_asked,
	    .reread = &stop_reread,
	    .policy_again = policy_again,
	    .ledger = {.store = s->store,
		.sensor = s->sensor,
		.realm = s->realm,
		.realms = s->realms,
		.policy = s->policy,
		.event_types = s->event_types != 0 ? s->event_types : EVENT_TYPES_LIVE,
		.memory = memory,
		.live = true}};
}

int
sense_run(struct settings *s)
{
	struct live_order order;
	struct memory_parts memory;
	struct output events;
	struct again again = {NULL, NULL};
	int status = settings_check(s);

	if (status == 0)
		status = memory_check(s, &memory);
	if (status == 0)
		status = events_open(s, &events);
	if (status != 0)
		return status;
	order_make(s, &memory, &order);
	order.ledger.events = events.file;
	order.ledger.events_name = events.name;
	again.name = s->policy_name;
	order.policy_ctx = &again;
	stop_catch();
	stop_catch_reread();
	/* Of a reader that goes away a write tells. */
	signal(SIGPIPE, SIG_IGN);
	status = run(s, &order);
	policy_file_free(&again.file);
	int closed = output_close(&events, status == 0);
	return closed != 0 ? exits_of(closed) : status;
}
