/* datagram_body.h - the fragments of a connectionless call, put together.
 *
 * Each is numbered, and any of them may come twice, late, or not at all. Those ahead of a missing one are held. */
#ifndef EPMWATCH_DISSECT_DATAGRAM_BODY_H
#define EPMWATCH_DISSECT_DATAGRAM_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/buffer.h"

struct budget;
struct datagram;
struct datagram_piece;

enum {
	DATAGRAM_AHEAD = 64 /* fragments that are held; one more ends the putting together */
};

struct datagram_body {                /* all zero is an empty one */
	struct buffer octets;         /* of the fragments before next */
	struct datagram_piece *ahead; /* owned; in order of their numbers */
	uint16_t next;
	uint8_t held;
	bool le; /* as the first one says */
	bool broken;
};

enum datagram_progress {
	DATAGRAM_MORE,  /* there is more to come */
	DATAGRAM_DONE,  /* the body is complete */
	DATAGRAM_BROKE, /* it became too much, or what came was cut: it will never be complete */
};

/**
 * datagram_body_add(b, budget, dg, most):
 * Take in the body of ${dg}, a fragment or the whole. Memory is charged to ${budget}; a body of more than ${most} bytes, or
 * for which there is no room, breaks. Told once of that, further fragments are DATAGRAM_MORE.
 */
enum datagram_progress datagram_body_add(
    struct datagram_body *b, struct budget *budget, const struct datagram *dg, size_t most);

/** datagram_body_free(b, budget): Give all back; ${b} is empty afterwards. */
void datagram_body_free(struct datagram_body *b, struct budget *budget);

#endif
