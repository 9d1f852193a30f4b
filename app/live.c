/* live.c - opening in the order of what fails most often; then a loop of what is due. */
#include "app/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/board.h"
#include "app/interfaces.h"
#include "app/lanes.h"
#include "app/memory.h"
#include "app/secret.h"
#include "app/tallies.h"
#include "app/worker.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "capture/tap.h"
#include "dissect/dissector.h"
#include "dissect/hints.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "store/store.h"
#include "store/tally.h"
#include "track/clock.h"

#define NS_PER_MS (NS_PER_S / 1000)

/* How long what is due may wait, and how often things are done. */
#define COMMIT_NS NS_PER_S
#define RETRY_NS (5 * NS_PER_S) /* a store that failed */
#define HINTS_NS (10 * NS_PER_MS)
#define LEARN_NS (10 * NS_PER_S)
#define ROW_NS (60 * NS_PER_S) /* how far the interfaces were seen, where nothing else is written */
#define LOOK_NS (100 * NS_PER_MS) /* at signals */
#define TICK_NS NS_PER_S
#define ARRIVAL_NS (5 * NS_PER_S) /* what was captured before has been folded by then */

enum {
	TAKE_MOST = 256, /* observations until it is looked what else is due */
};

static const char *
interface_name(void *interfaces, uint32_t index)
{
	return interfaces_name(interfaces, index);
}

/* What goes into every transaction beside what the consumer has. */
static int
keep_progress(void *live)
{
	struct live *l = live;
	int err = interfaces_keep(l->interfaces);

	if (err == 0)
		err = store_keep_up(l->ledger.store, clock_now());
	return err != 0 ? err : ledger_keep_policy(&l->ledger);
}

/* Without one, taps would all see the same packets. Others on this host have numbers of their own. */
static uint16_t
fanout_group(size_t workers)
{
	uint16_t group = (uint16_t)getpid();

	if (workers == 1)
		return 0;
	return group != 0 ? group : 1;
}

static int
open_worker(struct live *l, size_t number)
{
	const struct live_order *o = l->order;
	const struct memory_parts *memory = o->ledger.memory;
	const struct tap_options tap = {.device = o->device,
	    .devices = o->devices,
	    .filter = o->filter,
	    .prefilter = o->prefilter,
	    .sieve = &l->sieve,
	    .ring_bytes = memory->ring,
	    .block_bytes = o->ring_block,
	    .timeout_ms = o->ring_timeout_ms,
	    .snaplen = o->snaplen,
	    .fanout = fanout_group(o->workers)};
	const struct dissect_limits limits = {.flows = memory->flow_count,
	    .buffer_bytes = memory->stream_bytes,
	    .salt = l->sieve.salt,
	    .span_ns = o->span_ns,
	    .no_smb = o->no_smb,
	    .no_ndpi = memory->ndpi == 0,
	    .realms = ledger_realms(&o->ledger)};
	const struct worker_order order = {
	    number, &tap, &limits, memory->queue_bytes, l->board, &l->bell};
	struct worker *w = &l->worker[number];
	int err = worker_open(w, &order);

	if (err != 0)
		log_error("%s", w->tap != NULL && tap_problem(w->tap)[0] != '\0'
				    ? tap_problem(w->tap)
				    : err_text(err));
	l->lane[number] = w->lane;
	return err;
}

static int
open_workers(struct live *l)
{
	size_t workers = l->order->workers;
	int err = 0;

	l->worker = calloc(workers, sizeof(*l->worker));
	l->lane = calloc(workers, sizeof(struct lane *));
	l->port = calloc(UINT16_MAX, sizeof(*l->port));
	if (l->worker == NULL || l->lane == NULL || l->port == NULL)
		err = -ENOMEM;
	if (err == 0)
		err = bell_init(&l->bell);
	l->has_bell = err == 0;
	if (err == 0)
		err = board_new(&l->board, workers);
	if (err != 0) {
		log_error("%s", err_text(err));
		return err;
	}
	for (size_t i = 0; i < workers && err == 0; i++)
		err = open_worker(l, i);
	return err;
}

