/* bind.c - the bodies of bind, alter_context and their answers. */
#include "dissect/bind.h"

#include "base/cursor.h"
#include "dissect/pdu.h"
#include "dissect/syntax.h"

enum {
	CONTEXTS_AT = 28,
	CONTEXT = 24,         /* without its transfer syntaxes */
	TRANSFER_SYNTAX = 20, /* UUID and version */
	SEC_ADDR_AT = 26,
	RESULT = 24,
};

/* The version is one u32 with the major number in its low half, so in big-endian the minor one
 * comes first. */
static struct if_id
parse_interface(struct cursor *c)
{
	struct if_id iface = {.uuid = uuid_read(c)};
	uint32_t version = cur_u32(c);

	iface.major = (uint16_t)version;
	iface.minor = (uint16_t)(version >> 16);
	return iface;
}

/*
 *  0 p_cont_id:u16  2 n_transfer_syn:u8  3 reserved:u8  4 abstract_syntax(20)  24
 * transfer_syntax(20) each
 */
static bool
parse_context(struct cursor *c, struct obs_context *out)
{
	uint8_t syntaxes;

	*out = (struct obs_context){.result = CONTEXT_UNANSWERED, .syntax = SYNTAX_OTHER};
	out->id = cur_u16(c);
	syntaxes = cur_u8(c);
	cur_skip(c, 1);
	out->iface = parse_interface(c);
	if (syntaxes != 0) {
		struct cursor first = cur_sub(c, TRANSFER_SYNTAX);

		out->syntax_uuid = uuid_read(&first);
		out->syntax = syntax_of(&out->syntax_uuid);
		cur_skip(c, (size_t)(syntaxes - 1) * TRANSFER_SYNTAX);
	}
	return cur_ok(c);
}

/* 16 max_xmit_frag:u16  18 max_recv_frag:u16  20 assoc_group_id:u32  24 n_context_elem:u8  25
 * reserved(3)  28 contexts */
int
bind_parse_offer(struct cursor *body, struct bind_offer *out)
{
	uint8_t promised;

	cur_skip(body, 8);
	promised = cur_u8(body);
	cur_skip(body, 3);
	for (out->count = 0; out->count < promised; out->count++) {
		if (!parse_context(body, &out->context[out->count]))
			return ERR_MALFORMED;
	}
	return cur_ok(body) ? ERR_OK : ERR_MALFORMED;
}

/* 0 result:u16  2 reason:u16  4 transfer_syntax(20) */
static bool
parse_result(struct cursor *c, struct bind_result *out)
{
	out->result = cur_u16(c);
	out->reason = cur_u16(c);
	out->syntax = uuid_read(c);
	cur_skip(c, 4);
	return cur_ok(c);
}

/* 16 max_xmit_frag  18 max_recv_frag  20 assoc_group_id  24 sec_addr_len:u16  26 sec_addr  pad to 4
 * n_results:u8  reserved(3)  results */
int
bind_parse_answer(struct cursor *body, struct bind_answer *out)
{
	uint8_t promised;
	size_t len;

	out->count = 0;
	cur_skip(body, 8);
	len = cur_u16(body);
	out->sec_addr = cur_take(body, len);
	if (out->sec_addr == NULL)
		len = 0;
	out->sec_addr_len = len < BIND_SEC_ADDR ? len : BIND_SEC_ADDR;
	cur_align(body, 4);
	promised = cur_u8(body);
	cur_skip(body, 3);
	for (; out->count < promised; out->count++) {
		if (!parse_result(body, &out->result[out->count]))
			return ERR_MALFORMED;
	}
	return cur_ok(body) ? ERR_OK : ERR_MALFORMED;
}

static size_t
within_body(const struct pdu_header *head, size_t extent)
{
	size_t end = pdu_body_end(head);

	return extent < end ? extent : end;
}

size_t
bind_offer_extent(const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct cursor c = cur_init(start, have, head->le);
	size_t extent = CONTEXTS_AT;
	unsigned left;

	cur_skip(&c, 24);
	left = cur_u8(&c);
	cur_skip(&c, 3);
	for (; left > 0 && cur_left(&c) >= CONTEXT; left--) {
		size_t syntaxes;

		cur_skip(&c, 2);
		syntaxes = (size_t)cur_u8(&c) * TRANSFER_SYNTAX;
		cur_skip(&c, CONTEXT - 3 + syntaxes);
		extent += CONTEXT + syntaxes;
	}
	return within_body(head, extent + left * CONTEXT);
}

size_t
bind_answer_extent(const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct cursor c = cur_init(start, have, head->le);
	size_t results_at;

	cur_skip(&c, SEC_ADDR_AT - 2);
	results_at = SEC_ADDR_AT + (size_t)cur_u16(&c);
	results_at += (4 - results_at % 4) % 4 + 4;
	cur_skip(&c, results_at - 4 - SEC_ADDR_AT);
	return within_body(head, results_at + (size_t)cur_u8(&c) * RESULT);
}

int
bind_parse_nak(struct cursor *body, uint16_t *reason)
{
	*reason = cur_u16(body);
	return cur_ok(body) ? ERR_OK : ERR_MALFORMED;
}
