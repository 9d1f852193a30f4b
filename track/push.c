/* push.c - one observation after another, each to the parts that it tells something. */
#include "track/push.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "dissect/observation.h"
#include "track/clock.h"
#include "track/forgery.h"
#include "track/output.h"
#include "track/policy.h"
#include "track/push_parts.h"
#include "track/rules.h"

/* a4f1db00-ca47-1067-b31f-00dd010662da */
static const struct uuid emsmdb = {{0xa4, 0xf1, 0xdb, 0x00, 0xca, 0x47, 0x10, 0x67, 0xb3, 0x1f,
    0x00, 0xdd, 0x01, 0x06, 0x62, 0xda}};

#define BEAT_LEAST_NS (50 * NS_PER_S) /* polling clients ask about once a minute */
#define BEAT_MOST_NS (70 * NS_PER_S)
#define FETCH_NS NS_PER_S /* who fetches what a datagram told of does so by then */

void
pushes_init(struct pushes *p, struct rules *rules, struct servers *servers, uint64_t secret)
{
	*p = (struct pushes){
	    .rules = rules, .servers = servers, .secret = secret, .due = STATE_NEVER};
	push_map_init(&p->hosts);
	push_map_init(&p->clients);
	push_map_init(&p->flows);
	push_map_init(&p->waiting);
	push_map_init(&p->by_address);
	push_map_init(&p->by_pair);
}

static void
free_things(struct push_map *m, size_t offset)
{
	struct push_node *n;

	while ((n = TAILQ_FIRST(&m->ages)) != NULL) {
		push_map_remove(m, n);
		free((char *)n - offset);
	}
	push_map_deinit(m);
}

void
pushes_deinit(struct pushes *p)
{
	if (p->rules == NULL)
		return;
	free_things(&p->hosts, offsetof(struct push_host, node));
	free_things(&p->clients, offsetof(struct push_user, node));
	free_things(&p->flows, offsetof(struct push_flow, node));
	free_things(&p->waiting, offsetof(struct push_flow, node));
	push_map_deinit(&p->by_pair);
	free_things(&p->by_address, offsetof(struct push_wish, by_address));
	free(p->talk);
	free(p->port);
	p->talk = NULL;
	p->port = NULL;
}

struct push_pair
push_pair_of(const struct obs *o)
{
	return (struct push_pair){&o->server, &o->client, o->at.realm};
}

bool
push_same(struct push_pair a, struct push_pair b)
{
	return a.realm == b.realm && addr_equal(a.server, b.server) &&
	       addr_equal(a.client, b.client);
}

enum {
	KEY = 2 * sizeof(struct addr) + 3
};

static void
make_key(struct push_pair pair, uint16_t port, uint8_t key[KEY])
{
	memset(key, 0, KEY);
	memcpy(key, pair.server, sizeof(struct addr));
	if (pair.client != NULL)
		memcpy(key + sizeof(struct addr), pair.client, sizeof(struct addr));
	key[KEY - 3] = pair.realm;
	key[KEY - 2] = (uint8_t)(port >> 8);
	key[KEY - 1] = (uint8_t)port;
}

uint64_t
push_hash(const struct pushes *p, struct push_pair pair)
{
	uint8_t key[KEY];

	make_key(pair, 0, key);
	return hash_keyed(key, sizeof(key), p->secret);
}

uint64_t
push_place(struct push_pair pair, uint16_t port)
{
	uint8_t key[KEY];

	make_key(pair, port, key);
	return hash_bytes(key, sizeof(key));
}

bool
push_is_past(int64_t from_ns, int64_t to_ns, int64_t by_ns)
{
	return to_ns >= from_ns && (uint64_t)to_ns - (uint64_t)from_ns >= (uint64_t)by_ns;
}

int64_t
push_later(const struct pushes *p, int64_t from_ns, int64_t by_ns)
{
	int64_t due;

	return __builtin_add_overflow(clock_at(p->rules->clock, from_ns), by_ns, &due) ? STATE_NEVER
										       : due;
}

void
push_soon(struct pushes *p, int64_t due)
{
	if (due < p->due)
		p->due = due;
}

bool
push_has_alternative(const struct pushes *p, struct push_pair pair)
{
	const struct push_user *u = push_user_find(p, pair);
	int64_t now_ns = p->rules->clock->now_ns;

	if (u == NULL)
		return false;
	if (u->row.waits_ns != 0 && !push_is_past(u->row.waits_ns, now_ns, PUSH_SIGN_NS))
		return true;
	return u->row.beats >= PUSH_BEATS && !push_is_past(u->row.bound_ns, now_ns, PUSH_SIGN_NS);
}

bool
push_is_mailbox(const struct if_id *iface)
{
	return uuid_equal(&iface->uuid, &emsmdb);
}

/* The port at which EMSMDB is, where that is one that connections go to; behind a proxy it is another host's. */
static uint16_t
port_of(const struct obs *o)
{
	return o->transport == TRANSPORT_TCP && o->backend == NULL ? o->server_port : 0;
}

/* Anybody can send a datagram in another's name. */
static int
take_answer(struct pushes *p, const struct obs *o)
{
	int err = ERR_OK;

	if (rules_answer_is_forged(o) || (o->transport == TRANSPORT_UDP && !o->epm.question.seen))
		return ERR_OK;
	for (size_t i = 0; i < o->epm.tower_count && err == ERR_OK; i++) {
		const struct obs_tower *t = &o->epm.tower[i];

		if (push_is_mailbox(&t->iface) && t->protseq == PROTSEQ_TCP)
			err = push_host_learn(p, &o->server, o->at.realm, t->port, o->at.ts_ns);
	}
	return err;
}

