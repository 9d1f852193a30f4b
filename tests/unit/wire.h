/* wire.h - for tests: packets put together field by field. */
#ifndef EPMWATCH_TESTS_UNIT_WIRE_H
#define EPMWATCH_TESTS_UNIT_WIRE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/packet.h"

struct wire {
	size_t len;
	uint8_t data[4096];
};

static inline void
wire_add(struct wire *w, const void *data, size_t len)
{
	assert(len <= sizeof(w->data) - w->len);
	if (len > 0)
		memcpy(w->data + w->len, data, len);
	w->len += len;
}

static inline void
wire_zeros(struct wire *w, size_t len)
{
	assert(len <= sizeof(w->data) - w->len);
	memset(w->data + w->len, 0, len);
	w->len += len;
}

static inline void
wire_u8(struct wire *w, unsigned value)
{
	uint8_t b = (uint8_t)value;

	wire_add(w, &b, 1);
}

static inline void
wire_u16(struct wire *w, unsigned value)
{
	wire_u8(w, value >> 8 & 0xff);
	wire_u8(w, value & 0xff);
}

static inline void
wire_u32(struct wire *w, uint32_t value)
{
	wire_u16(w, value >> 16);
	wire_u16(w, value & 0xffff);
}

static inline void
wire_ethernet(struct wire *w, unsigned type)
{
	wire_zeros(w, 12);
	wire_u16(w, type);
}

static inline void
wire_tag(struct wire *w, unsigned vlan, unsigned type)
{
	wire_u16(w, vlan);
	wire_u16(w, type);
}

/* 10.0.0.${from} to 10.0.0.${to}, ${payload} bytes of ${protocol}. */
static inline void
wire_ipv4(struct wire *w, unsigned protocol, unsigned from, unsigned to, size_t payload)
{
	wire_u16(w, 0x4500);
	wire_u16(w, (unsigned)(20 + payload));
	wire_u32(w, 0x12340000); /* id, not a fragment */
	wire_u16(w, 64u << 8 | protocol);
	wire_u16(w, 0);
	wire_u32(w, 0x0a000000 + from);
	wire_u32(w, 0x0a000000 + to);
}

/* fd00::${from} to fd00::${to} */
static inline void
wire_ipv6(struct wire *w, unsigned next, unsigned from, unsigned to, size_t payload)
{
	wire_u32(w, 0x60000000);
	wire_u16(w, (unsigned)payload);
	wire_u16(w, next << 8 | 64u);
	wire_u32(w, 0xfd000000);
	wire_zeros(w, 8);
	wire_u32(w, from);
	wire_u32(w, 0xfd000000);
	wire_zeros(w, 8);
	wire_u32(w, to);
}

static inline void
wire_tcp(struct wire *w, unsigned sport, unsigned dport, uint32_t seq, uint32_t ack, unsigned flags)
{
	wire_u16(w, sport);
	wire_u16(w, dport);
	wire_u32(w, seq);
	wire_u32(w, ack);
	wire_u16(w, 5u << 12 | flags);
	wire_zeros(w, 6);
}

static inline void
wire_udp(struct wire *w, unsigned sport, unsigned dport, size_t payload)
{
	wire_u16(w, sport);
	wire_u16(w, dport);
	wire_u16(w, (unsigned)(8 + payload));
	wire_u16(w, 0);
}

static inline struct packet
wire_packet(const struct wire *w, enum link link)
{
	return (struct packet){.data = w->data,
	    .caplen = (uint32_t)w->len,
	    .wirelen = (uint32_t)w->len,
	    .link = link,
	    .ts_ns = 1000,
	    .frame = 7,
	    .source = 3};
}

#endif
