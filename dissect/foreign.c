#include "dissect/foreign.h"

#include <netinet/in.h>

#include "base/clock.h"
#include "base/hash.h"
#include "dissect/assoc.h"
#include "dissect/classifier.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/patience.h"
#include "dissect/probe.h"

#define MINUTE_NS (60 * NS_PER_S)

void
foreign_init(struct foreign *f, struct assoc_env *env, struct flow_table *flows,
    struct classifier *classifier, bool all)
{
	*f = (struct foreign){.env = env,
	    .classifier = classifier,
	    .all = all,
	    .salt = flows->secret.pair,
	    .bucket = {.burst = FOREIGN_BURST, .rate = FOREIGN_RATE}};
	talks_init(&f->talks, all ? FOREIGN_ALL : FOREIGN, flows);
}

void
foreign_deinit(struct foreign *f)
{
	talks_deinit(&f->talks);
}

/* The place of ${port} of ${server}, its from now on. */
static struct foreign_port *
port_of(struct foreign *f, const struct flow_key *key, int server, int64_t ts_ns)
{
	struct assoc_side side = {.addr = key->addr[server], .port = key->port[server]};
	uint64_t of = hash_keyed(side.addr.b, sizeof(side.addr.b), f->salt + side.port) | 1;
	struct foreign_port *p = &f->port[of / 2 % FOREIGN_PORTS];
	int64_t since_ns = clock_minus(ts_ns, p->since_ns);

	if (p->of != of || since_ns < 0 || since_ns >= MINUTE_NS)
		*p = (struct foreign_port){.of = of, .since_ns = ts_ns};
	return p;
}

static void
tell(struct foreign *f, const struct talk *talk, const struct where *at)
{
	const struct flow_key *key = &talk->key;
	int s = talk->server;
	struct obs obs = {.kind = OBS_FOREIGN,
	    .transport = talk->proto == IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
	    .at = *at,
	    .server = key->addr[s],
	    .client = key->addr[1 - s],
	    .server_port = key->port[s],
	    .client_port = key->port[1 - s],
	    .foreign = {.protocol = classifier_name(talk->verdict),
		.learned = talk->learned,
		.by_server = talk->answered}};

	f->env->stats->foreign.told++;
	obs_queue_push(f->env->out, &obs);
}

/* Once a minute for each port is enough. */
static void
tell_learned(struct foreign *f, const struct talk *talk, const struct where *at)
{
	struct foreign_port *port = port_of(f, &talk->key, talk->server, at->ts_ns);

	if (port->tries == UINT8_MAX)
		return;
	port->tries = UINT8_MAX;
	tell(f, talk, at);
}

/* All that there is to know of it is known with packet ${at}. */
static void
conclude(struct foreign *f, struct talk *talk, const struct where *at)
{
	bool rpc = classifier_is_rpc(talk->verdict);

	if (talk->over)
		return;
	talk->over = true;
	talks_watch(&f->talks, talk, false);
	classifier_forget(f->classifier, &talk->key, talk->proto);
	if (talk->ours) {
		f->env->stats->foreign.only_we += talk->verdict != 0 && !rpc;
	} else if (rpc) {
		f->env->stats->foreign.only_ndpi++;
	} else if (talk->verdict != 0 || talk->answered) {
		(talk->learned ? tell_learned : tell)(f, talk, at);
	}
}

/* Its last packet, as far as that is remembered. */
static struct where
where_of(const struct talk *talk)
{
	const struct flow_key *key = &talk->key;
	int s = talk->server;

	return (struct where){.ts_ns = talk->since_ns,
	    .frame = talk->frame,
	    .source = talk->source,
	    .src = key->addr[1 - s],
	    .dst = key->addr[s],
	    .sport = key->port[1 - s],
	    .dport = key->port[s],
	    .proto = talk->proto,
	    .realm = (uint8_t)key->realm};
}

static void
drop(struct foreign *f, struct talk *talk)
{
	struct where at = where_of(talk);

	conclude(f, talk, &at);
	talks_remove(&f->talks, talk);
}

static struct talk *
add(struct foreign *f, const struct flow_key *key, uint8_t proto)
{
	struct talk *talk;

	if (talks_is_full(&f->talks)) {
		f->env->stats->foreign.evicted++;
		drop(f, talks_oldest(&f->talks));
	}
	talk = talks_add(&f->talks, key, proto);
	if (talk == NULL)
		f->env->stats->capped++;
	return talk;
}

/* Does it begin as one of ours does? */
static bool
is_ours(uint8_t proto, const struct frame *frame)
{
	return proto == IPPROTO_TCP ? probe_mask(frame->payload, frame->payload_len)
				    : probe_datagram(frame->payload, frame->payload_len);
}

static void
ask(struct foreign *f, struct talk *talk, const struct frame *frame, int from)
{
	struct classifier_packet packet = {.key = &talk->key,
	    .from = from,
	    .proto = talk->proto,
	    .ts_ns = frame->at.ts_ns,
	    .payload = frame->payload,
	    .len = frame->payload_len};

	talk->asked++;
	talk->answered |= from == talk->server;
	talk->ours |= is_ours(talk->proto, frame);
	talk->verdict = classifier_ask(f->classifier, &packet);
}

