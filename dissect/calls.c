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

/* Its answer is not read. */
static void
end(struct calls *t, struct conversation *v, struct call *call, enum call_end how, uint32_t status)
{
	if (call->known.read && call->service->ended != NULL)
		call->service->ended(v, &call->known, how, status);
	drop(t, v, call);
}

static void
give_up(struct calls *t, struct conversation *v, struct call *call)
{
	count_unanswered(v, call);
	end(t, v, call, CALL_LOST, 0);
}

static struct call *
add(struct calls *t, struct conversation *v, uint32_t id)
{
	struct call *call;

	if (t->count == CALLS_OPEN) {
		give_up(t, v, t->first);
		v->seen[v->client] = false; /* its answer may still come */
	}
	/* not calloc(), which passes the C library's quick lists of small pieces by */
	call = budget_take(v->env->budget, sizeof(*call)) ? malloc(sizeof(*call)) : NULL;
	if (call == NULL) {
		v->env->stats->capped++;
		v->seen[v->client] = false;
		return NULL;
	}
	*call = (struct call){.id = id};
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
note_question(struct call *call, const struct service *service, uint16_t opnum)
{
	call->service = service;
	call->known.asked = true;
	call->known.number = call->id;
	call->known.opnum = opnum;
}

static void
take_question(struct conversation *v, const struct service *service, const struct context *context,
    struct call *call, uint16_t opnum, struct rpc_stub *stub)
{
	note_question(call, service, opnum);
	if (!service_reads(service, opnum))
		return;
	call->known.read = service->question(v, context, &call->known, stub);
	call->known.ndr64 = stub->ndr64;
}

/* Its header, which is that of its first fragment, says all that can be known. */
static void
take_sealed(struct conversation *v, const struct service *service, const struct context *context,
    struct call *call, const struct pdu *pdu)
{
	note_question(call, service, pdu->opnum);
	call->known.read = service->sealed(v, context, &call->known, pdu->alloc_hint);
}

/* Without guesses there is nothing to be said of answers to what was not read. */
static void
drop_unread(struct calls *t, struct conversation *v, struct call *call)
{
	if (!call->known.read && !call->service->guesses)
		drop(t, v, call);
}

static bool
is_wanted(const struct service *service, const struct pdu *pdu)
{
	return !is_sealed(pdu) ||
	       (service->sealed != NULL && (pdu->head.flags & PDU_FIRST_FRAG) != 0);
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

	if (!is_wanted(service, pdu))
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
	if (is_sealed(pdu)) {
		take_sealed(v, service, context, call, pdu);
		drop_unread(t, v, call);
		return;
	}
	if (!put_together(t, v, &call->question, pdu, &stub))
		return;
	if (!call->question.sound) {
		v->seen[v->client] = false; /* something was asked, and nobody knows what */
		return;
	}
	take_question(v, service, context, call, pdu->opnum, &stub);
	drop_unread(t, v, call);
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

static void
sealed_response(struct calls *t, struct conversation *v, struct call *call)
{
	if (call != NULL && call->known.read && call->service->ended != NULL)
		end(t, v, call, CALL_SEALED, 0);
}

void
calls_response(struct calls *t, struct conversation *v, const struct service *service,
    const struct context *context, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct rpc_stub stub;

	if (is_sealed(pdu)) {
		sealed_response(t, v, call);
		return;
	}
	if (call == NULL)
		call = add(t, v, pdu->head.call_id);
	if (call == NULL)
		return;
	call->since_ns = v->env->now->ts_ns;
	if (!put_together(t, v, &call->answer, pdu, &stub))
		return;
	call->known.side_visible = conversation_would_have_seen(v, pdu->head.call_id);
	if (!call->answer.sound || !is_readable(call, service)) {
		end(t, v, call, CALL_LOST, 0);
		return;
	}
	service->answer(v, context, &call->known, &stub);
	drop(t, v, call);
}

/* 16 alloc_hint:u32  20 p_cont_id:u16  22 cancel_count:u8  reserved:u8  24 status:u32 (PROTOCOL 1.7) */
void
calls_fault(struct calls *t, struct conversation *v, const struct pdu *pdu)
{
	struct call *call = find(t, pdu->head.call_id);
	struct cursor c = pdu->body;

	if (call == NULL)
		return;
	cur_skip(&c, PDU_CALL_HEADER - PDU_HEADER);
	end(t, v, call, CALL_FAULT, cur_u32(&c));
}

/* Calls of services that want to know how they end, which have waited longer than ${limit_ns}. */
static void
end_those(
    struct calls *t, struct conversation *v, const struct patience *patience, int64_t limit_ns)
{
	struct call *call, *next;

	for (call = t->first; call != NULL; call = next) {
		next = call->next;
		if (call->known.read && call->service->ended != NULL &&
		    patience_is_over(patience, limit_ns, call->since_ns))
			give_up(t, v, call);
	}
}

void
calls_overdue(struct calls *t, struct conversation *v)
{
	const struct patience now = {.now_ns = v->env->now->ts_ns};

	end_those(t, v, &now, CALLS_OVERDUE_NS);
}

void
calls_lost(struct calls *t, struct conversation *v, bool from_server)
{
	struct call *call;

	for (call = t->first; call != NULL; call = call->next)
		break_off(v, from_server ? &call->answer : &call->question);
}

/* The others stay: without them an answer would seem to be one to a question that was never asked. */
void
calls_expire(struct calls *t, struct conversation *v, const struct patience *patience)
{
	end_those(t, v, patience, patience->answer_ns);
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

void
calls_free(struct calls *t, struct conversation *v)
{
	while (t->first != NULL)
		drop(t, v, t->first);
}
