/* sieve.c - what frame_parse() would say of a packet, as far as it is of a common kind.
 *
 * Every check stands here in front of the bytes that it is for, on plain pointers: frame_parse(), which reads the same
 * through cursors, takes five times as long. test_sieve holds each mark against it. */
#include "dissect/sieve.h"

#include <netinet/in.h>
#include <string.h>

#include "base/packet.h"
#include "dissect/flow_hash.h"
#include "dissect/frame.h"
#include "dissect/observation.h"
#include "dissect/probe.h"

/* Left to themselves compilers stop half way down, and what is_plain() tells them is lost. */
#define INLINE static inline __attribute__((always_inline))

enum {
	AHEAD = 8,  /* the packet whose headers are fetched while this one is looked at: ... */
	FIRST = 12, /* ... from its ethertype ... */
	LAST =
	    61, /* ... to the last octet that is tested of most, in the same line of the cache or the next */
};

enum {
	ETHERNET = 14,
	COOKED = 16,
	COOKED2 = 20,
	TAG = 4,
	V4 = 20,
	V6 = 40,
	TCP = 20,
	UDP = 8,
};

enum {
	PORT_EPM = 135,
	PORT_VXLAN = 4789,
	PORT_GENEVE = 6081,
	PORT_LOWEST = 1024, /* of both sides of a new-mail notification */
	NOTICE = 16,        /* octets that one has, ... */
};

enum {
	MARK_TALK = 3, /* as find_segment() says it: a datagram that is marked MARK_FLOW */
};

enum {
	TYPE_DOUBTFUL = 0,
	TYPE_V4 = 0x0800,
	TYPE_V6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
};

/* What of a packet was captured and is not passed yet. */
struct rest {
	const uint8_t *at;
	uint32_t len;
};

struct segment {
	struct rest tcp; /* at least a header without options; of a datagram from its ports on */
	const uint8_t *addr; /* octets of the source, then those of the destination */
	bool v6;
};

INLINE void
pass(struct rest *r, uint32_t n)
{
	r->at += n;
	r->len -= n;
}

INLINE uint16_t
u16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

INLINE uint32_t
u32_at(const uint8_t *p)
{
	return (uint32_t)u16_at(p) << 16 | u16_at(p + 2);
}

INLINE bool
is_tag(uint16_t type)
{
	return type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD;
}

/* The first ethertype that is no tag's. */
INLINE uint16_t
pass_tags(struct rest *r, uint16_t type)
{
	for (int i = 0; is_tag(type); i++) {
		if (i == WHERE_VLANS || r->len < TAG)
			return TYPE_DOUBTFUL;
		type = u16_at(r->at + 2);
		pass(r, TAG);
	}
	return type;
}

/* A header of ${len} bytes whose ethertype stands at ${offset}. */
INLINE uint16_t
pass_typed(struct rest *r, uint32_t len, uint32_t offset)
{
	uint16_t type;

	if (r->len < len)
		return TYPE_DOUBTFUL;
	type = u16_at(r->at + offset);
	pass(r, len);
	return pass_tags(r, type);
}

INLINE uint16_t
raw_type(const struct rest *r)
{
	unsigned version = r->len > 0 ? r->at[0] >> 4 : 0;

	return version == 4 ? TYPE_V4 : version == 6 ? TYPE_V6 : TYPE_DOUBTFUL;
}

INLINE uint16_t
pass_link(struct rest *r, enum link link)
{
	switch (link) {
	case LINK_ETHERNET:
		return pass_typed(r, ETHERNET, 12);
	case LINK_SLL:
		return pass_typed(r, COOKED, 14);
	case LINK_SLL2:
		return pass_typed(r, COOKED2, 0);
	case LINK_RAW:
		return raw_type(r);
	case LINK_NULL:
	case LINK_LOOP:
		break;
	}
	return TYPE_DOUBTFUL;
}

/* A well-formed header that was captured whole, and no fragment. As ip_parse_v4(); what that would take from the length
 * on the wire is in no header that lies before this one. */
