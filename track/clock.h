/* clock.h - the healthy clock: how much time went by in which the sensor saw packets.
 *
 * It advances with the running maximum of packet times. A step ahead beyond ${gap} adds nothing: what lies between is a
 * hole. A packet more than CLOCK_DISORDER_NS behind the maximum lowers the maximum and adds nothing; time that was
 * covered already adds nothing when it comes again. So neither a capture that is missing nor a clock that is set makes
 * anything look unseen for long.
 *
 * It shows a *reading*: nanoseconds on the scale of packet time (that of the first packet at first), that only grow, and
 * only by healthy time. Timers are set in readings: what is due then needs no second look. Which packet times
 * showed which readings is remembered for CLOCK_SPANS stretches; time before the oldest of them counts as none. */
#ifndef EPMWATCH_TRACK_CLOCK_H
#define EPMWATCH_TRACK_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

#define CLOCK_DISORDER_NS INT64_C(10000000000)

enum {
	CLOCK_SPANS = 512
};

/* A stretch without a hole or a step back. */
struct clock_span {
	int64_t from_ns, to_ns; /* packet time */
	int64_t known_ns;       /* up to then an earlier one covered the same: it adds nothing */
	int64_t reading;        /* at its beginning */
	struct coverage cover;  /* the row that it belongs to */
	bool dirty;             /* its row is to be kept */
	bool merged;            /* another span has taken over its row */
};

struct clock {
	int64_t gap_ns;
	bool started;
	int64_t born_ns; /* packet time of the first packet ever */
	int64_t now_ns;  /* the running maximum */
	int64_t reading; /* now */
	/* Steps back by more than CLOCK_DISORDER_NS. */
	uint64_t steps;
	int64_t step_at_ns; /* of the last: the packet's time */
	int64_t step_by_ns; /* and how far behind the maximum that was */
	uint64_t forgotten; /* spans for which there is no room any more */
	bool dirty;         /* it moved since clock_settle() */
	size_t begun;       /* spans begun since then */
	size_t count;
	struct clock_span span[CLOCK_SPANS]; /* in the order of their readings */
};

/** clock_init(c, gap_ns): One that has seen no packet. */
void clock_init(struct clock *c, int64_t gap_ns);

/** clock_walk(c, ts_ns): A packet of that time. */
void clock_walk(struct clock *c, int64_t ts_ns);

/** clock_advance(c, first_ns, last_ns): Packets of times from ${first_ns} to ${last_ns}, in any order. False, and nothing
 * done, where the order matters: then walk them. */
bool clock_advance(struct clock *c, int64_t first_ns, int64_t last_ns);

/** clock_can_advance(now_ns, gap_ns, first_ns, last_ns): Whether clock_advance() will take them, of a clock of that gap that has reached ${now_ns}, and
 * the later of that and ${last_ns} by then. */
bool clock_can_advance(int64_t now_ns, int64_t gap_ns, int64_t first_ns, int64_t last_ns);

/** clock_at(c, ts_ns): The reading at a packet time; in a hole, that of its beginning; of what is still to come, the
 * present one. */
int64_t clock_at(const struct clock *c, int64_t ts_ns);

/** clock_right(c, ts_ns): The packet time that ${ts_ns} stands for: where the clock was ahead for at most the gap, and went on then where it had been
 * before, the one at which it was set right. Any other is its own, and so is what the clock has reached since. */
int64_t clock_right(const struct clock *c, int64_t ts_ns);

/** clock_when(c, reading): The packet time at which the clock showed ${reading} first; of one that is still to come, the
 * earliest at which it may. */
int64_t clock_when(const struct clock *c, int64_t reading);

/** clock_between(c, from_ns, to_ns): The healthy time between two packet times; 0 where the second is not later. */
int64_t clock_between(const struct clock *c, int64_t from_ns, int64_t to_ns);

/** clock_is_filling(c): So many spans have begun since clock_settle() that the rows of the oldest may be forgotten before they are kept. */
bool clock_is_filling(const struct clock *c);

/** clock_flush(c, keep, ctx): Hand each coverage interval that changed to ${keep}, which may set row numbers. Stops at the
 * first error and returns it. clock_settle(c): it was kept for good. */
int clock_flush(struct clock *c, int (*keep)(void *ctx, struct coverage *cover), void *ctx);
void clock_settle(struct clock *c);

struct octets;

/** clock_encode(c, out): Its state as octets. */
void clock_encode(const struct clock *c, struct octets *out);

/** clock_decode(c, data, len): Take over a state. False, and as it was, where the octets are damaged. */
bool clock_decode(struct clock *c, const uint8_t *data, size_t len);

#endif
