/* framer.h - one direction's bytes cut into PDUs.
 *
 * Of a PDU its owner says how many of the first bytes it needs. It gets them as soon as they are there:
 * in place where one piece of data holds them, gathered otherwise. The rest is passed over in
 * sequence space and never buffered; only its sec_trailer is looked at, and of the credentials what its owner asks for then. After damage or a hole the
 * framer looks for the next plausible header: at the start of each piece of data, and for
 * FRAMER_SCAN bytes inside them too, where a chain of headers must confirm it. */
#ifndef EPMWATCH_DISSECT_FRAMER_H
#define EPMWATCH_DISSECT_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/buffer.h"
#include "dissect/pdu.h"

enum {
	FRAMER_SCAN = 65536
};

struct dissect_stats;

struct framer_sink {
	/* ${start} are the first ${have} bytes of a PDU: at least PDU_CALL_HEADER of them, or the
	 * whole PDU where it is shorter. Returns how many it takes, all told, to make use of it; at most
	 * frag_len; 0: it is of no use. Where that is more than ${have} it is asked again. */
	size_t (*want)(void *ctx, const struct pdu_header *head, const uint8_t *start, size_t have);
	/* A PDU, as far as it was wanted or further. */
	void (*pdu)(void *ctx, const struct pdu_header *head, const uint8_t *data, size_t len);
	/* The last of a PDU that was not handed over whole has gone by; auth->present only where its
	 * trailer was seen, ${whole} where nothing of it is missing. */
	void (*passed)(
	    void *ctx, const struct pdu_header *head, const struct pdu_auth *auth, bool whole);
	/* Bytes are missing or make no sense: what was being put together in this direction will
	 * not be completed. */
	void (*lost)(void *ctx);
	/* The trailer of a PDU that was handed over, but not whole, has come. Returns how many of the credentials behind it are of
	 * use, from their first; 0: none. */
	size_t (*want_token)(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth);
	/* They are there. Nobody waits for them: not called where one of them is missing, or late. */
	void (*token)(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth,
	    const uint8_t *data, size_t len);
};

enum framer_state {
	FRAMER_AT_HEADER, /* gathering the start of a PDU */
	FRAMER_IN_BODY,   /* gathering what is wanted of a PDU */
	FRAMER_PASSING,   /* letting one go by */
	FRAMER_LOST,      /* no boundary known */
};

struct framer {
	const struct framer_sink *sink; /* borrowed */
	void *ctx;
	struct budget *budget;       /* borrowed */
	struct dissect_stats *stats; /* borrowed */
	enum framer_state state;
	struct pdu_header head;         /* unless LOST, or AT_HEADER with less than a header */
	struct buffer body;             /* IN_BODY: the PDU so far; PASSING: the credentials so far */
	uint8_t start[PDU_CALL_HEADER]; /* AT_HEADER: the first bytes so far */
	uint8_t trailer[PDU_SEC_TRAILER];
	uint32_t have;    /* bytes of this PDU that have come */
	uint32_t need;    /* IN_BODY: of them that are wanted, as far as known */
	uint32_t scanned; /* LOST: bytes looked through */
	uint32_t token_len; /* PASSING: of the credentials that are wanted; 0 where none are */
	uint8_t trailer_have;
	bool used; /* this PDU was handed over, and is counted */
	bool torn; /* of this PDU something is missing */
};

/** framer_init(f, sink, ctx, budget, stats) / framer_deinit(f): A framer at a boundary; the latter
 * frees its buffer. */
void framer_init(struct framer *f, const struct framer_sink *sink, void *ctx, struct budget *budget,
    struct dissect_stats *stats);
void framer_deinit(struct framer *f);

/** framer_data(f, data, len): The next ${len} bytes. */
void framer_data(struct framer *f, const uint8_t *data, size_t len);

/** framer_gap(f, missing): ${missing} bytes will never come. A hole that ends inside the PDU that
 * it began in costs only that PDU, and nothing at all where the PDU was going by. */
void framer_gap(struct framer *f, uint32_t missing);

/** framer_is_between(f): True if the next byte is the first of a PDU. */
static inline bool
framer_is_between(const struct framer *f)
{
	return f->state == FRAMER_AT_HEADER && f->have == 0;
}

/** framer_indifference(f): How many of the next bytes may as well be missing, since they will not be
 * looked at, or are not worth waiting for. */
uint32_t framer_indifference(const struct framer *f);

#endif