INLINE bool
pass_v4(struct rest *r, struct segment *out, uint8_t *protocol)
{
	const uint8_t *p = r->at;
	uint32_t header, total;

	if (r->len < V4 || p[0] >> 4 != 4 || (u16_at(p + 6) & 0x3fff) != 0)
		return false;
	header = (p[0] & 0x0fu) * 4;
	total = u16_at(p + 2);
	if (total - 1 < r->len) /* 0 is none */
		r->len = total;
	if (header < V4 || header > r->len)
		return false;
	pass(r, header);
	out->addr = p + 12;
	out->v6 = false;
	*protocol = p[9];
	return true;
}

/* One of those that ip_parse_v6() passes. */
INLINE bool
is_extension(uint8_t next)
{
	switch (next) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case 139: /* HIP */
	case 140: /* shim6 */
		return true;
	default:
		return false;
	}
}

/* A header without extensions. As ip_parse_v6(). */
INLINE bool
pass_v6(struct rest *r, struct segment *out, uint8_t *protocol)
{
	const uint8_t *p = r->at;
	uint32_t len;

	if (r->len < V6 || p[0] >> 4 != 6 || is_extension(p[6]))
		return false;
	len = u16_at(p + 4);
	pass(r, V6);
	if (len - 1 < r->len) /* 0 is none */
		r->len = len;
	out->addr = p + 8;
	out->v6 = true;
	*protocol = p[6];
	return true;
}

/* The endpoint mapper, on either side, and what may be VXLAN or GENEVE. */
INLINE bool
is_wanted_datagram(const uint8_t *port)
{
	uint16_t to = u16_at(port + 2);

	return to == PORT_EPM || u16_at(port) == PORT_EPM || to == PORT_VXLAN || to == PORT_GENEVE;
}

/* Ports that no service of Windows has for itself. */
INLINE bool
is_between_clients(const uint8_t *port)
{
	return u16_at(port) >= PORT_LOWEST && u16_at(port + 2) >= PORT_LOWEST;
}

/* A datagram between such ports. How long its payload is says its own header, if that is not beyond what was sent; so where that is not
 * known, it is at least what was captured. */
INLINE uint8_t
kind_of_talk(const struct rest *r, uint32_t len)
{
	uint32_t payload = (len == 0 || len > r->len ? r->len : len) - UDP;

	if (payload - 1 < NOTICE)
		return MARK_ALWAYS;
	return payload - 1 < PUSH_CONTEXT_MAX ? MARK_SHORT : MARK_TALK;
}

/* A datagram in which frame.c may find something wrong, or we something of interest. */
INLINE uint8_t
kind_of_udp(const struct rest *r)
{
	uint32_t len;

	if (r->len < UDP || is_wanted_datagram(r->at) || probe_datagram(r->at + UDP, r->len - UDP))
		return MARK_ALWAYS;
	len = u16_at(r->at + 4);
	if (len != 0 && len < UDP)
		return MARK_ALWAYS;
	return is_between_clients(r->at) ? kind_of_talk(r, len) : MARK_NOTHING;
}

/* Somebody says that a port is unreachable. */
INLINE bool
is_unreachable(uint8_t protocol, const struct rest *r)
{
	if (r->len < 2)
		return false;
	return protocol == IPPROTO_ICMP
		   ? r->at[0] == ICMP_UNREACHABLE && r->at[1] == ICMP_UNREACHABLE_PORT
		   : protocol == IPPROTO_ICMPV6 && r->at[0] == ICMP6_UNREACHABLE &&
			 r->at[1] == ICMP6_UNREACHABLE_PORT;
}

/* What may have another packet inside. */
INLINE bool
is_tunnel(uint8_t protocol)
{
	return protocol == IPPROTO_GRE || protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 ||
	       protocol == IPPROTO_MPLS;
}

