#include "dissect/tcp_parts.h"

#include <string.h>

#include "base/packet.h"
#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/sieve.h"

/* Where to note a connection for packets with those octets of addresses and ports. */
static struct tcp_note *
note_of(struct tcp *t, uint64_t addrs, uint32_t ports)
{
	uint64_t mixed =
	    (addrs ^ (uint64_t)ports * UINT64_C(0xbf58476d1ce4e5b9)) * UINT64_C(0x9e3779b97f4a7c15);

	return &t->note[(mixed >> 32) % TCP_NOTES];
}

/* The octets of addresses and ports in packets that side ${from} of ${key} sends. False where that is not noted: they are of IPv6, or not
 * what alone tells the connection. */
static bool
note_ends(const struct flow_key *key, int from, struct tcp_note *out)
{
	uint16_t sport = key->port[from], dport = key->port[1 - from];
	const uint8_t port[4] = {
	    (uint8_t)(sport >> 8), (uint8_t)sport, (uint8_t)(dport >> 8), (uint8_t)dport};
	uint8_t octets[8];

	if (key->realm != 0 || !addr_is_v4(&key->addr[0]) || !addr_is_v4(&key->addr[1]))
		return false;
	memcpy(octets, key->addr[from].b + 12, 4);
	memcpy(octets + 4, key->addr[1 - from].b + 12, 4);
	memcpy(&out->addrs, octets, sizeof(out->addrs));
	memcpy(&out->ports, port, sizeof(out->ports));
	return true;
}

void
tcp_bulk_note(struct tcp *t, const struct flow *flow, int from)
{
	uint32_t place = (uint32_t)(flow - t->flows.flow);
	struct tcp_note note = {.place = place * 2 + (uint32_t)from + 1}, *at;

	if (!note_ends(&flow->key, from, &note))
		return;
	at = note_of(t, note.addrs, note.ports);
	t->notes += at->place == 0;
	*at = note;
}

