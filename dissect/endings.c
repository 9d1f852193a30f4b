/* endings.c - FIN and RST of what is not followed. */
#include "dissect/endings.h"

#include <string.h>

#include "base/hash.h"
#include "dissect/assoc.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/sieve.h"

void
endings_init(struct endings *e, struct assoc_env *env)
{
	*e = (struct endings){.env = env, .bucket = {.burst = ENDINGS_MOST, .rate = ENDINGS_MOST}};
}

bool
endings_want(const struct endings *e, const struct packet *packet)
{
	uint16_t port[2];

	return !sieve_ports(packet, port) || hints_has_store_port(e->env->hints, port[0]) ||
	       hints_has_store_port(e->env->hints, port[1]);
}

/* The side of ${key} that a mailbox is at; -1: none. */
static int
store_side(const struct endings *e, const struct flow_key *key)
{
	for (int i = 0; i < 2; i++) {
		if (hints_has_store_port(e->env->hints, key->port[i]) &&
		    hints_is_store(e->env->hints, &key->addr[i], key->port[i]))
			return i;
	}
	return -1;
}

static void
tell(struct endings *e, const struct flow_key *key, int server, const struct where *at)
{
	struct obs obs = {.kind = OBS_MAILBOX,
	    .transport = TRANSPORT_TCP,
	    .at = *at,
	    .server = key->addr[server],
	    .client = key->addr[1 - server],
	    .server_port = key->port[server],
	    .client_port = key->port[1 - server]};

	if (!bucket_take(&e->bucket, at->ts_ns)) {
		e->env->stats->capped++;
		return;
	}
	obs.mailbox.how = MAILBOX_CLOSED;
	obs_queue_push(e->env->out, &obs);
}

/* ${from} has sent FIN; true if that was the second of two. */
static bool
is_second(struct endings *e, const struct flow_key *key, int from)
{
	struct ending *at = &e->place[hash_bytes(key, sizeof(*key)) % ENDINGS_PLACES];

	if (memcmp(&at->key, key, sizeof(*key)) != 0)
		*at = (struct ending){.key = *key};
	at->sides |= (uint8_t)(1 << from);
	if (at->sides != 3)
		return false;
	at->sides = 0;
	return true;
}

void
endings_frame(struct endings *e, const struct frame *f)
{
	bool reset = (f->tcp_flags & TCP_RST) != 0;
	struct flow_key key;
	int from, server;

	if ((f->tcp_flags & (TCP_FIN | TCP_RST)) == 0 || (!reset && (f->tcp_flags & TCP_SYN) != 0))
		return;
	from = flow_key_of(&f->at, &key);
	server = store_side(e, &key);
	if (server >= 0 && (reset || is_second(e, &key, from)))
		tell(e, &key, server, &f->at);
}
