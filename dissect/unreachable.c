#include "dissect/unreachable.h"

#include <netinet/in.h>

#include "base/cursor.h"
#include "base/err.h"
#include "dissect/ip.h"
#include "dissect/observation.h"

enum {
	UDP_HEADER = 8
};

/*
 * source port:u16be, destination port:u16be, length:u16be, checksum:u16be, payload
 */
static int
read_datagram(struct cursor *c, struct unreachable *out)
{
	size_t left;
	uint32_t len;

	out->sport = cur_u16_be(c);
	out->dport = cur_u16_be(c);
	len = cur_u16_be(c);
	cur_skip(c, 2);
	if (!cur_ok(c))
		return ERR_TRUNC;
	if (len < UDP_HEADER)
		return ERR_MALFORMED;
	left = cur_left(c);
	out->payload_wire = len - UDP_HEADER;
	out->payload_len = left < out->payload_wire ? left : out->payload_wire;
	out->payload = cur_take(c, out->payload_len);
	return ERR_OK;
}

int
unreachable_parse(const uint8_t *data, size_t len, bool v6, struct unreachable *out)
{
	struct cursor c = cur_init(data, len, false);
	struct ip_payload ip;
	struct where at;
	int err;

	/* More may have been sent than is quoted, so no length on the wire is known; what the header names is not tested. */
	err = v6 ? ip_parse_v6(&c, UINT16_MAX, &at, &ip) : ip_parse_v4(&c, UINT16_MAX, &at, &ip);
	if (err != ERR_OK)
		return err;
	if (ip.fragment || ip.protocol != IPPROTO_UDP)
		return ERR_MALFORMED;
	out->src = at.src;
	out->dst = at.dst;
	return read_datagram(&c, out);
}