/* The next packet of ${talk}. */
static void
take(struct foreign *f, struct talk *talk, const struct frame *frame, int from)
{
	bool ends = talk->proto == IPPROTO_TCP && (frame->tcp_flags & (TCP_FIN | TCP_RST)) != 0;

	talks_use(&f->talks, talk);
	talk->since_ns = frame->at.ts_ns;
	talk->frame = frame->at.frame;
	talk->source = frame->at.source;
	if (frame->payload_len > 0)
		ask(f, talk, frame, from);
	if (ends || (talk->verdict != 0 && talk->answered) || talk->asked == CLASSIFIER_PACKETS)
		conclude(f, talk, &frame->at);
}

/* The side of ${key} that a port was learned of, where ${frame} has come from ${from}; -1: none. */
static int
learned_side(const struct foreign *f, const struct flow_key *key, int from)
{
	if (hints_is_endpoint(f->hints, &key->addr[1 - from], key->port[1 - from]))
		return 1 - from;
	return hints_is_endpoint(f->hints, &key->addr[from], key->port[from]) ? from : -1;
}

/* May another connection to that port be looked at? */
static bool
may_look(struct foreign *f, const struct flow_key *key, int server, int64_t ts_ns)
{
	struct foreign_port *port = port_of(f, key, server, ts_ns);

	if (port->tries >= FOREIGN_TRIES || !bucket_take(&f->bucket, ts_ns)) {
		f->env->stats->foreign.shed++;
		return false;
	}
	port->tries++;
	return true;
}

/* One that is over needs no place any more, unless it is to be known that it was told. */
static void
leave_over(struct foreign *f, struct talk *talk)
{
	if (talk->over && !f->all)
		talks_remove(&f->talks, talk);
}

void
foreign_begin(struct foreign *f, const struct frame *frame)
{
	struct flow_key key;
	struct talk *talk;
	int from, server;

	/* Nearly all end here: none of the ports was learned, of whatever server. */
	if (!hints_has_port(f->hints, frame->at.sport) &&
	    !hints_has_port(f->hints, frame->at.dport))
		return;
	from = flow_key_of(&frame->at, &key);
	server = learned_side(f, &key, from);
	talk = talks_find(&f->talks, &key, IPPROTO_TCP);
	if (server < 0 || (talk != NULL && talk->over) ||
	    !may_look(f, &key, server, frame->at.ts_ns))
		return;
	if (talk == NULL)
		talk = add(f, &key, IPPROTO_TCP);
	if (talk == NULL)
		return;
	talk->server = (uint8_t)server;
	talk->learned = true;
	talks_watch(&f->talks, talk, true);
	take(f, talk, frame, from);
	leave_over(f, talk);
}

void
foreign_goes_on(struct foreign *f, const struct frame *frame)
{
	struct flow_key key;
	struct talk *talk;
	int from;

	if (f->talks.count == 0)
		return;
	from = flow_key_of(&frame->at, &key);
	talk = talks_find(&f->talks, &key, IPPROTO_TCP);
	if (talk == NULL || !talk->learned || talk->over)
		return;
	take(f, talk, frame, from);
	leave_over(f, talk);
}

void
foreign_forget(struct foreign *f, const struct flow_key *key)
{
	struct talk *talk;

	if (f->talks.count == 0)
		return;
	talk = talks_find(&f->talks, key, IPPROTO_TCP);
	if (talk != NULL && talk->learned)
		talks_remove(&f->talks, talk);
}

/* Who of the two is asked: whom a SYN goes to, or the first packet, as far as it was seen. */
static int
server_of(const struct frame *frame, int from)
{
	bool answers = frame->at.proto == IPPROTO_TCP &&
		       (frame->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	return answers ? from : 1 - from;
}

void
foreign_any(struct foreign *f, const struct frame *frame)
{
	uint8_t proto = frame->at.proto;
	struct flow_key key;
	struct talk *talk;
	int from;

	if (!f->all)
		return;
	from = flow_key_of(&frame->at, &key);
	talk = talks_find(&f->talks, &key, proto);
	if (talk == NULL && (proto != IPPROTO_TCP || (frame->tcp_flags & TCP_RST) == 0)) {
		talk = add(f, &key, proto);
		if (talk != NULL)
			talk->server = (uint8_t)server_of(frame, from);
	}
	/* Those to learned ports are looked at by foreign_begin(). */
	if (talk != NULL && !talk->over && !talk->learned)
		take(f, talk, frame, from);
}

void
foreign_tick(struct foreign *f, const struct patience *patience)
{
	struct talk *talk;

	while ((talk = talks_oldest(&f->talks)) != NULL &&
	       patience_is_over(patience, patience->answer_ns, talk->since_ns))
		drop(f, talk);
}

void
foreign_finish(struct foreign *f)
{
	struct talk *talk;

	while ((talk = talks_oldest(&f->talks)) != NULL)
		drop(f, talk);
	talks_deinit(&f->talks);
}