/* The rows of the interfaces, which everything that is kept refers to. */
static int
open_interfaces(struct live *l)
{
	const struct live_order *o = l->order;
	struct store *store = l->ledger.store;
	int err = interfaces_new(&l->interfaces, o->device, o->devices, store);

	if (err == 0)
		err = store_begin(store);
	if (err == 0)
		err = interfaces_meet(l->interfaces);
	if (err == 0)
		err = store_commit(store);
	if (err != 0)
		log_error("%s", store_error(store)[0] != '\0' ? store_error(store) : err_text(err));
	return err;
}

static int
open_rest(struct live *l)
{
	int err = open_interfaces(l);

	if (err != 0)
		return err;
	ledger_name_sources(&l->ledger, interface_name, l->interfaces);
	l->ledger.consumer.progress = keep_progress;
	l->ledger.consumer.progress_ctx = l;
	err = lanes_new(&l->lanes, l->lane, l->order->workers);
	if (err != 0)
		log_error("%s", err_text(err));
	return err;
}

int
live_open(struct live *l, const struct live_order *order)
{
	*l = (struct live){.order = order};
	sieve_init(&l->sieve, secret_make());
	/* What is not allowed, or not there, shall leave no store behind. */
	int err = open_workers(l);
	if (err == 0)
		err = ledger_open(&l->ledger, &order->ledger);
	return err != 0 ? err : open_rest(l);
}

void
live_close(struct live *l)
{
	for (size_t i = 0; l->worker != NULL && i < l->order->workers; i++)
		worker_stop(&l->worker[i]);
	for (size_t i = 0; l->worker != NULL && i < l->order->workers; i++)
		worker_close(&l->worker[i]);
	lanes_free(&l->lanes);
	board_free(&l->board);
	interfaces_free(&l->interfaces);
	pulse_close(&l->pulse);
	ledger_close(&l->ledger);
	if (l->has_bell)
		bell_deinit(&l->bell);
	l->has_bell = false;
	free(l->worker);
	free((void *)l->lane);
	free(l->port);
	l->worker = NULL;
	l->lane = NULL;
	l->port = NULL;
}

/* Numbers of the captures, of all workers. */
static void
add_tap(struct live *l, size_t number, struct events_totals *t)
{
	struct tap_stats stats;

	tap_stats(l->worker[number].tap, &stats);
	t->packets += stats.packets;
	t->bytes += stats.bytes;
	t->received += stats.received;
	t->dropped_kernel += stats.dropped_kernel;
	t->late += stats.late;
	t->away += stats.away;
	/* Taps of one interface all say the same of it. */
	if (number == 0)
		t->dropped_interface += stats.dropped_interface;
}

void
live_totals(struct live *l, struct events_totals *t)
{
	*t = (struct events_totals){.ts_ns = clock_now(),
	    .late = lanes_late(l->lanes),
	    .interfaces = l->order->devices,
	    .workers = l->order->workers,
	    .seconds = (uint64_t)((bell_now() - l->started_ns) / NS_PER_S)};
	for (size_t i = 0; i < l->order->workers; i++) {
		struct lane_numbers numbers;

		lane_tell(l->lane[i], &numbers);
		ledger_add_dissected(t, &numbers.dissect);
		t->dropped_queue += numbers.dropped;
		add_tap(l, i, t);
	}
	ledger_totals(&l->ledger, t);
	t->memory_used += l->order->ledger.memory->rings;
}

static int
look_after_itself(struct live *l, int64_t now_ns)
{
	struct events_totals t;
	struct health_view view = {.ledger = &l->ledger,
	    .tap = l->worker[0].tap,
	    .device = l->order->device,
	    .devices = l->order->devices,
	    .totals = &t,
	    .now_ns = now_ns};

	live_totals(l, &t);
	return health_look(&l->health, &view);
}

