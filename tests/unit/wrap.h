/* wrap.h - for tests: packets wrapped in tunnels, from the inside out. Written from the protocols' layouts.
 *
 * What is there is known by an ethertype: 0x0800, 0x86dd, 0x6558 for an Ethernet frame, ... Each function puts a
 * header before it and returns the ethertype of the result; 0 if such a header cannot stand before such a thing. */
#ifndef EPMWATCH_TESTS_UNIT_WRAP_H
#define EPMWATCH_TESTS_UNIT_WRAP_H

#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/packet.h"
#include "tests/unit/wire.h"

enum {
	WRAP_SIZE = 4096,
	WRAP_FRAME = 0x6558
};

struct wrap {
	uint8_t data[WRAP_SIZE];
	size_t len;    /* at the end of data */
	size_t at;     /* where it begins */
	unsigned host; /* of the next outer addresses */
};

static inline void
wrap_init(struct wrap *p, const struct wire *inside)
{
	p->at = WRAP_SIZE - inside->len;
	p->len = inside->len;
	p->host = 100;
	memcpy(p->data + p->at, inside->data, inside->len);
}

static inline void
wrap_put(struct wrap *p, const struct wire *head)
{
	assert(head->len <= p->at);
	p->at -= head->len;
	p->len += head->len;
	memcpy(p->data + p->at, head->data, head->len);
}

/* As wire_packet(). */
static inline struct packet
wrap_packet(const struct wrap *p, enum link link)
{
	return (struct packet){.data = p->data + p->at,
	    .caplen = (uint32_t)p->len,
	    .wirelen = (uint32_t)p->len,
	    .link = link,
	    .ts_ns = 1000,
	    .frame = 7,
	    .source = 3};
}

static inline unsigned
wrap_ipv4(struct wrap *p, unsigned protocol)
{
	struct wire w = {0};

	wire_ipv4(&w, protocol, p->host, p->host + 1, p->len);
	p->host += 2;
	wrap_put(p, &w);
	return 0x0800;
}

static inline unsigned
wrap_ipv6(struct wrap *p, unsigned protocol)
{
	struct wire w = {0};

	wire_ipv6(&w, protocol, p->host, p->host + 1, p->len);
	p->host += 2;
	wrap_put(p, &w);
	return 0x86dd;
}

/* From and to addresses that begin with ${first}. */
static inline unsigned
wrap_frame_from(struct wrap *p, unsigned type, unsigned first)
{
	struct wire w = {0};

	if (type == WRAP_FRAME)
		return type;
	wire_ethernet(&w, type);
	w.data[0] = w.data[6] = (uint8_t)first;
	wrap_put(p, &w);
	return WRAP_FRAME;
}

static inline unsigned
wrap_frame(struct wrap *p, unsigned type)
{
	return wrap_frame_from(p, type, 0);
}

static inline unsigned
wrap_vlan(struct wrap *p, unsigned type, unsigned tag, unsigned id)
{
	struct wire w = {0};

	if (type == WRAP_FRAME)
		return 0;
	wire_u16(&w, 0xe000 | id);
	wire_u16(&w, type);
	wrap_put(p, &w);
	return tag;
}

static inline void
wrap_label(struct wrap *p, uint32_t label, bool last)
{
	struct wire w = {0};

	wire_u32(&w, label << 12 | (last ? 0x100u : 0) | 64);
	wrap_put(p, &w);
}

static inline unsigned
wrap_mpls(struct wrap *p, unsigned type)
{
	if (type != 0x0800 && type != 0x86dd)
		return 0;
	wrap_label(p, 16001, true);
	return 0x8847;
}

static inline unsigned
wrap_mpls_stack(struct wrap *p, unsigned type)
{
	if (type != 0x0800 && type != 0x86dd)
		return 0;
	wrap_label(p, 3, true);
	wrap_label(p, 1048575, false);
	wrap_label(p, 17, false);
	return 0x8848;
}

