/* referral.c - Exchange's referral service. */
#include "dissect/referral.h"

#include <stddef.h>
#include <stdint.h>

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/ndr.h"
#include "dissect/obs_queue.h"
#include "dissect/services.h"
#include "dissect/stub.h"

/* A pointer to a string of octets: max_count  offset  actual_count, each a count of the syntax, then the octets with a NUL. Nothing
 * where it is NULL. */
static struct cursor
string_pointer(struct ndr *n)
{
	uint64_t max_count, offset, actual;

	if (!ndr_pointer(n))
		return cur_init(NULL, 0, true);
	max_count = ndr_count(n);
	offset = ndr_count(n);
	actual = ndr_count(n);
	if (offset != 0 || actual > max_count || actual > cur_left(&n->c))
		cur_fail(&n->c, ERR_MALFORMED);
	return cur_sub(&n->c, (size_t)actual);
}

static struct cursor
string_pointer_pointer(struct ndr *n)
{
	return ndr_pointer(n) ? string_pointer(n) : cur_init(NULL, 0, true);
}

int
referral_parse_answer(enum referral_operation operation, const struct rpc_stub *stub,
    struct obs_queue *queue, struct obs_referral *out)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);
	struct cursor name;
	size_t len;

	*out = (struct obs_referral){.operation = operation};
	if (operation == REFERRAL_NEW_DSA)
		(void)string_pointer_pointer(&n);
	name = operation == REFERRAL_NEW_DSA ? string_pointer_pointer(&n) : string_pointer(&n);
	out->status = ndr_u32(&n);
	if (!cur_ok(&n.c) || cur_left(&n.c) != 0)
		return ERR_MALFORMED;
	len = cur_left(&name);
	out->to = len != 0 ? obs_queue_text(queue, cur_take(&name, len), len) : NULL;
	return ERR_OK;
}

bool
referral_question(struct conversation *v, const struct context *context, struct service_call *call,
    struct rpc_stub *stub)
{
	(void)v;
	(void)context;
	(void)call;
	(void)stub;
	return true;
}

/* In the syntax that was accepted; where the server's word on that is missing, in either. */
void
referral_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
{
	struct obs obs = conversation_obs(v, OBS_REFERRAL);
	enum referral_operation operation = (enum referral_operation)call->opnum;
	int r;

	stub->ndr64 = context->syntax == SYNTAX_NDR64;
	r = referral_parse_answer(operation, stub, v->env->out, &obs.referral);
	if (r != ERR_OK && !context->settled) {
		stub->ndr64 = !stub->ndr64;
		r = referral_parse_answer(operation, stub, v->env->out, &obs.referral);
	}
	if (r != ERR_OK) {
		v->env->stats->rpc.malformed++;
		return;
	}
	v->proven = true;
	obs_queue_push(v->env->out, &obs);
}
