/* calls.c - calls to the services whose calls are read. */
#include "dissect/calls.h"

#include <stdlib.h>

#include "dissect/buffer.h"
#include "dissect/budget.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/patience.h"
#include "dissect/pdu.h"
#include "dissect/services.h"
#include "dissect/stub.h"

/* The stub of a fragmented PDU, so far. */
struct parts {
	struct buffer octets;
	bool sound; /* its first fragment was seen, and nothing is missing since */
};

struct call {
	struct call *next;
	uint32_t id;
	bool counted;     /* as a question without an answer */
	int64_t since_ns; /* time of its last packet */
	struct parts question, answer;
	const struct service *service; /* where asked: of whom */
	struct service_call known;
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
	v->env->stats->rpc.unanswered += call->known.read && !call->counted;
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
is_sealed(const struct pdu *pdu)
{
	return pdu->auth.present && pdu->auth.level >= PDU_PRIVACY;
}

static void
break_off(struct conversation *v, struct parts *parts)
{
	parts->sound = false;
	buffer_free(&parts->octets, v->env->budget);
}

/* Octets of all that is being put together. */
static size_t
gathered(const struct calls *t)
{
	size_t n = 0;

	for (const struct call *call = t->first; call != NULL; call = call->next)
		n += call->question.octets.len + call->answer.octets.len;
	return n;
}

/* Append a fragment's stub. True once the last one is there; if ${parts} are sound, ${out} is then
 * the whole. */
static bool
put_together(const struct calls *t, struct conversation *v, struct parts *parts,
    const struct pdu *pdu, struct rpc_stub *out)
{
	bool last = (pdu->head.flags & PDU_LAST_FRAG) != 0;
	struct buffer *octets = &parts->octets;

	*out = (struct rpc_stub){.data = pdu->stub, .len = pdu->stub_len, .le = pdu->head.le};
	if ((pdu->head.flags & PDU_FIRST_FRAG) != 0) {
		buffer_free(octets, v->env->budget);
		parts->sound = true;
		if (last)
			return true;
	}
	if (!parts->sound)
		return last;
	if (pdu->stub_len > RPC_STUB_MAX - octets->len || gathered(t) > CALLS_BYTES ||
	    !buffer_add(octets, v->env->budget, pdu->stub, pdu->stub_len)) {
		v->env->stats->capped++;
		break_off(v, parts);
	}
	out->data = octets->data;
	out->len = octets->len;
	return last;
}

static void
take_question(struct conversation *v, const struct service *service, const struct context *context,
    struct call *call, uint16_t opnum, struct rpc_stub *stub)
{
	call->service = service;
	call->known.asked = true;
	call->known.number = call->id;
	call->known.opnum = opnum;
	if (!service_reads(service, opnum))
		return;
	call->known.read = service->question(v, context, &call->known, stub);
	call->known.ndr64 = stub->ndr64;
}

bool
calls_wants_request(const struct service *service, uint16_t opnum)
{
	return service->guesses || service_reads(service, opnum);
}

void
calls_request(struct calls *t, struct conversation *v, const struct service *service,
    const struct context *context, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct rpc_stub stub;

	if (is_sealed(pdu))
		return;
	if (call != NULL && (pdu->head.flags & PDU_FIRST_FRAG) != 0) {
		give_up(t, v, call); /* an id may be used again once its call is over */
		call = NULL;
	}
	if (call != NULL && call->known.asked) {
		v->env->stats->rpc.malformed++; /* what was asked whole has no further fragments */
		return;
	}
	if (call == NULL)
		call = add(t, v, pdu->head.call_id);
	if (call == NULL)
		return;
	call->since_ns = v->env->now->ts_ns;
	if (!put_together(t, v, &call->question, pdu, &stub))
		return;
	if (!call->question.sound) {
		v->seen[v->client] = false; /* something was asked, and nobody knows what */
		return;
	}
	take_question(v, service, context, call, pdu->opnum, &stub);
}

bool
calls_wants_response(const struct calls *t, const struct service *service, uint32_t call_id)
{
	return service->guesses || find(t, call_id) != NULL;
}

/* Of a question that was seen, only its own service reads the answer. */
static bool
is_readable(const struct call *call, const struct service *service)
{
	if (!call->known.asked)
		return service->guesses;
	return call->known.read && call->service == service;
}

void
calls_response(struct calls *t, struct conversation *v, const struct service *service,
    const struct context *context, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct rpc_stub stub;

	if (is_sealed(pdu))
		return;
	if (call == NULL)
		call = add(t, v, pdu->head.call_id);
	if (call == NULL)
		return;
	call->since_ns = v->env->now->ts_ns;
	if (!put_together(t, v, &call->answer, pdu, &stub))
		return;
	call->known.side_visible = conversation_would_have_seen(v, pdu->head.call_id);
	if (call->answer.sound && is_readable(call, service))
		service->answer(v, context, &call->known, &stub);
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
