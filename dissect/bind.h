/* bind.h - the bodies of bind, alter_context and their answers. */
#ifndef EPMWATCH_DISSECT_BIND_H
#define EPMWATCH_DISSECT_BIND_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

struct cursor;
struct pdu_header;

enum {
	BIND_CONTEXTS = 255, /* n_context_elem is one byte */
	BIND_SEC_ADDR = 256, /* bytes of a secondary address that are kept */
};

/* What a bind or alter_context offers. */
struct bind_offer {
	size_t count;
	struct obs_context
	    context[BIND_CONTEXTS]; /* with the first transfer syntax offered, unanswered */
};

/* One context's fate. */
struct bind_result {
	uint16_t result, reason;
	struct uuid syntax;
};

/* What a bind_ack or alter_context_resp says. Results answer the contexts of the offer by position.
 */
struct bind_answer {
	const uint8_t *sec_addr; /* borrowed; not terminated */
	size_t sec_addr_len;     /* 0: none */
	size_t count;
	struct bind_result result[BIND_CONTEXTS];
};

/**
 * bind_parse_offer(body, out):
 * Read the body of a bind or alter_context; ${body} stands after the common header. Each context
 * may offer any number of transfer syntaxes. Shape: PROTOCOL 1.4. Errors: ERR_MALFORMED where
 * contexts are promised that are not there; those before are in ${out}. Source: C706 12.6.4.3;
 * MS-RPCE 2.2.2.4.
 */
int bind_parse_offer(struct cursor *body, struct bind_offer *out);

/**
 * bind_parse_answer(body, out):
 * Read the body of a bind_ack or alter_context_resp. Pads are not looked at; a secondary address
 * may lack its NUL. Shape: PROTOCOL 1.5.  Errors: as bind_parse_offer().  Source: C706 12.6.4.4.
 */
int bind_parse_answer(struct cursor *body, struct bind_answer *out);

/**
 * bind_offer_extent(head, start, have) / bind_answer_extent(head, start, have):
 * How many bytes from its start a PDU of that kind needs for all of its contexts, or for its secondary
 * address and all results, as far as its first ${have} bytes tell: once the answer is no more than
 * ${have}, they are complete. Never less than asked for before, never beyond the body.
 */
size_t bind_offer_extent(const struct pdu_header *head, const uint8_t *start, size_t have);
size_t bind_answer_extent(const struct pdu_header *head, const uint8_t *start, size_t have);

/** bind_parse_nak(body, reason): Read the reason of a bind_nak. Shape: PROTOCOL 1.6.  Errors:
 * ERR_MALFORMED. */
int bind_parse_nak(struct cursor *body, uint16_t *reason);

#endif
