#include "dissect/tcp.h"

#include <string.h>

#include "base/clock.h"
#include "base/packet.h"
#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/foreign.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/patience.h"
#include "dissect/probe.h"
#include "dissect/reach.h"
#include "dissect/sieve.h"
#include "dissect/smb.h"

void
tcp_init(
    struct tcp *t, size_t flows, uint64_t salt, struct assoc_env *env, const struct hints *hints)
{
	t->env = env;
	t->hints = hints;
	t->hand = 0;
	t->second_ns = 0;
	t->pushed_out = 0;
	t->reach = (struct reach){0};
	endings_init(&t->endings, env);
	t->crossings = (struct crossing_list){0};
	t->checksums = (struct checksums){0};
	t->noted = false;
	memset(t->note, 0, sizeof(t->note));
	flow_table_init(&t->flows, flows, salt);
}

void
tcp_deinit(struct tcp *t)
{
	for (size_t i = 0; i < t->flows.size; i++) {
		if (t->flows.origin[i].serial != 0)
			conn_free(&t->flows.flow[i].conn);
	}
	flow_table_deinit(&t->flows);
}

static bool
passes_probe(const struct tcp *t, const struct frame *f)
{
	if (probe_mask(f->payload, f->payload_len))
		return true;
	return probe_carrier(f->payload, f->payload_len) &&
	       !(t->env->no_smb && probe_smb(f->payload, f->payload_len));
}

