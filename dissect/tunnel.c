#include "dissect/tunnel.h"

#include <assert.h>

#include "base/cursor.h"
#include "dissect/link.h"

enum {
	LABELS_MOST = 16, /* of a stack; what has more is none */
	LABEL_LAST = 0x100,
};

enum {
	PPPOE_SESSION = 0x1100, /* version 1, type 1, code 0 */
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_UPSTREAM = 0x0283,
};

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_VERSION = 0x0007,
	TYPE_ERSPAN = 0x88be, /* I and II */
	TYPE_ERSPAN3 = 0x22eb,
	TYPE_LOWEST = 0x0600,
};

enum {
	ERSPAN_SESSION = 0x3ff,
	ERSPAN3_IP = 2, /* frame type: without an Ethernet header */
};

enum {
	VXLAN_VNI = 0x08,
	GENEVE_OPTIONS = 0x3f,
};

const char *
tunnel_kind_name(enum tunnel_kind kind)
{
	static const char *const name[TUNNEL_KINDS] = {
	    [TUNNEL_MPLS] = "mpls",
	    [TUNNEL_PPPOE] = "pppoe",
	    [TUNNEL_GRE] = "gre",
	    [TUNNEL_ERSPAN] = "erspan",
	    [TUNNEL_VXLAN] = "vxlan",
	    [TUNNEL_GENEVE] = "geneve",
	    [TUNNEL_IPIP] = "ipip",
	};

	assert(kind < TUNNEL_KINDS);
	return name[kind];
}

const char *
tunnel_id_name(enum tunnel_kind kind)
{
	switch (kind) {
	case TUNNEL_VXLAN:
	case TUNNEL_GENEVE:
		return "vni";
	case TUNNEL_GRE:
		return "key";
	case TUNNEL_ERSPAN:
	case TUNNEL_PPPOE:
		return "session";
	default:
		return NULL;
	}
}

static void
note_id(struct tunnel *out, uint32_t id)
{
	out->has_id = true;
	out->id = id;
}

int
tunnel_mpls(struct cursor *c, struct tunnel *out)
{
	out->kind = TUNNEL_MPLS;
	for (int i = 0; i < LABELS_MOST; i++) {
		uint32_t entry = cur_u32_be(c);

		if (!cur_ok(c))
			return ERR_TRUNC;
		if (i < TUNNEL_LABELS)
			out->label[out->labels++] = entry >> 12;
		if (entry & LABEL_LAST)
			return LINK_TYPE_MPLS;
	}
	return ERR_MALFORMED;
}

int
tunnel_below_mpls(const struct cursor *c, bool *control)
{
	struct cursor ahead = *c;
	uint8_t first = cur_u8(&ahead) >> 4;

	*control = false;
	if (!cur_ok(&ahead))
		return LINK_TYPE_NONE;
	switch (first) {
	case 4:
		return LINK_TYPE_IPV4;
	case 6:
		return LINK_TYPE_IPV6;
	case 1:
		return LINK_TYPE_NONE;
	default:
		*control = first == 0;
		return LINK_TYPE_BRIDGED;
	}
}

/*
 * PPP's protocol, which may be compressed: no first octet is odd
 */
static int
ppp_type(struct cursor *c)
{
	uint16_t protocol = cur_u8(c);

	if ((protocol & 1) == 0)
		protocol = (uint16_t)(protocol << 8 | cur_u8(c));
	if (!cur_ok(c))
		return ERR_TRUNC;
	switch (protocol) {
	case PPP_IPV4:
		return LINK_TYPE_IPV4;
	case PPP_IPV6:
		return LINK_TYPE_IPV6;
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		return LINK_TYPE_MPLS;
	default:
		return LINK_TYPE_NONE;
	}
}

int
tunnel_pppoe(struct cursor *c, struct tunnel *out, uint32_t *len)
{
	uint16_t version_and_code = cur_u16_be(c);
	size_t before;
	int type;

	out->kind = TUNNEL_PPPOE;
	note_id(out, cur_u16_be(c));
	*len = cur_u16_be(c);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (version_and_code != PPPOE_SESSION)
		return LINK_TYPE_NONE;
	before = cur_at(c);
	type = ppp_type(c);
	if (type > 0 && *len < cur_at(c) - before)
		return ERR_MALFORMED;
	if (type > 0)
		*len -= (uint32_t)(cur_at(c) - before);
	return type;
}

