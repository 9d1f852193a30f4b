/* assoc.c - a conversation of DCE/RPC over one connection: two byte streams in, observations out.
 */
#include "dissect/assoc.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "dissect/activity.h"
#include "dissect/bind.h"
#include "dissect/binds.h"
#include "dissect/budget.h"
#include "dissect/calls.h"
#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/emsmdb.h"
#include "dissect/framer.h"
#include "dissect/naming.h"
#include "dissect/notices.h"
#include "dissect/ntlm.h"
#include "dissect/services.h"

enum {
	EPM_PORT = 135,
	EPM_PORT_HTTP = 593,
	FAULT_STATUS_END = PDU_CALL_HEADER + 4,
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
	struct naming naming;
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

/* The endpoint mapper's own port, or pipe. */
static bool
is_mappers(const struct conversation *v)
{
	if (v->transport == TRANSPORT_NP)
		return v->pipe != NULL && strcasecmp(v->pipe, "\\PIPE\\epmapper") == 0;
	return conversation_server(v)->port ==
	       (v->transport == TRANSPORT_HTTP ? EPM_PORT_HTTP : EPM_PORT);
}

/* Who reads the calls of a context: the service of its interface or, where that was never seen, the endpoint mapper on its port. */
static const struct service *
service_of(const struct assoc *a, const struct context *context)
{
	if (context != NULL)
		return context->service;
	return is_mappers(&a->v) ? services_mapper() : NULL;
}

/* A request to a mailbox, or to nobody knows what. */
static void
note_activity(struct assoc *a, bool known, uint16_t opnum)
{
	if (!known && a->v.transport == TRANSPORT_NP)
		return;
	activity_request(&a->v, known, opnum);
	if (!known)
		return;
	emsmdb_opened(&a->v);
	if (a->calls.count != 0)
		calls_overdue(&a->calls, &a->v);
}

static bool
wants_request(struct assoc *a, const struct pdu_header *head, const uint8_t *start)
{
	const struct context *context = contexts_find(&a->contexts, pdu_context_id(head, start));
	const struct service *service = service_of(a, context);

	if (service != NULL ? service->is_mailbox : context == NULL)
		note_activity(a, context != NULL, pdu_opnum(head, start));
	return (service != NULL && calls_wants_request(service, pdu_opnum(head, start))) ||
	       (context == NULL && naming_may(&a->naming, head, pdu_opnum(head, start)));
}

/* Every response shows that its interface answers, sealed or not, wanted or not; so that is seen here, where its header has come. One in
 * a context that was never seen shows that something answers: which of a port's interfaces it is remains open until a request names it,
 * or for who remembers the bind. */
static bool
wants_response(struct assoc *a, const struct pdu_header *head, const uint8_t *start)
{
	struct context *context = contexts_find(&a->contexts, pdu_context_id(head, start));
	const struct service *service = service_of(a, context);

	if (context != NULL && context_is_news(context, a->v.env->now->ts_ns))
		notices_use(&a->v, context, USE_RESPONSE);
	if (context == NULL && service == NULL && a->v.transport == TRANSPORT_TCP)
		notices_answered(&a->v);
	return service != NULL && calls_wants_response(&a->calls, service, head->call_id);
}

/* Where a call waits: up to the status, at least. */
static size_t
fault_extent(const struct pdu_header *head, size_t have)
{
	size_t least = head->frag_len < FAULT_STATUS_END ? head->frag_len : FAULT_STATUS_END;

	return have > least ? have : least;
}

/* A bind is used as soon as its contexts are complete, its answer once all results are there: what follows
 * are tokens. Of faults and refusals the start says it all. */
static size_t
wanted(struct direction *d, const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct assoc *a = d->assoc;

	a->has_pdu = true;
	/* Only RPC over HTTP has these: its beginning was not seen. */
	if (head->type == PDU_RTS && a->v.transport == TRANSPORT_TCP)
		a->v.transport = TRANSPORT_HTTP;
	if (!settle_roles(&a->v, d->from, head->type))
		return have; /* to be refused where it is counted */
	switch (head->type) {
	case PDU_REQUEST:
		return wants_request(a, head, start) ? head->frag_len : 0;
	case PDU_RESPONSE:
		return wants_response(a, head, start) ? head->frag_len : 0;
	case PDU_BIND:
	case PDU_ALTER_CONTEXT:
		return bind_offer_extent(head, start, have);
	case PDU_BIND_ACK:
	case PDU_ALTER_CONTEXT_RESP:
		return bind_answer_extent(head, start, have);
	case PDU_FAULT:
		return a->calls.count != 0 ? fault_extent(head, have) : have;
	case PDU_BIND_NAK:
		return have;
	default:
		return 0;
	}
}

static size_t
want(void *ctx, const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct direction *d = ctx;
	size_t n = wanted(d, head, start, have);

	if (head->type != PDU_RTS)
		d->assoc->v.pdu_ns = d->assoc->v.env->now->ts_ns;
	return n;
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
	if (contexts_have_mailbox(&a->contexts))
		emsmdb_opened(&a->v);
}

static void
on_request(struct assoc *a, const struct pdu *pdu)
{
	const struct context *context = contexts_find(&a->contexts, pdu->context_id);
	const struct service *service;

	if (context == NULL)
		context = naming_learn(&a->naming, &a->v, &a->contexts, pdu);
	service = service_of(a, context);
	notices_sealed(&a->v, &pdu->auth, service != NULL && service->is_mapper);
	if (service != NULL && calls_wants_request(service, pdu->opnum))
		calls_request(&a->calls, &a->v, service, context, pdu);
}

static void
on_response(struct assoc *a, const struct pdu *pdu)
{
	const struct context *context = contexts_find(&a->contexts, pdu->context_id);
	const struct service *service = service_of(a, context);
	bool by_mapper = service != NULL && service->is_mapper;

	notices_sealed(&a->v, &pdu->auth, by_mapper);
	a->v.env->stats->rpc.sealed_answers += by_mapper && pdu->auth.present &&
					       pdu->auth.level >= PDU_PRIVACY &&
					       (pdu->head.flags & PDU_FIRST_FRAG) != 0;
	if (service != NULL)
		calls_response(&a->calls, &a->v, service, context, pdu);
}

/* A fault may end a call, or stand in the place of an answer to a bind. */
static void
on_fault(struct assoc *a, const struct pdu *pdu)
{
	calls_fault(&a->calls, &a->v, pdu);
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

/* In an answer to a bind NTLM's challenge may lie, whose names are the server's own. */
static size_t
want_token(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth)
{
	struct direction *d = ctx;

	if (head->type != PDU_BIND_ACK && head->type != PDU_ALTER_CONTEXT_RESP)
		return 0;
	if (auth->type != PDU_SPNEGO && auth->type != PDU_NTLMSSP)
		return 0;
	return settle_roles(&d->assoc->v, d->from, head->type) ? NTLM_TOKEN : 0;
}

static void
take_token(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth,
    const uint8_t *data, size_t len)
{
	struct direction *d = ctx;

	(void)head;
	(void)auth;
	notices_token(&d->assoc->v, data, len);
}

/* The token of a PDU that was there in one piece, at ${data}. */
static void
take_whole_token(struct direction *d, const struct pdu *pdu, const uint8_t *data)
{
	struct cursor c = cur_init(data, pdu->head.frag_len, pdu->head.le);
	const uint8_t *token;

	if (!pdu->auth.present || want_token(d, &pdu->head, &pdu->auth) == 0)
		return;
	cur_skip(&c, pdu_body_end(&pdu->head) + PDU_SEC_TRAILER);
	token = cur_take(&c, pdu->head.auth_len);
	take_token(d, &pdu->head, &pdu->auth, token, pdu->head.auth_len);
}

static void
take_pdu(void *ctx, const struct pdu_header *head, const uint8_t *data, size_t len)
{
	struct direction *d = ctx;
	struct assoc *a = d->assoc;
	struct pdu pdu;
	bool good =
	    settle_roles(&a->v, d->from, head->type) && pdu_parse_start(data, len, &pdu) == ERR_OK;

	if (!good) {
		a->v.seen[d->from] = false;
		a->v.env->stats->rpc.malformed++;
		return;
	}
	conversation_saw(&a->v, d->from, head->call_id);
	if (handlers[head->type] != NULL)
		handlers[head->type](a, &pdu);
	if (len == head->frag_len)
		take_whole_token(d, &pdu, data);
}

static void
passed(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth, bool whole)
{
	struct direction *d = ctx;
	struct assoc *a = d->assoc;

	switch (head->type) {
	case PDU_REQUEST:
	case PDU_RESPONSE:
		if (auth->present)
			notices_sealed(&a->v, auth, false);
		break;
	case PDU_BIND:
	case PDU_ALTER_CONTEXT:
		binds_passed(&a->binds, &a->v, head, auth, whole);
		break;
	default:
		break;
	}
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

static const struct framer_sink sink = {want, take_pdu, passed, lost, want_token, take_token};

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
	a->v = (struct conversation){.env = env,
	    .side = {sides[0], sides[1]},
	    .transport = transport,
	    .client = client,
	    .pdu_ns = ACTIVITY_NEVER,
	    .mailbox_at = *env->now};
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
	calls_free(&gone->calls, &gone->v);
	free(gone);
	budget_give(budget, sizeof(*gone));
	*a = NULL;
}

void
assoc_begins(struct assoc *a, int from)
{
	conversation_begins(&a->v, from);
}

void
assoc_name_pipe(struct assoc *a, const char *name)
{
	a->v.pipe = name;
}

void
assoc_name_backend(struct assoc *a, const char *name)
{
	a->v.backend = name;
}

void
assoc_set_transport(struct assoc *a, enum transport transport)
{
	a->v.transport = transport;
}

void
assoc_data(struct assoc *a, int from, const uint8_t *data, size_t len)
{
	framer_data(&a->direction[from].framer, data, len);
}

/* Does nobody read the request, nor ask for more than that it was there? As wants_request() would say it. */
static bool
is_idle_request(const struct context *context, uint16_t opnum)
{
	const struct service *service = context->service;

	return service == NULL || (!service->is_mailbox && !calls_wants_request(service, opnum));
}

static bool
is_idle_response(
    const struct assoc *a, const struct context *context, uint32_t call_id, int64_t now_ns)
{
	const struct service *service = context->service;

	return context_is_known(context, now_ns) &&
	       (service == NULL || !calls_wants_response(&a->calls, service, call_id));
}

/* Is the call at ${data}, which is there as a whole, one of which want() would say that it is of no use, and tell nothing? */
static bool
is_idle(const struct assoc *a, int from, const struct pdu_header *head, const uint8_t *data,
    int64_t now_ns)
{
	int client = head->type == PDU_REQUEST ? from : 1 - from;
	const struct context *context;

	if ((head->type != PDU_REQUEST && head->type != PDU_RESPONSE) || a->v.client != client)
		return false;
	context = contexts_find(&a->contexts, pdu_context_id(head, data));
	if (context == NULL)
		return false;
	return head->type == PDU_REQUEST ? is_idle_request(context, pdu_opnum(head, data))
					 : is_idle_response(a, context, head->call_id, now_ns);
}

bool
assoc_pass(struct assoc *a, int from, const uint8_t *data, size_t len, int64_t now_ns)
{
	struct framer *f = &a->direction[from].framer;
	struct pdu_header *head = &f->head;
	struct pdu_auth auth = {0};

	if (!framer_is_between(f) || pdu_header_parse(data, len, head) != ERR_OK ||
	    head->frag_len != len || !is_idle(a, from, head, data, now_ns))
		return false;
	if (head->auth_len != 0)
		pdu_trailer_parse(data + pdu_body_end(head), head->le, &auth);
	/* The first that is sealed is noted with its packet. */
	if (auth.present && !notices_sealed_again(&a->v, &auth))
		return false;
	a->has_pdu = true;
	a->v.pdu_ns = now_ns;
	a->v.env->stats->rpc.pdus++;
	return true;
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
	notices_expire(&a->v, patience);
}

void
assoc_finish(struct assoc *a)
{
	binds_finish(&a->binds, &a->v);
	calls_finish(&a->calls, &a->v);
	notices_finish(&a->v);
	if (a->has_pdu && a->contexts.count == 0)
		emsmdb_met(&a->v);
	emsmdb_closed(&a->v);
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
