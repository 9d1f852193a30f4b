#include "dissect/frame.h"

#include <netinet/in.h>

#include "base/cursor.h"
#include "base/packet.h"
#include "dissect/ip.h"
#include "dissect/link.h"

enum {
	TCP_HEADER = 20,
	UDP_HEADER = 8,
};

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

static enum frame_result
parse_transport(struct cursor *c, const struct ip_payload *ip, struct frame *out)
{
	if (ip->fragment) {
		out->fragment = true;
		return FRAME_FRAGMENT;
	}
	out->at.proto = ip->protocol;
	switch (ip->protocol) {
	case IPPROTO_TCP:
		return parse_tcp(c, ip->wire, out);
	case IPPROTO_UDP:
		return parse_udp(c, ip->wire, out);
	default:
		return FRAME_OTHER_IP;
	}
}

enum frame_result
frame_parse(const struct packet *packet, struct frame *out)
{
	uint32_t wire = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
	struct cursor c = cur_init(packet->data, packet->caplen, false);
	struct ip_payload ip;
	int type, err;

	*out = (struct frame){
	    .at = {.ts_ns = packet->ts_ns, .frame = packet->frame, .source = packet->source}};
	type = link_parse(&c, packet->link, &out->at);
	wire -= (uint32_t)cur_at(&c);
	if (type == LINK_TYPE_IPV4)
		err = ip_parse_v4(&c, wire, &out->at, &ip);
	else if (type == LINK_TYPE_IPV6)
		err = ip_parse_v6(&c, wire, &out->at, &ip);
	else
		return type < 0 ? FRAME_MALFORMED : FRAME_NOT_IP;
	return err == ERR_OK ? parse_transport(&c, &ip, out) : FRAME_MALFORMED;
}