/* MARK_FLOW if it is a TCP segment, MARK_TALK or MARK_SHORT if it is such a datagram, which is then in ${out}; else what to mark it with. */
INLINE uint8_t
find_segment(struct rest r, uint16_t type, struct segment *out)
{
	uint8_t protocol = 0;
	bool good = type == TYPE_V4 ? pass_v4(&r, out, &protocol)
				    : type == TYPE_V6 && pass_v6(&r, out, &protocol);

	if (!good)
		return MARK_ALWAYS;
	out->tcp = r;
	if (protocol == IPPROTO_UDP)
		return kind_of_udp(&r);
	if (protocol != IPPROTO_TCP)
		return is_tunnel(protocol) || is_unreachable(protocol, &r) ? MARK_ALWAYS
									   : MARK_NOTHING;
	return r.len >= TCP ? MARK_FLOW : MARK_ALWAYS;
}

/* PDUs, and what carries them. The payload of half of all segments is too short to be tested. That is asked last, where the answer is nearly always
 * the same and the processor guesses right; until then eight other bytes of the segment stand in. */
INLINE bool
begins_pdu(const struct rest *tcp, uint32_t header)
{
	uint32_t last = tcp->len - PROBE_BYTES;

	const uint8_t *at = tcp->at + (header < last ? header : last);

	return probe_likely(at) &&
	       (probe_mask(at, PROBE_BYTES) || probe_carrier(at, PROBE_BYTES)) && header <= last;
}

/* Of at least a header without options. */
INLINE uint8_t
kind_of_tcp(const struct rest *tcp)
{
	uint32_t header = (tcp->at[12] & 0xf0u) >> 2;

	if (header - TCP > tcp->len - TCP || begins_pdu(tcp, header))
		return MARK_ALWAYS;
	if ((tcp->at[13] & (TCP_SYN | TCP_FIN | TCP_RST)) == 0)
		return MARK_FLOW;
	return (tcp->at[13] & (TCP_SYN | TCP_RST)) == TCP_SYN ? MARK_SYN : MARK_END;
}

INLINE uint64_t
hash_of(const struct flow_secret *secret, const struct segment *s)
{
	const uint8_t *port = s->tcp.at;

	if (s->v6)
		return flow_hash_of(secret, flow_end_v6(secret, s->addr, port),
		    flow_end_v6(secret, s->addr + 16, port + 2));
	return flow_hash_of(secret, flow_end_v4(s->addr, port), flow_end_v4(s->addr + 4, port + 2));
}

/* As one number, since compilers take a struct apart that comes by different ways. */
INLINE uint32_t
packed(struct mark mark)
{
	uint32_t octets;

	_Static_assert(sizeof(octets) == sizeof(mark), "all of it");
	memcpy(&octets, &mark, sizeof(octets));
	return octets;
}

INLINE uint32_t
mark_rest(const struct flow_secret *secret, struct rest r, uint16_t type)
{
	struct segment s;
	uint8_t kind = find_segment(r, type, &s);

	switch (kind) {
	case MARK_FLOW:
		return packed(flow_hash_mark(hash_of(secret, &s), kind_of_tcp(&s.tcp)));
	case MARK_TALK:
		return packed(flow_hash_mark(hash_of(secret, &s), MARK_FLOW));
	case MARK_SHORT:
		return packed(flow_hash_mark(hash_of(secret, &s), MARK_SHORT));
	default:
		return packed((struct mark){.kind = kind});
	}
}

/* Most packets: TCP over IPv4 without options, whole, with ${at} bytes of Ethernet before it. Two words tell: the ethertype
 * with the version and length behind it, and the fragment's place with the protocol. */
INLINE bool
is_plain(const struct packet *packet, uint32_t at)
{
	const uint8_t *p = packet->data + at;

	return packet->link == LINK_ETHERNET && packet->caplen >= at + V4 + TCP &&
	       (u32_at(p - 2) & 0xffffff00) == (TYPE_V4 << 16 | 0x4500) &&
	       (u32_at(p + 6) & 0x3fff00ff) == IPPROTO_TCP;
}