static int
write_stats(struct live *l)
{
	struct events_totals t;

	if (l->ledger.events == NULL)
		return 0;
	live_totals(l, &t);
	int err = events_stats(l->ledger.events, &t);
	return err != 0 ? err : events_flush(l->ledger.events);
}

/* What is observed late, once somebody gave up waiting, sets no clock back. */
static void
pass_time(struct live *l, int64_t ts_ns)
{
	const struct clock *clock = track_clock(l->ledger.track);

	if (!clock->started || ts_ns > clock->now_ns)
		track_walk(l->ledger.track, ts_ns);
}

/* Time goes by on a link that carries packets, whether or not we get any. */
static int
tick_when_due(struct live *l, int64_t now_ns)
{
	int64_t ts_ns = clock_now();

	if (now_ns < l->tick_ns)
		return 0;
	l->tick_ns = now_ns + TICK_NS;
	if (pulse_beats(&l->pulse))
		track_walk(l->ledger.track, ts_ns);
	if (!track_clock(l->ledger.track)->started)
		return 0;
	return consumer_settle(&l->ledger.consumer, ts_ns - ARRIVAL_NS);
}

/* A packet of an interface has no number that anybody could look it up by. */
static int
take_one(struct live *l, const struct obs *o)
{
	struct obs numberless = *o;

	numberless.at.frame = 0;
	if (numberless.kind == OBS_EPM)
		numberless.epm.question.frame = 0;
	pass_time(l, o->at.ts_ns);
	return consumer_take(&l->ledger.consumer, &numberless, true);
}

/* Take what may go. True if there may be more. */
static bool
take(struct live *l, int *err)
{
	const struct obs *o = NULL;
	size_t taken = 0;

	*err = 0;
	while (*err == 0 && taken < TAKE_MOST && (o = lanes_next(l->lanes, bell_now())) != NULL) {
		*err = take_one(l, o);
		taken++;
	}
	if (*err == 0 && taken > 0 && o == NULL && l->ledger.events != NULL)
		*err = events_flush(l->ledger.events);
	return taken == TAKE_MOST;
}

/* What all workers together had of one interface. */
static void
note_interface(struct live *l, size_t device)
{
	uint64_t frames = 0;
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;

	for (size_t i = 0; i < l->order->workers; i++) {
		struct lane_numbers n;

		lane_tell(l->lane[i], &n);
		if (n.frames[device] == 0)
			continue;
		frames += n.frames[device];
		first_ns = n.first_ns < first_ns ? n.first_ns : first_ns;
		last_ns = n.last_ns > last_ns ? n.last_ns : last_ns;
	}
	interfaces_saw(l->interfaces, device, frames, first_ns, last_ns);
}

/* What came since this was called last, and that the sensor was up. */
static void
count(struct live *l)
{
	struct tally now = {.n = {[TALLY_UP] = (uint64_t)(bell_now() - l->started_ns)}};

	for (size_t i = 0; i < l->order->workers; i++) {
		struct lane_numbers numbers;
		struct tap_stats stats;

		lane_tell(l->lane[i], &numbers);
		tap_stats(l->worker[i].tap, &stats);
		meter_dissected(&now, &numbers.dissect, numbers.dropped);
		now.n[TALLY_PACKETS] += stats.packets;
		now.n[TALLY_BYTES] += stats.bytes;
		now.n[TALLY_DROPPED_KERNEL] += stats.dropped_kernel;
		/* Taps of one interface all say the same of it. */
		if (i == 0)
			now.n[TALLY_DROPPED_INTERFACE] = stats.dropped_interface;
	}
	meter_take(&l->meter, &now, tallies_at(l->ledger.tallies, clock_now(), 0));
}

static int
commit(struct live *l)
{
	for (size_t i = 0; i < l->order->devices; i++)
		note_interface(l, i);
	count(l);
	int err = consumer_commit(&l->ledger.consumer);
	if (err == 0 && !l->ledger.consumer.out)
		ledger_kept_policy(&l->ledger);
	return err;
}

/* Once a second, where there is something; less often while the store takes nothing. Where there is nothing, it is still written
 * now and then how far the interfaces were seen. */
