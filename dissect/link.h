/* link.h - the link layer of a packet: past it, and what it says comes next. */
#ifndef EPMWATCH_DISSECT_LINK_H
#define EPMWATCH_DISSECT_LINK_H

#include "base/packet.h"

struct cursor;
struct where;

enum {
	LINK_TYPE_NONE = 0, /* nothing that an ethertype could name */
	LINK_TYPE_IPV4 = 0x0800,
	LINK_TYPE_IPV6 = 0x86dd,
	LINK_TYPE_BRIDGED = 0x6558, /* an Ethernet frame, in GRE and GENEVE */
	LINK_TYPE_MPLS = 0x8847,
	LINK_TYPE_MPLS_UPSTREAM = 0x8848,
	LINK_TYPE_PPPOE = 0x8864,
	LINK_TYPE_MACSEC = 0x88e5,
};

/**
 * link_parse(c, kind, at):
 * Pass the link header of ${kind} and return the ethertype of what follows, LINK_TYPE_NONE where
 * there is none. VLAN tags (8100, 88a8, 9100) are passed and noted in ${at}, outermost first, behind those that are
 * noted there, as far as there is room. VN-Tags (8926), E-tags (802.1BR, 893f) and a FabricPath header (8903) are
 * passed, too. With more than WHERE_VLANS tags of all kinds the rest is not looked at. An 802.3 length is followed
 * through LLC/SNAP with an ethertype. ERR_TRUNC if the header is cut. Cannot allocate.
 */
int link_parse(struct cursor *c, enum link kind, struct where *at);

#endif
