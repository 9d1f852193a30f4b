/* wild.h - for tests: packets as a hostile network would have them, the same for the same seed.
 *
 * Each is put together from what stands in real ones, and then, as often as not, damaged: lengths that lie, bytes that
 * differ, ends that are cut. Few addresses and ports, so that connections meet. */
#ifndef EPMWATCH_TESTS_UNIT_WILD_H
#define EPMWATCH_TESTS_UNIT_WILD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>

#include "dissect/frame.h"
#include "tests/unit/wire.h"

struct wild {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t
wild_u64(struct wild *r)
{
	uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* 0 to before ${n} */
static inline unsigned
wild_below(struct wild *r, unsigned n)
{
	return (unsigned)((wild_u64(r) >> 32) * n >> 32);
}

static inline bool
wild_chance(struct wild *r, unsigned percent)
{
	return wild_below(r, 100) < percent;
}

struct wild_end {
	unsigned host; /* 0 to 7 */
	unsigned port;
};

enum wild_form {
	WILD_V4,
	WILD_V6,
	WILD_MAPPED, /* IPv4 addresses in an IPv6 header */
	WILD_MIXED,  /* the first of them only */
	WILD_FORMS
};

/* What is between the link header and the payload. */
struct wild_tcp {
	enum wild_form form;
	struct wild_end from, to;
	uint32_t seq, ack;
	unsigned flags;
};

static inline unsigned
wild_port(struct wild *r)
{
	static const unsigned ports[] = {135, 593, 6001, 443, 445, 49152, 49153, 1025, 1026, 5000};

	return ports[wild_below(r, sizeof(ports) / sizeof(ports[0]))];
}

static inline struct wild_end
wild_end(struct wild *r)
{
	return (struct wild_end){wild_below(r, 8), wild_port(r)};
}

static inline void
wild_addr4(struct wire *w, unsigned host)
{
	wire_u32(w, 0x0a000000 + host);
}

static inline void
wild_addr6(struct wire *w, unsigned host, bool mapped)
{
	wire_u32(w, mapped ? 0 : 0xfd000000);
	wire_u32(w, 0);
	wire_u32(w, mapped ? 0xffff : host * 3);
	if (mapped)
		wild_addr4(w, host);
	else
		wire_u32(w, host);
}

/* Link header and tags before an IP header. */
static inline void
wild_link(struct wild *r, struct wire *w, enum link link, unsigned type)
{
	static const unsigned tag[] = {0x8100, 0x88a8, 0x9100};
	unsigned tags = wild_chance(r, 70) ? 0 : wild_below(r, WHERE_VLANS + 2);

	if (link == LINK_NULL || link == LINK_LOOP) {
		wire_u32(w, type == 0x0800 ? 2 : 30);
		return;
	}
	if (link == LINK_RAW)
		return;
	if (link == LINK_ETHERNET)
		wire_zeros(w, 12);
	if (link == LINK_SLL)
		wire_zeros(w, 14);
	wire_u16(w, tags > 0 ? tag[wild_below(r, 3)] : type);
	if (link == LINK_SLL2)
		wire_zeros(w, 18);
	while (tags-- > 0)
		wire_tag(w, wild_below(r, 4096), tags > 0 ? tag[wild_below(r, 3)] : type);
}

static inline void
wild_ipv4(
    struct wild *r, struct wire *w, const struct wild_tcp *t, unsigned protocol, size_t payload)
{
	unsigned options = wild_chance(r, 90) ? 0 : wild_below(r, 11);

	wire_u8(w, 0x45 + options);
	wire_u8(w, 0);
	wire_u16(w, wild_chance(r, 3) ? 0 : (unsigned)(20 + options * 4 + payload));
	wire_u16(w, 0x1234);
	wire_u16(w, wild_chance(r, 3) ? wild_below(r, 0x10000) : 0x4000);
	wire_u16(w, 64u << 8 | protocol);
	wire_u16(w, 0);
	wild_addr4(w, t->from.host);
	wild_addr4(w, t->to.host);
	wire_zeros(w, options * (size_t)4);
}

static inline void
wild_ipv6(
    struct wild *r, struct wire *w, const struct wild_tcp *t, unsigned protocol, size_t payload)
{
	static const unsigned extension[] = {0, 43, 44, 51, 60, 135, 139, 140};
	unsigned first = wild_chance(r, 5) ? extension[wild_below(r, 8)] : protocol;

	wire_u32(w, 0x60000000);
	wire_u16(w, wild_chance(r, 3) ? 0 : (unsigned)(payload + (first != protocol ? 8 : 0)));
	wire_u16(w, first << 8 | 64u);
	wild_addr6(w, t->from.host, t->form != WILD_V6);
	wild_addr6(w, t->to.host, t->form == WILD_MAPPED);
	if (first != protocol) {
		wire_u8(w, protocol);
		wire_zeros(w, 7);
	}
}

static inline void
wild_ip(struct wild *r, struct wire *w, enum link link, const struct wild_tcp *t, unsigned protocol,
    size_t payload)
{
	bool v4 = t->form == WILD_V4;

	wild_link(r, w, link, v4 ? 0x0800 : 0x86dd);
	if (v4)
		wild_ipv4(r, w, t, protocol, payload);
	else
		wild_ipv6(r, w, t, protocol, payload);
}

/* A TCP segment with ${len} bytes of payload, and sometimes options. */
static inline void
wild_segment(struct wild *r, struct wire *w, enum link link, const struct wild_tcp *t,
    const uint8_t *payload, size_t len)
{
	unsigned options = wild_chance(r, 70) ? 0 : wild_below(r, 11);

	wild_ip(r, w, link, t, IPPROTO_TCP, 20 + options * (size_t)4 + len);
	wire_u16(w, t->from.port);
	wire_u16(w, t->to.port);
	wire_u32(w, t->seq);
	wire_u32(w, t->ack);
	wire_u16(w, (5 + options) << 12 | t->flags);
	wire_zeros(w, 6 + options * (size_t)4);
	wire_add(w, payload, len);
}

/* Up to ${most} bytes that are sometimes, or somewhere, the start of a PDU. Returns how many. */
static inline size_t
wild_payload(struct wild *r, uint8_t *out, size_t most)
{
	static const uint8_t start[] = {5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0};
	size_t len = wild_chance(r, 40) ? 0 : wild_below(r, (unsigned)most + 1), at;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)wild_u64(r);
	if (wild_chance(r, 30)) {
		at = wild_chance(r, 70) ? 0 : wild_below(r, (unsigned)len + 1);
		memcpy(out + at, start, len - at < sizeof(start) ? len - at : sizeof(start));
	}
	return len;
}

static inline unsigned
wild_flags(struct wild *r)
{
	static const unsigned flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | 8,
	    TCP_ACK | TCP_FIN, TCP_RST, TCP_RST | TCP_ACK, TCP_SYN | TCP_RST, 0};

