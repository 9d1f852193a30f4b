#include "dissect/candidates.h"

#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "dissect/assoc.h"
#include "dissect/classifier.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "dissect/unreachable.h"

#define MINUTE_NS (60 * NS_PER_S)

void
candidates_init(struct candidates *c, struct assoc_env *env, struct flow_table *flows,
    struct classifier *classifier, const struct duplicates *copies)
{
	*c = (struct candidates){.env = env,
	    .classifier = classifier,
	    .copies = {.window_ns = copies->window_ns, .salt = copies->salt},
	    .bucket = {.burst = CANDIDATES_BURST, .rate = CANDIDATES_RATE},
	    .known_bucket = {.burst = CANDIDATES_KNOWN_BURST, .rate = CANDIDATES_KNOWN_RATE}};
	talks_init(&c->talks, CANDIDATES, flows);
}

void
candidates_deinit(struct candidates *c)
{
	talks_deinit(&c->talks);
}

bool
candidates_wants(const struct candidates *c, const struct packet *packet)
{
	uint16_t port[2];

	return !sieve_ports(packet, port) || hints_has_callback_port(c->hints, port[1]);
}

/* A datagram, or one that ICMP quotes. */
struct notice {
	struct addr server, client; /* who sent it, and whom to */
	uint16_t server_port, client_port;
	uint32_t wire;
	const uint8_t *payload;
	size_t len;
	bool registered; /* it goes where one was registered to go */
	bool known;      /* or its sender is known to be an Exchange server */
};

static bool
is_several(const struct addr *a)
{
	return addr_is_v4(a) ? a->b[12] >= 224 : a->b[0] == 0xff;
}

/* Can it be one? Sets the last two of ${n}. */
static bool
is_candidate(const struct candidates *c, struct notice *n)
{
	if (n->server_port < CANDIDATE_PORT || n->client_port < CANDIDATE_PORT || n->wire == 0 ||
	    n->wire > PUSH_CONTEXT_MAX || is_several(&n->client))
		return false;
	n->registered = hints_is_callback(c->hints, &n->client, n->client_port);
	n->known = n->registered || hints_is_mailbox(c->hints, &n->server);
	return n->registered || n->wire <= CANDIDATE_MOST;
}

/* Of what finds no token nothing is remembered. */
static bool
take_token(struct candidates *c, const struct notice *n, int64_t ts_ns)
{
	if (bucket_take(n->known ? &c->known_bucket : &c->bucket, ts_ns))
		return true;
	c->env->stats->candidates.shed++;
	return false;
}

/* What the packet at hand says of the datagrams that ${server} sent. */
static struct obs
obs_of(const struct candidates *c, enum datagram_how how, const struct assoc_side *server,
    const struct assoc_side *client)
{
	return (struct obs){.kind = OBS_DATAGRAM,
	    .transport = TRANSPORT_UDP,
	    .at = *c->env->now,
	    .server = server->addr,
	    .client = client->addr,
	    .server_port = server->port,
	    .client_port = client->port,
	    .datagram = {.how = how}};
}

static void
push(struct candidates *c, const struct obs *obs)
{
	c->env->stats->candidates.told++;
	obs_queue_push(c->env->out, obs);
}

static void
tell_notice(struct candidates *c, enum datagram_how how, const struct notice *n)
{
	struct assoc_side server = {.addr = n->server, .port = n->server_port};
	struct assoc_side client = {.addr = n->client, .port = n->client_port};
	struct obs obs = obs_of(c, how, &server, &client);

	obs.datagram.payload_len = n->len;
	if (n->len > 0)
		memcpy(obs.datagram.payload, n->payload, n->len);
	push(c, &obs);
}

/* Something speaks against all that ${talk} is about. */
static void
tell_against(struct candidates *c, struct talk *talk, enum datagram_how how, const char *protocol)
{
	const struct flow_key *key = &talk->key;
	int s = talk->server;
	struct assoc_side server = {.addr = key->addr[s], .port = key->port[s]};
	struct assoc_side client = {.addr = key->addr[1 - s], .port = key->port[1 - s]};
	struct obs obs = obs_of(c, how, &server, &client);

	obs.datagram.protocol = protocol;
	talk->over = true;
	talks_watch(&c->talks, talk, false);
	if (c->classifier != NULL)
		classifier_forget(c->classifier, key, IPPROTO_UDP);
	push(c, &obs);
}

static struct talk *
add(struct candidates *c, const struct flow_key *key, int from)
{
	struct talk *talk;

	if (talks_is_full(&c->talks)) {
		c->env->stats->candidates.evicted++;
		talks_remove(&c->talks, talks_oldest(&c->talks));
	}
	talk = talks_add(&c->talks, key, IPPROTO_UDP);
	if (talk == NULL) {
		c->env->stats->capped++;
		return NULL;
	}
	talk->server = (uint8_t)from;
	talks_watch(&c->talks, talk, true);
	return talk;
}

/* Does nDPI know what it is? Then that is told. */
static bool
is_other(struct candidates *c, struct talk *talk, const struct frame *f, int from)
{
	struct classifier_packet packet = {.key = &talk->key,
	    .from = from,
	    .proto = IPPROTO_UDP,
	    .ts_ns = f->at.ts_ns,
	    .payload = f->payload,
	    .len = f->payload_len};
	uint16_t verdict;

	if (c->classifier == NULL || talk->asked == CLASSIFIER_PACKETS)
		return false;
	talk->asked++;
	verdict = classifier_ask(c->classifier, &packet);
	if (verdict == 0)
		return false;
	tell_against(c, talk, DATAGRAM_OTHER, classifier_name(verdict));
	return true;
}

