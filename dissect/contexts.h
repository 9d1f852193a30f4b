/* contexts.h - which interface each presentation context of an association stands for. */
#ifndef EPMWATCH_DISSECT_CONTEXTS_H
#define EPMWATCH_DISSECT_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

struct budget;

enum {
	CONTEXTS_MAX = 256
}; /* an association's; the ids are the client's to choose */

struct context {
	struct if_id iface;
	uint16_t id;
	uint8_t syntax; /* enum rpc_syntax: the accepted one, else the first offered */
	bool settled;   /* the server has answered: accepted, or the entry would be gone */
};

struct contexts {
	struct context *entry; /* owned; sorted by id */
	size_t count, cap;
};

/**
 * contexts_offer(t, budget, offered) / contexts_settle(t, budget, answered):
 * Take in one context of an offer, or of an answered offer. An accepted context that is offered
 * again stays accepted; a rejected one is forgotten; one that the answer passes over stays
 * offered; feature negotiation is none. The former returns false where the table is full.
 */
bool contexts_offer(struct contexts *t, struct budget *budget, const struct obs_context *offered);
void contexts_settle(struct contexts *t, struct budget *budget, const struct obs_context *answered);

/** contexts_find(t, id): The context of that id; NULL where it was never offered. Valid until the
 * table changes. */
const struct context *contexts_find(const struct contexts *t, uint16_t id);

/** contexts_free(t, budget): Forget all. */
void contexts_free(struct contexts *t, struct budget *budget);

#endif