	return wild_chance(r, 97) ? flags[wild_below(r, 10)] : wild_below(r, 64);
}

static inline void
wild_udp(struct wild *r, struct wire *w, enum link link, const struct wild_tcp *t)
{
	size_t len = wild_below(r, wild_chance(r, 90) ? 20 : 100);

	wild_ip(r, w, link, t, IPPROTO_UDP, 8 + len);
	wire_u16(w, t->from.port);
	wire_u16(w, t->to.port);
	wire_u16(w, wild_chance(r, 20) ? wild_below(r, 40) : (unsigned)(8 + len));
	wire_u16(w, 0);
	wire_zeros(w, len);
	if (len > 0 && wild_chance(r, 30))
		w->data[w->len - len] = 4;
}

static inline void
wild_not_ip(struct wild *r, struct wire *w)
{
	static const unsigned types[] = {0x0806, 0x88cc, 0x8847, 38, 0x0027, 0x8863};

	wire_ethernet(w, types[wild_below(r, 6)]);
	wire_zeros(w, 28);
}

/* The header of a tunnel in IP or UDP, and which protocol that needs. */
static inline unsigned
wild_tunnel(struct wild *r, struct wire *w, bool v4, size_t inside)
{
	unsigned type = v4 ? 0x0800 : 0x86dd;

	switch (wild_below(r, 4)) {
	case 0:
		wire_u16(w, 0x2000);
		wire_u16(w, type);
		wire_u32(w, wild_below(r, 5));
		return IPPROTO_GRE;
	case 1:
		wire_udp(w, 50000, 4789, 8 + 14 + inside);
		wire_u32(w, 0x08000000);
		wire_u32(w, wild_below(r, 5) << 8);
		wire_ethernet(w, type);
		return IPPROTO_UDP;
	case 2:
		wire_udp(w, 50000, 6081, 12 + inside);
		wire_u32(w, 0x01000000 | type);
		wire_u32(w, wild_below(r, 5) << 8);
		wire_zeros(w, 4);
		return IPPROTO_UDP;
	default:
		return v4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	}
}

