#include "dissect/tcp_parts.h"

#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/probe.h"
#include "dissect/reach.h"

static bool
in_window(uint32_t seq, uint32_t from)
{
	return seq - from <= STREAM_WINDOW;
}

static struct stream *
stream_of(const struct flow *flow, int side)
{
	return flow->conn != NULL ? &flow->conn->side[side].stream : NULL;
}

/* The next byte expected of ${side}. False if its position is not known. */
static bool
position(const struct flow *flow, int side, uint32_t *out)
{
	const struct stream *s = stream_of(flow, side);

	*out = s != NULL ? s->next : flow->next[side];
	return s != NULL ? s->started : (flow->next_known >> side & 1) != 0;
}

/* From now on ${seq} is the next byte of ${side}, unless that is known already. */
static void
set_position(struct flow *flow, int side, uint32_t seq)
{
	if (flow->conn != NULL) {
		stream_start(&flow->conn->side[side].stream, seq);
	} else if ((flow->next_known >> side & 1) == 0) {
		flow->next[side] = seq;
		flow->next_known |= (uint8_t)(1 << side);
	}
}

/* Does the SYN in ${f} belong to the connection that ${flow} is already? */
static bool
syn_fits(const struct flow *flow, const struct flow_origin *o, int from, const struct frame *f)
{
	uint32_t next;

	if (o->isn_known >> from & 1)
		return o->isn[from] == f->seq;
	/* Captured late, after what follows it. */
	if (position(flow, from, &next))
		return in_window(next, f->seq + 1);
	/* An answer to the other side's SYN, or crossing it. */
	if (f->tcp_flags & TCP_ACK)
		return !position(flow, 1 - from, &next) || in_window(next, f->ack);
	return flow->conn == NULL && !flow->closed;
}

/* A second answer to a SYN, with another number, after data: no server sends that. */
static bool
is_false_answer(
    const struct flow *flow, const struct flow_origin *o, int from, const struct frame *f)
{
	return (f->tcp_flags & TCP_ACK) && flow->conn != NULL && o->isn_known == 3 &&
	       f->ack == o->isn[1 - from] + 1 && f->seq != o->isn[from];
}

static void
handle_syn(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct flow_origin *o = flow_origin_of(&t->flows, flow);
	bool answers = (f->tcp_flags & TCP_ACK) != 0;

	if (!syn_fits(flow, o, from, f)) {
		tcp_conn_end(t, flow);
		flow_renew(&t->flows, flow);
	}
	o->isn[from] = f->seq;
	o->isn_known |= (uint8_t)(1 << from);
	set_position(flow, from, f->seq + 1);
	if (o->client < 0)
		o->client = (int8_t)(answers ? 1 - from : from);
	reach_syn(&t->reach, t->env, t->hints, &flow->key, o, from, answers);
}

/* A RST that the receiver would have taken. Without its sender's position only what it answers
 * tells. */
static bool
rst_fits(const struct flow *flow, int from, const struct frame *f)
{
	uint32_t next;

	if (position(flow, from, &next) && in_window(f->seq, next))
		return true;
	return (f->tcp_flags & TCP_ACK) && position(flow, 1 - from, &next) && f->ack == next;
}

static struct crossing_segment
segment_of(const struct frame *f)
{
	return (struct crossing_segment){
	    .seq = f->seq + ((f->tcp_flags & TCP_SYN) != 0),
	    .ack = f->ack,
	    .len = f->payload_len,
	    .wire = f->payload_wire,
	    .acks = (f->tcp_flags & TCP_ACK) != 0,
	    .data = f->payload,
	    .at = &f->at,
	};
}

/* What was sent before the RST, and is captured after it, still counts. */
static void
handle_rst(struct tcp *t, struct flow *flow, int from, const struct frame *f,
    const struct crossing_segment *segment)
{
	if (flow->closed || !rst_fits(flow, from, f))
		return;
	if (flow->conn == NULL) {
		reach_rst(t->env, &flow->key, flow_origin_of(&t->flows, flow), from);
		flow_remove(&t->flows, flow);
	} else if (crossing_ends(&flow->conn->crossing, from, segment)) {
		tcp_conn_end(t, flow);
	} else {
		flow->conn->reset = true;
	}
}

static void
handle_fin(struct flow *flow, int from, const struct frame *f)
{
	struct stream *s = stream_of(flow, from);
	uint32_t end = f->seq + f->payload_wire;

	if (s == NULL || !s->started || !in_window(end, s->next))
		return;
	s->fin = true;
	s->fin_seq = end;
}

/* Is the payload in ${f} of a connection that has ended a copy of what came before its end? */
static bool
is_late(const struct flow *flow, int from, uint32_t seq, uint32_t wire)
{
	return (flow->next_known >> from & 1) && in_window(flow->next[from], seq + wire);
}

