#include "dissect/frame.h"

#include <netinet/in.h>

#include "base/cursor.h"
#include "dissect/link.h"

enum {
	TCP_HEADER = 20,
	UDP_HEADER = 8,
	ICMP_HEADER = 8,
	PORT_VXLAN = 4789,
	PORT_GENEVE = 6081,
	CONTROL_WORD = 4, /* of a pseudowire */
	INSIDE = -1,      /* as a result: there is another packet inside */
};

/* How far down we are. */
struct descent {
	struct cursor c;
	uint32_t wire; /* bytes from there on that were sent; at least as many as there are */
	int type;      /* ethertype of what stands there */
	struct frame *out;
};

static int look_inside(struct descent *d);

/* What is left of ${c} is the payload; ${wire} bytes of it were sent. */
static void
set_payload(struct frame *out, const struct cursor *c, uint32_t wire)
{
	out->payload = c->pos;
	out->payload_len = (uint32_t)cur_left(c);
	out->payload_wire = wire;
}

/*
 * source port:u16be, destination port:u16be, sequence:u32be, acknowledgement:u32be, header
 * length:u8 (high nibble, in words), flags:u8, window:u16be, checksum:u16be, urgent:u16be, options
 */
static enum frame_result
parse_tcp(struct cursor *c, uint32_t wire, struct frame *out)
{
	uint32_t header, options, left;

	out->at.sport = cur_u16_be(c);
	out->at.dport = cur_u16_be(c);
	out->seq = cur_u32_be(c);
	out->ack = cur_u32_be(c);
	header = (cur_u8(c) >> 4) * 4u;
	out->tcp_flags = cur_u8(c);
	cur_skip(c, 6);
	if (!cur_ok(c) || header < TCP_HEADER || header > wire)
		return FRAME_MALFORMED;
	/* Options that the snap length cut off are no reason to lose a SYN. */
	options = header - TCP_HEADER;
	left = (uint32_t)cur_left(c);
	out->header_len = options <= left ? (uint8_t)header : 0;
	cur_skip(c, options < left ? options : left);
	set_payload(out, c, wire - header);
	return FRAME_TCP;
}

/*
 * source port:u16be, destination port:u16be, length:u16be, checksum:u16be
 */
static enum frame_result
parse_udp(struct cursor *c, uint32_t wire, struct frame *out)
{
	uint32_t len;
	size_t left;

	out->at.sport = cur_u16_be(c);
	out->at.dport = cur_u16_be(c);
	len = cur_u16_be(c);
	cur_skip(c, 2);
	if (!cur_ok(c) || wire < UDP_HEADER)
		return FRAME_MALFORMED;
	if (len == 0 || len > wire) /* offload leaves 0 */
		len = wire;
	if (len < UDP_HEADER)
		return FRAME_MALFORMED;
	len -= UDP_HEADER;
	left = cur_left(c);
	*c = cur_sub(c, len < left ? len : left);
	set_payload(out, c, len);
	return FRAME_UDP;
}

/*
 * type:u8, code:u8, checksum:u16be, unused:u32be, then what came of the packet: RFC 792, RFC 4443
 */
static enum frame_result
parse_icmp(struct cursor *c, uint32_t wire, bool v6, struct frame *out)
{
	uint8_t type = cur_u8(c), code = cur_u8(c);

	cur_skip(c, ICMP_HEADER - 2);
	if (!cur_ok(c) || wire < ICMP_HEADER ||
	    type != (v6 ? ICMP6_UNREACHABLE : ICMP_UNREACHABLE) ||
	    code != (v6 ? ICMP6_UNREACHABLE_PORT : ICMP_UNREACHABLE_PORT))
		return FRAME_OTHER_IP;
	out->at.sport = out->at.dport = 0; /* there may be those of a tunnel */
	set_payload(out, c, wire - ICMP_HEADER);
	return FRAME_UNREACHABLE;
}

/* The next layer, all zero but for where it stands; NULL if there are too many. */
static struct tunnel *
add_layer(struct frame *out)
{
	struct tunnel_path *path = &out->path;
	struct tunnel *layer;

	if (path->depth == TUNNEL_NESTING || out->steps >= FRAME_STEPS)
		return NULL;
	path->depth++;
	out->steps++;
	layer = path->count < TUNNEL_LAYERS ? &path->layer[path->count++] : &out->deeper;
	*layer = (struct tunnel){.vlans = out->at.vlan_count};
	return layer;
}

/* The outer addresses, where the layer came in IP. */
static void
note_ends(struct tunnel *layer, const struct where *at)
{
	layer->has_ends = true;
	layer->src = at->src;
	layer->dst = at->dst;
}

