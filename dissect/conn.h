/* conn.h - a TCP connection with payload: a stream for each direction, and what they carry. */
#ifndef EPMWATCH_DISSECT_CONN_H
#define EPMWATCH_DISSECT_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/carrier.h"
#include "dissect/checksum.h"
#include "dissect/crossing.h"
#include "dissect/stream.h"

struct conn;
struct flow_key;
struct patience;

/* What a stream's sink needs to know. */
struct conn_side {
	struct conn *conn;
	int from; /* 0 or 1, as in struct flow_key */
	struct stream stream;
	struct checksum_sender sender;
};

struct conn {
	struct assoc_env *env; /* borrowed */
	struct carrier carrier;
	struct conn_side side[2];
	struct crossing crossing; /* through which all segments go */
	bool reset;               /* it ends once nothing is awaited */
	uint32_t owner;           /* for its owner to find itself */
};

/**
 * conn_new(out, env, crossings, key, client, begun) / conn_free(&c):
 * A connection between the two sides of ${key}, of which ${client} opened it (-1: not seen); ${begun}: its stream begins with the
 * octet behind its SYN. It
 * borrows ${crossings}, those that wait. Its memory is charged to the budget of ${env}. ERR_CAP or -ENOMEM.
 */
int conn_new(struct conn **out, struct assoc_env *env, struct crossing_list *crossings,
    const struct flow_key *key, int client, bool begun);
void conn_free(struct conn **c);

/** conn_expire(c, patience): Time has passed: go on behind holes that were not filled, and give up answers that did not come. */
void conn_expire(struct conn *c, const struct patience *patience);

/**
 * conn_end(c):
 * No more will come: deliver what is held, in the order of the packets, and end the conversation.
 */
void conn_end(struct conn *c);

/** conn_has_ended(c): For conn_ended(). */
bool conn_has_ended(const struct conn *c);

/**
 * conn_ended(c):
 * Nothing is awaited, and it was reset, or both sides sent FIN and each one's data was delivered or
 * is known to have reached the peer.
 */
static inline bool
conn_ended(const struct conn *c)
{
	return (c->reset || (c->side[0].stream.fin && c->side[1].stream.fin)) && conn_has_ended(c);
}

/** conn_of(x): The connection whose crossing ${x} is. */
struct conn *conn_of(struct crossing *x);

#endif
