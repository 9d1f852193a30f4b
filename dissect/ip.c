#include "dissect/ip.h"

#include "base/cursor.h"
#include "dissect/observation.h"

enum {
	V4_HEADER = 20,
	V4_MORE = 0x2000,
	V4_OFFSET = 0x1fff, /* in units of 8 */
	V6_HEADER = 40,
	V6_MORE = 0x0001,
	V6_OFFSET = 0xfff8,
};

enum {
	EXT_HOP_BY_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_AUTH = 51,
	EXT_DESTINATION = 60,
	EXT_MOBILITY = 135,
	EXT_HIP = 139,
	EXT_SHIM6 = 140,
};

static struct addr
read_v4(struct cursor *c)
{
	struct addr a = {.b = {[10] = 0xff, [11] = 0xff}};

	cur_copy(c, a.b + 12, 4);
	return a;
}

/* Leave ${c} at the first ${wire} bytes of what it has: Ethernet's padding is never payload. */
static void
clip(struct cursor *c, uint32_t wire)
{
	size_t left = cur_left(c);

	*c = cur_sub(c, wire < left ? wire : left);
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * version and length:u8, tos:u8, total length:u16be, id:u16be, fragment:u16be, ttl:u8, protocol:u8,
 * checksum:u16be, source:4, destination:4, options
 */
int
ip_parse_v4(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out)
{
	uint8_t version = cur_u8(c);
	uint32_t header = (version & 0x0fu) * 4;
	uint32_t total;
	uint16_t fragment;

	cur_skip(c, 1);
	total = cur_u16_be(c);
	out->id = cur_u16_be(c);
	fragment = cur_u16_be(c);
	cur_skip(c, 1);
	out->protocol = cur_u8(c);
	cur_skip(c, 2);
	at->src = read_v4(c);
	at->dst = read_v4(c);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (version >> 4 != 4 || header < V4_HEADER || header > wire)
		return ERR_MALFORMED;
	if (total == 0)
		total = wire;
	if (total < header)
		return ERR_MALFORMED;
	cur_skip(c, header - V4_HEADER);
	if (!cur_ok(c))
		return ERR_TRUNC;
	out->piece = (struct ip_piece){.id = out->id,
	    .offset = (uint16_t)((fragment & V4_OFFSET) * 8u),
	    .more = (fragment & V4_MORE) != 0};
	out->fragment = out->piece.more || out->piece.offset != 0;
	out->beyond = total > wire;
	out->wire = smaller(total, wire) - header;
	clip(c, out->wire);
	return ERR_OK;
}

/*
 * next header:u8, reserved:u8, offset:13 reserved:2 more:1, id:u32be
 */
static void
read_piece(struct cursor *c, struct ip_payload *out)
{
	uint16_t place = cur_u16_be(c);

	out->piece = (struct ip_piece){.id = cur_u32_be(c),
	    .offset = place & V6_OFFSET,
	    .more = (place & V6_MORE) != 0,
	    .v6 = true};
	out->fragment = out->piece.more || out->piece.offset != 0;
}

/* Bytes of an extension header whose second byte is ${len}; 0 if ${type} is none that can be
 * passed. */
static uint32_t
extension_length(uint8_t type, uint8_t len)
{
	switch (type) {
	case EXT_HOP_BY_HOP:
	case EXT_ROUTING:
	case EXT_DESTINATION:
	case EXT_MOBILITY:
	case EXT_HIP:
	case EXT_SHIM6:
		return (len + 1u) * 8;
	case EXT_AUTH:
		return (len + 2u) * 4;
	case EXT_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

/*
 * next header:u8, length:u8 or reserved, then the header's own
 *
 * Stops at whatever is no extension header, ESP and "no next header" among them.
 */
int
ip_pass_extensions(struct cursor *c, struct ip_payload *io)
{
	for (int i = 0; i <= IP_EXTENSIONS; i++) {
		struct cursor ahead = *c;
		uint8_t next = cur_u8(&ahead), len = cur_u8(&ahead);
		uint32_t size = extension_length(io->protocol, len);

		if (size == 0)
			return ERR_OK;
		if (size > io->wire)
			return ERR_MALFORMED;
		if (io->protocol == EXT_FRAGMENT)
			read_piece(&ahead, io);
		cur_skip(c, size);
		if (!cur_ok(c))
			return ERR_TRUNC;
		io->wire -= size;
		io->protocol = next;
		if (io->fragment)
			return ERR_OK;
	}
	return ERR_MALFORMED;
}

/*
 * version, class and label:u32be, payload length:u16be, next header:u8, hop limit:u8, source:16,
 * destination:16
 */
int
ip_parse_v6(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out)
{
	uint32_t version = cur_u32_be(c) >> 28;
	uint32_t payload = cur_u16_be(c);

	out->protocol = cur_u8(c);
	out->fragment = false;
	out->id = 0;
	cur_skip(c, 1);
	cur_copy(c, at->src.b, sizeof(at->src.b));
	cur_copy(c, at->dst.b, sizeof(at->dst.b));
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (version != 6 || wire < V6_HEADER)
		return ERR_MALFORMED;
	wire -= V6_HEADER;
	out->beyond = payload > wire;
	out->wire = payload == 0 ? wire : smaller(payload, wire);
	clip(c, out->wire);
	return ip_pass_extensions(c, out);
}