static bool
is_known_port(const struct tcp *t, uint16_t port)
{
	switch (port) {
	case SMB_PORT:
	case SMB_NETBIOS_PORT:
		return !t->env->no_smb;
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
	return is_known_port(t, at->sport) || is_known_port(t, at->dport) ||
	       hints_is_endpoint(t->hints, &at->dst, at->dport) ||
	       hints_is_endpoint(t->hints, &at->src, at->sport);
}

/* Of SYNs that push out others only so many a second are entered, so that a flood of them costs no more than one of
 * anything else. */
static bool
may_push_out(struct tcp *t, int64_t ts_ns)
{
	/* A clock that goes back begins another second, too. */
	if ((uint64_t)ts_ns - (uint64_t)t->second_ns >= NS_PER_S) {
		t->second_ns = ts_ns;
		t->pushed_out = 0;
	}
	return t->pushed_out <= t->flows.max / TCP_PUSHED_OUT;
}

/* Is there a place for a connection of which no more is known than a promising SYN? */
static bool
has_room(struct tcp *t, int64_t ts_ns)
{
	if (!flow_full(&t->flows) || may_push_out(t, ts_ns))
		return true;
	t->env->stats->tcp.evicted++;
	return false;
}

bool
tcp_wants_syn(struct tcp *t, const struct packet *packet)
{
	uint16_t port[2];

	if (!sieve_ports(packet, port))
		return true;
	if (is_known_port(t, port[0]) || is_known_port(t, port[1]))
		return has_room(t, packet->ts_ns);
	/* Nearly all others end here. Whether it was learned of this server is asked later. */
	return hints_has_port(t->hints, port[0]) || hints_has_port(t->hints, port[1]);
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
		stream_start(&flow->conn->side[side].stream, seq);
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

/* What was noted of one connection would be taken for another's. */
static void
forget_notes(struct tcp *t)
{
	if (t->noted)
		memset(t->note, 0, sizeof(t->note));
	t->noted = false;
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
	forget_notes(t);
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

/* What seemed worth following is not. Its packets then cost no more than those of any other connection, once it is known what ${f}
 * and the next of them are, if they ${begin} what can be no PDU. */
static void
give_up(struct tcp *t, struct flow *flow, const struct frame *f, bool begin)
{
	t->env->stats->tcp.given_up++;
	end_conn(t, flow);
	flow_remove(&t->flows, flow);
	if (begin && t->env->foreign != NULL)
		foreign_begin(t->env->foreign, f);
}

static struct flow *
add_flow(struct tcp *t, const struct flow_key *key)
{
	struct flow *flow;

	if (flow_full(&t->flows)) {
		evict(t, flow_victim(&t->flows));
		t->pushed_out++;
	}
	flow = flow_add(&t->flows, key);
	if (flow == NULL)
		t->env->stats->capped++;
	return flow;
}

/* Is the first octet behind the client's SYN the next of its stream? */
static bool
begins_with_syn(const struct flow *flow, const struct flow_origin *o)
{
	int client = o->client == 1;

	return o->client >= 0 && (o->isn_known >> client & 1) != 0 &&
	       (flow->next_known >> client & 1) != 0 &&
	       flow->next[client] == o->isn[client] + 1;
}

/* Give ${flow} its streams; where memory is short, at the cost of the least worthy other
 * connection. */
static void
add_conn(struct tcp *t, struct flow *flow)
{
	struct flow_origin *o = flow_origin_of(&t->flows, flow);
	bool begun = begins_with_syn(flow, o);
	struct flow *victim;
	int err = conn_new(&flow->conn, t->env, &t->crossings, &flow->key, o->client, begun);

	if (err != 0 && (victim = flow_victim_with_conn(&t->flows)) != NULL) {
		evict(t, victim);
		err = conn_new(
		    &flow->conn, t->env, &t->crossings, &flow->key, o->client, begun);
	}
	if (err != 0) {
		t->env->stats->capped++;
		return;
	}
	flow->conn->owner = (uint32_t)(flow - t->flows.flow);
	for (int i = 0; i < 2; i++) {
		if (flow->next_known >> i & 1)
			stream_start(&flow->conn->side[i].stream, flow->next[i]);
		if (o->isn_known >> i & 1)
			crossing_see(&flow->conn->crossing, i);
	}
	t->env->stats->tcp.streams++;
	reach_goes_on(t->env, &flow->key, o);
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
		end_conn(t, flow);
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
handle_rst(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct crossing_segment segment = segment_of(f);

	if (flow->closed || !rst_fits(flow, from, f))
		return;
	if (flow->conn == NULL) {
		reach_rst(t->env, &flow->key, flow_origin_of(&t->flows, flow), from);
		flow_remove(&t->flows, flow);
	} else if (crossing_ends(&flow->conn->crossing, from, &segment)) {
		end_conn(t, flow);
	} else {
		flow->conn->reset = true;
	}
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
		if (!passes_probe(t, f))
			return true;
		set_position(flow, from, next = s->seq);
	}
	if (flow->conn == NULL && s->seq == next && !may_begin(t, flow, f))
		return false;
	if (flow->conn == NULL)
		add_conn(t, flow);
	return true;
}

/* Nothing of the connection was a PDU so far, and what had to begin with one does not; or segments come and come and
 * none goes on from another. */
static bool
is_hopeless(struct flow *flow, bool advanced)
{
	const struct carrier *carrier = &flow->conn->carrier;

	if (advanced)
		flow->idle_segments = 0;
	else if (flow->idle_segments < TCP_IDLE_SEGMENTS)
		flow->idle_segments++;
	return carrier->ops->is_hopeless(carrier->self, flow->idle_segments == TCP_IDLE_SEGMENTS);
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
	return !is_hopeless(flow, own->next != before || crossing_waits(&c->crossing));
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
	if (!passes_probe(t, f) || is_late(flow, from, f->seq, f->payload_wire))
		return true;
	flow_renew(&t->flows, flow);
	return false;
}

static enum flow_rank
rank_of(const struct flow *flow)
{
	const struct carrier *carrier;

	if (flow->conn == NULL)
		return FLOW_EMPTY;
	carrier = &flow->conn->carrier;
	return carrier->ops->is_rpc(carrier->self) ? FLOW_RPC : FLOW_PAYLOAD;
}

/* What would be passed over is not tested. */
static bool
is_damaged(struct tcp *t, const struct flow *flow, int from, const struct frame *f)
{
	struct conn_side *side;
	const struct carrier *carrier;

	if (flow->conn == NULL || f->payload_len == 0)
		return false;
	side = &flow->conn->side[from];
	carrier = &flow->conn->carrier;
	if (checksum_is_known(&side->sender) && side->stream.started &&
	    f->seq == side->stream.next &&
	    carrier->ops->indifference(carrier->self, from) >= f->payload_wire)
		return false;
	if (!checksums_refute(&t->checksums, &side->sender, f))
		return false;
	t->env->stats->tcp.damaged++;
	return true;
}

/* A packet of a connection that is followed. ${flow} may be gone afterwards. */
static void
follow(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct crossing_segment segment = segment_of(f);

	if (is_damaged(t, flow, from, f))
		return;
	if (f->tcp_flags & TCP_RST) {
		handle_rst(t, flow, from, f);
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
		give_up(t, flow, f, true);
		return;
	}
	if (f->tcp_flags & TCP_FIN)
		handle_fin(flow, from, f);
	if (flow->conn != NULL && !advance(flow, from, &segment)) {
		give_up(t, flow, f, is_refuted(flow->conn));
		return;
	}
	if (flow->conn != NULL && conn_ended(flow->conn))
		end_conn(t, flow);
	else
		flow_use(&t->flows, flow, rank_of(flow));
}

/* Is the payload of ${b} just what comes next, and makes no difference to what carries it? Nor is it the last that makes none:
 * what is behind that may be told of this packet. */
static bool
is_indifferent(const struct conn *c, int from, const struct sieve_bulk *b)
{
	const struct conn_side *own = &c->side[from];

	return checksum_is_known(&own->sender) && stream_expects(&own->stream, b->seq, b->len) &&
	       c->carrier.ops->indifference(c->carrier.self, from) > b->len;
}

/* Is nothing awaited, nor to be waited for before what side ${from} acknowledges with ${ack}, and can nothing that it sends end the
 * connection? A reset one is followed only while something is awaited; else both sides have to have said that they end. */
static bool
is_calm(const struct conn *c, int from, uint32_t ack)
{
	const struct stream *own = &c->side[from].stream, *peer = &c->side[1 - from].stream;

	return !(own->fin && peer->fin) && peer->started &&
	       crossing_is_calm(&c->crossing, from, ack);
}

/* Nearly every packet of a bulk transfer: its payload is indifferent. True if ${b}, of a connection that is_calm(), is such a one; then
 * it is done with. */
static bool
passes_by(struct tcp *t, struct flow *flow, int from, const struct sieve_bulk *b)
{
	struct conn *c = flow->conn;
	struct stream *own = &c->side[from].stream, *peer = &c->side[1 - from].stream;

	if (b->len != 0 && !is_indifferent(c, from, b))
		return false;
	stream_acked(peer, b->ack);
	if (b->len == 0)
		return true;
	stream_pass(own, b->len);
	carrier_data(&c->carrier, from, b->payload, b->len);
	flow->idle_segments = 0;
	if ((b->seq ^ own->next) / TCP_USE != 0)
		flow_use(&t->flows, flow, flow->rank);
	return true;
}

/* Where to note a connection for packets with those octets of addresses and ports. */
static struct tcp_note *
note_of(struct tcp *t, uint64_t addrs, uint32_t ports)
{
	uint64_t mixed = (addrs ^ (uint64_t)ports * UINT64_C(0xbf58476d1ce4e5b9)) *
			 UINT64_C(0x9e3779b97f4a7c15);

	return &t->note[(mixed >> 32) % TCP_NOTES];
}

/* Let tcp_bulk() find it. */
static void
note_bulk(struct tcp *t, const struct flow *flow, int from, const struct where *at)
{
	uint32_t place = (uint32_t)(flow - t->flows.flow);
	uint8_t port[4] = {(uint8_t)(at->sport >> 8), (uint8_t)at->sport,
	    (uint8_t)(at->dport >> 8), (uint8_t)at->dport};
	uint8_t octets[8];
	struct tcp_note note = {.place = place * 2 + (uint32_t)from + 1};

	if (flow->key.realm != 0 || !addr_is_v4(&at->src) || !addr_is_v4(&at->dst))
		return;
	memcpy(octets, at->src.b + 12, 4);
	memcpy(octets + 4, at->dst.b + 12, 4);
	memcpy(&note.addrs, octets, sizeof(note.addrs));
	memcpy(&note.ports, port, sizeof(note.ports));
	*note_of(t, note.addrs, note.ports) = note;
	t->noted = true;
}

bool
tcp_bulk(struct tcp *t, const struct packet *packet)
{
	struct sieve_bulk bulk;
	struct tcp_note key, *note;
	struct flow *flow;
	int from;

	/* What is awaited may have been awaited too long, which the time of this packet tells. */
	if (!t->noted || t->crossings.first != NULL || !sieve_bulk(packet, &bulk))
		return false;
	memcpy(&key.addrs, bulk.ends, sizeof(key.addrs));
	memcpy(&key.ports, bulk.ends + sizeof(key.addrs), sizeof(key.ports));
	note = note_of(t, key.addrs, key.ports);
	if (note->addrs != key.addrs || note->ports != key.ports || note->place == 0)
		return false;
	flow = &t->flows.flow[(note->place - 1) / 2];
	from = (note->place - 1) % 2;
	return is_calm(flow->conn, from, bulk.ack) && passes_by(t, flow, from, &bulk);
}

/* ${f} has just what comes next: follow() without all that is for others. ${flow} may be gone afterwards. */
static void
follow_next(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct conn *c = flow->conn;

	if (is_damaged(t, flow, from, f))
		return;
	stream_acked(&c->side[1 - from].stream, f->ack);
	stream_pass(&c->side[from].stream, f->payload_len);
	carrier_data(&c->carrier, from, f->payload, f->payload_len);
	if (is_hopeless(flow, true))
		give_up(t, flow, f, true);
	else
		flow_use(&t->flows, flow, rank_of(flow));
}

/* Nearly every packet: it acknowledges what has come, and nothing is awaited or ending. True if ${f} is such a one; then it is done
 * with, and ${flow} may be gone. */
static bool
follow_calm(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	const struct sieve_bulk bulk = {
	    .seq = f->seq, .ack = f->ack, .len = f->payload_len, .payload = f->payload};
	uint8_t flags = f->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK);

	if (flags != TCP_ACK || f->payload_len != f->payload_wire || !is_calm(flow->conn, from, f->ack))
		return false;
	if (passes_by(t, flow, from, &bulk)) {
		note_bulk(t, flow, from, &f->at);
		return true;
	}
	if (!stream_expects(&flow->conn->side[from].stream, f->seq, f->payload_len))
		return false;
	follow_next(t, flow, from, f);
	return true;
}

/* Give up what was awaited too long, and end what only that kept. */
static void
expire(struct tcp *t, const struct where *now)
{
	struct crossing *late;

	while ((late = crossing_expire(&t->crossings, now)) != NULL) {
		struct conn *conn = conn_of(late);

		if (conn_ended(conn))
			end_conn(t, &t->flows.flow[conn->owner]);
	}
}

/* Does a SYN alone speak for following the connection? */
static bool
begins(struct tcp *t, const struct frame *f)
{
	return (f->tcp_flags & TCP_SYN) && is_promising(t, &f->at) && has_room(t, f->at.ts_ns);
}

/* Does anything speak for following the connection of ${f}? */
static bool
is_worth_following(struct tcp *t, const struct frame *f)
{
	if (f->tcp_flags & TCP_RST)
		return false;
	if (!passes_probe(t, f))
		return begins(t, f);
	if ((f->tcp_flags & TCP_SYN) || !checksums_refute_first(&t->checksums, f))
		return true;
	t->env->stats->tcp.damaged++;
	return false;
}

/* The connection of ${f}, if it is worth following, and the side that sent ${f}. NULL: it is not. */
static struct flow *
find_flow(struct tcp *t, const struct frame *f, int *from)
{
	struct flow *flow = flow_recall(&t->flows, &f->at, from);
	struct flow_key key;

	if (flow != NULL)
		return flow;
	*from = flow_key_of(&f->at, &key);
	flow = flow_find(&t->flows, &key);
	if (flow == NULL && is_worth_following(t, f)) {
		flow = add_flow(t, &key);
		if (t->env->foreign != NULL)
			foreign_forget(t->env->foreign, &key);
	}
	if (flow != NULL)
		flow_remember(&t->flows, &f->at, flow);
	return flow;
}

void
tcp_frame(struct tcp *t, const struct frame *f)
{
	int from;
	struct flow *flow = find_flow(t, f, &from);

	if (flow == NULL) {
		if (t->env->foreign != NULL)
			foreign_goes_on(t->env->foreign, f);
		endings_frame(&t->endings, f);
		return;
	}
	expire(t, &f->at);
	if (flow->conn == NULL || !follow_calm(t, flow, from, f))
		follow(t, flow, from, f);
}

void
tcp_tick(struct tcp *t, const struct patience *patience, const struct where *at)
{
	size_t count = (t->flows.size + TCP_ROUND - 1) / TCP_ROUND;

	expire(t, at);
	for (size_t i = 0; i < count; i++) {
		struct flow *flow;

		if (t->hand >= t->flows.size)
			t->hand = 0;
		flow = &t->flows.flow[t->hand];
		if (t->flows.origin[t->hand++].serial == 0 || flow->conn == NULL)
			continue;
		conn_expire(flow->conn, patience);
		if (conn_ended(flow->conn))
			end_conn(t, flow);
	}
}

void
tcp_finish(struct tcp *t)
{
	flow_table_sort(&t->flows);
	for (size_t i = 0; i < t->flows.count; i++) {
		struct flow *flow = &t->flows.flow[t->flows.origin[i].entry];

		if (flow->conn == NULL)
			continue;
		conn_end(flow->conn);
		conn_free(&flow->conn);
	}
	flow_table_deinit(&t->flows);
}
