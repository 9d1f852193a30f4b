#include "dissect/datagrams.h"

#include <string.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "dissect/assoc.h"
#include "dissect/contexts.h"
#include "dissect/conversation.h"
#include "dissect/datagram.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/patience.h"
#include "dissect/stub.h"

enum {
	PROFINET_PORT = 34964
};

#define LOSSY_NS (600 * NS_PER_S)

void
datagrams_init(struct datagrams *d, struct assoc_env *env, uint64_t secret)
{
	*d = (struct datagrams){
	    .env = env, .uses = {.secret = secret}, .pairs = {.secret = secret}};
	datagram_table_init(&d->calls, env->budget, secret);
}

void
datagrams_deinit(struct datagrams *d)
{
	datagram_table_deinit(&d->calls);
}

/* Keys are compared as bytes, so all of them are set. */
static struct datagram_key
key_of(const struct datagram *dg, const struct where *at, bool from_client)
{
	return (struct datagram_key){
	    .activity = dg->activity,
	    .client = from_client ? at->src : at->dst,
	    .seqnum = dg->seqnum,
	    .client_port = from_client ? at->sport : at->dport,
	    .realm = at->realm,
	};
}

static struct datagram_pair *
pair_of(struct datagrams *d, const struct datagram_call *call, const struct addr *server)
{
	return datagram_pairs_of(&d->pairs, server, &call->key.client, call->key.realm);
}

/* A mirror that loses bytes of TCP loses datagrams, too. */
static bool
is_lossy(struct datagrams *d, int64_t now_ns)
{
	uint64_t gaps = d->env->stats->tcp.gaps;

	if (gaps != d->gaps)
		d->gap_ns = now_ns;
	d->gaps = gaps;
	return d->gap_ns != 0 && now_ns - d->gap_ns <= LOSSY_NS && d->gap_ns - now_ns <= LOSSY_NS;
}

static bool
is_mapper(const struct datagram_call *call)
{
	return call->service != NULL && call->service->is_mapper;
}

static void
forget(struct datagrams *d, struct datagram_call *call)
{
	d->env->stats->rpc.unanswered += call->known.read && is_mapper(call) && !call->answered;
	if (call->asked && !call->answered)
		datagram_pair_missed(pair_of(d, call, &call->server), d->env->now->ts_ns);
	datagram_table_drop(&d->calls, call);
}

static struct datagram_call *
add(struct datagrams *d, const struct datagram_key *key)
{
	struct datagram_call *call;

	if (datagram_table_is_full(&d->calls)) {
		call = datagram_table_oldest(&d->calls);
		d->env->stats->datagram.evicted += !call->answered;
		forget(d, call);
	}
	call = datagram_table_add(&d->calls, key);
	if (call == NULL)
		d->env->stats->capped++;
	return call;
}

static struct datagram_call *
find_or_add(
    struct datagrams *d, const struct datagram *dg, const struct where *at, bool from_client)
{
	struct datagram_key key = key_of(dg, at, from_client);
	struct datagram_call *call = datagram_table_find(&d->calls, &key);

	if (call == NULL) {
		call = add(d, &key);
		if (call != NULL) {
			call->iface = dg->iface;
			call->service = services_find(&dg->iface);
		}
	} else if (memcmp(&call->iface, &dg->iface, sizeof(call->iface)) != 0) {
		return NULL;
	}
	if (call != NULL)
		datagram_table_use(&d->calls, call, at->ts_ns);
	return call;
}

static bool
is_sealed(struct datagrams *d, const struct datagram_call *call, const struct datagram *dg)
{
	if (!dg->sealed)
		return false;
	d->env->stats->rpc.sealed++;
	d->env->stats->rpc.sealed_epm += is_mapper(call);
	return true;
}

/* The two that ${call} is between, as far as is known with packet ${at}: side 0 is the client. */
static struct conversation
conversation_of(struct datagrams *d, const struct datagram_call *call, const struct where *at)
{
	bool known = call->asked && !call->anybody;
	struct assoc_side client = {.addr = call->key.client, .port = call->key.client_port};
	struct assoc_side server = {.addr = known ? call->server : at->src,
	    .port = call->asked ? call->server_port : at->sport};

	return (struct conversation){
	    .env = d->env, .side = {client, server}, .transport = TRANSPORT_UDP, .client = 0};
}

/* Both a request and a response were seen. */
static void
report_use(struct datagrams *d, const struct datagram_call *call, const struct where *at)
{
	struct conversation v = conversation_of(d, call, at);
	struct obs obs = conversation_obs(&v, OBS_USE);
	struct datagram_use use = {.server = obs.server,
	    .iface = call->iface,
	    .port = obs.server_port,
	    .realm = call->key.realm};

	if (!datagram_uses_is_new(&d->uses, &use, at->ts_ns))
		return;
	obs.use.proof = USE_DATAGRAM;
	obs.use.iface = call->iface;
	obs_queue_push(d->env->out, &obs);
}