static inline unsigned
wrap_pseudowire(struct wrap *p, unsigned type)
{
	struct wire control = {0};

	wrap_frame(p, type);
	wire_u32(&control, 0x00000007);
	wrap_put(p, &control);
	wrap_label(p, 18, true);
	return 0x8847;
}

/* Without a control word, and an address that looks like anything. */
static inline unsigned
wrap_pseudowire_from(struct wrap *p, unsigned type, unsigned first)
{
	if (type == WRAP_FRAME)
		return 0;
	wrap_frame_from(p, type, first);
	wrap_label(p, 18, true);
	return 0x8847;
}

static inline unsigned
wrap_bare_pseudowire(struct wrap *p, unsigned type)
{
	return wrap_pseudowire_from(p, type, 0x02);
}

static inline unsigned
wrap_pppoe(struct wrap *p, unsigned type)
{
	struct wire w = {0};

	if (type != 0x0800 && type != 0x86dd && type != 0x8847)
		return 0;
	wire_u32(&w, 0x11000000 | 0x1abc);
	wire_u16(&w, (unsigned)(2 + p->len));
	wire_u16(&w, type == 0x0800 ? 0x0021 : type == 0x86dd ? 0x0057 : 0x0281);
	wrap_put(p, &w);
	return 0x8864;
}

/* With PPP's protocol in one octet. */
static inline unsigned
wrap_short_pppoe(struct wrap *p, unsigned type)
{
	struct wire w = {0};

	if (type != 0x0800 && type != 0x86dd)
		return 0;
	wire_u32(&w, 0x11000000 | 0x1abd);
	wire_u16(&w, (unsigned)(1 + p->len));
	wire_u8(&w, type == 0x0800 ? 0x21 : 0x57);
	wrap_put(p, &w);
	return 0x8864;
}

static inline unsigned
wrap_gre_type(struct wrap *p, unsigned type, unsigned flags)
{
	struct wire w = {0};

	wire_u16(&w, flags);
	wire_u16(&w, type);
	if (flags & 0x8000)
		wire_u32(&w, 0xdead0000);
	if (flags & 0x2000)
		wire_u32(&w, 0x12345678);
	if (flags & 0x1000)
		wire_u32(&w, 99);
	wrap_put(p, &w);
	return wrap_ipv4(p, IPPROTO_GRE);
}

static inline unsigned
wrap_gre(struct wrap *p, unsigned type)
{
	return wrap_gre_type(p, type, 0);
}

static inline unsigned
wrap_full_gre(struct wrap *p, unsigned type)
{
	return wrap_gre_type(p, type, 0xb000);
}

static inline unsigned
wrap_erspan1(struct wrap *p, unsigned type)
{
	wrap_frame(p, type);
	return wrap_gre_type(p, 0x88be, 0);
}

static inline unsigned
wrap_erspan2(struct wrap *p, unsigned type)
{
	struct wire w = {0};

	wrap_frame(p, type);
	wire_u32(&w, 0x10640000 | 0x3ff);
	wire_u32(&w, 7);
	wrap_put(p, &w);
	return wrap_gre_type(p, 0x88be, 0x1000);
}

static inline unsigned
wrap_erspan3_of(struct wrap *p, unsigned frame_type, bool optional)
{
	struct wire w = {0};

	wire_u32(&w, 0x20640000 | 5);
	wire_u32(&w, 123456);
	wire_u16(&w, 0);
	wire_u16(&w, frame_type << 10 | 3u << 4 | (optional ? 1 : 0));
	if (optional)
		wire_zeros(&w, 8);
	wrap_put(p, &w);
	return wrap_gre_type(p, 0x22eb, 0x1000);
}

static inline unsigned
wrap_erspan3(struct wrap *p, unsigned type)
{
	wrap_frame(p, type);
	return wrap_erspan3_of(p, 0, false);
}

