/* emsmdb.c - Exchange's store. */
#include "dissect/emsmdb.h"

#include <stddef.h>

#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/dissector.h"
#include "dissect/hints.h"
#include "dissect/ndr.h"
#include "dissect/obs_queue.h"
#include "dissect/services.h"
#include "dissect/stub.h"

/* Families of a sockaddr, as Windows numbers them. */
enum {
	FAMILY_IPV4 = 2,
	FAMILY_IPV6 = 23,
	SOCKADDR_IPV4 = 16, /* octets */
	SOCKADDR_IPV6 = 28,
};

enum {
	CALL_FAILED = 1726, /* RPC_S_CALL_FAILED: for a fault whose status is not there */
};

static bool
is_known_family(uint16_t family)
{
	return family == FAMILY_IPV4 || family == FAMILY_IPV6;
}

/* In the client's order, which is that of its PDUs; some clients write it as Windows does whatever their order. */
static uint16_t
parse_family(struct cursor *c)
{
	struct cursor again = *c;
	uint16_t family = cur_u16(c), windows = cur_u16_le(&again);

	return is_known_family(family) || !is_known_family(windows) ? family : windows;
}

/*
 *  0 family:u16  2 port:u16be  4 address(4)                        zeros(8)    IPv4
 *  0 family:u16  2 port:u16be  4 flowinfo:u32  8 address(16)  24 scope:u32     IPv6
 */
static void
parse_sockaddr(struct cursor c, struct obs_registration *out)
{
	const uint8_t *address;

	out->family = parse_family(&c);
	if (!is_known_family(out->family))
		return;
	out->port = cur_u16_be(&c);
	if (out->family == FAMILY_IPV6)
		cur_skip(&c, 4);
	address = cur_take(&c, out->family == FAMILY_IPV6 ? 16 : 4);
	if (address == NULL) {
		out->port = 0;
		return;
	}
	out->address = out->family == FAMILY_IPV6 ? addr_from_v6(address) : addr_from_v4(address);
	out->has_address = true;
}

/* count  octets(count)  size:u16, which says again how many there are. */
static struct cursor
sized_octets(struct ndr *n)
{
	uint64_t count = ndr_count(n);
	struct cursor octets;

	if (count > UINT16_MAX)
		cur_fail(&n->c, ERR_MALFORMED);
	octets = cur_sub(&n->c, (size_t)count);
	cur_align(&n->c, 2);
	if (cur_u16(&n->c) != count)
		cur_fail(&n->c, ERR_MALFORMED);
	return octets;
}

/* The parts of a question. */
struct parts {
	bool live; /* the context handle is one */
	uint32_t irpc;
	struct cursor context, address;
	uint32_t mask;
};

static int
split(const struct rpc_stub *stub, struct ndr *n, struct parts *out)
{
	*n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);
	out->live = ndr_handle(n, NULL);
	out->irpc = ndr_u32(n);
	out->context = sized_octets(n);
	out->mask = ndr_u32(n);
	out->address = sized_octets(n);
	return n->c.status;
}

int
emsmdb_parse_registration(const struct rpc_stub *stub, struct obs_registration *out)
{
	struct parts parts;
	struct ndr n;
	int r = split(stub, &n, &parts);

	*out = (struct obs_registration){.mask = parts.mask};
	if (r != ERR_OK)
		return r;
	if (cur_left(&parts.context) > PUSH_CONTEXT_MAX)
		return ERR_MALFORMED;
	out->context_len = cur_left(&parts.context);
	cur_copy(&parts.context, out->context, out->context_len);
	parse_sockaddr(parts.address, out);
	return ERR_OK;
}

/* A sockaddr of its exact size that somebody could be reached at. */
static bool
is_callback(const struct parts *parts)
{
	struct obs_registration r = {0};

	parse_sockaddr(parts->address, &r);
	return r.has_address && r.port != 0 && !addr_is_unspecified(&r.address) &&
	       cur_left(&parts->address) ==
		   (r.family == FAMILY_IPV6 ? SOCKADDR_IPV6 : SOCKADDR_IPV4);
}

