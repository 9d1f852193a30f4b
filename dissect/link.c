#include "dissect/link.h"

#include "base/cursor.h"
#include "dissect/observation.h"

enum {
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_VNTAG = 0x8926,
	TYPE_ETAG = 0x893f,
	TYPE_FABRICPATH = 0x8903,
	TYPE_LOWEST = 0x0600, /* below it an 802.3 length stands where the ethertype would */
	COOKED_LLC = 4,       /* LINUX_SLL_P_802_2 */
	VLAN_ID = 0x0fff,
};

/*
 * LLC/SNAP:  aa aa 03, organisation 00 00 00, ethertype:u16be
 */
static int
parse_llc(struct cursor *c)
{
	uint32_t sap_and_control = cur_u32_be(c);
	uint16_t organisation = cur_u16_be(c);
	uint16_t type = cur_u16_be(c);

	/* Other LLC frames are spanning tree and its kin, often shorter than a SNAP header. */
	if (!cur_ok(c) || sap_and_control != 0xaaaa0300 || organisation != 0)
		return LINK_TYPE_NONE;
	return type;
}

static bool
is_tag(uint16_t type)
{
	return type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD;
}

/*
 * priority and VLAN id:u16be
 */
static void
pass_vlan(struct cursor *c, struct where *at)
{
	uint16_t id = cur_u16_be(c) & VLAN_ID;

	if (at->vlan_count < WHERE_VLANS && cur_ok(c))
		at->vlan[at->vlan_count++] = id;
}

/*
 * What stands behind ${type} and before the next one. Of a VN-Tag direction, pointer and interfaces:u32be (Cisco); of an
 * E-tag priority and channels:6 (IEEE 802.1BR 7.5); of FabricPath tag and ttl:u16be, and then another Ethernet header.
 */
static void
pass_tag(struct cursor *c, uint16_t type, struct where *at)
{
	switch (type) {
	case TYPE_VNTAG:
		cur_skip(c, 4);
		break;
	case TYPE_ETAG:
		cur_skip(c, 6);
		break;
	case TYPE_FABRICPATH:
		cur_skip(c, 2 + 12);
		break;
	default:
		pass_vlan(c, at);
		break;
	}
}

static bool
is_other_tag(uint16_t type)
{
	return type == TYPE_VNTAG || type == TYPE_ETAG || type == TYPE_FABRICPATH;
}

/*
 * type:u16be, with tags before it:  tag:u16be, what belongs to it, type:u16be
 */
static int
follow_type(struct cursor *c, uint16_t type, struct where *at)
{
	for (int tags = 0; is_tag(type) || is_other_tag(type); tags++) {
		if (tags == WHERE_VLANS)
			return LINK_TYPE_NONE;
		pass_tag(c, type, at);
		type = cur_u16_be(c);
	}
	if (!cur_ok(c))
		return ERR_TRUNC;
	return type < TYPE_LOWEST ? parse_llc(c) : type;
}

static int
parse_ethernet(struct cursor *c, struct where *at)
{
	cur_skip(c, 12);
	return follow_type(c, cur_u16_be(c), at);
}

/* What cooked headers call the protocol: an ethertype, or a small number of Linux's own. */
static int
follow_cooked(struct cursor *c, uint16_t protocol, struct where *at)
{
	if (protocol >= TYPE_LOWEST)
		return follow_type(c, protocol, at);
	if (!cur_ok(c))
		return ERR_TRUNC;
	return protocol == COOKED_LLC ? parse_llc(c) : LINK_TYPE_NONE;
}

/*
 * packet type:u16be, ARPHRD:u16be, address length:u16be, address:8, protocol:u16be
 */
static int
parse_sll(struct cursor *c, struct where *at)
{
	cur_skip(c, 14);
	return follow_cooked(c, cur_u16_be(c), at);
}

/*
 * protocol:u16be, reserved:u16, interface:u32be, ARPHRD:u16be, packet type:u8, address length:u8,
 * address:8
 */
static int
parse_sll2(struct cursor *c, struct where *at)
{
	uint16_t protocol = cur_u16_be(c);

	cur_skip(c, 18);
	return follow_cooked(c, protocol, at);
}

/*
 * address family:u32 in the order of the host that captured, which may not be ours
 */
static int
parse_loopback(struct cursor *c)
{
	uint32_t family = cur_u32_le(c);

	if (!cur_ok(c))
		return ERR_TRUNC;
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
		return LINK_TYPE_IPV4;
	case 10: /* AF_INET6 of Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return LINK_TYPE_IPV6;
	default:
		return LINK_TYPE_NONE;
	}
}

/* No header: the version nibble tells. */
static int
parse_raw(const struct cursor *c)
{
	struct cursor ahead = *c;
	uint8_t version = cur_u8(&ahead) >> 4;

	if (!cur_ok(&ahead))
		return ERR_TRUNC;
	return version == 4 ? LINK_TYPE_IPV4 : version == 6 ? LINK_TYPE_IPV6 : LINK_TYPE_NONE;
}

int
link_parse(struct cursor *c, enum link kind, struct where *at)
{
	switch (kind) {
	case LINK_ETHERNET:
		return parse_ethernet(c, at);
	case LINK_NULL:
	case LINK_LOOP:
		return parse_loopback(c);
	case LINK_RAW:
		return parse_raw(c);
	case LINK_SLL:
		return parse_sll(c, at);
	case LINK_SLL2:
		return parse_sll2(c, at);
	}
	return LINK_TYPE_NONE;
}