/* What fragments make, once all are there. There is no other syntax than NDR. */
static bool
put_together(struct datagrams *d, struct datagram_body *body, const struct datagram *dg,
    struct rpc_stub *out)
{
	switch (datagram_body_add(body, d->env->budget, dg, RPC_STUB_MAX)) {
	case DATAGRAM_MORE:
		return false;
	case DATAGRAM_BROKE:
		d->env->stats->capped++;
		return false;
	case DATAGRAM_DONE:
		break;
	}
	*out =
	    (struct rpc_stub){.data = body->octets.data, .len = body->octets.len, .le = body->le};
	return true;
}

/* What an association would know from a bind. */
static struct context
context_of(const struct datagram_call *call)
{
	return (struct context){
	    .iface = call->iface, .syntax = SYNTAX_NDR, .settled = true, .service = call->service};
}

static void
take_question(struct datagrams *d, struct datagram_call *call, const struct datagram *dg,
    const struct where *at)
{
	struct conversation v = conversation_of(d, call, at);
	struct context context = context_of(call);
	struct rpc_stub stub;

	if (call->known.asked || !service_reads(call->service, call->known.opnum) ||
	    !put_together(d, &call->question, dg, &stub))
		return;
	call->known.asked = true;
	call->known.read = call->service->question(&v, &context, &call->known, &stub);
	datagram_body_free(&call->question, d->env->budget);
}

/* Is the call before this one of its activity known, or is this the first? */
static bool
follows_on(struct datagrams *d, const struct datagram_call *call)
{
	struct datagram_key before = call->key;

	if (before.seqnum-- == 0)
		return true;
	return datagram_table_find(&d->calls, &before) != NULL;
}

static void
note_pair(struct datagrams *d, const struct datagram_call *call, const struct where *at)
{
	struct datagram_pair *pair = pair_of(d, call, &at->dst);

	datagram_pair_asked(pair, at->ts_ns);
	if (call->answered || !follows_on(d, call))
		datagram_pair_missed(pair, at->ts_ns);
}

/* Of where a device of PROFINET is asked, nothing is ours. */
static void
note_request(struct datagram_call *call, const struct datagram *dg, const struct where *at)
{
	call->asked = true;
	call->known.opnum = dg->opnum;
	call->server = at->dst;
	call->server_port = at->dport;
	call->anybody = (dg->flags & DATAGRAM_BROADCAST) != 0;
	call->ignored = at->dport == PROFINET_PORT;
}

static void
take_request(struct datagrams *d, const struct datagram *dg, const struct where *at)
{
	struct datagram_call *call;
	bool early;

	if ((dg->flags & DATAGRAM_MAYBE) != 0)
		return;
	call = find_or_add(d, dg, at, true);
	if (call == NULL)
		return;
	early = call->answered && !call->asked;
	if (!call->asked) {
		note_pair(d, call, at);
		note_request(call, dg, at);
	}
	if (call->ignored || is_sealed(d, call, dg))
		return;
	if (call->service != NULL && !call->answered)
		take_question(d, call, dg, at);
	if (early && !call->anybody && !is_mapper(call))
		report_use(d, call, at);
}

/* Is there a tower of one of PROFINET's interfaces? In towers identifiers are little-endian. */
static bool
names_profinet(const struct rpc_stub *stub)
{
	static const uint8_t octets[] = {0x00, 0xa0, 0xde, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71};
	struct cursor c = cur_init(stub->data, stub->len, stub->le);

	while (cur_left(&c) >= sizeof(octets)) {
		const uint8_t *p = memchr(c.pos, octets[0], cur_left(&c) - sizeof(octets) + 1);

		if (p == NULL)
			return false;
		if (memcmp(p, octets, sizeof(octets)) == 0)
			return true;
		cur_skip(&c, (size_t)(p + 1 - c.pos));
	}
	return false;
}

/* Had this call been asked, would it have been seen? Where another of its activity was, it was asked, and is lost. */
static bool
would_have_seen(struct datagrams *d, const struct datagram_call *call, const struct where *at)
{
	struct datagram_key before = call->key;

	if (is_lossy(d, at->ts_ns) || !datagram_pair_proves(pair_of(d, call, &at->src), at->ts_ns))
		return false;
	before.seqnum--;
	return datagram_table_find(&d->calls, &before) == NULL;
}

/* An answer whose question was not seen is for the service to guess. */
static void
take_answer(struct datagrams *d, const struct datagram_call *call, struct rpc_stub *stub,
    const struct where *at)
{
	struct conversation v = conversation_of(d, call, at);
	struct context context = context_of(call);
	struct service_call known = call->known;

	known.side_visible = !call->asked && would_have_seen(d, call, at);
	if (is_mapper(call) && names_profinet(stub))
		d->env->stats->datagram.profinet++;
	else if (known.asked ? known.read : call->service->guesses)
		call->service->answer(&v, &context, &known, stub);
}

