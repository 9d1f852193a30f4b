/* worker.c - take a batch, dissect it, hand over what came out. */
#include "app/worker.h"

#include <errno.h>
#include <signal.h>

#include "app/bell.h"
#include "app/board.h"
#include "base/clock.h"
#include "base/packet.h"
#include "capture/tap.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"

enum {
	WAIT_MS = 100,
	TIMEOUT_MS = 100, /* a ring's, where none was asked for */
	HOLD_MS = 250,    /* and that of a tap of several interfaces */
	OFFER_BATCHES = 16,
};

#define TICK_NS NS_PER_S
#define NS_PER_MS (NS_PER_S / 1000)
#define DRAIN_MOST_NS (5 * NS_PER_S)

_Static_assert((int)LANE_SOURCES == (int)TAP_DEVICES, "a number for each interface of a tap");

int
worker_open(struct worker *w, const struct worker_order *order)
{
	const struct tap_options *tap = order->tap;
	int err;

	*w = (struct worker){.number = order->number, .board = order->board, .bell = order->bell};
	atomic_init(&w->asked, false);
	atomic_init(&w->ended, true);
	w->seen_ns = INT64_MIN;
	/* What came before the call leaves the ring within two of its timeouts, and the merge after its hold. */
	w->drain_ms = 2 * (tap->timeout_ms != 0 ? tap->timeout_ms : TIMEOUT_MS);
	if (tap->devices > 1)
		w->drain_ms += tap->hold_ms != 0 ? tap->hold_ms : HOLD_MS;
	err = lane_new(&w->lane, order->queue_bytes, order->bell);
	if (err == 0)
		err = dissector_new(&w->dissector, order->limits, NULL);
	return err != 0 ? err : tap_open(&w->tap, tap);
}

static void
count(struct worker *w, const struct batch *b)
{
	struct lane_numbers *n = &w->numbers;
	bool first = n->last_ns == 0;

	if (first || b->first_ns < n->first_ns)
		n->first_ns = b->first_ns;
	if (first || b->last_ns > n->last_ns)
		n->last_ns = b->last_ns;
	if (b->source != BATCH_MIXED) {
		n->frames[b->source] += b->count;
		return;
	}
	for (size_t i = 0; i < b->count; i++)
		n->frames[b->packet[i].source]++;
}

static void
dissect(struct worker *w, const struct batch *b)
{
	for (size_t i = 0; i < b->count;) {
		i = dissector_batch(w->dissector, b, i, b->count, lane_queue(w->lane));
		lane_note(w->lane, b->packet[i - 1].ts_ns);
	}
	count(w, b);
	w->batch_ns = b->last_ns;
	lane_advance(&w->seen_ns, b->last_ns);
	w->seen_at_ns = bell_now();
}

/* Nothing waits in the rings: what could not matter has gone by, too. */
static void
idle(struct worker *w)
{
	int64_t newest_ns = tap_newest_ns(w->tap);

	/* 0 before the first. */
	if (newest_ns <= w->seen_ns)
		return;
	w->seen_ns = newest_ns;
	w->seen_at_ns = bell_now();
}

/* Now and then, whether or not packets come. Packet time is then that of the last one and what has passed since: no clock that is set
 * while nothing comes makes a difference. */
static void
tick(struct worker *w)
{
	int64_t now_ns = bell_now(), packet_ns;

	if (w->seen_ns == INT64_MIN || now_ns < w->tick_ns)
		return;
	w->tick_ns = now_ns + TICK_NS;
	packet_ns = w->seen_ns + (now_ns - w->seen_at_ns);
	dissector_tick(w->dissector, packet_ns, lane_queue(w->lane));
	lane_note(w->lane, packet_ns);
}

static void
offer(struct worker *w)
{
	w->numbers.dissect = *dissector_stats(w->dissector);
	lane_offer(w->lane, w->seen_ns, &w->numbers);
	w->batches = 0;
}

/* One batch, or a while without. 1, 0 or the tap's error. What came out of the last batches is handed over before a wait, and not after
 * each: the consumer is woken by it. */
static int
step(struct worker *w, unsigned wait_ms)
{
	struct batch *batch;
	int result;

	dissector_hints(w->dissector, board_look(w->board, w->number));
	result = tap_next(w->tap, w->batches == 0 ? wait_ms : 0, &batch);
	if (result > 0) {
		dissect(w, batch);
		w->batches++;
	} else if (result == 0) {
		idle(w);
	}
	tick(w);
	if (result == 0 || w->batches >= OFFER_BATCHES)
		offer(w);
	return result;
}

/* What was captured before somebody asked for the end is still to be dissected, however long that takes, within reason. */
static int
drain(struct worker *w)
{
	int64_t asked_ns = clock_now(), begun_ns = bell_now();
	int64_t quiet_ns = begun_ns + (int64_t)w->drain_ms * NS_PER_MS;
	int64_t limit_ns = begun_ns + DRAIN_MOST_NS, left_ns;
	int result = 1;

	while (result > 0 && w->batch_ns < asked_ns && bell_now() < limit_ns) {
		left_ns = quiet_ns - bell_now();
		result = step(w, left_ns > 0 ? (unsigned)(left_ns / NS_PER_MS) + 1 : 0);
		if (result == 0 && bell_now() < quiet_ns)
			result = 1;
	}
	return result;
}

static void *
work(void *worker)
{
	struct worker *w = worker;
	int result = 0;

	while (result >= 0 && !atomic_load(&w->asked))
		result = step(w, WAIT_MS);
	if (result >= 0)
		result = drain(w);
	dissector_finish(w->dissector, lane_queue(w->lane));
	lane_note(w->lane, w->seen_ns);
	w->numbers.dissect = *dissector_stats(w->dissector);
	w->err = result < 0 ? result : 0;
	lane_end(w->lane, &w->numbers);
	atomic_store(&w->ended, true);
	bell_ring(w->bell);
	return NULL;
}

int
worker_start(struct worker *w)
{
	sigset_t all, before;

	atomic_store(&w->ended, false);
	/* Signals are for the thread that can act on them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->running = err == 0;
	atomic_store(&w->ended, !w->running);
	return -err;
}

void
worker_stop(struct worker *w)
{
	if (!w->running)
		return;
	atomic_store(&w->asked, true);
	tap_wake(w->tap);
}

bool
worker_has_ended(const struct worker *w)
{
	return atomic_load(&w->ended);
}

void
worker_close(struct worker *w)
{
	worker_stop(w);
	if (w->running)
		pthread_join(w->thread, NULL);
	w->running = false;
	tap_close(&w->tap);
	dissector_free(&w->dissector);
	lane_free(&w->lane);
}