/*
 * II:  version:4 (1), VLAN:12, class:3 encapsulation:2 truncated:1 session:10, reserved:12 index:20
 */
static int
parse_erspan2(struct cursor *c, struct tunnel *out)
{
	uint32_t head = cur_u32_be(c);

	cur_skip(c, 4);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (head >> 28 != 1)
		return LINK_TYPE_NONE;
	out->version = 2;
	note_id(out, head & ERSPAN_SESSION);
	return LINK_TYPE_BRIDGED;
}

/* No header: the version nibble tells. */
static int
raw_type(const struct cursor *c)
{
	struct cursor ahead = *c;

	switch (cur_u8(&ahead) >> 4) {
	case 4:
		return LINK_TYPE_IPV4;
	case 6:
		return LINK_TYPE_IPV6;
	default:
		return LINK_TYPE_NONE;
	}
}

/*
 * III:  version:4 (2), VLAN:12, class:3 bad:2 truncated:1 session:10, timestamp:u32be, group:u16be,
 *       protocol:1 frame type:5 hardware:6 direction:1 granularity:2 optional:1, and 8 bytes more where optional is set
 */
static int
parse_erspan3(struct cursor *c, struct tunnel *out)
{
	uint32_t head = cur_u32_be(c);
	uint16_t flags;

	cur_skip(c, 6);
	flags = cur_u16_be(c);
	if (flags & 1)
		cur_skip(c, 8);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (head >> 28 != 2)
		return LINK_TYPE_NONE;
	out->version = 3;
	note_id(out, head & ERSPAN_SESSION);
	return (flags >> 10 & 0x1f) == ERSPAN3_IP ? raw_type(c) : LINK_TYPE_BRIDGED;
}

static int
below_gre(struct cursor *c, uint16_t flags, uint16_t type, struct tunnel *out)
{
	if (type != TYPE_ERSPAN && type != TYPE_ERSPAN3)
		return type < TYPE_LOWEST ? LINK_TYPE_NONE : type;
	out->kind = TUNNEL_ERSPAN;
	out->version = 1;
	out->has_id = false;
	out->id = 0;
	if (type == TYPE_ERSPAN3)
		return parse_erspan3(c, out);
	return flags & GRE_SEQUENCE ? parse_erspan2(c, out) : LINK_TYPE_BRIDGED;
}

int
tunnel_gre(struct cursor *c, struct tunnel *out)
{
	uint16_t flags = cur_u16_be(c), type = cur_u16_be(c);

	out->kind = TUNNEL_GRE;
	if (cur_ok(c) && (flags & (GRE_ROUTING | GRE_VERSION)) != 0)
		return LINK_TYPE_NONE;
	if (flags & GRE_CHECKSUM)
		cur_skip(c, 4);
	if (flags & GRE_KEY)
		note_id(out, cur_u32_be(c));
	if (flags & GRE_SEQUENCE)
		cur_skip(c, 4);
	if (!cur_ok(c))
		return ERR_TRUNC;
	return below_gre(c, flags, type, out);
}

int
tunnel_vxlan(struct cursor *c, struct tunnel *out)
{
	uint8_t flags = cur_u8(c);

	cur_skip(c, 3);
	out->kind = TUNNEL_VXLAN;
	note_id(out, cur_u32_be(c));
	if (!cur_ok(c))
		return ERR_TRUNC;
	out->id >>= 8;
	/* What is reserved is ignored; that there is a packet inside is seen there. */
	if ((flags & VXLAN_VNI) == 0)
		return ERR_MALFORMED;
	return LINK_TYPE_BRIDGED;
}

int
tunnel_geneve(struct cursor *c, struct tunnel *out)
{
	uint8_t head = cur_u8(c);
	uint16_t type;

	cur_skip(c, 1);
	type = cur_u16_be(c);
	out->kind = TUNNEL_GENEVE;
	note_id(out, cur_u32_be(c) >> 8);
	cur_skip(c, (head & GENEVE_OPTIONS) * (size_t)4);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (head >> 6 != 0 || type < TYPE_LOWEST)
		return ERR_MALFORMED;
	return type;
}
