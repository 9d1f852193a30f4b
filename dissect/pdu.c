/* pdu.c - connection-oriented PDUs, version 5. */
#include "dissect/pdu.h"

#include "dissect/probe.h"

/* What each packet type needs at least, and who sends it. A row without a sender is no type. */
static const struct {
	uint8_t min_len;
	uint8_t sender;
} types[PDU_TYPES] = {
    [PDU_REQUEST] = {PDU_CALL_HEADER, PDU_FROM_CLIENT},
    [PDU_RESPONSE] = {PDU_CALL_HEADER, PDU_FROM_SERVER},
    [PDU_FAULT] = {PDU_CALL_HEADER,
	PDU_FROM_SERVER}, /* 32, but some stacks leave `reserved2` out */
    [PDU_BIND] = {28, PDU_FROM_CLIENT},
    [PDU_BIND_ACK] = {26, PDU_FROM_SERVER},
    [PDU_BIND_NAK] = {18, PDU_FROM_SERVER},
    [PDU_ALTER_CONTEXT] = {28, PDU_FROM_CLIENT},
    [PDU_ALTER_CONTEXT_RESP] = {26, PDU_FROM_SERVER},
    [PDU_AUTH3] = {PDU_HEADER, PDU_FROM_CLIENT},
    [PDU_SHUTDOWN] = {PDU_HEADER, PDU_FROM_SERVER},
    [PDU_CO_CANCEL] = {PDU_HEADER, PDU_FROM_CLIENT},
    [PDU_ORPHANED] = {PDU_HEADER, PDU_FROM_CLIENT},
    [PDU_RTS] = {20, PDU_FROM_BOTH},
};

enum pdu_sender
pdu_sender(uint8_t type)
{
	return type < PDU_TYPES ? (enum pdu_sender)types[type].sender : PDU_FROM_NOBODY;
}

static bool
lengths_agree(const struct pdu_header *head)
{
	if (head->frag_len < types[head->type].min_len)
		return false;
	return head->auth_len == 0 ||
	       head->frag_len >= PDU_HEADER + PDU_SEC_TRAILER + (uint32_t)head->auth_len;
}

/* version:u8 minor:u8 2 type:u8 flags:u8 4 drep(4) 8 frag_len:u16 10 auth_len:u16 12 call_id:u32; for each PDU, so by words */
int
pdu_header_parse(const uint8_t *data, size_t len, struct pdu_header *out)
{
	uint64_t numbers;

	if (len < PDU_HEADER)
		return ERR_TRUNC;
	if (!probe_mask(data, len))
		return ERR_MALFORMED;
	numbers = probe_load(data + 8);
	out->type = data[2];
	out->flags = data[3];
	out->le = (data[4] & 0x10) != 0;
	out->frag_len = (uint16_t)numbers;
	out->auth_len = (uint16_t)(numbers >> 16);
	out->call_id = (uint32_t)(numbers >> 32);
	if (!out->le) {
		out->frag_len = __builtin_bswap16(out->frag_len);
		out->auth_len = __builtin_bswap16(out->auth_len);
		out->call_id = __builtin_bswap32(out->call_id);
	}
	return lengths_agree(out) ? ERR_OK : ERR_MALFORMED;
}

void
pdu_trailer_parse(const uint8_t octets[PDU_SEC_TRAILER], bool le, struct pdu_auth *out)
{
	struct cursor c = cur_init(octets, PDU_SEC_TRAILER, le);

	out->present = true;
	out->type = cur_u8(&c);
	out->level = cur_u8(&c);
	out->pad = cur_u8(&c);
	cur_skip(&c, 1);
	out->context_id = cur_u32(&c);
}

size_t
pdu_body_end(const struct pdu_header *head)
{
	if (head->auth_len == 0)
		return head->frag_len;
	return (size_t)head->frag_len - head->auth_len - PDU_SEC_TRAILER;
}

/* A pad that claims more than there is takes all there is, but never of a header. */
static size_t
without_pad(const struct pdu *pdu, size_t len)
{
	return len > pdu->auth.pad ? len - pdu->auth.pad : 0;
}

/*
 *  16 alloc_hint:u32  20 p_cont_id:u16  22 opnum:u16 (request) | cancel_count:u8 reserved:u8
 *  24 object:uuid (request, if the flag says so)   then the stub
 */
static int
parse_call(struct pdu *out)
{
	struct cursor c = out->body;

	out->alloc_hint = cur_u32(&c);
	out->context_id = cur_u16(&c);
	out->opnum = cur_u16(&c);
	if (out->head.type == PDU_REQUEST && (out->head.flags & PDU_OBJECT_UUID) != 0)
		cur_skip(&c, 16);
	out->stub_len = without_pad(out, cur_left(&c));
	out->stub = cur_take(&c, out->stub_len);
	return cur_ok(&c) ? ERR_OK : ERR_MALFORMED;
}

int
pdu_parse_start(const uint8_t *data, size_t len, struct pdu *out)
{
	size_t end;
	int r;

	*out = (struct pdu){0};
	r = pdu_header_parse(data, len, &out->head);
	if (r != ERR_OK)
		return r;
	end = pdu_body_end(&out->head);
	if (out->head.auth_len != 0 && len >= end + PDU_SEC_TRAILER)
		pdu_trailer_parse(data + end, out->head.le, &out->auth);
	if (out->head.type == PDU_REQUEST || out->head.type == PDU_RESPONSE) {
		if (len < out->head.frag_len)
			return ERR_TRUNC;
		out->body = cur_init(data, end, out->head.le);
		cur_skip(&out->body, PDU_HEADER);
		return parse_call(out);
	}
	end = PDU_HEADER + without_pad(out, end - PDU_HEADER);
	out->body = cur_init(data, len < end ? len : end, out->head.le);
	cur_skip(&out->body, PDU_HEADER);
	return ERR_OK;
}

int
pdu_parse(const uint8_t *data, size_t len, struct pdu *out)
{
	int r = pdu_parse_start(data, len, out);

	return r == ERR_OK && len < out->head.frag_len ? ERR_TRUNC : r;
}

uint16_t
pdu_context_id(const struct pdu_header *head, const uint8_t *start)
{
	struct cursor c = cur_init(start, PDU_CALL_HEADER, head->le);

	cur_skip(&c, 20);
	return cur_u16(&c);
}

uint16_t
pdu_opnum(const struct pdu_header *head, const uint8_t *start)
{
	struct cursor c = cur_init(start, PDU_CALL_HEADER, head->le);

	cur_skip(&c, 22);
	return cur_u16(&c);
}
