/* binds.c - binds and alter_contexts that wait for their answers. */
#include "dissect/binds.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/bind.h"
#include "dissect/budget.h"
#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/pdu.h"
#include "dissect/syntax.h"

struct pending_bind {
	struct pending_bind *next;
	struct where at;
	uint32_t call_id;
	bool alter;
	bool authenticated; /* a trailer was announced */
	struct pdu_auth auth;
	size_t count;
	struct obs_context context[];
};

static size_t
pending_size(size_t contexts)
{
	return sizeof(struct pending_bind) + contexts * sizeof(struct obs_context);
}

static void
pending_free(struct pending_bind *p, struct conversation *v)
{
	budget_give(v->env->budget, pending_size(p->count));
	free(p);
}

static struct pending_bind *
pending_new(struct conversation *v, const struct pdu *pdu, const struct bind_offer *offer)
{
	size_t size = pending_size(offer->count);
	struct pending_bind *p;

	if (!budget_take(v->env->budget, size))
		return NULL;
	p = malloc(size);
	if (p == NULL) {
		budget_give(v->env->budget, size);
		return NULL;
	}
	*p = (struct pending_bind){
	    .at = *v->env->now,
	    .call_id = pdu->head.call_id,
	    .alter = pdu->head.type == PDU_ALTER_CONTEXT,
	    .authenticated = pdu->head.auth_len != 0,
	    .auth = pdu->auth,
	    .count = offer->count,
	};
	memcpy(p->context, offer->context, offer->count * sizeof(offer->context[0]));
	return p;
}

static void
append(struct binds *b, struct pending_bind *p)
{
	if (b->last != NULL)
		b->last->next = p;
	else
		b->first = p;
	b->last = p;
	b->count++;
}

/* Take the oldest that ${call_id} fits out of the list; any kind if ${any_kind}. NULL where there
 * is none. */
static struct pending_bind *
take(struct binds *b, uint32_t call_id, bool alter, bool any_kind)
{
	struct pending_bind *p, *before = NULL;

	for (p = b->first; p != NULL; before = p, p = p->next) {
		if (p->call_id == call_id && (any_kind || p->alter == alter))
			break;
	}
	if (p == NULL)
		return NULL;
	if (before != NULL)
		before->next = p->next;
	else
		b->first = p->next;
	if (b->last == p)
		b->last = before;
	b->count--;
	return p;
}

/* Turn ${p} into an observation; the contexts are copied into the queue's memory. */
static void
report(struct conversation *v, const struct pending_bind *p, const struct obs_bind *verdict)
{
	struct obs_queue *out = v->env->out;
	struct obs obs = conversation_obs(v, OBS_BIND);
	struct obs_context *context = obs_queue_alloc(out, p->count * sizeof(*context));

	obs.at = p->at;
	obs.bind = *verdict;
	obs.bind.alter = p->alter;
	obs.bind.has_auth = p->auth.present;
	obs.bind.auth_type = p->auth.type;
	obs.bind.auth_level = p->auth.level;
	if (context != NULL) {
		memcpy(context, p->context, p->count * sizeof(*context));
		obs.bind.context_count = p->count;
		obs.bind.context = context;
	}
	obs_queue_push(out, &obs);
}

static void
report_unanswered(struct conversation *v, struct pending_bind *p)
{
	v->env->stats->rpc.unanswered++;
	report(v, p, &(struct obs_bind){.outcome = BIND_UNANSWERED});
	pending_free(p, v);
}

static bool
offers_known_syntax(const struct bind_offer *offer)
{
	size_t i;

	for (i = 0; i < offer->count; i++) {
		if (offer->context[i].syntax != SYNTAX_OTHER)
			return true;
	}
	return false;
}

void
binds_offer(
    struct binds *b, struct conversation *v, struct contexts *contexts, const struct pdu *pdu)
{
	struct cursor body = pdu->body;
	struct bind_offer offer;
	struct pending_bind *p;
	size_t i;