/* The client uses EMSMDB. */
static int
take_use(struct pushes *p, const struct obs *o)
{
	int err = push_host_learn(p, &o->server, o->at.realm, port_of(o), o->at.ts_ns);

	return err != ERR_OK ? err : push_user_saw(p, push_pair_of(o), o->at.ts_ns);
}

static int
take_bind(struct pushes *p, const struct obs *o)
{
	for (size_t i = 0; o->bind.outcome == BIND_ACKNOWLEDGED && i < o->bind.context_count; i++) {
		const struct obs_context *c = &o->bind.context[i];

		if (c->result == CONTEXT_ACCEPTANCE && push_is_mailbox(&c->iface))
			return take_use(p, o);
	}
	return ERR_OK;
}

static void
note_wait(struct pushes *p, const struct obs *o)
{
	struct push_user *u = push_user_find(p, push_pair_of(o));

	if (u == NULL ||
	    (u->row.waits_ns != 0 && !push_is_past(u->row.waits_ns, o->at.ts_ns, PUSH_MINUTE_NS)))
		return;
	u->row.waits_ns = o->at.ts_ns != 0 ? o->at.ts_ns : 1;
	u->row.dirty = true;
}

static int
take_mailbox(struct pushes *p, const struct obs *o)
{
	bool leaves = o->mailbox.how == MAILBOX_DISCONNECTED || o->mailbox.how == MAILBOX_CLOSED;
	int err = ERR_OK;

	/* AsyncEMSMDB may have a port of its own. */
	if (o->mailbox.how == MAILBOX_WAITS)
		err = push_user_saw(p, push_pair_of(o), o->at.ts_ns);
	else if (!leaves)
		err = take_use(p, o);
	if (err == ERR_OK && o->mailbox.how == MAILBOX_WAITS)
		note_wait(p, o);
	if (err != ERR_OK || !leaves)
		return err;
	push_flows_left(p, push_pair_of(o), o->at.ts_ns);
	return push_wishes_end(p, o);
}

/* A datagram came just before: the request fetches what that told of. */
static bool
is_called(const struct pushes *p, const struct push_map *m, const struct obs *o)
{
	struct push_node *n = push_map_first(m, push_hash(p, push_pair_of(o)));

	for (; n != NULL; n = push_map_next(n)) {
		const struct push_flow *f = push_flow_of(n);

		if (push_same(push_flow_ends(f), push_pair_of(o)) &&
		    push_is_past(f->push.last_ns, o->at.ts_ns, 0) &&
		    !push_is_past(f->push.last_ns, o->at.ts_ns, FETCH_NS + 1))
			return true;
	}
	return false;
}

/* One a minute, some in succession, each without a datagram before it: that is polling. A longer silence breaks the rhythm; what a
 * person does in between does not, and of the first request of an association that was met in its middle nothing is known. */
static void
note_beat(struct pushes *p, const struct obs *o)
{
	struct push_user *u = push_user_find(p, push_pair_of(o));
	int64_t quiet_ns = o->activity.quiet_ns;
	bool breaks = quiet_ns > BEAT_MOST_NS;

	if (u == NULL || quiet_ns < BEAT_LEAST_NS || quiet_ns == INT64_MAX ||
	    u->row.beats == (breaks ? 0 : PUSH_BEATS))
		return;
	if (is_called(p, &p->flows, o) || is_called(p, &p->waiting, o))
		return;
	u->row.beats = breaks ? 0 : (uint8_t)(u->row.beats + 1);
	u->row.dirty = true;
}

static int
take_activity(struct pushes *p, const struct obs *o)
{
	bool known = o->activity.known ||
		     push_host_has(push_host_find(p, &o->server, o->at.realm), port_of(o));
	int err = known ? take_use(p, o) : push_talk_note(p, o);

	if (err == ERR_OK && known)
		note_beat(p, o);
	return err != ERR_OK ? err : push_flows_request(p, o, known);
}

static int
take_registration(struct pushes *p, const struct obs *o)
{
	int err = take_use(p, o);

	return err != ERR_OK ? err : push_wishes_take(p, o);
}

int
pushes_observe(struct pushes *p, const struct obs *o)
{
	push_times_right(p);
	switch (o->kind) {
	case OBS_EPM:
		return take_answer(p, o);
	case OBS_BIND:
		return take_bind(p, o);
	case OBS_USE:
		return push_is_mailbox(&o->use.iface) && o->use.proof != USE_DATAGRAM
			   ? take_use(p, o)
			   : ERR_OK;
	case OBS_ANSWERED:
		return push_talk_note(p, o);
	case OBS_REGISTRATION:
		return take_registration(p, o);
	case OBS_MAILBOX:
		return take_mailbox(p, o);
	case OBS_ACTIVITY:
		return take_activity(p, o);
	case OBS_DATAGRAM:
		return push_flows_datagram(p, o);
	case OBS_OXID:
	case OBS_REFERRAL:
	case OBS_NAMES:
	case OBS_SEALED:
	case OBS_REACH:
	case OBS_FOREIGN:
		break;
	}
	return ERR_OK;
}

int64_t
pushes_due(const struct pushes *p)
{
	return p->due;
}

int
pushes_ripe(struct pushes *p, int64_t now_ns)
{
	int64_t reading = clock_at(p->rules->clock, now_ns);
	int err;

	if (reading < p->due)
		reading = p->due; /* it is asked because that has come */
	p->due = STATE_NEVER;
	push_times_right(p);
	err = push_flows_ripe(p, reading, now_ns);
	if (err == ERR_OK)
		err = push_wishes_ripe(p, reading, now_ns);
	push_soon(p, push_flows_due(p));
	push_soon(p, push_wishes_due(p));
	return err;
}
