/* traffic_frame.c - headers from the outside in; lengths are known beforehand, checksums come last. */
#include "tests/bench/traffic_frame.h"

#include "tests/bench/traffic_bytes.h"

enum {
	IP4_HEAD = 20,
	IP6_HEAD = 40,
	TCP_HEAD = 20,
	UDP_HEAD = 8,
	STAMPS = 12, /* NOP NOP timestamps */
	MSS = 4,
	MTU = 1500,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
};

static size_t
options_len(const struct segment *s)
{
	return (s->path->stamps ? STAMPS : 0u) + ((s->flags & TCP_SYN) != 0 ? MSS : 0u);
}

static size_t
transport_len(const struct segment *s)
{
	return s->path->udp ? UDP_HEAD : TCP_HEAD + options_len(s);
}

size_t
segment_room(const struct path *p)
{
	size_t heads = p->ip6 ? IP6_HEAD : IP4_HEAD;

	return MTU - heads - (p->udp ? UDP_HEAD : TCP_HEAD + (p->stamps ? STAMPS : 0u));
}

/* The sum of 16-bit words in the machine's own order, not yet folded; ones' complement sums are the same in either. */
static uint64_t
sum_words(uint64_t sum, const uint8_t *p, size_t n)
{
	uint32_t word = 0;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, p, n);
	return sum + word;
}

static void
put_checksum(uint8_t *p, uint64_t sum)
{
	uint16_t folded;

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	folded = (uint16_t)~sum;
	memcpy(p, &folded, sizeof(folded));
}

static uint8_t *
put_ethernet(uint8_t *p, const struct segment *s)
{
	p = put_be(
	    put_be(p, 0x020000000001u + !s->by_server, 6), 0x020000000001u + s->by_server, 6);
	for (int i = 0; i < s->path->tags; i++)
		p = put_be(
		    put_be(p, i + 1 < s->path->tags ? 0x88a8 : 0x8100, 2), s->path->vlan[i], 2);
	return put_be(p, s->path->ip6 ? 0x86dd : 0x0800, 2);
}

static uint8_t *
put_ip4(uint8_t *p, const struct segment *s, size_t payload, uint64_t now_us)
{
	uint8_t *head = p;

	p = put_be(put_be(p, 0x4500, 2), IP4_HEAD + payload, 2);
	p = put_be(put_be(put_be(p, now_us, 2), 0x4000, 2), 64, 1);
	p = put_be(put_be(p, s->path->udp ? PROTOCOL_UDP : PROTOCOL_TCP, 1), 0, 2);
	p = put_be(put_be(p, s->path->host[s->by_server], 4), s->path->host[!s->by_server], 4);
	put_checksum(head + 10, sum_words(0, head, IP4_HEAD));
	return p;
}

static uint8_t *
put_address6(uint8_t *p, uint32_t host)
{
	return put_be(put_be(put_be(p, 0x20010db8, 4), 0, 8), host, 4);
}

static uint8_t *
put_ip6(uint8_t *p, const struct segment *s, size_t payload)
{
	p = put_be(put_be(p, 0x60000000, 4), payload, 2);
	p = put_be(put_be(p, s->path->udp ? PROTOCOL_UDP : PROTOCOL_TCP, 1), 64, 1);
	return put_address6(
	    put_address6(p, s->path->host[s->by_server]), s->path->host[!s->by_server]);
}

static uint8_t *
put_tcp(uint8_t *p, const struct segment *s, uint64_t now_us)
{
	size_t head = TCP_HEAD + options_len(s);

	p = put_be(put_be(p, s->path->port[s->by_server], 2), s->path->port[!s->by_server], 2);
	p = put_be(put_be(p, s->seq, 4), s->ack, 4);
	p = put_be(put_be(p, head / 4 << 12 | s->flags, 2), 0xfaf0, 2);
	p = put_be(p, 0, 4);
	if ((s->flags & TCP_SYN) != 0)
		p = put_be(p, 0x02040000 | PAYLOAD_MAX, 4);
	if (s->path->stamps)
		p = put_be(
		    put_be(put_be(p, 0x0101080a, 4), now_us / 1000, 4), now_us / 1000 - 7, 4);
	return p;
}

static uint8_t *
put_udp(uint8_t *p, const struct segment *s)
{
	p = put_be(put_be(p, s->path->port[s->by_server], 2), s->path->port[!s->by_server], 2);
	return put_be(put_be(p, UDP_HEAD + s->len, 2), 0, 2);
}

/* Over the addresses, which stand right before ${head}, and all behind. */
static void
transport_checksum(uint8_t *head, const struct segment *s, size_t length)
{
	size_t addresses = s->path->ip6 ? 32 : 8;
	uint8_t rest[4];
	uint64_t sum;

	put_be(put_be(rest, s->path->udp ? PROTOCOL_UDP : PROTOCOL_TCP, 2), length, 2);
	sum = sum_words(sum_words(0, rest, sizeof(rest)), head - addresses, addresses);
	put_checksum(head + (s->path->udp ? 6 : 16), sum_words(sum, head, length));
}

size_t
frame_put(uint8_t *out, const struct segment *s, uint64_t now_us)
{
	const size_t length = transport_len(s) + s->len;
	uint8_t *p = put_ethernet(out, s), *head;

	head = s->path->ip6 ? put_ip6(p, s, length) : put_ip4(p, s, length, now_us);
	p = s->path->udp ? put_udp(head, s) : put_tcp(head, s, now_us);
	if (s->len > 0)
		p = put(p, s->payload, s->len);
	transport_checksum(head, s, length);
	while (p < out + FRAME_MIN)
		*p++ = 0;
	return (size_t)(p - out);
}

size_t
frame_put_arp(uint8_t *out, uint32_t host)
{
	uint8_t *p = put_be(put_be(out, UINT64_C(0xffffffffffff), 6), 0x020000000001, 6);

	p = put_be(put_be(p, 0x0806, 2), UINT64_C(0x0001080006040001), 8);
	p = put_be(put_be(p, 0x020000000001, 6), 0x0a000001, 4);
	p = put_be(put_be(p, 0, 6), host, 4);
	while (p < out + FRAME_MIN)
		*p++ = 0;
	return (size_t)(p - out);
}
