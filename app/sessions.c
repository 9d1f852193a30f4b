/* sessions.c - an array in the order of arrival, and an index with open addressing over it. */
#include "app/sessions.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/observation.h"
#include "track/records.h"

enum {
	SLOTS = SESSIONS_MOST * 2, /* a power of two */
	OCTETS = 256
};

/* The place of a session in the order, and below that where it lies. */
#define INDEX_BITS 16
_Static_assert(SESSIONS_MOST <= 1 << INDEX_BITS, "an index fits");

struct sessions {
	uint64_t secret, refused;
	size_t count;
	uint16_t slot[SLOTS]; /* one more than the index; 0: free */
	struct session item[SESSIONS_MOST];
	uint64_t order[SESSIONS_MOST], other[SESSIONS_MOST]; /* while they are sorted */
	uint8_t rank[OCTETS]; /* of an octet among all, as text: 0, 1, 10, 100, 101, ... */
};

/* What tells sessions apart, without padding between. */
struct name {
	struct addr client, server;
	struct uuid uuid;
	uint16_t major, server_port;
	uint16_t realm, protseq;
	char pipe[ENDPOINT_NAME];
};

/* Give ${n} the next rank, and then all that begin with its digits. */
static unsigned
rank_from(uint8_t rank[OCTETS], unsigned n, unsigned next)
{
	if (n >= OCTETS)
		return next;
	rank[n] = (uint8_t)next++;
	for (unsigned digit = 0; digit < 10 && n > 0; digit++)
		next = rank_from(rank, n * 10 + digit, next);
	return next;
}

int
sessions_new(struct sessions **out, uint64_t secret)
{
	unsigned next = 0;

	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->secret = secret;
	for (unsigned n = 0; n < 10; n++)
		next = rank_from((*out)->rank, n, next);
	return 0;
}

void
sessions_free(struct sessions **s)
{
	free(*s);
	*s = NULL;
}

static void
name_of(const struct session *one, struct name *out)
{
	memset(out, 0, sizeof(*out));
	out->client = one->client;
	out->server = one->server;
	out->uuid = one->uuid;
	out->major = one->major;
	out->server_port = one->server_port;
	out->realm = one->realm;
	out->protseq = one->protseq;
	memcpy(out->pipe, one->pipe, strnlen(one->pipe, sizeof(one->pipe)));
}

static bool
is_same(const struct session *a, const struct session *b)
{
	return addr_equal(&a->client, &b->client) && addr_equal(&a->server, &b->server) &&
	       uuid_equal(&a->uuid, &b->uuid) && a->major == b->major &&
	       a->server_port == b->server_port && a->realm == b->realm &&
	       a->protseq == b->protseq && strcmp(a->pipe, b->pipe) == 0;
}

/* The slot of a session, or the free one where it belongs. */
static size_t
slot_of(const struct sessions *s, const struct session *one)
{
	struct name wanted;

	name_of(one, &wanted);
	size_t at = (size_t)hash_keyed(&wanted, sizeof(wanted), s->secret) % SLOTS;
	for (; s->slot[at] != 0; at = (at + 1) % SLOTS) {
		if (is_same(&s->item[s->slot[at] - 1], one))
			break;
	}
	return at;
}

static void
unite(struct session *with, const struct session *one)
{
	with->count += one->count;
	if (one->first_ns < with->first_ns)
		with->first_ns = one->first_ns;
	if (one->last_ns < with->last_ns)
		return;
	with->last_ns = one->last_ns;
	with->client_port = one->client_port;
	if (one->count == 0)
		return;
	with->minor = one->minor;
	memcpy(with->protocol, one->protocol, sizeof(with->protocol));
	with->authenticated = one->authenticated;
	with->auth_type = one->auth_type;
	with->auth_level = one->auth_level;
}

static void
add(struct sessions *s, const struct session *one)
{
	uint16_t *slot = &s->slot[slot_of(s, one)];

	if (*slot != 0) {
		unite(&s->item[*slot - 1], one);
	} else if (s->count == SESSIONS_MOST) {
		s->refused++;
	} else {
		s->item[s->count++] = *one;
		*slot = (uint16_t)s->count;
	}
}

/* As any observation on its connection has it. */
static struct session
session_of(const struct obs *o)
{
	struct session one = {.client = o->client,
	    .server = o->server,
	    .realm = o->at.realm,
	    .protseq = (uint8_t)protseq_of(o->transport),
	    .server_port = o->pipe == NULL ? o->server_port : 0,
	    .client_port = o->client_port,
	    .first_ns = o->at.ts_ns,
	    .last_ns = o->at.ts_ns};

	if (o->pipe != NULL)
		snprintf(one.pipe, sizeof(one.pipe), "%.*s", ENDPOINT_NAME - 1, o->pipe);
	return one;
}

