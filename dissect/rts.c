#include "dissect/rts.h"

#include <string.h>

#include "base/cursor.h"
#include "dissect/pdu.h"

enum {
	COMMAND_COOKIE = 3,
	COMMAND_PADDING = 8,
	COMMAND_CLIENT_ADDRESS = 11,
	ADDRESS_PAD = 12,
	PDU_TYPE_END = 3, /* bytes of a PDU up to its type, and with it */
};

/* What follows the type of a command; those of variable length by themselves. */
static const uint8_t payloads[] = {
    [0] = 4,  /* ReceiveWindowSize */
    [1] = 24, /* FlowControlAck */
    [2] = 4,  /* ConnectionTimeout */
    [COMMAND_COOKIE] = RTS_COOKIE,
    [4] = 4, /* ChannelLifetime */
    [5] = 4, /* ClientKeepalive */
    [6] = 4, /* Version */
    [7] = 0, /* Empty */
    [COMMAND_PADDING] = 0,
    [9] = 0,  /* NegativeANCE */
    [10] = 0, /* ANCE */
    [COMMAND_CLIENT_ADDRESS] = 0,
    [12] = 16, /* AssociationGroupId */
    [13] = 4,  /* Destination */
    [14] = 4,  /* PingTrafficSentNotify */
};

/* type:u32 (0 IPv4, 1 IPv6), address, 12 octets of pad */
static void
skip_address(struct cursor *c)
{
	uint32_t type = cur_u32(c);

	if (type > 1)
		cur_fail(c, ERR_MALFORMED);
	cur_skip(c, type == 0 ? 4 : 16);
	cur_skip(c, ADDRESS_PAD);
}

static void
parse_command(struct cursor *c, struct rts *out)
{
	uint32_t type = cur_u32(c);

	if (type >= sizeof(payloads)) {
		cur_fail(c, ERR_MALFORMED);
	} else if (type == COMMAND_PADDING) {
		cur_skip(c, cur_u32(c));
	} else if (type == COMMAND_CLIENT_ADDRESS) {
		skip_address(c);
	} else if (type == COMMAND_COOKIE && !out->has_cookie) {
		cur_copy(c, out->cookie, RTS_COOKIE);
		out->has_cookie = cur_ok(c);
	} else {
		cur_skip(c, payloads[type]);
	}
}

int
rts_parse(const uint8_t *data, size_t len, struct rts *out)
{
	struct pdu_header head;
	struct cursor c;
	unsigned count;

	*out = (struct rts){0};
	if (pdu_header_parse(data, len, &head) != ERR_OK || head.type != PDU_RTS || !head.le ||
	    head.frag_len > len)
		return ERR_MALFORMED;
	c = cur_init(data, head.frag_len, true);
	cur_skip(&c, PDU_HEADER);
	out->flags = cur_u16(&c);
	count = cur_u16(&c);
	if (count > RTS_COMMANDS)
		return ERR_MALFORMED;
	for (; count != 0 && cur_ok(&c); count--)
		parse_command(&c, out);
	return cur_ok(&c) ? ERR_OK : ERR_MALFORMED;
}

/* How many bytes are needed before more can be said; 0 where it is no RTS PDU, or one that is too long. */
static size_t
needed(const struct rts_lead *lead)
{
	struct pdu_header head;

	if (lead->have < PDU_TYPE_END)
		return PDU_TYPE_END;
	if (lead->octets[PDU_TYPE_END - 1] != PDU_RTS)
		return 0;
	if (lead->have < PDU_HEADER)
		return PDU_HEADER;
	if (pdu_header_parse(lead->octets, lead->have, &head) != ERR_OK || head.type != PDU_RTS ||
	    head.frag_len > RTS_LEAD)
		return 0;
	return head.frag_len;
}

enum rts_progress
rts_lead_add(struct rts_lead *lead, const uint8_t *data, size_t len, size_t *taken, struct rts *out)
{
	size_t need;

	*taken = 0;
	while ((need = needed(lead)) > lead->have && *taken < len) {
		size_t n = need - lead->have;

		if (n > len - *taken)
			n = len - *taken;
		memcpy(lead->octets + lead->have, data + *taken, n);
		lead->have = (uint16_t)(lead->have + n);
		*taken += n;
	}
	if (need > lead->have)
		return RTS_MORE;
	lead->done = true;
	return need != 0 && rts_parse(lead->octets, lead->have, out) == ERR_OK ? RTS_READ
									       : RTS_NONE;
}
