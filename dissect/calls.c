/* calls.c - calls to the endpoint mapper. */
#include "dissect/calls.h"

#include <stdlib.h>

#include "dissect/buffer.h"
#include "dissect/budget.h"
#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/epm.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pdu.h"

/* The stub of a fragmented PDU, so far. */
struct parts {
	struct buffer octets;
	bool sound; /* its first fragment was seen, and nothing is missing since */
};

struct call {
	struct call *next;
	uint32_t id;
	uint16_t opnum;
	bool asked;       /* its request was seen whole, so opnum is known */
	bool for_mapper;  /* the request is a question to the endpoint mapper */
	bool ndr64;       /* of the question */
	bool counted;     /* as a question without an answer */
	int64_t since_ns; /* time of its last packet */
	struct parts question, answer;
	struct obs_epm_question known;
};

static struct call *
find(const struct calls *t, uint32_t id)
{
	struct call *call = t->first;

	while (call != NULL && call->id != id)
		call = call->next;
	return call;
}

static void
call_free(struct call *call, struct conversation *v)
{
	buffer_free(&call->question.octets, v->env->budget);
	buffer_free(&call->answer.octets, v->env->budget);
	budget_give(v->env->budget, sizeof(*call));
	free(call);
}

static void
drop(struct calls *t, struct conversation *v, struct call *call)
{
	struct call **link = &t->first, *before = NULL;

	for (; *link != call; link = &(*link)->next)
		before = *link;
	*link = call->next;
	if (t->last == call)
		t->last = before;
	t->count--;
	call_free(call, v);
}

static void
count_unanswered(struct conversation *v, struct call *call)
{
	v->env->stats->rpc.unanswered += call->for_mapper && !call->counted;
	call->counted = true;
}

static void
give_up(struct calls *t, struct conversation *v, struct call *call)
{
	count_unanswered(v, call);
	drop(t, v, call);
}

static struct call *
add(struct calls *t, struct conversation *v, uint32_t id)
{
	struct call *call;

	if (t->count == CALLS_OPEN) {
		give_up(t, v, t->first);
		v->seen[v->client] = false; /* its answer may still come */
	}
	call = budget_take(v->env->budget, sizeof(*call)) ? calloc(1, sizeof(*call)) : NULL;
	if (call == NULL) {
		v->env->stats->capped++;
		v->seen[v->client] = false;
		return NULL;
	}
	call->id = id;
	if (t->last != NULL)
		t->last->next = call;
	else
		t->first = call;
	t->last = call;
	t->count++;
	return call;
}

static bool
sealed(struct conversation *v, const struct pdu *pdu)
{
	if (!pdu->auth.present || pdu->auth.level < PDU_PRIVACY)
		return false;
	v->env->stats->rpc.sealed++;
	v->env->stats->rpc.sealed_epm++;
	return true;
}

static void
break_off(struct conversation *v, struct parts *parts)
{
	parts->sound = false;
	buffer_free(&parts->octets, v->env->budget);
}

/* Append a fragment's stub. True once the last one is there; if ${parts} are sound, ${out} is then
 * the whole. */
static bool
put_together(
    struct conversation *v, struct parts *parts, const struct pdu *pdu, struct epm_stub *out)
{
	bool last = (pdu->head.flags & PDU_LAST_FRAG) != 0;
	struct buffer *octets = &parts->octets;

	*out = (struct epm_stub){.data = pdu->stub, .len = pdu->stub_len, .le = pdu->head.le};
	if ((pdu->head.flags & PDU_FIRST_FRAG) != 0) {
		buffer_free(octets, v->env->budget);
		parts->sound = true;
		if (last)
			return true;
	}
	if (!parts->sound)
		return last;
	if (pdu->stub_len > EPM_STUB - octets->len ||
	    !buffer_add(octets, v->env->budget, pdu->stub, pdu->stub_len)) {
		v->env->stats->capped++;
		break_off(v, parts);
	}
	out->data = octets->data;
	out->len = octets->len;
	return last;
}

/* The transfer syntax: as the context was accepted, else as the stub reads, else as the context was
 * offered. False where there is none of these. */
static bool
settle_question(const struct context *context, enum epm_operation operation, struct epm_stub *stub)
{
	bool offered = context != NULL && context->syntax == SYNTAX_NDR64;

	stub->ndr64 = offered;
	if (context != NULL && context->settled)
		return true;
	if (epm_looks_like_question(operation, stub))
		return true;
	stub->ndr64 = !offered;
	if (epm_looks_like_question(operation, stub))
		return true;
	stub->ndr64 = offered;
	return context != NULL;
}

static void
take_question(
    struct conversation *v, const struct context *context, struct call *call, struct epm_stub *stub)
{
	enum epm_operation operation = (enum epm_operation)call->opnum;