static void
name_interface(struct session *one, const struct if_id *iface)
{
	one->uuid = iface->uuid;
	one->major = iface->major;
	one->minor = iface->minor;
}

static void
add_bind(struct sessions *s, const struct obs *obs)
{
	struct session one = session_of(obs);

	one.authenticated = obs->bind.has_auth;
	one.auth_type = obs->bind.auth_type;
	one.auth_level = obs->bind.auth_level;
	one.count = 1;
	for (size_t i = 0; i < obs->bind.context_count; i++) {
		const struct obs_context *c = &obs->bind.context[i];

		if (c->result != CONTEXT_ACCEPTANCE)
			continue;
		name_interface(&one, &c->iface);
		add(s, &one);
	}
}

/* No bind, but it goes on. */
static void
add_use(struct sessions *s, const struct obs *obs)
{
	struct session one = session_of(obs);

	name_interface(&one, &obs->use.iface);
	add(s, &one);
}

/* Of a learned port an alert tells; elsewhere nobody expects DCE/RPC. */
static void
add_foreign(struct sessions *s, const struct obs *obs)
{
	struct session one = session_of(obs);

	if (obs->foreign.learned)
		return;
	(void)snprintf(one.protocol, sizeof(one.protocol), "%s", obs->foreign.protocol);
	one.count = 1;
	add(s, &one);
}

void
sessions_add(struct sessions *s, const struct obs *obs)
{
	if (obs->kind == OBS_FOREIGN)
		add_foreign(s, obs);
	else if (obs->kind == OBS_BIND && obs->bind.outcome == BIND_ACKNOWLEDGED)
		add_bind(s, obs);
	else if (obs->kind == OBS_USE)
		add_use(s, obs);
}

bool
sessions_is_filling(const struct sessions *s)
{
	return s->count > SESSIONS_MOST / 2;
}

int
sessions_each(
    const struct sessions *s, int (*keep)(void *store, const struct session *one), void *store)
{
	int err = 0;

	for (size_t i = 0; i < s->count && err == 0; i++)
		err = keep(store, &s->item[i]);
	return err;
}

/* About where the store has it: there servers have numbers, and a client is text. Of an IPv6 address only a part counts. */
static uint64_t
order_of(const struct sessions *s, size_t index)
{
	const struct session *one = &s->item[index];
	const uint8_t *server = one->server.b + 14, *client = one->client.b + 12;
	uint64_t order = (uint64_t)(server[0] << 8 | server[1]);

	if (!addr_is_v4(&one->client))
		order = order << 16 | (uint64_t)(one->client.b[6] << 8 | one->client.b[7]);
	else
		order = order << 16 | (uint64_t)(s->rank[client[0]] << 8 | s->rank[client[1]]);
	order = order << 16 | (uint64_t)(s->rank[client[2]] << 8 | s->rank[client[3]]);
	return order << INDEX_BITS | index;
}

/* By one octet; what is equal there stays as it is. */
static void
sort_by(const uint64_t *from, uint64_t *to, size_t count, int shift)
{
	size_t start[OCTETS] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		start[from[i] >> shift & (OCTETS - 1)]++;
	for (size_t i = 0; i < OCTETS; i++) {
		size_t here = start[i];

		start[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[start[from[i] >> shift & (OCTETS - 1)]++] = from[i];
}

/* An even number of times, so that the order ends where it began. */
static void
sort(struct sessions *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->order[i] = order_of(s, i);
	for (int shift = INDEX_BITS; shift < 64; shift += 16) {
		sort_by(s->order, s->other, s->count, shift);
		sort_by(s->other, s->order, s->count, shift + 8);
	}
}

int
sessions_each_sorted(
    struct sessions *s, int (*keep)(void *store, const struct session *one), void *store)
{
	size_t last = s->count - 1;
	int err = 0;

	if (s->count == 0)
		return 0;
	sort(s);
	for (size_t i = 0; i < s->count && err == 0; i++) {
		size_t index = s->order[i] & ((1U << INDEX_BITS) - 1);

		if (index != last)
			err = keep(store, &s->item[index]);
	}
	return err == 0 ? keep(store, &s->item[last]) : err;
}

const struct session *
sessions_find(const struct sessions *s, const struct session *one)
{
	size_t at = slot_of(s, one);

	return s->slot[at] != 0 ? &s->item[s->slot[at] - 1] : NULL;
}

void
sessions_clear(struct sessions *s)
{
	if (s->count == 0)
		return;
	memset(s->slot, 0, sizeof(s->slot));
	s->count = 0;
}

uint64_t
sessions_refused(const struct sessions *s)
{
	return s->refused;
}