void
tcp_bulk_forget(struct tcp *t, const struct flow *flow)
{
	uint32_t place = (uint32_t)(flow - t->flows.flow);
	struct tcp_note ends, *at;

	for (int from = 0; t->notes != 0 && from < 2 && note_ends(&flow->key, from, &ends);
	     from++) {
		at = note_of(t, ends.addrs, ends.ports);
		if (at->place == 0 || (at->place - 1) / 2 != place)
			continue;
		at->place = 0;
		t->notes--;
	}
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

/* Is the payload of ${b}, which is just what comes next, indifferent to what carries it, ${indifference} octets being that? Nor is it the last
 * that makes none: what is behind that may be told of this packet. */
static bool
is_indifferent(const struct conn *c, int from, const struct sieve_bulk *b, uint32_t indifference)
{
	return indifference > b->len && checksum_is_known(&c->side[from].sender);
}

/* Nearly every packet of a bulk transfer: ${b} is_indifferent(). */
static void
pass_by(struct tcp *t, struct flow *flow, int from, const struct sieve_bulk *b)
{
	struct conn *c = flow->conn;
	struct stream *own = &c->side[from].stream;

	stream_acked(&c->side[1 - from].stream, b->ack);
	stream_pass(own, b->len);
	carrier_data(&c->carrier, from, b->payload, b->len);
	flow->idle_segments = 0;
	if ((b->seq ^ own->next) / TCP_USE != 0)
		flow_use(&t->flows, flow, flow->rank);
}

/* The connection that was noted for such packets, and the side that sends them; NULL if none was. */
static struct flow *
recall_noted(struct tcp *t, const struct sieve_bulk *b, int *from)
{
	struct tcp_note key;
	const struct tcp_note *note;

	memcpy(&key.addrs, b->ends, sizeof(key.addrs));
	memcpy(&key.ports, b->ends + sizeof(key.addrs), sizeof(key.ports));
	note = note_of(t, key.addrs, key.ports);
	if (note->addrs != key.addrs || note->ports != key.ports || note->place == 0)
		return NULL;
	*from = (note->place - 1) % 2;
	return &t->flows.flow[(note->place - 1) / 2];
}

/* As tcp_segment_is_damaged(), of what comes next. */
static bool
is_damaged_next(
    struct tcp *t, struct conn *c, int from, const struct sieve_bulk *b, uint32_t indifference)
{
	struct checksum_sender *sender = &c->side[from].sender;

	if (indifference >= b->len && checksum_is_known(sender))
		return false;
	if (!checksums_refute_bulk(&t->checksums, sender, b))
		return false;
	t->env->stats->tcp.damaged++;
	return true;
}

/* Go on behind ${b}, which is sound, if it is a call that nobody reads. */
static bool
pass_call(struct tcp *t, struct flow *flow, int from, const struct sieve_bulk *b, int64_t ts_ns)
{
	struct conn *c = flow->conn;

	if (!carrier_pass(&c->carrier, from, b->payload, b->len, ts_ns))
		return false;
	stream_acked(&c->side[1 - from].stream, b->ack);
	stream_pass(&c->side[from].stream, b->len);
	flow->idle_segments = 0;
	flow_use(&t->flows, flow, tcp_rank_of(flow));
	return true;
}

/* ${b} is of a connection that is_calm(). True if it is done with. */
static bool
take_calm(struct tcp *t, struct flow *flow, const struct sieve_bulk *b, int64_t ts_ns,
    struct tcp_found *found)
{
	struct conn *c = flow->conn;
	int from = found->from;
	uint32_t indifference;

	if (b->len == 0) {
		stream_acked(&c->side[1 - from].stream, b->ack);
		return true;
	}
	if (!stream_expects(&c->side[from].stream, b->seq, b->len))
		return false;
	indifference = c->carrier.ops->indifference(c->carrier.self, from);
	if (is_indifferent(c, from, b, indifference)) {
		pass_by(t, flow, from, b);
		return true;
	}
	if (is_damaged_next(t, c, from, b, indifference))
		return true;
	found->next = true;
	return pass_call(t, flow, from, b, ts_ns);
}

bool
tcp_bulk(struct tcp *t, const struct packet *packet, struct tcp_found *found)
{
	struct sieve_bulk bulk;
	struct flow *flow;

	found->flow = NULL;
	found->next = false;
	/* What is awaited may have been awaited too long, which the time of this packet tells. */
	if (t->notes == 0 || t->crossings.first != NULL || !sieve_bulk(packet, &bulk) ||
	    (flow = recall_noted(t, &bulk, &found->from)) == NULL)
		return false;
	found->flow = flow;
	return is_calm(flow->conn, found->from, bulk.ack) &&
	       take_calm(t, flow, &bulk, packet->ts_ns, found);
}

void
tcp_bulk_next(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	struct conn *c = flow->conn;

	stream_acked(&c->side[1 - from].stream, f->ack);
	stream_pass(&c->side[from].stream, f->payload_len);
	carrier_data(&c->carrier, from, f->payload, f->payload_len);
	if (tcp_is_hopeless(flow, true))
		tcp_conn_give_up(t, flow, f, true);
	else
		flow_use(&t->flows, flow, tcp_rank_of(flow));
}

bool
tcp_bulk_calm(struct tcp *t, struct flow *flow, int from, const struct frame *f)
{
	const struct sieve_bulk bulk = {
	    .seq = f->seq, .ack = f->ack, .len = f->payload_len, .payload = f->payload};
	uint8_t flags = f->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK);
	struct conn *c = flow->conn;

	if (flags != TCP_ACK || f->payload_len != f->payload_wire || !is_calm(c, from, f->ack))
		return false;
	tcp_bulk_note(t, flow, from);
	if (f->payload_len == 0) {
		stream_acked(&c->side[1 - from].stream, f->ack);
		return true;
	}
	if (!stream_expects(&c->side[from].stream, f->seq, f->payload_len))
		return false;
	if (is_indifferent(c, from, &bulk, c->carrier.ops->indifference(c->carrier.self, from)))
		pass_by(t, flow, from, &bulk);
	else if (!tcp_segment_is_damaged(t, flow, from, f))
		tcp_bulk_next(t, flow, from, f);
	return true;
}
