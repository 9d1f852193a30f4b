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
	bool seen[2]; /* nothing of that side was missed since it began, or since a PDU of it that was read */
	bool whole[2];          /* where seen: since it began; else ... */
	uint32_t first_call[2]; /* ... since that call; of an earlier one an answer may still come */
	bool proven;  /* this is DCE/RPC beyond doubt */
	bool answered;        /* a response in a context that was never seen has come, ... */
	int64_t answered_ns;  /* ... and when that was last said */
	int64_t pdu_ns;          /* time of the last PDU of either side; ACTIVITY_NEVER */
	bool has_mailbox;        /* a context of EMSMDB, ... */
	struct where mailbox_at; /* ... and the packet that showed it first; else the first */
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

/** conversation_begins(v, side): All that ${side} sends is given from its first octet on. */
static inline void
conversation_begins(struct conversation *v, int side)
{
	v->seen[side] = v->whole[side] = true;
}

/** conversation_saw(v, side, call_id): A PDU of ${side} was read. */
static inline void
conversation_saw(struct conversation *v, int side, uint32_t call_id)
{
	if (v->seen[side])
		return;
	v->seen[side] = true;
	v->whole[side] = false;
	v->first_call[side] = call_id;
}

/** conversation_would_have_seen(v, call_id): If the client had sent a request of that number, it would have been read. Numbers only
 * grow; one in the middle of a hole is not proved by what came behind it. */
static inline bool
conversation_would_have_seen(const struct conversation *v, uint32_t call_id)
{
	int side = v->client;

	return v->seen[side] && (v->whole[side] || (int32_t)(call_id - v->first_call[side]) >= 0);
}

/** conversation_obs(v, kind): An observation of ${kind} with its parties and the present packet
 * filled in. */
struct obs conversation_obs(const struct conversation *v, enum obs_kind kind);

#endif