	if (operation != EPM_MAP && operation != EPM_LOOKUP)
		return;
	if (!settle_question(context, operation, stub))
		return;
	call->for_mapper = true;
	call->ndr64 = stub->ndr64;
	if (epm_parse_question(operation, stub, v->env->out, &call->known) != ERR_OK)
		v->env->stats->rpc.malformed++;
	call->known.seen = true;
	call->known.ts_ns = v->env->now->ts_ns;
	call->known.frame = v->env->now->frame;
}

void
calls_request(
    struct calls *t, struct conversation *v, const struct context *context, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct epm_stub stub;

	if (sealed(v, pdu))
		return;
	if (call != NULL && (pdu->head.flags & PDU_FIRST_FRAG) != 0) {
		give_up(t, v, call); /* an id may be used again once its call is over */
		call = NULL;
	}
	if (call != NULL && call->asked) {
		v->env->stats->rpc.malformed++; /* what was asked whole has no further fragments */
		return;
	}
	if (call == NULL)
		call = add(t, v, pdu->head.call_id);
	if (call == NULL)
		return;
	call->since_ns = v->env->now->ts_ns;
	if (!put_together(v, &call->question, pdu, &stub))
		return;
	if (!call->question.sound) {
		v->seen[v->client] = false; /* something was asked, and nobody knows what */
		return;
	}
	call->asked = true;
	call->opnum = pdu->opnum;
	take_question(v, context, call, &stub);
}

/* Try what an answer without its question can be. */
static bool
guess(struct epm_stub *stub, enum epm_operation *operation)
{
	static const enum epm_operation operations[] = {EPM_MAP, EPM_LOOKUP};
	int wide, i;

	for (wide = 0; wide < 2; wide++) {
		for (i = 0; i < 2; i++) {
			stub->ndr64 = wide != 0;
			*operation = operations[i];
			if (epm_looks_like_answer(*operation, stub))
				return true;
		}
	}
	return false;
}

/* Which operation the answer is to, and in which syntax. False where it is none that is read. */
static bool
settle_answer(const struct context *context, const struct call *call, struct epm_stub *stub,
    enum epm_operation *operation)
{
	if (!call->asked)
		return guess(stub, operation);
	if (!call->for_mapper)
		return false;
	*operation = (enum epm_operation)call->opnum;
	stub->ndr64 =
	    context != NULL && context->settled ? context->syntax == SYNTAX_NDR64 : call->ndr64;
	return true;
}

static void
take_answer(struct conversation *v, const struct context *context, const struct call *call,
    struct epm_stub *stub)
{
	struct obs obs = conversation_obs(v, OBS_EPM);
	enum epm_operation operation;
	int r;

	if (!settle_answer(context, call, stub, &operation))
		return;
	r = epm_parse_answer(operation, stub, v->env->out, &obs.epm);
	if (r == ERR_MALFORMED || r == ERR_TRUNC)
		v->env->stats->rpc.malformed++;
	if (r == ERR_TRUNC)
		return; /* after ERR_CAP the queue refuses it, and counts */
	obs.epm.question = call->known;
	obs.epm.question.side_visible = v->seen[v->client];
	v->proven = true;
	obs_queue_push(v->env->out, &obs);
}

void
calls_response(
    struct calls *t, struct conversation *v, const struct context *context, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct epm_stub stub;

	if (sealed(v, pdu))
		return;
	if (call == NULL)
		call = add(t, v, pdu->head.call_id);
	if (call == NULL)
		return;
	call->since_ns = v->env->now->ts_ns;
	if (!put_together(v, &call->answer, pdu, &stub))
		return;
	if (call->answer.sound)
		take_answer(v, context, call, &stub);
	drop(t, v, call);
}

void
calls_fault(struct calls *t, struct conversation *v, uint32_t call_id)
{
	struct call *call = find(t, call_id);

	if (call != NULL)
		drop(t, v, call);
}

void
calls_lost(struct calls *t, struct conversation *v, bool from_server)
{
	struct call *call;

	for (call = t->first; call != NULL; call = call->next)
		break_off(v, from_server ? &call->answer : &call->question);
}

/* The call stays: without it an answer would seem to be one to a question that was never asked. */
void
calls_expire(struct calls *t, struct conversation *v, const struct patience *patience)
{
	for (struct call *call = t->first; call != NULL; call = call->next) {
		if (!patience_is_over(patience, patience->answer_ns, call->since_ns))
			continue;
		count_unanswered(v, call);
		break_off(v, &call->question);
		break_off(v, &call->answer);
	}
}

void
calls_finish(struct calls *t, struct conversation *v)
{
	while (t->first != NULL)
		give_up(t, v, t->first);
}
