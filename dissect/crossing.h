/* crossing.h - the two directions of a connection brought into the order in which they were sent.
 *
 * Where each direction was captured by itself (two taps, the queues of one network card that are
 * emptied in turn), an answer can come before its question. What tells is TCP itself: a segment that
 * acknowledges bytes of the other direction was sent after them. So one that acknowledges bytes
 * that have not come is held until they do. Where everything comes in order, nothing is ever held.
 *
 * Bytes that do not come were lost. They are given up, and what waited for them comes out,
 *  - when CROSSING_PATIENCE packets of their direction from behind them have come instead;
 *  - when CROSSING_SEGMENTS or CROSSING_BYTES are held, or the budget allows no more (stats capped);
 *  - after CROSSING_NS of packet time in which nothing of them came, as the next packet of any
 *    connection that is followed tells;
 *  - or at the end.
 * A connection that has waited in vain CROSSING_VAIN times in a row waits no more: its capture is in
 * order, and has losses. The same holds for waiting for a side of which no packet was captured, and
 * counts for all connections together: a capture of one direction costs no waiting.
 *
 * An acknowledgement further than STREAM_WINDOW ahead is no reason to wait, for it may be forged.
 *
 * Limits: where a connection is picked up in its middle, what comes first counts as the first; so the
 * first question on a port that nobody announced is lost where its answer overtakes it and the SYN. */
#ifndef EPMWATCH_DISSECT_CROSSING_H
#define EPMWATCH_DISSECT_CROSSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/stream.h"

enum {
	CROSSING_SEGMENTS = 64,
	CROSSING_BYTES = 131072,
	CROSSING_PATIENCE = 8,
	CROSSING_NS = 1000000000,
	CROSSING_VAIN = 4,
};

struct budget;
struct crossing_held;
struct where;

/* What the streams need of a packet. All zero but seq and at: one without payload or acknowledgement. */
struct crossing_segment {
	uint32_t seq;       /* of the first byte of payload */
	uint32_t ack;       /* where acks */
	uint32_t len, wire; /* bytes captured, bytes sent */
	bool acks;
	const uint8_t *data;    /* borrowed */
	const struct where *at; /* borrowed */
};

/* Those of all connections that wait, the one that has waited longest first. */
struct crossing_list {
	struct crossing *first, *last;
	const struct where *now; /* borrowed: the packet at hand */
	unsigned blind; /* waits in a row that were in vain for a side that was never seen */
};

struct crossing {
	struct crossing_list *list; /* borrowed */
	struct budget *budget;      /* borrowed */
	struct crossing_held *held; /* owned: segments that wait, in the order they came */
	size_t held_segments, held_bytes;
	int64_t since_ns;                /* where it waits: time of the last progress */
	struct crossing *before, *after; /* where it waits: neighbours in the list */
	bool missed;                     /* since it began to wait, something was given up */
	unsigned vain;                   /* waits in a row that were in vain */
	struct crossing_side {
		struct stream *stream; /* borrowed: what this side sent */
		bool seen;             /* a packet of it was captured */
		bool awaited;          /* the other side has acknowledged what has not come */
		uint32_t promised;     /* where awaited: the end of what was acknowledged */
		unsigned behind; /* packets from behind what is missing since that came nearer */
	} side[2];
};

/** crossing_init(x, side0, side1, list, budget) / crossing_deinit(x): The order between two streams,
 * which get their segments from here alone. The latter forgets what is held. */
void crossing_init(struct crossing *x, struct stream *side0, struct stream *side1,
    struct crossing_list *list, struct budget *budget);
void crossing_deinit(struct crossing *x);

/** crossing_see(x, side): A packet of ${side} has been captured before any was given here. */
void crossing_see(struct crossing *x, int side);

/** crossing_segment(x, from, s): Take a packet that side ${from} sent. Its stream has been started
 * where that is possible. */
void crossing_segment(struct crossing *x, int from, const struct crossing_segment *s);

/** crossing_ends(x, from, s): True if packet ${s}, with which side ${from} ends the connection, finds
 * nothing missing that was sent before it; else that is waited for from now on. */
bool crossing_ends(struct crossing *x, int from, const struct crossing_segment *s);

/** crossing_waits(x): True while something is awaited. */
static inline bool
crossing_waits(const struct crossing *x)
{
	return x->side[0].awaited || x->side[1].awaited;
}

/** crossing_is_calm(x, from, ack): True if nothing is awaited, and a packet of side ${from}, of which one was captured before, acknowledges
 * with ${ack} nothing that is to be waited for: then its stream may have it at once. */
static inline bool
crossing_is_calm(const struct crossing *x, int from, uint32_t ack)
{
	return x->side[from].seen && !crossing_waits(x) && !stream_awaits(x->side[1 - from].stream, ack);
}

/** crossing_finish(x): No more will come: give up what is awaited. */
void crossing_finish(struct crossing *x);

/** crossing_give_up_late(list): For crossing_expire(). */
struct crossing *crossing_give_up_late(struct crossing_list *list);

/** crossing_expire(list, now): ${now} is the packet at hand, and stays so until the next one. Give up
 * what one of ${list} has awaited too long; returns that, or NULL where there is none. */
static inline struct crossing *
crossing_expire(struct crossing_list *list, const struct where *now)
{
	list->now = now;
	return list->first != NULL ? crossing_give_up_late(list) : NULL;
}

#endif