static int
commit_when_due(struct live *l, int64_t now_ns)
{
	struct consumer *c = &l->ledger.consumer;
	int err = 0;

	if (now_ns < l->commit_ns)
		return 0;
	if (now_ns >= l->row_ns && !c->out)
		err = consumer_begin(c);
	if (err == 0 && (c->open || c->out)) {
		l->row_ns = now_ns + ROW_NS;
		err = commit(l);
	}
	l->commit_ns = now_ns + (c->out ? RETRY_NS : COMMIT_NS);
	return err;
}

/* The workers are told soon. */
static void
put_hints_when_due(struct live *l, int64_t now_ns)
{
	uint64_t version = hints_version(l->ledger.hints);

	if (version == l->hints_put || now_ns < l->hints_ns)
		return;
	if (board_put(l->board, l->ledger.hints))
		l->hints_put = version;
	l->hints_ns = now_ns + HINTS_NS;
}

/* The kernel is told seldom: each time it gets new filters. */
static void
learn_when_due(struct live *l, int64_t now_ns)
{
	size_t count = hints_count(l->ledger.hints), ports;
	int err = 0;

	if (count == l->hints_learned || now_ns < l->learn_ns)
		return;
	ports = hints_ports(l->ledger.hints, l->port, UINT16_MAX);
	for (size_t i = 0; i < l->order->workers && err == 0; i++)
		err = tap_learn(l->worker[i].tap, l->port, ports);
	if (err == 0)
		l->hints_learned = count;
	else
		log_warn(
		    "the filter in the kernel keeps to the ports that it knows: %s", err_text(err));
	l->learn_ns = now_ns + LEARN_NS;
}

static int
stats_when_due(struct live *l, int64_t now_ns)
{
	if (now_ns < l->stats_ns)
		return 0;
	/* What was missed is not made up for. */
	l->stats_ns = now_ns + l->order->stats_ns;
	int err = look_after_itself(l, now_ns);
	return err != 0 ? err : write_stats(l);
}

/* One of several interfaces that comes or goes. */
static void
tell_interface(struct live *l, size_t device, bool away, const char *words)
{
	if (away && !l->away[device])
		log_warn(
		    "%s; the others are watched on, and this one again once it is back", words);
	if (!away && l->away[device])
		log_warn("%s: watched again", interfaces_name(l->interfaces, device));
	l->away[device] = away;
}

/* Where they are all gone, that is the end, and told as such. */
static void
look_at_interfaces(struct live *l)
{
	char words[LANE_SOURCES][TAP_PROBLEM];
	bool away[LANE_SOURCES];
	size_t devices = l->order->devices, gone = 0;

	for (size_t i = 0; i < devices; i++) {
		away[i] = tap_is_away(l->worker[0].tap, i, words[i]);
		gone += away[i];
	}
	for (size_t i = 0; i < devices && gone < devices; i++)
		tell_interface(l, i, away[i], words[i]);
}

/* An interface that fails is told of when it does, not at the end. */
static void
look_at_workers(struct live *l)
{
	for (size_t i = 0; i < l->order->workers; i++) {
		const struct worker *w = &l->worker[i];

		if (!worker_has_ended(w) || w->err == 0 || l->err != 0)
			continue;
		l->err = w->err;
		log_error(
		    "%s", tap_problem(w->tap)[0] != '\0' ? tap_problem(w->tap) : err_text(w->err));
	}
}

static bool
all_have_ended(const struct live *l)
{
	for (size_t i = 0; i < l->order->workers; i++)
		if (!worker_has_ended(&l->worker[i]))
			return false;
	return true;
}

static bool
has_enough(struct live *l)
{
	uint64_t packets = 0;

	for (size_t i = 0; i < l->order->workers && l->order->count != 0; i++) {
		struct tap_stats stats;

		tap_stats(l->worker[i].tap, &stats);
		packets += stats.packets;
	}
	return l->order->count != 0 && packets >= l->order->count;
}