/* A segment in another packet. */
static inline void
wild_wrapped(struct wild *r, struct wire *w, enum link link, const struct wild_tcp *t,
    const uint8_t *payload, size_t len)
{
	struct wild_tcp outer = {
	    .form = wild_below(r, WILD_FORMS), .from = {1, 0}, .to = {wild_below(r, 3), 0}};
	struct wire inner = {0}, head = {0};
	unsigned protocol;

	wild_segment(r, &inner, LINK_RAW, t, payload, len);
	protocol = wild_tunnel(r, &head, t->form == WILD_V4, inner.len);
	wild_ip(r, w, link, &outer, protocol, head.len + inner.len);
	wire_add(w, head.data, head.len);
	wire_add(w, inner.data, inner.len);
}

/* Bytes behind what the IP header counts: zeros, or such as would be a PDU if they were payload. */
static inline void
wild_padding(struct wild *r, struct wire *w)
{
	uint8_t bytes[24];

	if (wild_chance(r, 80))
		return;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0;
	if (wild_chance(r, 50))
		memcpy(bytes + wild_below(r, 8), "\x05\x00\x0b\x03\x10\x00\x00\x00", 8);
	wire_add(w, bytes, wild_below(r, sizeof(bytes) + 1));
}

static inline void
wild_change_bytes(struct wild *r, struct wire *w)
{
	for (unsigned n = wild_below(r, 4); n > 0 && w->len > 0; n--)
		w->data[wild_below(r, (unsigned)(w->len < 80 ? w->len : 80))] =
		    wild_chance(r, 50) ? (uint8_t)wild_u64(r) : 0;
}

/* The view of ${w}, with lengths that agree, or not. */
static inline struct packet
wild_view(struct wild *r, const struct wire *w, enum link link, unsigned damage)
{
	struct packet packet = wire_packet(w, link);

	if (wild_chance(r, damage))
		packet.caplen = wild_below(r, packet.caplen + 1);
	if (wild_chance(r, damage))
		packet.wirelen = wild_chance(r, 50) ? packet.caplen : wild_below(r, 2000);
	return packet;
}

static inline enum link
wild_link_kind(struct wild *r)
{
	static const enum link others[] = {LINK_RAW, LINK_SLL, LINK_SLL2, LINK_NULL, LINK_LOOP};

	return wild_chance(r, 75) ? LINK_ETHERNET : others[wild_below(r, 5)];
}

/* Any packet at all, of which ${damage} in a hundred are damaged, and ${damage} cut. It lies in ${w}. */
static inline struct packet
wild_packet(struct wild *r, struct wire *w, unsigned damage)
{
	enum link link = wild_link_kind(r);
	struct wild_tcp t = {(enum wild_form)wild_below(r, WILD_FORMS), wild_end(r), wild_end(r),
	    (uint32_t)wild_u64(r), (uint32_t)wild_u64(r), wild_flags(r)};
	unsigned what = wild_below(r, 100);
	uint8_t payload[40];

	w->len = 0;
	if (what < 72)
		wild_segment(r, w, link, &t, payload, wild_payload(r, payload, sizeof(payload)));
	else if (what < 75)
		wild_wrapped(r, w, link, &t, payload, wild_payload(r, payload, sizeof(payload)));
	else if (what < 88)
		wild_udp(r, w, link, &t);
	else if (what < 94)
		wild_ip(r, w, link, &t, wild_below(r, 256), 20);
	else
		wild_not_ip(r, w);
	wild_padding(r, w);
	if (wild_chance(r, damage))
		wild_change_bytes(r, w);
	return wild_view(r, w, link, damage);
}

#endif
