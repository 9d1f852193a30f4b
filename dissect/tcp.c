#include "dissect/tcp.h"

#include "dissect/assoc.h"
#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/probe.h"

void
tcp_init(
    struct tcp *t, size_t flows, uint32_t salt, struct assoc_env *env, const struct hints *hints)
{
	*t = (struct tcp){.env = env, .hints = hints, .salt = salt};
	flow_table_init(&t->flows, flows);
}

void
tcp_deinit(struct tcp *t)
{
	for (size_t i = 0; i < t->flows.size; i++) {
		if (t->flows.flow[i].serial != 0)
			conn_free(&t->flows.flow[i].conn);
	}
	flow_table_deinit(&t->flows);
}

static bool
passes_probe(const struct frame *f)
{
	return probe_mask(f->payload, f->payload_len);
}

static bool
is_known_port(uint16_t port)
{
	switch (port) {
	case 135:  /* endpoint mapper */
	case 593:  /* endpoint mapper over HTTP */
	case 6001: /* Exchange store, referral, address book over HTTP */
	case 6002:
	case 6004:
		return true;
	default:
		return false;
	}
}

static bool
is_promising(const struct tcp *t, const struct where *at)
{
	return is_known_port(at->sport) || is_known_port(at->dport) ||
	       hints_is_endpoint(t->hints, &at->dst, at->dport) ||
	       hints_is_endpoint(t->hints, &at->src, at->sport);
}

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
		stream_start(stream_of(flow, side), seq);
	} else if ((flow->next_known >> side & 1) == 0) {
		flow->next[side] = seq;
		flow->next_known |= (uint8_t)(1 << side);
	}
}

/* Note where the streams of ${flow} were, for when they are gone. */
static void
keep_positions(struct flow *flow, const struct conn *conn)
{
	flow->next_known = 0;
	for (int i = 0; i < 2; i++) {
		const struct stream *s = &conn->side[i].stream;

		flow->next[i] = s->fin ? s->fin_seq : s->next;
		flow->next_known |= (uint8_t)(s->started << i);
	}
}

/* End the conversation of ${flow}, if it has one. */
static void
end_conn(struct tcp *t, struct flow *flow)
{
	if (flow->conn == NULL)
		return;
	conn_end(flow->conn);
	keep_positions(flow, flow->conn);
	conn_free(&flow->conn);
	flow->closed = true;
	flow_use(&t->flows, flow, FLOW_EMPTY);
}

static void
evict(struct tcp *t, struct flow *flow)
{
	if (!flow->closed)
		t->env->stats->tcp.evicted++;
	end_conn(t, flow);
	flow_remove(&t->flows, flow);
}

static struct flow *
add_flow(struct tcp *t, const struct flow_key *key)
{
	struct flow *flow;

	if (flow_full(&t->flows))
		evict(t, flow_victim(&t->flows));
	flow = flow_add(&t->flows, key);
	if (flow == NULL)
		t->env->stats->capped++;
	return flow;
}

/* Give ${flow} its streams; where memory is short, at the cost of the least worthy other
 * connection. */
static bool
add_conn(struct tcp *t, struct flow *flow)
{
	struct flow *victim;
	int err = conn_new(&flow->conn, t->env, &flow->key, flow->client);

	if (err != 0 && (victim = flow_victim_with_conn(&t->flows)) != NULL) {
		evict(t, victim);
		err = conn_new(&flow->conn, t->env, &flow->key, flow->client);
	}
	if (err != 0) {
		t->env->stats->capped++;
		return false;
	}
	for (int i = 0; i < 2; i++) {
		if (flow->next_known >> i & 1)
			stream_start(stream_of(flow, i), flow->next[i]);
	}
	t->env->stats->tcp.streams++;
	return true;
}

