/* assoc.c - a conversation of DCE/RPC over one connection: two byte streams in, observations out.
 */
#include "dissect/assoc.h"

#include <errno.h>
#include <stdlib.h>

#include "dissect/bind.h"
#include "dissect/binds.h"
#include "dissect/budget.h"
#include "dissect/calls.h"
#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/framer.h"
#include "dissect/syntax.h"

enum {
	EPM_PORT = 135
};

/* One direction: the framer calls back with it, so it knows whose it is. */
struct direction {
	struct assoc *assoc;
	int from;
	bool holed; /* bytes were missing */
	struct framer framer;
};

struct assoc {
	struct conversation v;
	struct direction direction[2];
	struct contexts contexts;
	struct binds binds;
	struct calls calls;
	bool has_pdu; /* a header was read, of whatever side */
};

/* Which side sent a packet type tells who the client is. False where it contradicts what is known.
 */
static bool
settle_roles(struct conversation *v, int from, uint8_t type)
{
	enum pdu_sender sender = pdu_sender(type);
	int client = sender == PDU_FROM_CLIENT ? from : 1 - from;

	if (sender != PDU_FROM_CLIENT && sender != PDU_FROM_SERVER)
		return sender == PDU_FROM_BOTH;
	if (v->client < 0)
		v->client = client;
	return v->client == client;
}

/* A call is the endpoint mapper's if its context says so, or, where that was never seen, its port.
 */
static bool
may_be_mapper(const struct assoc *a, const struct context *context)
{
	if (context != NULL)
		return syntax_is_epm(&context->iface.uuid);
	return a->v.transport == TRANSPORT_TCP && conversation_server(&a->v)->port == EPM_PORT;
}

/* A bind is used as soon as its contexts are complete, its answer once all results are there: what follows
 * are tokens. Of faults and refusals the start says it all. */
static size_t
want(void *ctx, const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct direction *d = ctx;
	struct assoc *a = d->assoc;

	a->has_pdu = true;
	if (!settle_roles(&a->v, d->from, head->type))
		return have; /* to be refused where it is counted */
	switch (head->type) {
	case PDU_REQUEST:
	case PDU_RESPONSE:
		return may_be_mapper(a, contexts_find(&a->contexts, pdu_context_id(head, start)))
			   ? head->frag_len
			   : 0;
	case PDU_BIND:
	case PDU_ALTER_CONTEXT:
		return bind_offer_extent(head, start, have);
	case PDU_BIND_ACK:
	case PDU_ALTER_CONTEXT_RESP:
		return bind_answer_extent(head, start, have);
	case PDU_BIND_NAK:
	case PDU_FAULT:
		return have;
	default:
		return 0;
	}
}

static void
on_offer(struct assoc *a, const struct pdu *pdu)
{
	binds_offer(&a->binds, &a->v, &a->contexts, pdu);
}

static void
on_answer(struct assoc *a, const struct pdu *pdu)
{
	binds_answer(&a->binds, &a->v, &a->contexts, pdu);
}

static void
on_request(struct assoc *a, const struct pdu *pdu)
{
	calls_request(&a->calls, &a->v, contexts_find(&a->contexts, pdu->context_id), pdu);
}

static void
on_response(struct assoc *a, const struct pdu *pdu)
{
	calls_response(&a->calls, &a->v, contexts_find(&a->contexts, pdu->context_id), pdu);
}

/* A fault may end a call, or stand in the place of an answer to a bind. */
static void
on_fault(struct assoc *a, const struct pdu *pdu)
{
	calls_fault(&a->calls, &a->v, pdu->head.call_id);
	binds_answer(&a->binds, &a->v, &a->contexts, pdu);
}

static void (*const handlers[PDU_TYPES])(struct assoc *, const struct pdu *) = {
    [PDU_REQUEST] = on_request,
    [PDU_RESPONSE] = on_response,
    [PDU_FAULT] = on_fault,
    [PDU_BIND] = on_offer,
    [PDU_BIND_ACK] = on_answer,
    [PDU_BIND_NAK] = on_answer,
    [PDU_ALTER_CONTEXT] = on_offer,
    [PDU_ALTER_CONTEXT_RESP] = on_answer,
};