bool
emsmdb_looks_like_registration(struct rpc_stub *stub)
{
	for (int wide = 0; wide < 2; wide++) {
		struct parts parts;
		struct ndr n;
		size_t context;

		stub->ndr64 = wide != 0;
		if (split(stub, &n, &parts) != ERR_OK)
			continue;
		context = cur_left(&parts.context);
		if (parts.live && parts.irpc == 0 && context != 0 && context <= PUSH_CONTEXT_MAX &&
		    cur_left(&n.c) == 0 && is_callback(&parts))
			return true;
	}
	return false;
}

int
emsmdb_parse_registered(const struct rpc_stub *stub, uint32_t *status)
{
	struct ndr n = ndr_init(stub->data, stub->len, stub->le, stub->ndr64);

	ndr_handle(&n, NULL);
	(void)ndr_u32(&n);
	*status = ndr_u32(&n);
	return n.c.status;
}

uint8_t
emsmdb_context_len(uint32_t hint, bool wide)
{
	static const struct {
		uint8_t ipv4, ipv6, len;
	} hints[2][2] = {{{66, 78, 8}, {74, 86, 16}}, {{74, 86, 8}, {82, 94, 16}}};

	for (size_t i = 0; i < 2; i++) {
		if (hint == hints[wide][i].ipv4 || hint == hints[wide][i].ipv6)
			return hints[wide][i].len;
	}
	return 0;
}

static void
tell_mailbox(struct conversation *v, const struct where *at, enum mailbox_how how)
{
	struct obs obs = conversation_obs(v, OBS_MAILBOX);

	obs.at = *at;
	obs.mailbox.how = how;
	obs_queue_push(v->env->out, &obs);
}

static void
tell_registration(
    struct conversation *v, const struct emsmdb_question *question, bool answered, uint32_t status)
{
	struct obs obs = conversation_obs(v, OBS_REGISTRATION);

	obs.at = question->at;
	obs.registration = question->registration;
	obs.registration.answered = answered;
	obs.registration.status = status;
	obs_queue_push(v->env->out, &obs);
}

/* A call that opens a mailbox, or prepares to wait for news of it, was not refused. */
static void
tell_opened(struct conversation *v, const struct service_call *call)
{
	tell_mailbox(v, &call->question.emsmdb.at,
	    call->opnum == EMSMDB_ASYNC_CONNECT_EX ? MAILBOX_WAITS : MAILBOX_CONNECTED);
}

/* In the syntax that was accepted; where the server's word on that is missing, in either. */
static bool
read_registration(struct conversation *v, const struct context *context, struct rpc_stub *stub,
    struct obs_registration *out)
{
	int r;

	stub->ndr64 = context->syntax == SYNTAX_NDR64;
	r = emsmdb_parse_registration(stub, out);
	if (r != ERR_OK && !context->settled) {
		stub->ndr64 = !stub->ndr64;
		r = emsmdb_parse_registration(stub, out);
	}
	v->env->stats->rpc.malformed += r != ERR_OK;
	return r == ERR_OK;
}

/* Of the others nothing is of interest but that they are asked. True if the answer is. */
static bool
is_awaited(struct conversation *v, struct service_call *call)
{
	call->question.emsmdb = (struct emsmdb_question){.at = *v->env->now};
	if (call->opnum != EMSMDB_DISCONNECT)
		return true;
	tell_mailbox(v, v->env->now, MAILBOX_DISCONNECTED);
	return false;
}

bool
emsmdb_question(struct conversation *v, const struct context *context, struct service_call *call,
    struct rpc_stub *stub)
{
	if (!is_awaited(v, call))
		return false;
	return call->opnum != EMSMDB_REGISTER ||
	       read_registration(v, context, stub, &call->question.emsmdb.registration);
}

bool
emsmdb_sealed(
    struct conversation *v, const struct context *context, struct service_call *call, uint32_t hint)
{
	struct obs_registration *registration = &call->question.emsmdb.registration;