/* What follows the header that reached to ${d}->c, which began at ${from}. */
static int
go_on(struct descent *d, const uint8_t *from, int type)
{
	if (type < 0)
		return FRAME_MALFORMED;
	d->wire -= (uint32_t)(d->c.pos - from);
	d->type = type;
	return INSIDE;
}

/* Is that more than what any bytes could look like? */
static bool
is_packet(int found, const struct frame *f)
{
	return found != FRAME_MALFORMED && found != FRAME_NOT_IP && found != FRAME_OTHER_IP &&
	       !f->beyond;
}

/* Look further in a copy of ${d}; where that leads to no packet, nothing is changed. */
static bool
try_inside(const struct descent *d, enum frame_result *result)
{
	struct frame kept = *d->out;
	struct descent copy = *d;
	uint8_t steps;
	int found = INSIDE;

	d->out->beyond = false;
	while (found == INSIDE)
		found = look_inside(&copy);
	*result = (enum frame_result)found;
	if (is_packet(found, d->out))
		return true;
	steps = d->out->steps;
	*d->out = kept;
	d->out->steps = steps;
	return false;
}

/* Is there an Ethernet frame behind labels, behind ${skip} bytes more? */
static bool
try_pseudowire(const struct descent *d, size_t skip, enum frame_result *result)
{
	struct descent frame = *d;

	cur_skip(&frame.c, skip);
	frame.wire -= (uint32_t)(frame.c.pos - d->c.pos);
	frame.type = LINK_TYPE_BRIDGED;
	return try_inside(&frame, result);
}

static int
pass_mpls(struct descent *d)
{
	const uint8_t *from = d->c.pos;
	struct tunnel *layer = add_layer(d->out);
	enum frame_result result;
	bool control;

	if (layer == NULL)
		return FRAME_TOO_DEEP;
	if (go_on(d, from, tunnel_mpls(&d->c, layer)) != INSIDE)
		return FRAME_MALFORMED;
	d->type = tunnel_below_mpls(&d->c, &control);
	if (control && try_pseudowire(d, CONTROL_WORD, &result))
		return (int)result;
	/* IP does not read as a frame, but a frame may begin as IP does. */
	if (d->type != LINK_TYPE_BRIDGED && d->type != LINK_TYPE_NONE &&
	    try_pseudowire(d, 0, &result))
		return (int)result;
	return INSIDE;
}

static int
pass_pppoe(struct descent *d)
{
	const uint8_t *from = d->c.pos;
	struct tunnel *layer = add_layer(d->out);
	size_t left;
	uint32_t len;

	if (layer == NULL)
		return FRAME_TOO_DEEP;
	if (go_on(d, from, tunnel_pppoe(&d->c, layer, &len)) != INSIDE)
		return FRAME_MALFORMED;
	if (len < d->wire)
		d->wire = len;
	left = cur_left(&d->c);
	d->c = cur_sub(&d->c, left < d->wire ? left : d->wire);
	return INSIDE;
}

static int
pass_gre(struct descent *d)
{
	const uint8_t *from = d->c.pos;
	struct tunnel *layer = add_layer(d->out);
	int type;

	if (layer == NULL)
		return FRAME_TOO_DEEP;
	type = tunnel_gre(&d->c, layer);
	note_ends(layer, &d->out->at);
	return type == LINK_TYPE_NONE ? FRAME_OTHER_IP : go_on(d, from, type);
}

static int
pass_ip_in_ip(struct descent *d, int type)
{
	struct tunnel *layer = add_layer(d->out);

	if (layer == NULL)
		return FRAME_TOO_DEEP;
	layer->kind = TUNNEL_IPIP;
	note_ends(layer, &d->out->at);
	d->type = type;
	return INSIDE;
}

/* A datagram whose port says that there is a packet inside. The port may lie. */
static int
pass_datagram(const struct descent *d, int (*parse)(struct cursor *c, struct tunnel *out))
{
	struct frame kept = *d->out;
	struct descent inside = {.c = cur_init(kept.payload, kept.payload_len, false),
	    .wire = kept.payload_wire,
	    .out = d->out};
	const uint8_t *from = inside.c.pos;
	struct tunnel *layer = add_layer(d->out);
	enum frame_result result;

	if (layer == NULL)
		return FRAME_TOO_DEEP;
	note_ends(layer, &kept.at);
	if (go_on(&inside, from, parse(&inside.c, layer)) == INSIDE && try_inside(&inside, &result))
		return (int)result;
	kept.steps = d->out->steps;
	*d->out = kept;
	return FRAME_UDP;
}