/* Can what ${flow} carries begin with ${f}, if anything of it is DCE/RPC? */
static bool
may_begin(struct tcp *t, const struct flow *flow, const struct frame *f)
{
	struct carrier_ends ends = {
	    .env = t->env, .client = flow_origin_of(&t->flows, flow)->client};

	if (f->payload_len == 0)
		return true; /* the snap length cut it off */

	for (int i = 0; i < 2; i++)
		ends.side[i] =
		    (struct assoc_side){.addr = flow->key.addr[i], .port = flow->key.port[i]};
	return carrier_may_begin(&ends, f->payload, f->payload_len);
}

/* Make sure that ${flow} has streams for what it carries, and that the one of ${from} has begun, where
 * possible. False where its first bytes prove that it is not worth following. */
static bool
prepare_streams(struct tcp *t, struct flow *flow, int from, const struct crossing_segment *s,
    const struct frame *f)
{
	uint32_t next;

	if (s->acks)
		set_position(flow, 1 - from, s->ack);
	if (s->wire == 0)
		return true;
	if (!position(flow, from, &next)) {
		if (!tcp_passes_probe(t, f))
			return true;
		set_position(flow, from, next = s->seq);
	}
	if (flow->conn == NULL && s->seq == next && !may_begin(t, flow, f))
		return false;
	if (flow->conn == NULL)
		tcp_conn_begin(t, flow);
	return true;
}

/* Not for want of segments, but for what they have. */
static bool
is_refuted(const struct conn *c)
{
	return c->carrier.ops->is_hopeless(c->carrier.self, false);
}

/* A banner that was captured behind what the client said to it lies before the beginning of its stream. */
static bool
is_late_banner(const struct stream *own, const struct crossing_segment *s)
{
	return own->started && (int32_t)(s->seq - own->next) < 0 && probe_banner(s->data, s->len);
}

/* Hand a segment to the streams. False where this proves that the connection is not worth following. */
static bool
advance(struct flow *flow, int from, const struct crossing_segment *s)
{
	struct conn *c = flow->conn;
	const struct stream *own = &c->side[from].stream;
	uint32_t before = own->next;

	if (is_late_banner(own, s))
		carrier_late_banner(&c->carrier, from, s->data, s->len);
	crossing_segment(&c->crossing, from, s);
	if (s->wire == 0 || !own->started)
		return true;
	return !tcp_is_hopeless(flow, own->next != before || crossing_waits(&c->crossing));
}

/* A packet of a connection that has ended: late, or the start of another conversation without its
 * SYN. */
static bool
stays_closed(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	if (!tcp_passes_probe(t, f) || is_late(flow, from, f->seq, f->payload_wire))
		return true;
	flow_renew(&t->flows, flow);
	return false;
}

bool
tcp_segment_is_damaged(struct tcp *t, const struct flow *flow, int from, const struct frame *f)
{
	struct conn_side *side = &flow->conn->side[from];
	const struct carrier *carrier = &flow->conn->carrier;

	if (checksum_is_known(&side->sender) && side->stream.started &&
	    f->seq == side->stream.next &&
	    carrier->ops->indifference(carrier->self, from) >= f->payload_wire)
		return false;
	if (!checksums_refute(&t->checksums, &side->sender, f))
		return false;
	t->env->stats->tcp.damaged++;
	return true;
}

void
tcp_segment(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct crossing_segment segment = segment_of(f);

	if (flow->conn != NULL && f->payload_len != 0 && tcp_segment_is_damaged(t, flow, from, f))
		return;
	if (f->tcp_flags & TCP_RST) {
		handle_rst(t, flow, from, f, &segment);
		return;
	}
	if ((f->tcp_flags & TCP_SYN) &&
	    is_false_answer(flow, flow_origin_of(&t->flows, flow), from, f))
		return;
	if (f->tcp_flags & TCP_SYN)
		handle_syn(t, flow, from, f);
	if (flow->closed && stays_closed(t, flow, from, f))
		return;
	if (!prepare_streams(t, flow, from, &segment, f)) {
		tcp_conn_give_up(t, flow, f, true);
		return;
	}
	if (f->tcp_flags & TCP_FIN)
		handle_fin(flow, from, f);
	if (flow->conn != NULL && !advance(flow, from, &segment)) {
		tcp_conn_give_up(t, flow, f, is_refuted(flow->conn));
		return;
	}
	if (flow->conn != NULL && conn_ended(flow->conn))
		tcp_conn_end(t, flow);
	else
		flow_use(&t->flows, flow, tcp_rank_of(flow));
}