/* Does the SYN in ${f} belong to the connection that ${flow} is already? */
static bool
syn_fits(const struct flow *flow, int from, const struct frame *f)
{
	uint32_t next;

	if (flow->isn_known >> from & 1)
		return flow->isn[from] == f->seq;
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
is_false_answer(const struct flow *flow, int from, const struct frame *f)
{
	return (f->tcp_flags & TCP_ACK) && flow->conn != NULL && flow->isn_known == 3 &&
	       f->ack == flow->isn[1 - from] + 1 && f->seq != flow->isn[from];
}

static void
handle_syn(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	bool answers = (f->tcp_flags & TCP_ACK) != 0;

	if (!syn_fits(flow, from, f)) {
		end_conn(t, flow);
		flow_renew(&t->flows, flow);
	}
	flow->isn[from] = f->seq;
	flow->isn_known |= (uint8_t)(1 << from);
	set_position(flow, from, f->seq + 1);
	if (flow->client < 0)
		flow->client = (int8_t)(answers ? 1 - from : from);
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

static void
handle_rst(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	if (flow->closed || !rst_fits(flow, from, f))
		return;
	if (flow->conn != NULL)
		end_conn(t, flow);
	else
		flow_remove(&t->flows, flow);
}

/* Is the payload in ${f} of a connection that has ended a copy of what came before its end? */
static bool
is_late(const struct flow *flow, int from, uint32_t seq, uint32_t wire)
{
	return (flow->next_known >> from & 1) && in_window(flow->next[from], seq + wire);
}

static void
handle_ack(struct flow *flow, int from, const struct frame *f)
{
	set_position(flow, 1 - from, f->ack);
	if (flow->conn != NULL)
		stream_acked(stream_of(flow, 1 - from), f->ack);
}

static void
handle_payload(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	uint32_t seq = f->seq + ((f->tcp_flags & TCP_SYN) != 0), next;

	if (!position(flow, from, &next)) {
		if (!passes_probe(f))
			return;
		set_position(flow, from, seq);
	}
	if (flow->conn == NULL && !add_conn(t, flow))
		return;
	stream_segment(
	    stream_of(flow, from), seq, f->payload, f->payload_len, f->payload_wire, &f->at);
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

/* A packet of a connection that has ended: late, or the start of another conversation without its
 * SYN. */
static bool
stays_closed(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	if (!passes_probe(f) || is_late(flow, from, f->seq, f->payload_wire))
		return true;
	flow_renew(&t->flows, flow);
	return false;
}

static enum flow_rank
rank_of(const struct flow *flow)
{
	if (flow->conn == NULL)
		return FLOW_EMPTY;
	return assoc_is_rpc(flow->conn->assoc) ? FLOW_RPC : FLOW_PAYLOAD;
}

/* A packet of a connection that is followed. ${flow} may be gone afterwards. */
static void
follow(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	if (f->tcp_flags & TCP_RST) {
		handle_rst(t, flow, from, f);
		return;
	}
	if ((f->tcp_flags & TCP_SYN) && is_false_answer(flow, from, f))
		return;
	if (f->tcp_flags & TCP_SYN)
		handle_syn(t, flow, from, f);
	if (flow->closed && stays_closed(t, flow, from, f))
		return;
	if (f->tcp_flags & TCP_ACK)
		handle_ack(flow, from, f);
	if (f->payload_wire > 0)
		handle_payload(t, flow, from, f);
	if (f->tcp_flags & TCP_FIN)
		handle_fin(flow, from, f);
	if (flow->conn != NULL && conn_ended(flow->conn))
		end_conn(t, flow);
	else
		flow_use(&t->flows, flow, rank_of(flow));
}

void
tcp_frame(struct tcp *t, const struct frame *f)
{
	struct flow_key key;
	int from = flow_key_of(&f->at, t->salt, &key);
	struct flow *flow = flow_find(&t->flows, &key);

	if (flow == NULL) {
		if (f->tcp_flags & TCP_RST)
			return;
		if (!passes_probe(f) && !((f->tcp_flags & TCP_SYN) && is_promising(t, &f->at)))
			return;
		flow = add_flow(t, &key);
	}
	if (flow != NULL)
		follow(t, flow, from, f);
}

void
tcp_finish(struct tcp *t)
{
	flow_table_sort(&t->flows);
	for (size_t i = 0; i < t->flows.count; i++) {
		struct flow *flow = &t->flows.flow[i];

		if (flow->conn == NULL)
			continue;
		conn_end(flow->conn);
		conn_free(&flow->conn);
	}
	flow_table_deinit(&t->flows);
}