static bool
is_over(struct live *l)
{
	return *l->order->stop != 0 || all_have_ended(l) || has_enough(l);
}

/* Between two observations: what was judged before is judged. */
static int
reread_when_asked(struct live *l)
{
	const struct live_order *o = l->order;
	struct consumer *c = &l->ledger.consumer;

	if (o->reread == NULL || *o->reread == 0)
		return 0;
	*o->reread = 0;
	const struct policy *policy = o->policy_again(o->policy_ctx);
	if (policy == NULL)
		return 0;
	ledger_go_by(&l->ledger, policy);
	int err = c->out ? 0 : consumer_begin(c);
	return err != 0 ? err : commit(l);
}

static int
do_what_is_due(struct live *l)
{
	int64_t now_ns = bell_now();
	int err = reread_when_asked(l);

	if (err == 0)
		err = tick_when_due(l, now_ns);

	if (err == 0)
		err = commit_when_due(l, now_ns);

	put_hints_when_due(l, now_ns);
	learn_when_due(l, now_ns);
	look_at_interfaces(l);
	look_at_workers(l);
	return err != 0 ? err : stats_when_due(l, now_ns);
}

static void
wait_for_work(struct live *l)
{
	int64_t until_ns = bell_now() + LOOK_NS, due_ns = lanes_due(l->lanes);

	if (hints_version(l->ledger.hints) != l->hints_put && l->hints_ns < until_ns)
		until_ns = l->hints_ns;
	bell_wait(&l->bell, due_ns < until_ns ? due_ns : until_ns);
}

/* Until it is over. */
static int
work(struct live *l)
{
	int err = 0;

	while (err == 0 && !is_over(l)) {
		bool more = take(l, &err);

		if (err == 0)
			err = do_what_is_due(l);
		if (err == 0 && !more)
			wait_for_work(l);
	}
	return err;
}

/* What the workers still have, up to the last observation. */
static int
work_to_the_end(struct live *l)
{
	bool more;
	int err = 0;

	for (size_t i = 0; i < l->order->workers; i++)
		worker_stop(&l->worker[i]);
	while (err == 0 && !all_have_ended(l)) {
		more = take(l, &err);
		if (err == 0)
			err = do_what_is_due(l);
		if (err == 0 && !more)
			wait_for_work(l);
	}
	for (more = true; err == 0 && more;)
		more = take(l, &err);
	look_at_workers(l);
	return err;
}

static int
start(struct live *l)
{
	int64_t now_ns = bell_now();
	int err = 0;

	l->started_ns = l->commit_ns = l->hints_ns = l->learn_ns = now_ns;
	l->tick_ns = now_ns + TICK_NS;
	l->row_ns = now_ns + ROW_NS;
	l->stats_ns = now_ns + l->order->stats_ns;
	pulse_open(&l->pulse, l->order->device, l->order->devices);
	put_hints_when_due(l, now_ns);
	learn_when_due(l, now_ns);
	for (size_t i = 0; i < l->order->workers && err == 0; i++)
		err = worker_start(&l->worker[i]);
	if (err != 0)
		log_error("%s", err_text(err));
	return err;
}

/* In the end the store has to take it, or it is lost. */
static int
finish(struct live *l)
{
	struct consumer *c = &l->ledger.consumer;
	int err = c->out ? 0 : consumer_begin(c);

	if (err == 0)
		err = consumer_finish(c);
	if (err == 0)
		err = commit(l);
	if (err != 0 || !c->out)
		return err;
	log_error(
	    "what was learned since the store failed is lost: %s", store_error(l->ledger.store));
	return ERR_STORE;
}

int
live_run(struct live *l)
{
	int err = start(l), end;

	if (err == 0)
		err = work(l);
	if (err == 0)
		err = work_to_the_end(l);
	end = finish(l);
	if (err == 0)
		err = end;
	end = write_stats(l);
	if (end == 0 && l->ledger.events != NULL)
		end = events_finish(l->ledger.events);
	if (err == 0)
		err = end;
	return err != 0 ? err : l->err;
}