/* Of servers that nobody knows, no exchange may have all the tokens. */
static bool
is_chatty(struct talk *talk, int64_t ts_ns)
{
	int64_t since_ns = clock_minus(ts_ns, talk->since_ns);

	if (talk->told == 0 || since_ns < 0 || since_ns >= MINUTE_NS) {
		talk->since_ns = ts_ns;
		talk->told = 1;
		return false;
	}
	if (talk->told == CANDIDATES_FLOW)
		return true;
	talk->told++;
	return false;
}

static void
take_candidate(struct candidates *c, struct talk *talk, const struct flow_key *key, int from,
    const struct notice *n, const struct frame *f)
{
	if (talk != NULL && talk->over && !n->registered)
		return;
	if (duplicates_has(&c->copies, f)) {
		c->env->stats->duplicates++;
		return;
	}
	if (talk != NULL && !n->known && is_chatty(talk, f->at.ts_ns)) {
		c->env->stats->candidates.shed++;
		return;
	}
	if (!take_token(c, n, f->at.ts_ns))
		return;
	if (talk == NULL) {
		talk = add(c, key, from);
		if (talk == NULL)
			return;
		is_chatty(talk, f->at.ts_ns);
	}
	talks_use(&c->talks, talk);
	if (n->registered || !is_other(c, talk, f, from))
		tell_notice(c, DATAGRAM_SENT, n);
}

/* A datagram of ${talk} that is no candidate itself. */
static void
take_more(struct candidates *c, struct talk *talk, int from, const struct frame *f)
{
	if (is_other(c, talk, f, from))
		return;
	if (f->payload_wire > PUSH_CONTEXT_MAX)
		tell_against(c, talk, DATAGRAM_OTHER, classifier_name(0));
}

static struct notice
notice_of(const struct frame *f)
{
	return (struct notice){.server = f->at.src,
	    .client = f->at.dst,
	    .server_port = f->at.sport,
	    .client_port = f->at.dport,
	    .wire = f->payload_wire,
	    .payload = f->payload,
	    .len = f->payload_len};
}

void
candidates_frame(struct candidates *c, const struct frame *f)
{
	struct notice n = notice_of(f);
	struct flow_key key;
	struct talk *talk;
	bool candidate;
	int from;

	candidate = is_candidate(c, &n) && n.len == n.wire;
	if (!candidate && c->talks.count == 0)
		return;
	from = flow_key_of(&f->at, &key);
	talk = talks_find(&c->talks, &key, IPPROTO_UDP);
	if (talk != NULL && from != talk->server && !talk->over)
		tell_against(c, talk, DATAGRAM_ANSWERED, NULL);
	if (candidate)
		take_candidate(c, talk, &key, from, &n, f);
	else if (talk != NULL && !talk->over)
		take_more(c, talk, from, f);
}

static struct notice
notice_quoted(const struct unreachable *u)
{
	return (struct notice){.server = u->src,
	    .client = u->dst,
	    .server_port = u->sport,
	    .client_port = u->dport,
	    .wire = u->payload_wire,
	    .payload = u->payload,
	    .len = u->payload_len == u->payload_wire ? u->payload_len : 0};
}

/* The packet at hand, as if the datagram had been answered between its own ports. */
static struct where
where_of(const struct frame *f, const struct unreachable *u)
{
	struct where at = f->at;

	at.sport = u->dport;
	at.dport = u->sport;
	at.proto = IPPROTO_UDP;
	return at;
}

/* Was the datagram told? */
static bool
was_told(const struct candidates *c, const struct unreachable *u, uint8_t realm)
{
	struct where sent = {
	    .src = u->src, .dst = u->dst, .sport = u->sport, .dport = u->dport, .realm = realm};
	struct flow_key key;
	int from = flow_key_of(&sent, &key);
	const struct talk *talk = talks_find(&c->talks, &key, IPPROTO_UDP);

	return talk != NULL && talk->server == from && !talk->over;
}

void
candidates_refused(struct candidates *c, const struct frame *f)
{
	const struct where *now = c->env->now;
	struct unreachable u;
	struct notice n;
	struct where at;

	if (unreachable_parse(f->payload, f->payload_len, f->at.proto == IPPROTO_ICMPV6, &u) != 0)
		return;
	n = notice_quoted(&u);
	if (!is_candidate(c, &n) || (!n.known && !was_told(c, &u, f->at.realm)) ||
	    !take_token(c, &n, f->at.ts_ns))
		return;
	if (duplicates_has(&c->copies, f)) {
		c->env->stats->duplicates++;
		return;
	}
	at = where_of(f, &u);
	c->env->now = &at;
	tell_notice(c, DATAGRAM_REFUSED, &n);
	c->env->now = now;
}

void
candidates_finish(struct candidates *c)
{
	struct talk *talk;

	while ((talk = talks_oldest(&c->talks)) != NULL)
		talks_remove(&c->talks, talk);
	talks_deinit(&c->talks);
}
