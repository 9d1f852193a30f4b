/* stream.h - bounded reassembly of one direction of a TCP connection.
 *
 * Bytes come out in order, each once: of two segments that overlap the first wins. Segments ahead of a hole are held,
 * up to STREAM_HELD_BYTES and STREAM_HELD_SEGMENTS and as far as the budget goes. The hole is given up
 *  - when the peer has acknowledged data behind it, or the owner says that it was lost;
 *  - at once, where it is what the snap length cut off;
 *  - when no more can be held, or at the end.
 * What makes no difference to the owner is not waited for: a segment ahead of such a hole alone comes out at once, after
 * a gap. Whether that was a loss (stats tcp.gaps) or another order is known when the bytes come, or are acknowledged
 * without.
 *
 * A stream that is picked up in the middle starts where its owner says; what lies before that is lost, also where it
 * comes later.
 *
 * A segment that lies further than STREAM_WINDOW from what is expected is a stray: passed over and counted, for it may
 * be forged or damaged. STREAM_STRAYS of them in a row, each going on where the one before it ended (or within the
 * window after), mean that much was lost: what is held comes out, and the stream goes on from there. A segment close to
 * what the peer acknowledged is never a stray. A byte just before that (a keep-alive probe) is not data.
 *
 * Content that differs from what was sent before is noticed (stats tcp.overlaps) while the first copy is held; what has
 * been delivered is not kept, and a later copy of it is passed over unseen. */
#ifndef EPMWATCH_DISSECT_STREAM_H
#define EPMWATCH_DISSECT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STREAM_HELD_BYTES = 65536,
	STREAM_HELD_SEGMENTS = 64,
	STREAM_STRAYS = 4,
	STREAM_WINDOW = 1 << 20,
};

struct stream_held;
struct dissect_stats;
struct budget;
struct where;

/* Where the bytes go; may not call the stream. ${at} is the packet that made them available: within stream_segment()
 * the one that it was given, else the one that they came in. */
struct stream_sink {
	void (*data)(void *ctx, const struct where *at, const uint8_t *data, size_t len);
	/* That many bytes (modulo 2^32) will never come; what follows is data after them. */
	void (*gap)(void *ctx, const struct where *at, uint32_t missing);
	/* The peer has had bytes that did not come, or not yet. NULL: that is no news. */
	void (*doubt)(void *ctx);
	/* How many of the next bytes make no difference to the owner; data() and gap() alone change
	 * it. NULL: each one does. */
	uint32_t (*indifference)(void *ctx);
};

struct stream {
	const struct stream_sink *sink; /* borrowed */
	void *ctx;
	struct budget *budget;       /* borrowed: what held segments are charged to */
	struct dissect_stats *stats; /* borrowed */
	struct stream_held
	    *held; /* owned: what is ahead of the hole, by number, none overlapping */
	size_t held_bytes, held_segments;
	uint32_t next;               /* sequence number expected next, where started */
	uint32_t cut;                /* bytes from next on that the snap length cut off */
	uint32_t acked;              /* highest acknowledgement of the peer, where ack_seen */
	uint32_t leap_from, leap_to; /* what it went on without, and may yet come; equal: nothing */
	uint32_t stray_next;         /* where the last stray ended, where strays is not 0 */
	unsigned strays;             /* in a row */
	bool started, ack_seen;
	bool fin; /* the end is known to be at fin_seq; kept by the owner */
	uint32_t fin_seq;
};

/** stream_init(s, sink, ctx, budget, stats) / stream_deinit(s): An empty stream; the latter frees what is held. */
void stream_init(struct stream *s, const struct stream_sink *sink, void *ctx, struct budget *budget,
    struct dissect_stats *stats);
void stream_deinit(struct stream *s);

/** stream_start(s, seq): The next byte is ${seq}: after a SYN (its number plus one), or where a stream
 * is picked up. No effect once started. */
static inline void
stream_start(struct stream *s, uint32_t seq)
{
	if (s->started)
		return;
	s->started = true;
	s->next = seq;
}

/**
 * stream_segment(s, seq, data, len, wire_len, at):
 * Take a segment's payload: ${len} bytes captured of ${wire_len} sent, in packet ${at}. The part that was not captured
 * is a hole, reported when later data comes. Sequence numbers wrap. Nothing is delivered before stream_start().
 */
void stream_segment(struct stream *s, uint32_t seq, const uint8_t *data, uint32_t len,
    uint32_t wire_len, const struct where *at);

/** stream_note_ack(s, ack): For stream_acked(). */
void stream_note_ack(struct stream *s, uint32_t ack);

/** stream_expects(s, seq, len): True if ${len} bytes at ${seq}, all of them captured, are just what comes next: nothing is missing, held or cut. */
static inline bool
stream_expects(const struct stream *s, uint32_t seq, uint32_t len)
{
	return seq == s->next && len - 1 < STREAM_WINDOW && s->started && s->held == NULL && s->cut == 0;
}

/** stream_pass(s, len): The owner has taken ${len} bytes that stream_expects() itself. */
static inline void
stream_pass(struct stream *s, uint32_t len)
{
	s->strays = 0;
	s->next += len;
}

/** stream_acked(s, ack): The peer acknowledged all before ${ack}: holes with data behind them before
 * that were lost. */
static inline void
stream_acked(struct stream *s, uint32_t ack)
{
	if (s->ack_seen && (int32_t)(ack - s->acked) <= 0)
		return;
	if (s->held != NULL || s->leap_from != s->leap_to) {
		stream_note_ack(s, ack);
		return;
	}
	s->acked = ack; /* as stream_note_ack() does where nothing is missing */
	s->ack_seen = true;
}

/** stream_doubt(s, ack): The peer acknowledged all before ${ack}, and something of it has not come, which
 * is not waited for any more. Should it come after all, in order, it is still taken. What is held
 * behind ${ack} comes out with stream_resume(). */
void stream_doubt(struct stream *s, uint32_t ack);

/** stream_resume(s): Deliver what is held and need not be any longer. */
void stream_resume(struct stream *s);

/** stream_edge(s): The first number of which nothing is known: behind what has come in order, what was
 * cut off it, and the FIN. Only where started. */
static inline uint32_t
stream_edge(const struct stream *s)
{
	uint32_t end = s->next + s->cut;

	return end + (s->fin && end == s->fin_seq);
}

/** stream_matters(s, number): For stream_awaits(). */
bool stream_matters(const struct stream *s, uint32_t number);

/** stream_awaits(s, number): True if something before ${number} has not come, and is worth waiting
 * for: it makes a difference, and does not lie further ahead than STREAM_WINDOW. */
static inline bool
stream_awaits(const struct stream *s, uint32_t number)
{
	uint32_t ahead = number - stream_edge(s);

	return ahead != 0 && ahead <= STREAM_WINDOW && s->started && stream_matters(s, number);
}

/** stream_waiting(s): The packet that the first held segment came in; NULL where nothing is held. */
const struct where *stream_waiting(const struct stream *s);

/** stream_give_up(s): No more will come: give up the first hole and deliver what is held up to the next. */
void stream_give_up(struct stream *s);

/** stream_flush(s): The same for every hole. */
void stream_flush(struct stream *s);

#endif
