/* naming.c - requests that name their interface. */
#include "dissect/naming.h"

#include <stddef.h>

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/emsmdb.h"
#include "dissect/notices.h"
#include "dissect/pdu.h"
#include "dissect/stub.h"
#include "dissect/trailer.h"

/* In its last fragment, behind the stub, where it is signed. */
static bool
may_have_trailer(const struct naming *n, const struct pdu_header *head)
{
	return head->auth_len != 0 && (head->flags & PDU_LAST_FRAG) != 0 &&
	       head->frag_len <= NAMING_PDU && n->tries < NAMING_TRIES;
}

static bool
may_register(const struct pdu_header *head, uint16_t opnum)
{
	const uint8_t whole = PDU_FIRST_FRAG | PDU_LAST_FRAG;

	return opnum == EMSMDB_REGISTER && (head->flags & whole) == whole &&
	       head->frag_len <= NAMING_SMALL;
}

bool
naming_may(const struct naming *n, const struct pdu_header *head, uint16_t opnum)
{
	return may_have_trailer(n, head) || may_register(head, opnum);
}

static struct context *
learn(struct conversation *v, struct contexts *contexts, const struct obs_context *named)
{
	struct context *context;

	contexts_settle(contexts, v->env->budget, named, v->env->now->ts_ns);
	context = contexts_find(contexts, named->id);
	v->env->stats->capped += context == NULL;
	return context;
}

/* What a request's verification trailer names is as good as a bind: the server has accepted it, or there would be no request. */
static struct context *
learn_from_trailer(struct conversation *v, struct contexts *contexts, const struct pdu *pdu)
{
	struct obs_context named;
	struct context *context;

	if (!trailer_find_context(pdu, &named))
		return NULL;
	context = learn(v, contexts, &named);
	if (context != NULL && !context->everywhere)
		notices_use(v, context, USE_TRAILER);
	return context;
}

/* Nothing else has that form. That the interface answers is told with the answer. */
static struct context *
learn_from_form(struct conversation *v, struct contexts *contexts, const struct pdu *pdu)
{
	struct rpc_stub stub = {.data = pdu->stub, .len = pdu->stub_len, .le = pdu->head.le};
	struct obs_context named;
	struct context *context;

	if ((pdu->auth.present && pdu->auth.level >= PDU_PRIVACY) ||
	    !emsmdb_looks_like_registration(&stub))
		return NULL;
	emsmdb_context(pdu->context_id, stub.ndr64, &named);
	context = learn(v, contexts, &named);
	if (context != NULL) {
		context->heard = false;
		emsmdb_opened(v);
	}
	return context;
}

const struct context *
naming_learn(
    struct naming *n, struct conversation *v, struct contexts *contexts, const struct pdu *pdu)
{
	struct context *context = NULL;

	if (may_have_trailer(n, &pdu->head)) {
		n->tries++;
		context = learn_from_trailer(v, contexts, pdu);
	}
	if (context == NULL && may_register(&pdu->head, pdu->opnum))
		context = learn_from_form(v, contexts, pdu);
	return context;
}