	/* a call id is used again only once its call is over: that answer was missed */
	p = take(b, pdu->head.call_id, pdu->head.type == PDU_ALTER_CONTEXT, false);
	if (p != NULL)
		report_unanswered(v, p);
	if (bind_parse_offer(&body, &offer) != ERR_OK)
		v->env->stats->rpc.malformed++;
	if (offers_known_syntax(&offer))
		v->proven = true;
	for (i = 0; i < offer.count; i++) {
		if (!contexts_offer(contexts, v->env->budget, &offer.context[i]))
			v->env->stats->capped++;
	}
	p = pending_new(v, pdu, &offer);
	if (p == NULL) {
		v->env->stats->capped++;
		return;
	}
	append(b, p);
	if (b->count > BINDS_PENDING)
		report_unanswered(v, take(b, b->first->call_id, false, true));
}

void
binds_passed(struct binds *b, const struct conversation *v, const struct pdu_header *head,
    const struct pdu_auth *auth, bool whole)
{
	bool alter = head->type == PDU_ALTER_CONTEXT;
	struct pending_bind *p;

	for (p = b->first; p != NULL; p = p->next) {
		if (p->call_id != head->call_id || p->alter != alter)
			continue;
		if (auth->present)
			p->auth = *auth;
		if (whole)
			p->at = *v->env->now;
	}
}

/* Results answer contexts by position; one without a result stays unanswered. */
static void
apply_results(struct pending_bind *p, const struct bind_answer *answer)
{
	size_t i;

	for (i = 0; i < p->count && i < answer->count; i++) {
		struct obs_context *c = &p->context[i];
		const struct bind_result *r = &answer->result[i];

		c->result = r->result;
		c->reason = r->reason;
		if (r->result == CONTEXT_ACCEPTANCE) {
			c->syntax_uuid = r->syntax;
			c->syntax = syntax_of(&r->syntax);
		}
	}
}

static void
acknowledge(struct conversation *v, struct contexts *contexts, const struct pdu *pdu,
    struct pending_bind *p)
{
	struct cursor body = pdu->body;
	struct bind_answer answer;
	size_t i;

	if (bind_parse_answer(&body, &answer) != ERR_OK)
		v->env->stats->rpc.malformed++;
	if (p->authenticated && !p->auth.present)
		p->auth = pdu->auth; /* of the same kind, where the offer's own was not captured */
	apply_results(p, &answer);
	for (i = 0; i < p->count; i++)
		contexts_settle(
		    contexts, v->env->budget, &p->context[i], v->env->now->ts_ns);
	report(v, p,
	    &(struct obs_bind){.outcome = BIND_ACKNOWLEDGED,
		.answered_ns = v->env->now->ts_ns,
		.secondary_address =
		    obs_queue_text(v->env->out, answer.sec_addr, answer.sec_addr_len)});
}

/* A bind_nak has a reason of its own; a fault in its place has none that belongs here. */
static void
reject(struct conversation *v, const struct pdu *pdu, const struct pending_bind *p)
{
	struct cursor body = pdu->body;
	uint16_t reason = 0;

	if (pdu->head.type == PDU_BIND_NAK && bind_parse_nak(&body, &reason) != ERR_OK)
		v->env->stats->rpc.malformed++;
	report(v, p,
	    &(struct obs_bind){.outcome = BIND_REJECTED,
		.reject_reason = reason,
		.answered_ns = v->env->now->ts_ns});
}

void
binds_answer(
    struct binds *b, struct conversation *v, struct contexts *contexts, const struct pdu *pdu)
{
	bool ack = pdu->head.type == PDU_BIND_ACK,
	     alter_resp = pdu->head.type == PDU_ALTER_CONTEXT_RESP;
	struct pending_bind *p = take(b, pdu->head.call_id, alter_resp, !ack && !alter_resp);

	if (p == NULL)
		return;
	v->proven = true;
	if (ack || alter_resp)
		acknowledge(v, contexts, pdu, p);
	else
		reject(v, pdu, p);
	pending_free(p, v);
}

void
binds_expire(struct binds *b, struct conversation *v, const struct patience *patience)
{
	while (
	    b->first != NULL && patience_is_over(patience, patience->answer_ns, b->first->at.ts_ns))
		report_unanswered(v, take(b, b->first->call_id, false, true));
}

void
binds_finish(struct binds *b, struct conversation *v)
{
	while (b->first != NULL)
		report_unanswered(v, take(b, b->first->call_id, false, true));
}

void
binds_free(struct binds *b, struct conversation *v)
{
	while (b->first != NULL)
		pending_free(take(b, b->first->call_id, false, true), v);
}
