/* contexts.h - which interface each presentation context of an association stands for. */
#ifndef EPMWATCH_DISSECT_CONTEXTS_H
#define EPMWATCH_DISSECT_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/observation.h"

struct budget;
struct service;

enum {
	CONTEXTS_MAX = 256
}; /* an association's; the ids are the client's to choose */

#define CONTEXTS_HEARD_NS INT64_C(60000000000) /* how often it is said that an interface answers */

struct context {
	struct if_id iface;
	const struct service *service; /* that reads its calls; NULL where nobody does */
	int64_t heard_ns; /* when it was last said that the interface answers, by a bind's answer, say; where heard */
	uint16_t id;
	uint8_t syntax; /* enum rpc_syntax: the accepted one, else the first offered */
	bool settled;   /* the server has answered: accepted, or the entry would be gone */
	bool heard;
	bool everywhere; /* every port answers it, so that nothing follows */
};

struct contexts {
	struct context *entry; /* owned; sorted by id */
	size_t count, cap;
};

/**
 * contexts_offer(t, budget, offered) / contexts_settle(t, budget, answered, now_ns):
 * Take in one context of an offer, or of an offer that was answered at ${now_ns}. An accepted context that is offered
 * again stays accepted; a rejected one is forgotten; one that the answer passes over stays
 * offered; feature negotiation is none. The former returns false where the table is full.
 */
bool contexts_offer(struct contexts *t, struct budget *budget, const struct obs_context *offered);
void contexts_settle(struct contexts *t, struct budget *budget, const struct obs_context *answered,
    int64_t now_ns);

/** contexts_find(t, id): The context of that id; NULL where it was never offered. Valid until the
 * table changes. */
struct context *contexts_find(const struct contexts *t, uint16_t id);

/** context_is_known(c, now_ns): False if a response in context ${c} at ${now_ns} would be news. */
static inline bool
context_is_known(const struct context *c, int64_t now_ns)
{
	uint64_t now = (uint64_t)now_ns, then = (uint64_t)c->heard_ns;
	uint64_t since = now_ns > c->heard_ns ? now - then : then - now;

	return c->everywhere || (c->heard && since < CONTEXTS_HEARD_NS);
}

/** context_is_news(c, now_ns): A response in context ${c} is there at ${now_ns}: True if it is time to say that the interface
 * answers; it is then taken to be said. */
static inline bool
context_is_news(struct context *c, int64_t now_ns)
{
	if (context_is_known(c, now_ns))
		return false;
	c->heard = true;
	c->heard_ns = now_ns;
	return true;
}

/** contexts_have_mailbox(t): True if the server accepted one of an interface whose clients are told of new mail by datagrams. */
bool contexts_have_mailbox(const struct contexts *t);

/** contexts_free(t, budget): Forget all. */
void contexts_free(struct contexts *t, struct budget *budget);

#endif
