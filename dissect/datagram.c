#include "dissect/datagram.h"

#include <string.h>

#include "base/cursor.h"
#include "dissect/pdu.h"
#include "dissect/probe.h"

enum {
	HEADER = PROBE_DATAGRAM_LEAST,
	TRAILER_ALIGNMENT = 8,
};

/* The two highest bits of the ninth octet: 10 in UUIDs as DCE makes them. */
static bool
is_dce_uuid(const struct uuid *uuid)
{
	return (uuid->b[8] & 0xc0) == 0x80;
}

/*
 *   0 rpc_vers ptype flags1 flags2:u8   4 drep:u8[3] serial_hi:u8   8 object  24 if_id  40 act_id:uuid
 *  56 server_boot if_vers seqnum:u32   68 opnum ihint ahint len fragnum:u16   78 auth_proto serial_lo:u8
 */
static void
parse_header(struct cursor *c, struct datagram *out, size_t *body)
{
	uint32_t version;

	cur_skip(c, 1);
	out->type = cur_u8(c);
	out->flags = cur_u8(c);
	cur_skip(c, 5 + 16);
	out->iface.uuid = uuid_read(c);
	out->activity = uuid_read(c);
	cur_skip(c, 4);
	version = cur_u32(c);
	out->iface.major = (uint16_t)version;
	out->iface.minor = (uint16_t)(version >> 16);
	out->seqnum = cur_u32(c);
	out->opnum = cur_u16(c);
	cur_skip(c, 4);
	*body = cur_u16(c);
	out->fragment = cur_u16(c);
	out->auth_type = cur_u8(c);
	cur_skip(c, 1);
}

/* What follows the header: ${len} octets of body, and where it is authenticated, the level in its trailer. */
static void
parse_body(struct cursor *c, size_t len, struct datagram *out)
{
	out->cut = len > cur_left(c);
	if (!out->cut) {
		out->body = cur_take(c, len);
		out->body_len = len;
	}
	if (out->auth_type == 0)
		return;
	if (!out->cut) {
		cur_align(c, TRAILER_ALIGNMENT);
		out->auth_level = cur_u8(c);
	}
	out->sealed = out->auth_level == 0 || out->auth_level >= PDU_PRIVACY;
}

int
datagram_parse(const uint8_t *data, size_t len, size_t wire, struct datagram *out)
{
	struct cursor c;
	size_t body;

	if (!probe_datagram(data, len))
		return ERR_MALFORMED;
	*out = (struct datagram){.le = (data[4] & 0x10) != 0};
	c = cur_init(data, len, out->le);
	parse_header(&c, out, &body);
	if (!is_dce_uuid(&out->iface.uuid) || body > wire - HEADER)
		return ERR_MALFORMED;
	parse_body(&c, body, out);
	return ERR_OK;
}

bool
datagram_is_profinet(const struct uuid *uuid)
{
	static const uint8_t start[] = {0xde, 0xa0, 0x00},
			     rest[] = {0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71};

	return memcmp(uuid->b, start, sizeof(start)) == 0 && uuid->b[3] < 0x10 &&
	       memcmp(uuid->b + 4, rest, sizeof(rest)) == 0;
}