	if (!is_awaited(v, call))
		return false;
	registration->sealed = true;
	registration->context_len = emsmdb_context_len(hint, context->syntax == SYNTAX_NDR64);
	return true;
}

/* The last four octets of an answer are the call's own status. */
static bool
is_refusal(const struct rpc_stub *stub)
{
	struct cursor c = cur_init(stub->data, stub->len, stub->le);

	cur_skip(&c, stub->len - stub->len % 4);
	if (cur_at(&c) < 4)
		return false;
	c.pos -= 4;
	return cur_u32(&c) != 0;
}

void
emsmdb_answer(struct conversation *v, const struct context *context,
    const struct service_call *call, struct rpc_stub *stub)
{
	uint32_t status = 0;
	bool read;

	(void)context;
	v->proven = true;
	if (call->opnum != EMSMDB_REGISTER) {
		if (!is_refusal(stub))
			tell_opened(v, call);
		return;
	}
	stub->ndr64 = call->ndr64;
	read = emsmdb_parse_registered(stub, &status) == ERR_OK;
	v->env->stats->rpc.malformed += !read;
	tell_registration(v, &call->question.emsmdb, read, status);
}

/* A sealed answer to what was asked in clear tells no status, so nothing is said of it. */
void
emsmdb_ended(
    struct conversation *v, const struct service_call *call, enum call_end how, uint32_t status)
{
	bool sealed = call->question.emsmdb.registration.sealed;

	if (call->opnum == EMSMDB_REGISTER)
		tell_registration(v, &call->question.emsmdb,
		    how == CALL_FAULT || (how == CALL_SEALED && sealed),
		    how == CALL_FAULT && status == 0 ? CALL_FAILED : status);
	else if (how != CALL_FAULT)
		tell_opened(v, call);
}

bool
emsmdb_wait_question(struct conversation *v, const struct context *context,
    struct service_call *call, struct rpc_stub *stub)
{
	(void)stub;
	return emsmdb_wait_sealed(v, context, call, 0);
}

bool
emsmdb_wait_sealed(
    struct conversation *v, const struct context *context, struct service_call *call, uint32_t hint)
{
	(void)context;
	(void)call;
	(void)hint;
	tell_mailbox(v, v->env->now, MAILBOX_WAITS);
	return false;
}

void
emsmdb_context(uint16_t id, bool wide, struct obs_context *out)
{
	*out = (struct obs_context){.id = id,
	    .iface = {.uuid = {{0xa4, 0xf1, 0xdb, 0x00, 0xca, 0x47, 0x10, 0x67, 0xb3, 0x1f, 0x00,
			  0xdd, 0x01, 0x06, 0x62, 0xda}},
		.minor = 81},
	    .syntax = wide ? SYNTAX_NDR64 : SYNTAX_NDR,
	    .result = CONTEXT_ACCEPTANCE};
}

void
emsmdb_opened(struct conversation *v)
{
	if (v->has_mailbox)
		return;
	v->has_mailbox = true;
	v->mailbox_at = *v->env->now;
}

void
emsmdb_met(struct conversation *v)
{
	const struct assoc_side *server = v->client >= 0 ? conversation_server(v) : NULL;

	if (server == NULL || v->transport != TRANSPORT_TCP || v->backend != NULL || v->whole[0] ||
	    v->whole[1])
		return;
	v->has_mailbox |= hints_is_store(v->env->hints, &server->addr, server->port);
}

/* The packet at hand may be of another connection, for which this one makes room. */
void
emsmdb_closed(struct conversation *v)
{
	struct where at = v->mailbox_at;

	if (!v->has_mailbox || v->env->is_over)
		return;
	v->has_mailbox = false;
	at.ts_ns = v->env->now->ts_ns;
	at.frame = v->env->now->frame;
	at.source = v->env->now->source;
	tell_mailbox(v, &at, MAILBOX_CLOSED);
}