static void
take_pdu(void *ctx, const struct pdu_header *head, const uint8_t *data, size_t len)
{
	struct direction *d = ctx;
	struct assoc *a = d->assoc;
	struct pdu pdu;
	bool good =
	    settle_roles(&a->v, d->from, head->type) && pdu_parse_start(data, len, &pdu) == ERR_OK;

	a->v.seen[d->from] = good;
	if (!good) {
		a->v.env->stats->rpc.malformed++;
		return;
	}
	if (handlers[head->type] != NULL)
		handlers[head->type](a, &pdu);
}

static void
passed(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth)
{
	struct direction *d = ctx;
	bool call = head->type == PDU_REQUEST || head->type == PDU_RESPONSE;

	if (!auth->present)
		return;
	if (call && auth->level >= PDU_PRIVACY)
		d->assoc->v.env->stats->rpc.sealed++;
	if (head->type == PDU_BIND || head->type == PDU_ALTER_CONTEXT)
		binds_trailer(&d->assoc->binds, head, auth);
}

static void
lost(void *ctx)
{
	struct direction *d = ctx;
	struct assoc *a = d->assoc;

	a->v.seen[d->from] = false;
	if (a->v.client >= 0)
		calls_lost(&a->calls, &a->v, d->from != a->v.client);
}

static const struct framer_sink sink = {want, take_pdu, passed, lost};

int
assoc_new(struct assoc **out, struct assoc_env *env, const struct assoc_side sides[2],
    enum transport transport, int client)
{
	struct assoc *a;
	int i;

	*out = NULL;
	if (!budget_take(env->budget, sizeof(*a)))
		return ERR_CAP;
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		budget_give(env->budget, sizeof(*a));
		return -ENOMEM;
	}
	a->v = (struct conversation){
	    .env = env, .side = {sides[0], sides[1]}, .transport = transport, .client = client};
	for (i = 0; i < 2; i++) {
		a->direction[i] = (struct direction){.assoc = a, .from = i};
		framer_init(
		    &a->direction[i].framer, &sink, &a->direction[i], env->budget, env->stats);
	}
	*out = a;
	return ERR_OK;
}

void
assoc_free(struct assoc **a)
{
	struct assoc *gone = *a;
	struct budget *budget;

	if (gone == NULL)
		return;
	budget = gone->v.env->budget;
	framer_deinit(&gone->direction[0].framer);
	framer_deinit(&gone->direction[1].framer);
	contexts_free(&gone->contexts, budget);
	binds_free(&gone->binds, &gone->v);
	calls_finish(&gone->calls, &gone->v);
	free(gone);
	budget_give(budget, sizeof(*gone));
	*a = NULL;
}

void
assoc_data(struct assoc *a, int from, const uint8_t *data, size_t len)
{
	framer_data(&a->direction[from].framer, data, len);
}

void
assoc_gap(struct assoc *a, int from, uint32_t missing)
{
	a->direction[from].holed = true;
	framer_gap(&a->direction[from].framer, missing);
}

void
assoc_doubt(struct assoc *a, int from)
{
	a->v.seen[from] = false;
}

uint32_t
assoc_indifference(const struct assoc *a, int from)
{
	return framer_indifference(&a->direction[from].framer);
}

void
assoc_expire(struct assoc *a, const struct patience *patience)
{
	binds_expire(&a->binds, &a->v, patience);
	calls_expire(&a->calls, &a->v, patience);
}

void
assoc_finish(struct assoc *a)
{
	binds_finish(&a->binds, &a->v);
	calls_finish(&a->calls, &a->v);
}

bool
assoc_is_rpc(const struct assoc *a)
{
	return a->v.proven;
}

/* After a hole a PDU may still be found by searching. */
static bool
is_refuted(const struct direction *d)
{
	return d->framer.state == FRAMER_LOST && (!d->holed || d->framer.scanned >= FRAMER_SCAN);
}

bool
assoc_is_hopeless(const struct assoc *a, bool idle)
{
	return !a->has_pdu &&
	       (idle || is_refuted(&a->direction[0]) || is_refuted(&a->direction[1]));
}
