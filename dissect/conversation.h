/* conversation.h - who talks to whom: what the parts of an association share. */
#ifndef EPMWATCH_DISSECT_CONVERSATION_H
#define EPMWATCH_DISSECT_CONVERSATION_H

#include <stdbool.h>

#include "dissect/assoc.h"

struct conversation {
	struct assoc_env *env; /* borrowed */
	struct assoc_side side[2];
	enum transport transport;
	const char *pipe; /* over TRANSPORT_NP, where known; borrowed */
	const char *backend; /* as in struct obs; borrowed */
	int client;   /* 0 or 1; -1 until something tells */
	bool seen[2]; /* a PDU of that side was read, and nothing was missed there since */
	bool proven;  /* this is DCE/RPC beyond doubt */
	struct obs_sealed sealed; /* calls, since it was last said, ... */
	struct where sealed_at;   /* ... and the packet of the first of them */
};

/** conversation_server(v) / conversation_client(v): The sides; only once the client is known. */
static inline const struct assoc_side *
conversation_server(const struct conversation *v)
{
	return &v->side[1 - v->client];
}

static inline const struct assoc_side *
conversation_client(const struct conversation *v)
{
	return &v->side[v->client];
}

/** conversation_obs(v, kind): An observation of ${kind} with its parties and the present packet
 * filled in. */
struct obs conversation_obs(const struct conversation *v, enum obs_kind kind);

#endif