static int
pass_udp(struct descent *d)
{
	enum frame_result result = parse_udp(&d->c, d->wire, d->out);

	if (result != FRAME_UDP)
		return (int)result;
	switch (d->out->at.dport) {
	case PORT_VXLAN:
		return pass_datagram(d, tunnel_vxlan);
	case PORT_GENEVE:
		return pass_datagram(d, tunnel_geneve);
	default:
		return FRAME_UDP;
	}
}

/* What IP carries: ${d}->c is at it. */
static int
pass_protocol(struct descent *d, uint8_t protocol)
{
	d->out->at.proto = protocol;
	switch (protocol) {
	case IPPROTO_TCP:
		return (int)parse_tcp(&d->c, d->wire, d->out);
	case IPPROTO_UDP:
		return pass_udp(d);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return (int)parse_icmp(&d->c, d->wire, protocol == IPPROTO_ICMPV6, d->out);
	case IPPROTO_GRE:
		return pass_gre(d);
	case IPPROTO_IPIP:
		return pass_ip_in_ip(d, LINK_TYPE_IPV4);
	case IPPROTO_IPV6:
		return pass_ip_in_ip(d, LINK_TYPE_IPV6);
	case IPPROTO_MPLS:
		return pass_mpls(d);
	default:
		return FRAME_OTHER_IP;
	}
}

/* What ${ip} says of what ${d}->c is at. */
static int
pass_payload(struct descent *d, const struct ip_payload *ip)
{
	d->wire = ip->wire;
	if (!ip->fragment)
		return pass_protocol(d, ip->protocol);
	d->out->fragment = true;
	d->out->piece = ip->piece;
	d->out->at.proto = ip->protocol;
	set_payload(d->out, &d->c, ip->wire);
	return FRAME_FRAGMENT;
}

static int
pass_ip(struct descent *d)
{
	struct where *at = &d->out->at;
	struct ip_payload ip;
	int err = d->type == LINK_TYPE_IPV4 ? ip_parse_v4(&d->c, d->wire, at, &ip)
					    : ip_parse_v6(&d->c, d->wire, at, &ip);

	if (err != ERR_OK)
		return FRAME_MALFORMED;
	d->out->ip_id = ip.id;
	d->out->beyond |= ip.beyond;
	return pass_payload(d, &ip);
}

static int
pass_link(struct descent *d)
{
	const uint8_t *from = d->c.pos;

	if (d->out->steps++ >= FRAME_STEPS)
		return FRAME_TOO_DEEP;
	return go_on(d, from, link_parse(&d->c, LINK_ETHERNET, &d->out->at));
}

/* One step further down. INSIDE, or what was found. */
static int
look_inside(struct descent *d)
{
	switch (d->type) {
	case LINK_TYPE_IPV4:
	case LINK_TYPE_IPV6:
		return pass_ip(d);
	case LINK_TYPE_BRIDGED:
		return pass_link(d);
	case LINK_TYPE_MPLS:
	case LINK_TYPE_MPLS_UPSTREAM:
		return pass_mpls(d);
	case LINK_TYPE_PPPOE:
		return pass_pppoe(d);
	case LINK_TYPE_MACSEC:
		return FRAME_SEALED;
	default:
		return FRAME_NOT_IP;
	}
}

static enum frame_result
look_down(struct descent *d)
{
	int result = INSIDE;

	while (result == INSIDE)
		result = look_inside(d);
	return (enum frame_result)result;
}

enum frame_result
frame_parse(const struct packet *packet, struct frame *out)
{
	struct descent d = {.c = cur_init(packet->data, packet->caplen, false),
	    .wire = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen,
	    .out = out};
	const uint8_t *from = d.c.pos;

	frame_begin(packet, out);
	if (go_on(&d, from, link_parse(&d.c, packet->link, &out->at)) != INSIDE)
		return FRAME_MALFORMED;
	return look_down(&d);
}

enum frame_result
frame_resume(struct frame *io, const uint8_t *data, size_t len)
{
	struct descent d = {.c = cur_init(data, len, false), .wire = (uint32_t)len, .out = io};
	struct ip_payload ip = {.protocol = io->at.proto, .wire = (uint32_t)len, .id = io->ip_id};
	int result;

	if (io->steps++ >= FRAME_STEPS)
		return FRAME_TOO_DEEP;
	io->fragment = false;
	if (io->piece.v6 && ip_pass_extensions(&d.c, &ip) != ERR_OK)
		return FRAME_MALFORMED;
	result = pass_payload(&d, &ip);
	return result == INSIDE ? look_down(&d) : (enum frame_result)result;
}