/* An answer of the endpoint mapper by a host that was not asked; the one that was may still answer. */
static void
take_elsewhere(struct datagrams *d, const struct datagram_call *call, const struct datagram *dg,
    const struct where *at)
{
	struct conversation v = conversation_of(d, call, at);
	struct context context = context_of(call);
	struct service_call known = call->known;
	struct datagram_body whole = {0};
	struct rpc_stub stub;

	v.side[1] = (struct assoc_side){.addr = at->src, .port = at->sport};
	known.elsewhere = true;
	if (known.read && put_together(d, &whole, dg, &stub))
		call->service->answer(&v, &context, &known, &stub);
	datagram_body_free(&whole, d->env->budget);
}

static bool
is_elsewhere(const struct datagram_call *call, const struct where *at)
{
	return call->asked && !call->anybody && is_mapper(call) &&
	       !addr_equal(&call->server, &at->src);
}

/* A fragment of what a service answers, or the whole. */
static void
take_service(struct datagrams *d, struct datagram_call *call, const struct datagram *dg,
    const struct where *at)
{
	struct rpc_stub stub;

	if (!call->asked)
		call->known.opnum = dg->opnum;
	if (!service_reads(call->service, call->known.opnum)) {
		call->answered = true;
		return;
	}
	if (!put_together(d, &call->answer, dg, &stub))
		return;
	call->answered = true;
	take_answer(d, call, &stub, at);
	datagram_body_free(&call->answer, d->env->budget);
}

/* One that nobody was seen to ask for is something that was missed, unless it is a forgery; the next one proves nothing then. */
static void
note_answered(struct datagrams *d, const struct datagram_call *call, const struct where *at)
{
	struct datagram_pair *pair = pair_of(d, call, &at->src);

	if (call->asked)
		datagram_pair_answered(pair, at->ts_ns);
	else
		datagram_pair_missed(pair, at->ts_ns);
}

static void
take_response(struct datagrams *d, const struct datagram *dg, const struct where *at)
{
	struct datagram_call *call = find_or_add(d, dg, at, false);

	if (call == NULL || call->answered || call->ignored)
		return;
	if (is_elsewhere(call, at)) {
		take_elsewhere(d, call, dg, at);
		return;
	}
	if (is_sealed(d, call, dg)) {
		call->answered = true;
		d->env->stats->rpc.sealed_answers += is_mapper(call);
	} else if (call->service == NULL) {
		call->answered = true;
	} else {
		take_service(d, call, dg, at);
	}
	if (call->answered)
		note_answered(d, call, at);
	if (call->answered && call->asked && !is_mapper(call))
		report_use(d, call, at);
}

/* The call ended, and nothing was told. */
static void
take_refusal(struct datagrams *d, const struct datagram *dg, const struct where *at)
{
	struct datagram_key key = key_of(dg, at, false);
	struct datagram_call *call = datagram_table_find(&d->calls, &key);

	if (call != NULL)
		call->answered = true;
}

/* The server is at it: the wait begins anew. */
static void
take_working(struct datagrams *d, const struct datagram *dg, const struct where *at)
{
	struct datagram_key key = key_of(dg, at, false);
	struct datagram_call *call = datagram_table_find(&d->calls, &key);

	if (call != NULL)
		datagram_table_use(&d->calls, call, at->ts_ns);
}

static void
take(struct datagrams *d, const struct datagram *dg, const struct where *at)
{
	switch (dg->type) {
	case DATAGRAM_REQUEST:
		take_request(d, dg, at);
		break;
	case DATAGRAM_RESPONSE:
		take_response(d, dg, at);
		break;
	case DATAGRAM_FAULT:
	case DATAGRAM_REJECT:
		take_refusal(d, dg, at);
		break;
	case DATAGRAM_WORKING:
		take_working(d, dg, at);
		break;
	default: /* what keeps a call going, and says nothing of it */
		break;
	}
}

void
datagrams_frame(struct datagrams *d, const struct frame *frame)
{
	struct dissect_stats *stats = d->env->stats;
	struct datagram dg;

	if (datagram_parse(frame->payload, frame->payload_len, frame->payload_wire, &dg) != ERR_OK)
		return;
	stats->rpc.pdus++;
	stats->datagram.pdus++;
	if (datagram_is_profinet(&dg.iface.uuid))
		stats->datagram.profinet++;
	else
		take(d, &dg, &frame->at);
}

void
datagrams_tick(struct datagrams *d, const struct patience *patience)
{
	struct datagram_call *call;

	while ((call = datagram_table_oldest(&d->calls)) != NULL &&
	       patience_is_over(patience, patience->answer_ns, call->since_ns))
		forget(d, call);
}

void
datagrams_finish(struct datagrams *d)
{
	struct datagram_call *call;

	while ((call = datagram_table_oldest(&d->calls)) != NULL)
		forget(d, call);
	datagram_table_deinit(&d->calls);
}
