/* mapper.c - the endpoint mapper as a service. */
#include "dissect/mapper.h"

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/epm.h"
#include "dissect/obs_queue.h"
#include "dissect/services.h"

/* The transfer syntax: as the context was accepted, else as the stub reads, else as the context was
 * offered. False where there is none of these. */
static bool
settle_question(const struct context *context, enum epm_operation operation, struct rpc_stub *stub)
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

bool
mapper_question(struct conversation *v, const struct context *context, struct service_call *call,
    struct rpc_stub *stub)
{
	enum epm_operation operation = (enum epm_operation)call->opnum;
	struct obs_epm_question *question = &call->question.mapper;

	if (!settle_question(context, operation, stub))
		return false;
	if (epm_parse_question(operation, stub, v->env->out, question) != ERR_OK)
		v->env->stats->rpc.malformed++;
	question->seen = true;
	question->call = call->number;
	question->ts_ns = v->env->now->ts_ns;
	question->frame = v->env->now->frame;
	return true;
}

/* Try what an answer without its question can be. */
static bool
guess(struct rpc_stub *stub, enum epm_operation *operation)
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
settle_answer(const struct context *context, const struct service_call *call, struct rpc_stub *stub,
    enum epm_operation *operation)
{
	if (!call->asked)
		return guess(stub, operation);
	*operation = (enum epm_operation)call->opnum;
	stub->ndr64 =
	    context != NULL && context->settled ? context->syntax == SYNTAX_NDR64 : call->ndr64;
	return true;
}

void
mapper_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
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
	obs.epm.question = call->question.mapper;
	obs.epm.question.side_visible = call->side_visible;
	obs.epm.elsewhere = call->elsewhere;
	v->proven = true;
	obs_queue_push(v->env->out, &obs);
}