/* The segment in a packet that is_plain(). False if the length that IP names ends within a header. */
INLINE bool
plain_segment(const struct packet *packet, uint32_t at, struct segment *out)
{
	const uint8_t *p = packet->data + at;
	uint32_t len = packet->caplen - at, total = u16_at(p + 2);

	if (total - 1 < len) /* 0 is none */
		len = total;
	*out = (struct segment){.addr = p + 12, .tcp = {.at = p + V4, .len = len - V4}};
	return len >= V4 + TCP;
}

/* As mark_rest(), with all that is_plain() has said. */
INLINE uint32_t
mark_plain(const struct flow_secret *secret, const struct packet *packet, uint32_t at)
{
	struct segment s;

	if (!plain_segment(packet, at, &s))
		return packed((struct mark){.kind = MARK_ALWAYS});
	return packed(flow_hash_mark(hash_of(secret, &s), kind_of_tcp(&s.tcp)));
}

__attribute__((noinline)) static uint32_t
mark_any(const struct flow_secret *secret, const struct packet *packet)
{
	struct rest r = {.at = packet->data, .len = packet->caplen};
	uint16_t type = pass_link(&r, packet->link);

	return mark_rest(secret, r, type);
}

/* Behind one tag most packets are plain. */
__attribute__((noinline)) static uint32_t
mark_other(const struct flow_secret *secret, const struct packet *packet)
{
	if (is_plain(packet, ETHERNET + TAG) && is_tag(u16_at(packet->data + ETHERNET - 2)))
		return mark_plain(secret, packet, ETHERNET + TAG);
	return mark_any(secret, packet);
}

/* A batch is larger than the nearest cache, and where packets are large or come from a ring, their headers are in no
 * near one at all. */
INLINE void
fetch(const struct packet *packet)
{
	uintptr_t at = (uintptr_t)packet->data;

	__builtin_prefetch((const void *)(at + FIRST));
	__builtin_prefetch((const void *)(at + LAST));
}

INLINE void
set_mark(const struct flow_secret *secret, const struct packet *packet, struct mark *out)
{
	uint32_t mark = is_plain(packet, ETHERNET) ? mark_plain(secret, packet, ETHERNET)
						   : mark_other(secret, packet);

	memcpy(out, &mark, sizeof(mark));
}

static void
look(const struct sieve *sieve, struct batch *batch)
{
	struct flow_secret secret = flow_secret_of(sieve->salt);
	size_t count = batch->count, i = 0;

	for (; i + AHEAD < count; i++) {
		fetch(&batch->packet[i + AHEAD]);
		set_mark(&secret, &batch->packet[i], &batch->mark[i]);
	}
	for (; i < count; i++)
		set_mark(&secret, &batch->packet[i], &batch->mark[i]);
}

void
sieve_init(struct sieve *s, uint64_t salt)
{
	*s = (struct sieve){.look = look, .salt = salt};
}

/* find_segment() for any packet. */
INLINE uint8_t
find_in_packet(const struct packet *packet, struct segment *out)
{
	struct rest r = {.at = packet->data, .len = packet->caplen};
	uint16_t type = TYPE_V4;

	if (is_plain(packet, ETHERNET))
		pass(&r, ETHERNET);
	else
		type = pass_link(&r, packet->link);
	return find_segment(r, type, out);
}

bool
sieve_ports(const struct packet *packet, uint16_t port[2])
{
	struct segment s;
	uint8_t kind = find_in_packet(packet, &s);

	if (kind != MARK_FLOW && kind != MARK_TALK && kind != MARK_SHORT)
		return false;
	port[0] = u16_at(s.tcp.at);
	port[1] = u16_at(s.tcp.at + 2);
	return true;
}

/* The tags that find_segment() passed. */
INLINE void
note_tags(const uint8_t *ethernet, struct where *at)
{
	for (const uint8_t *p = ethernet + ETHERNET; is_tag(u16_at(p - 2)); p += TAG)
		at->vlan[at->vlan_count++] = u16_at(p) & 0x0fff;
}

