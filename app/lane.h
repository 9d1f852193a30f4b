/* lane.h - the way of observations from a worker's thread to the consumer's, without either waiting for the other.
 *
 * A lane has three queues: one is filled by the worker, one lies ready, one is being folded. The worker exchanges the
 * first for an empty one whenever the second place is free; where it is not, it goes on filling. So a consumer that
 * stands still, in an fsync() say, costs nothing but room, and what finds none is dropped and counted by the queue.
 *
 * With its observations a worker hands over how far it has seen: all that it found up to that time has been handed
 * over. */
#ifndef EPMWATCH_APP_LANE_H
#define EPMWATCH_APP_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/dissector.h"

struct bell;
struct lane;
struct obs_queue;

/* A clock that went back by more was set; what is less is disorder among packets. */
#define LANE_DISORDER_NS INT64_C(10000000000)

/* Observations in the order in which they came out, and when that was in packet time: less than the one before only where the clock was
 * set. */
struct parcel {
	struct obs_queue *queue; /* owned */
	int64_t *when_ns;        /* owned; as many as the queue can hold */
	size_t timed;            /* observations that have their time */
};

enum {
	LANE_SOURCES = 16
}; /* interfaces that a worker can have */

/* What a worker tells of itself, since its start. */
struct lane_numbers {
	struct dissect_stats dissect;
	uint64_t frames[LANE_SOURCES]; /* packets dissected, by their source */
	int64_t first_ns, last_ns;     /* of these packets, where there are any */
	uint64_t dropped;              /* observations that found no room; set by the lane */
};

/** lane_new(out, queue_bytes, bell) / lane_free(&l): A lane with queues of ${queue_bytes} each, times included. ${bell}
 * rings when something is handed over; borrowed. -ENOMEM. */
int lane_new(struct lane **out, size_t queue_bytes, struct bell *bell);
void lane_free(struct lane **l);

/** lane_advance(latest_ns, ts_ns): ${ts_ns} has come: it is the latest, unless it is only a little behind what was. */
void lane_advance(int64_t *latest_ns, int64_t ts_ns);

/* The worker's side. */

/** lane_queue(l): What to fill, until the next call on this side. */
struct obs_queue *lane_queue(struct lane *l);

/** lane_note(l, ts_ns): What was appended since came out at packet time ${ts_ns}. */
void lane_note(struct lane *l, int64_t ts_ns);

/** lane_offer(l, seen_ns, numbers): Hand over what there is, if that is possible now; the worker has seen all packets up to
 * ${seen_ns}. */
void lane_offer(struct lane *l, int64_t seen_ns, const struct lane_numbers *numbers);

/** lane_end(l, numbers): Nothing more will come, whatever lane_offer() could not hand over yet included: the consumer takes that
 * with lane_take(). */
void lane_end(struct lane *l, const struct lane_numbers *numbers);

/* The consumer's side. */

/**
 * lane_take(l, seen_ns):
 * What was handed over next, to be given back with lane_return() before the next one is taken; NULL where there is nothing, with the packet time up to
 * which the worker found nothing else in *${seen_ns}: INT64_MAX after its end.
 */
const struct parcel *lane_take(struct lane *l, int64_t *seen_ns);

/** lane_return(l): What was taken is done with. */
void lane_return(struct lane *l);

/** lane_tell(l, out): The numbers, as of the last lane_offer(). */
void lane_tell(struct lane *l, struct lane_numbers *out);

#endif
