/* tcp_parts.h - the inside of tcp.h, for its parts: tcp.c the front, tcp_conn.c entries and streams that come and go, tcp_segment.c what
 * follows a connection segment by segment, tcp_bulk.c the packets that pass at once. */
#ifndef EPMWATCH_DISSECT_TCP_PARTS_H
#define EPMWATCH_DISSECT_TCP_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/probe.h"
#include "dissect/tcp.h"

/* tcp_conn.c */

/** tcp_conn_enter(t, key): An entry for a connection that is not followed, at the cost of another's where the table is full. NULL: there is no
 * memory, which is counted. */
struct flow *tcp_conn_enter(struct tcp *t, const struct flow_key *key);

/** tcp_conn_begin(t, flow): Give ${flow} its streams; where memory is short, at the cost of the least worthy other connection. It has none
 * afterwards where that did not help, which is counted. */
void tcp_conn_begin(struct tcp *t, struct flow *flow);

/** tcp_conn_end(t, flow): End its conversation, if it has one. The entry stays. */
void tcp_conn_end(struct tcp *t, struct flow *flow);

/** tcp_conn_give_up(t, flow, frame, begin): What seemed worth following is not; ${flow} is gone. Its packets then cost no more than those of
 * any other connection, once it is known what ${frame} and the next of them are, if they ${begin} what can be no PDU. */
void tcp_conn_give_up(struct tcp *t, struct flow *flow, const struct frame *f, bool begin);

/* tcp_segment.c */

/** tcp_segment(t, flow, from, frame): A packet of a connection that is followed, whatever it is. ${flow} may be gone afterwards. */
void tcp_segment(struct tcp *t, struct flow *flow, int from, const struct frame *f);

/** tcp_segment_is_damaged(t, flow, from, frame): Is ${frame} damaged, which has payload, of ${flow}, which has streams? That is counted. What
 * would be passed over is not tested. */
bool tcp_segment_is_damaged(
    struct tcp *t, const struct flow *flow, int from, const struct frame *f);

/* tcp_bulk.c, besides tcp_bulk() */

/** tcp_bulk_note(t, flow, from): Let tcp_bulk() find ${flow}, which has streams, by what side ${from} sends. */
void tcp_bulk_note(struct tcp *t, const struct flow *flow, int from);

/** tcp_bulk_forget(t, flow): Its streams are gone: what was noted of it would be taken for another's. */
void tcp_bulk_forget(struct tcp *t, const struct flow *flow);

/** tcp_bulk_calm(t, flow, from, frame): Nearly every packet: it acknowledges what has come, and nothing is awaited or ending. True if
 * ${frame}, of ${flow}, which has streams, is such a one; then it is done with, and ${flow} may be gone. */
bool tcp_bulk_calm(struct tcp *t, struct flow *flow, int from, const struct frame *f);

/** tcp_bulk_next(t, flow, from, frame): ${frame} has just what comes next, and is sound: tcp_segment() without all that is for others.
 * ${flow} may be gone afterwards. */
void tcp_bulk_next(struct tcp *t, struct flow *flow, int from, const struct frame *f);

/* of all */

/** tcp_passes_probe(t, frame): Does its payload speak for following its connection? */
static inline bool
tcp_passes_probe(const struct tcp *t, const struct frame *f)
{
	if (probe_mask(f->payload, f->payload_len))
		return true;
	return probe_carrier(f->payload, f->payload_len) &&
	       !(t->env->no_smb && probe_smb(f->payload, f->payload_len));
}

/** tcp_rank_of(flow): How worthy it is, by what it has carried. */
static inline enum flow_rank
tcp_rank_of(const struct flow *flow)
{
	const struct carrier *carrier;

	if (flow->conn == NULL)
		return FLOW_EMPTY;
	carrier = &flow->conn->carrier;
	return carrier->ops->is_rpc(carrier->self) ? FLOW_RPC : FLOW_PAYLOAD;
}

/** tcp_is_hopeless(flow, advanced): A segment of ${flow}, which has streams, came, and one of them ${advanced} with it or not. True if nothing of
 * the connection was a PDU so far, and what had to begin with one does not; or segments come and come and none goes on from another. */
static inline bool
tcp_is_hopeless(struct flow *flow, bool advanced)
{
	const struct carrier *carrier = &flow->conn->carrier;

	if (advanced)
		flow->idle_segments = 0;
	else if (flow->idle_segments < TCP_IDLE_SEGMENTS)
		flow->idle_segments++;
	return carrier->ops->is_hopeless(carrier->self, flow->idle_segments == TCP_IDLE_SEGMENTS);
}

#endif