INLINE void
note_ends(const struct segment *s, struct where *at)
{
	at->src = s->v6 ? addr_from_v6(s->addr) : addr_from_v4(s->addr);
	at->dst = s->v6 ? addr_from_v6(s->addr + 16) : addr_from_v4(s->addr + 4);
	at->sport = u16_at(s->tcp.at);
	at->dport = u16_at(s->tcp.at + 2);
	at->proto = IPPROTO_TCP;
}

/* How much of the segment was sent: what the IP header says, but no more than the packet on the wire. */
INLINE uint32_t
sent(const struct packet *packet, const struct segment *s)
{
	const uint8_t *ip = s->addr - (s->v6 ? 8 : 12);
	uint32_t all = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
	uint32_t there = all - (uint32_t)(s->tcp.at - packet->data);
	uint32_t said = u16_at(ip + (s->v6 ? 4 : 2));

	if (said == 0)
		return there;
	said -= s->v6 ? 0 : (uint32_t)(s->tcp.at - ip);
	return said < there ? said : there;
}

/* ${s}, of which ${wire} octets were sent, its header among them. */
INLINE bool
fill_frame(const struct packet *packet, const struct segment *s, uint32_t wire, struct frame *out)
{
	const uint8_t *tcp = s->tcp.at;
	uint32_t header = (tcp[12] >> 4) * 4u, there = header < s->tcp.len ? header : s->tcp.len;

	if (header < TCP || header > wire)
		return false;
	frame_begin(packet, out);
	note_ends(s, &out->at);
	out->seq = u32_at(tcp + 4);
	out->ack = u32_at(tcp + 8);
	out->tcp_flags = tcp[13];
	/* Options that the snap length cut off are no reason to lose a SYN. */
	out->header_len = header <= s->tcp.len ? (uint8_t)header : 0;
	out->payload = tcp + there;
	out->payload_len = s->tcp.len - there;
	out->payload_wire = wire - header;
	return true;
}

/* A packet that is_plain() without a tag. */
static bool
frame_plain(const struct packet *packet, struct frame *out)
{
	struct segment s;

	return plain_segment(packet, ETHERNET, &s) && fill_frame(packet, &s, sent(packet, &s), out);
}

__attribute__((noinline)) static bool
frame_other(const struct packet *packet, struct frame *out)
{
	struct segment s;

	if (packet->link != LINK_ETHERNET || find_in_packet(packet, &s) != MARK_FLOW ||
	    !fill_frame(packet, &s, sent(packet, &s), out))
		return false;
	note_tags(packet->data, &out->at);
	return true;
}

bool
sieve_frame(const struct packet *packet, struct frame *out)
{
	return is_plain(packet, ETHERNET) ? frame_plain(packet, out) : frame_other(packet, out);
}

/* Octets of Ethernet before a packet that is_plain(), of which one tag may be among them; 0 if it is not. */
INLINE uint32_t
plain_at(const struct packet *packet)
{
	if (is_plain(packet, ETHERNET))
		return ETHERNET;
	if (is_plain(packet, ETHERNET + TAG) && is_tag(u16_at(packet->data + ETHERNET - 2)))
		return ETHERNET + TAG;
	return 0;
}

bool
sieve_bulk(const struct packet *packet, struct sieve_bulk *out)
{
	uint32_t at = plain_at(packet), header, total;
	const uint8_t *ip = packet->data + at, *tcp = ip + V4;

	if (at == 0)
		return false;
	header = V4 + (tcp[12] >> 4) * 4u;
	total = u16_at(ip + 2);
	if (header < V4 + TCP || header > total || total > packet->caplen - at ||
	    (tcp[13] & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) != TCP_ACK)
		return false;
	*out = (struct sieve_bulk){.ends = ip + 12,
	    .seq = u32_at(tcp + 4),
	    .ack = u32_at(tcp + 8),
	    .len = total - header,
	    .payload = ip + header};
	return true;
}
