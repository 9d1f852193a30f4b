/* endings.h - how connections to mailboxes end that are not followed: they may be older than the capture, or this run, and a client that left without
 * a word is seen to leave by nothing else.
 *
 * Of such a connection one end of a stream after the other is awaited, as of those that are followed; a RST tells at once. Nothing is known of its
 * numbers, so anybody can forge that; it ends nothing but what was registered over that very connection. So that a flood costs nothing,
 * ENDINGS_MOST in a second of packet time are told; further ones are counted as capped. Where two half-ended ones meet at a place the later has it. */
#ifndef EPMWATCH_DISSECT_ENDINGS_H
#define EPMWATCH_DISSECT_ENDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/bucket.h"
#include "dissect/flow.h"

struct assoc_env;
struct frame;
struct packet;

enum {
	ENDINGS_MOST = 256,
	ENDINGS_PLACES = 256, /* connections of which one side has ended */
};

struct ending {
	struct flow_key key;
	uint8_t sides; /* by side a bit: it has sent FIN; 0: the place is free */
};

struct endings {
	struct assoc_env *env; /* borrowed */
	struct bucket bucket;
	struct ending place[ENDINGS_PLACES];
};

/** endings_init(e, env): None so far. ${env} has the hints. */
void endings_init(struct endings *e, struct assoc_env *env);

/** endings_want(e, packet): Is endings_frame() to be given this FIN or RST? False only if it would do nothing. */
bool endings_want(const struct endings *e, const struct packet *packet);

/** endings_frame(e, f): ${f} is a segment of a connection that is not followed. Tells MAILBOX_CLOSED where it ends one. */
void endings_frame(struct endings *e, const struct frame *f);

#endif