static inline unsigned
wrap_long_erspan3(struct wrap *p, unsigned type)
{
	wrap_frame(p, type);
	return wrap_erspan3_of(p, 0, true);
}

static inline unsigned
wrap_ip_erspan3(struct wrap *p, unsigned type)
{
	return type == 0x0800 || type == 0x86dd ? wrap_erspan3_of(p, 2, false) : 0;
}

static inline unsigned
wrap_udp(struct wrap *p, unsigned port)
{
	struct wire w = {0};

	wire_udp(&w, 50000, port, p->len);
	wrap_put(p, &w);
	return wrap_ipv4(p, IPPROTO_UDP);
}

static inline unsigned
wrap_vxlan_flags(struct wrap *p, unsigned type, uint32_t flags, uint32_t vni)
{
	struct wire w = {0};

	wrap_frame(p, type);
	wire_u32(&w, flags);
	wire_u32(&w, vni << 8);
	wrap_put(p, &w);
	return wrap_udp(p, 4789);
}

static inline unsigned
wrap_vxlan(struct wrap *p, unsigned type)
{
	return wrap_vxlan_flags(p, type, 0x08000000, 5000);
}

static inline unsigned
wrap_policy_vxlan(struct wrap *p, unsigned type)
{
	return wrap_vxlan_flags(p, type, 0x88001234, 0xffffff);
}

static inline unsigned
wrap_geneve(struct wrap *p, unsigned type)
{
	struct wire w = {0};

	wire_u16(&w, 0);
	wire_u16(&w, type);
	wire_u32(&w, 77 << 8);
	wrap_put(p, &w);
	return wrap_udp(p, 6081);
}

static inline unsigned
wrap_long_geneve(struct wrap *p, unsigned type)
{
	struct wire w = {0};

	wrap_frame(p, type);
	wire_u16(&w, 0x0340); /* three words, and the critical flag */
	wire_u16(&w, WRAP_FRAME);
	wire_u32(&w, 78 << 8);
	wire_zeros(&w, 12);
	wrap_put(p, &w);
	return wrap_udp(p, 6081);
}

static inline unsigned
wrap_in_ip4(struct wrap *p, unsigned type)
{
	if (type != 0x0800 && type != 0x86dd)
		return 0;
	return wrap_ipv4(p, type == 0x0800 ? IPPROTO_IPIP : IPPROTO_IPV6);
}

static inline unsigned
wrap_in_ip6(struct wrap *p, unsigned type)
{
	if (type != 0x0800 && type != 0x86dd)
		return 0;
	return wrap_ipv6(p, type == 0x0800 ? IPPROTO_IPIP : IPPROTO_IPV6);
}

/* All of them. */
static const struct wrapping {
	const char *name;
	unsigned (*put)(struct wrap *p, unsigned type);
} wrappings[] = {
    {"MPLS", wrap_mpls},
    {"MPLS with three labels", wrap_mpls_stack},
    {"a pseudowire", wrap_pseudowire},
    {"a pseudowire without control word", wrap_bare_pseudowire},
    {"PPPoE", wrap_pppoe},
    {"PPPoE with a short protocol", wrap_short_pppoe},
    {"GRE", wrap_gre},
    {"GRE with all fields", wrap_full_gre},
    {"ERSPAN I", wrap_erspan1},
    {"ERSPAN II", wrap_erspan2},
    {"ERSPAN III", wrap_erspan3},
    {"ERSPAN III with a subheader", wrap_long_erspan3},
    {"ERSPAN III of IP", wrap_ip_erspan3},
    {"VXLAN", wrap_vxlan},
    {"VXLAN with a policy", wrap_policy_vxlan},
    {"GENEVE", wrap_geneve},
    {"GENEVE with options", wrap_long_geneve},
    {"IPv4", wrap_in_ip4},
    {"IPv6", wrap_in_ip6},
};

enum {
	WRAPPINGS = sizeof(wrappings) / sizeof(wrappings[0])
};

#endif
