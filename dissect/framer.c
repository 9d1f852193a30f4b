/* framer.c - one direction's bytes cut into PDUs. */
#include "dissect/framer.h"

#include <string.h>

#include "dissect/dissector.h"

void
framer_init(struct framer *f, const struct framer_sink *sink, void *ctx, struct budget *budget,
    struct dissect_stats *stats)
{
	*f = (struct framer){.sink = sink, .ctx = ctx, .budget = budget, .stats = stats};
}

void
framer_deinit(struct framer *f)
{
	buffer_free(&f->body, f->budget);
}

/* Ready for the next PDU. */
static void
next_pdu(struct framer *f)
{
	if (f->body.data != NULL)
		buffer_free(&f->body, f->budget);
	f->state = FRAMER_AT_HEADER;
	f->have = 0;
	f->trailer_have = 0;
	f->token_len = 0;
	f->used = false;
	f->torn = false;
}

static void
lose(struct framer *f)
{
	if (f->state != FRAMER_LOST)
		f->stats->rpc.resync++;
	next_pdu(f);
	f->state = FRAMER_LOST;
	f->scanned = 0;
	f->sink->lost(f->ctx);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How much of a PDU has to be there before its owner can say whether it is wanted. */
static size_t
start_len(const struct pdu_header *head)
{
	return smaller(head->frag_len, PDU_CALL_HEADER);
}

static void
finish_passing(struct framer *f)
{
	struct pdu_auth auth = {0};

	if (f->trailer_have == PDU_SEC_TRAILER)
		pdu_trailer_parse(f->trailer, f->head.le, &auth);
	f->stats->rpc.pdus += !f->used;
	f->sink->passed(f->ctx, &f->head, &auth, !f->torn);
	next_pdu(f);
}

/* Where the credentials begin, counted from the start of the PDU. */
static size_t
token_at(const struct pdu_header *head)
{
	return pdu_body_end(head) + PDU_SEC_TRAILER;
}

static void
forget_token(struct framer *f)
{
	f->token_len = 0;
	buffer_free(&f->body, f->budget);
}

static void
ask_for_token(struct framer *f)
{
	struct pdu_auth auth;

	pdu_trailer_parse(f->trailer, f->head.le, &auth);
	f->token_len = (uint32_t)smaller(
	    f->sink->want_token(f->ctx, &f->head, &auth), f->head.auth_len);
}

static void
give_token(struct framer *f, const uint8_t *data)
{
	struct pdu_auth auth;

	pdu_trailer_parse(f->trailer, f->head.le, &auth);
	f->sink->token(f->ctx, &f->head, &auth, data, f->token_len);
	forget_token(f);
}

/* Gather what is wanted of the credentials out of the next ${len} bytes of a PDU that is let go by. */
static void
catch_token(struct framer *f, const uint8_t *data, size_t len)
{
	size_t at = token_at(&f->head) + f->body.len, n;

	if (at < f->have || at - f->have >= len)
		return;
	data += at - f->have;
	n = smaller(len - (at - f->have), f->token_len - f->body.len);
	if (n == f->token_len) {
		give_token(f, data);
	} else if (!buffer_add(&f->body, f->budget, data, n)) {
		f->stats->capped++;
		forget_token(f);
	} else if (f->body.len == f->token_len) {
		give_token(f, f->body.data);
	}
}

/* Keep what of the sec_trailer lies in the next ${len} bytes of a PDU that is let go by. */
static void
catch_trailer(struct framer *f, const uint8_t *data, size_t len)
{
	size_t at = pdu_body_end(&f->head) + f->trailer_have, n;

	if (f->head.auth_len == 0 || f->trailer_have == PDU_SEC_TRAILER || at < f->have ||
	    at - f->have >= len)
		return;
	data += at - f->have;
	n = smaller(len - (at - f->have), (size_t)PDU_SEC_TRAILER - f->trailer_have);
	memcpy(f->trailer + f->trailer_have, data, n);
	f->trailer_have = (uint8_t)(f->trailer_have + n);
	if (f->used && f->trailer_have == PDU_SEC_TRAILER)
		ask_for_token(f);
}

static size_t
pass(struct framer *f, const uint8_t *data, size_t len)
{
	size_t n = smaller(len, f->head.frag_len - f->have);

	catch_trailer(f, data, n);
	if (f->token_len != 0)
		catch_token(f, data, n);
	f->have += (uint32_t)n;
	if (f->have == f->head.frag_len)
		finish_passing(f);
	return n;
}

/* Most PDUs: not wanted, and all there. */
static void
pass_whole(struct framer *f, const uint8_t *data)
{
	struct pdu_auth auth = {0};

	if (f->head.auth_len != 0)
		pdu_trailer_parse(data + pdu_body_end(&f->head), f->head.le, &auth);
	f->stats->rpc.pdus++;
	f->sink->passed(f->ctx, &f->head, &auth, true);
	f->state = FRAMER_AT_HEADER;
}

/* Hand over the first ${len} bytes of a PDU, which lie at ${data}; the rest goes by. */
static void
hand_over(struct framer *f, const uint8_t *data, size_t len)
{
	f->used = true;
	f->stats->rpc.pdus++;
	f->sink->pdu(f->ctx, &f->head, data, len);
	if (len == f->head.frag_len) {
		next_pdu(f);
		return;
	}
	f->state = FRAMER_PASSING;
	f->have = 0;
	pass(f, data, len);
}

/* The same of what was gathered; from here on the buffer is that of the credentials. */
static void
hand_over_gathered(struct framer *f)
{
	struct buffer body = f->body;

	f->body = (struct buffer){0};
	hand_over(f, body.data, body.len);
	buffer_free(&body, f->budget);
}

/* Gather what is wanted of a PDU; where there is no room for it, let the rest go by. */
static size_t
gather_body(struct framer *f, const uint8_t *data, size_t len)
{
	size_t n = smaller(len, f->need - f->have);

	if (!buffer_add(&f->body, f->budget, data, n)) {
		f->stats->capped++;
		buffer_free(&f->body, f->budget);
		f->sink->lost(f->ctx);
		f->state = FRAMER_PASSING;
		return pass(f, data, n);
	}
	f->have += (uint32_t)n;
	if (f->have < f->need)
		return n;
	if (f->need < f->head.frag_len)
		f->need = (uint32_t)f->sink->want(f->ctx, &f->head, f->body.data, f->body.len);
	if (f->need <= f->have)
		hand_over_gathered(f);
	return n;
}

/* The first ${len} bytes of a PDU, enough to say what becomes of it, lie at ${data}; ${f}->head is
 * known. */
static void
begin(struct framer *f, const uint8_t *data, size_t len)
{
	f->have = 0;
	f->need = (uint32_t)f->sink->want(f->ctx, &f->head, data, len);
	if (f->need == 0 && len == f->head.frag_len) {
		pass_whole(f, data);
	} else if (f->need == 0) {
		f->state = FRAMER_PASSING;
		pass(f, data, len);
	} else if (f->need <= len) {
		hand_over(f, data, len);
	} else {
		f->state = FRAMER_IN_BODY;
		gather_body(f, data, len);
	}
}

/* Gather the start of a PDU whose bytes come in pieces. */
static size_t
gather_start(struct framer *f, const uint8_t *data, size_t len)
{
	size_t need = f->have < PDU_HEADER ? PDU_HEADER : start_len(&f->head),
	       n = smaller(len, need - f->have);

	memcpy(f->start + f->have, data, n);
	f->have += (uint32_t)n;
	if (f->have < need)
		return n;
	if (need == PDU_HEADER && pdu_header_parse(f->start, f->have, &f->head) != ERR_OK) {
		lose(f); /* and search this piece from its beginning */
		return 0;
	}
	if (f->have == start_len(&f->head))
		begin(f, f->start, f->have);
	return n;
}

/* A PDU whose start lies in ${data} needs no copy of it. Returns how much of ${data} that is; 0 where
 * it does not. */
static size_t
take_in_place(struct framer *f, const uint8_t *data, size_t len)
{
	size_t n;

	if (f->have != 0 || pdu_header_parse(data, len, &f->head) != ERR_OK ||
	    len < start_len(&f->head))
		return 0;
	n = smaller(len, f->head.frag_len);
	begin(f, data, n);
	return n;
}

/* A header that stands where no boundary is known has to look better than one that was expected. */
static bool
plausible(const uint8_t *data, size_t len, struct pdu_header *head)
{
	if (pdu_header_parse(data, len, head) != ERR_OK)
		return false;
	return head->le || head->call_id != 0 || head->type == PDU_BIND;
}

/* Inside a piece of data a header counts only if the next one, or the end of the data, stands where
 * it says. */
static bool
chained(const uint8_t *data, size_t len)
{
	struct pdu_header head;

	if (!plausible(data, len, &head) || head.frag_len > len)
		return false;
	data += head.frag_len;
	len -= head.frag_len;
	return len == 0 || plausible(data, len, &head);
}

/* Look for a boundary. Returns how many bytes lie before it, all of them where there is none. */
static size_t
search(struct framer *f, const uint8_t *data, size_t len)
{
	struct pdu_header head;
	const uint8_t *p, *end = data + len;

	if (plausible(data, len, &head)) {
		f->state = FRAMER_AT_HEADER;
		return 0;
	}
	if (f->scanned >= FRAMER_SCAN)
		return len;
	f->scanned += (uint32_t)smaller(len, FRAMER_SCAN);
	for (p = data + 1; p < end && (p = memchr(p, 5, (size_t)(end - p))) != NULL; p++) {
		if (chained(p, (size_t)(end - p))) {
			f->state = FRAMER_AT_HEADER;
			return (size_t)(p - data);
		}
	}
	return len;
}

static size_t
step(struct framer *f, const uint8_t *data, size_t len)
{
	size_t n;

	switch (f->state) {
	case FRAMER_AT_HEADER:
		n = take_in_place(f, data, len);
		return n != 0 ? n : gather_start(f, data, len);
	case FRAMER_IN_BODY:
		return gather_body(f, data, len);
	case FRAMER_PASSING:
		return pass(f, data, len);
	case FRAMER_LOST:
		break;
	}
	return search(f, data, len);
}

void
framer_data(struct framer *f, const uint8_t *data, size_t len)
{
	size_t n;

	while (len != 0) {
		n = step(f, data, len);
		data += n;
		len -= n;
	}
}

void
framer_gap(struct framer *f, uint32_t missing)
{
	bool inside =
	    f->state == FRAMER_AT_HEADER ? f->have >= PDU_HEADER : f->state != FRAMER_LOST;

	if (!inside || missing > f->head.frag_len - f->have) {
		lose(f);
		return;
	}
	if (f->state != FRAMER_PASSING)
		f->sink->lost(f->ctx);
	forget_token(f);
	f->state = FRAMER_PASSING;
	f->torn = true;
	f->have += missing;
	if (f->have == f->head.frag_len)
		finish_passing(f);
}

uint32_t
framer_indifference(const struct framer *f)
{
	size_t trailer;

	if (f->state != FRAMER_PASSING)
		return 0;
	trailer = pdu_body_end(&f->head) + f->trailer_have;
	if (f->head.auth_len != 0 && f->trailer_have < PDU_SEC_TRAILER && trailer >= f->have)
		return (uint32_t)trailer - f->have;
	return f->head.frag_len - f->have;
}
