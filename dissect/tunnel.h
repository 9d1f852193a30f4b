/* tunnel.h - the headers between an outer packet and the one inside it, and which of them a packet came through.
 *
 * Each parser passes one header and returns what follows as an ethertype, LINK_TYPE_BRIDGED for an Ethernet frame,
 * LINK_TYPE_NONE where nothing follows that could be looked into, or a negative error. What a header says of the way is
 * noted in a struct tunnel that the caller has zeroed. Nothing here allocates. */
#ifndef EPMWATCH_DISSECT_TUNNEL_H
#define EPMWATCH_DISSECT_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct cursor;

enum tunnel_kind {
	TUNNEL_MPLS,
	TUNNEL_PPPOE,
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_IPIP,
	TUNNEL_KINDS
};

enum {
	TUNNEL_LAYERS = 4,  /* whose facts are kept, the outermost ones */
	TUNNEL_LABELS = 4,  /* kept of a stack of MPLS labels, from its top */
	TUNNEL_NESTING = 8, /* layers that are passed; VLAN tags are none */
};

/* One layer. Compared as bytes. */
struct tunnel {
	uint8_t kind;    /* enum tunnel_kind */
	uint8_t version; /* ERSPAN: 1, 2, 3; else 0 */
	uint8_t vlans;   /* tags of the packet that lie outside of it */
	uint8_t labels;  /* MPLS: of label */
	bool has_id;     /* id is what the header named: ... */
	bool has_ends;   /* it came in IP, from src to dst */
	uint8_t zero[2];
	uint32_t id; /* VNI, GRE key, session of ERSPAN or PPPoE */
	uint32_t label[TUNNEL_LABELS];
	struct addr src, dst;
};

_Static_assert(sizeof(struct tunnel) == 28 + 2 * sizeof(struct addr), "no padding");

/* All layers, outermost first. */
struct tunnel_path {
	uint8_t count; /* of layer */
	uint8_t depth; /* layers in all */
	struct tunnel layer[TUNNEL_LAYERS];
};

/** tunnel_kind_name(kind): As events spell it. Static storage. */
const char *tunnel_kind_name(enum tunnel_kind kind);

/** tunnel_id_name(kind): What events call a layer's id; NULL where it has none. Static storage. */
const char *tunnel_id_name(enum tunnel_kind kind);

/**
 * tunnel_mpls(c, out):
 * Pass a stack of labels. Returns LINK_TYPE_MPLS, since no field says what follows: ask tunnel_below_mpls().
 * Shape:  label:20 class:3 last:1 ttl:8, until one has last set; at most 16.
 * Source: RFC 3032 2.1. ERR_TRUNC, ERR_MALFORMED.
 */
int tunnel_mpls(struct cursor *c, struct tunnel *out);

/**
 * tunnel_below_mpls(c, control):
 * What may follow a stack of labels at ${c}, by the first four bits there: 4 and 6 are those of IP; 0 begins a pseudowire's
 * control word, then ${control} is set and the word is still to be passed; 1 begins what no packet does; all else
 * is an Ethernet frame without control word. A guess: 0, 4 and 6 may begin the destination of such a frame, too.
 * Source: RFC 4385 3, RFC 4928 3. Cannot fail; LINK_TYPE_NONE where nothing is left.
 */
int tunnel_below_mpls(const struct cursor *c, bool *control);

/**
 * tunnel_pppoe(c, out, len):
 * Pass the header of a PPPoE session, and PPP's protocol. ${len} is how many bytes follow by what the header says; what lies
 * behind them is padding.
 * Shape:  version and type:u8 (0x11), code:u8 (0), session:u16be, length:u16be, protocol:u16be, or u8 where that is odd.
 * Source: RFC 2516 4, 6; RFC 1661 6.5.
 */
int tunnel_pppoe(struct cursor *c, struct tunnel *out, uint32_t *len);

/**
 * tunnel_gre(c, out):
 * Pass a GRE header, and that of ERSPAN behind it, which then is the layer.
 * Shape:  flags:u16be (checksum, routing, key, sequence, ..., version:3), type:u16be, then what the flags say, 4 bytes each.
 *         ERSPAN I is type 88be without a sequence number and has no header of its own.
 * Source: RFC 2784, RFC 2890; draft-foschiano-erspan-03. Routing and version 1 (PPTP) give LINK_TYPE_NONE.
 */
int tunnel_gre(struct cursor *c, struct tunnel *out);

/**
 * tunnel_vxlan(c, out):
 * Shape:  flags:u8 (08: the VNI is valid, 80: group policy), policy:3, VNI:u24be, reserved:u8 (0). An Ethernet frame follows.
 * ERR_MALFORMED for other flags: then it is no VXLAN. Source: RFC 7348 5.
 */
int tunnel_vxlan(struct cursor *c, struct tunnel *out);

/**
 * tunnel_geneve(c, out):
 * Shape:  version:2 (0) options:6 (in words), flags:u8, type:u16be, VNI:u24be, reserved:u8, options.
 * Source: RFC 8926 3.4.
 */
int tunnel_geneve(struct cursor *c, struct tunnel *out);

#endif
