/* evidence_hold.c - which endpoints stay at their port, so that a rule on it lasts.
 *
 * What the policy pins to its port does. So does an interface that was at one port only, in all that the store remembers, and for days
 * (DERIVE_STABLE_NS), if chance cannot have kept it there: the port lies outside of the dynamic range, or another interface of the server
 * moved meanwhile, as all do at a restart but what is pinned. That is what `policy suggest` pins. A port is opened for all that
 * answers there, so what shares it with one of these goes with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "export/evidence.h"
#include "export/evidence_parts.h"
#include "report/explain/derive.h"
#include "track/policy.h"

/* What the history says of one proof. */
struct past {
	int64_t first_ns, last_ns; /* of its interface, at whatever port */
	bool wandered;             /* it was at another port as well */
	bool survived;             /* something else moved between these two */
};

struct holding {
	const struct policy *policy;
	struct proof *proof;
	size_t count;
	struct past *past; /* one a proof */
	size_t from, to;   /* proofs of the server that was asked about last */
	bool moves;        /* the second walk: what moved meanwhile */
};

static int
compare_server(const char *realm, const struct addr *server, const struct proof *p)
{
	int order = strcmp(realm, p->realm);

	return order != 0 ? order : addr_compare(server, &p->key.server);
}

/* The first proof that is not in front of that server. */
static size_t
lower_bound(const struct holding *h, const char *realm, const struct addr *server)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_server(realm, server, &h->proof[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Rows come server by server, so most ask for the one before. */
static void
find_server(struct holding *h, const char *realm, const struct addr *server)
{
	if (h->from < h->to && compare_server(realm, server, &h->proof[h->from]) == 0)
		return;
	h->from = h->to = lower_bound(h, realm, server);
	while (h->to < h->count && compare_server(realm, server, &h->proof[h->to]) == 0)
		h->to++;
}

static bool
same_interface(const struct mapping_key *a, const struct mapping_key *b)
{
	return uuid_equal(&a->uuid, &b->uuid) && a->major == b->major && a->protseq == b->protseq;
}

static void
note_sight(struct past *past, const struct proof *p, const struct query_episode *e)
{
	past->wandered |= e->endpoint.port != p->port;
	past->first_ns = e->first_ns < past->first_ns ? e->first_ns : past->first_ns;
	past->last_ns = e->last_ns > past->last_ns ? e->last_ns : past->last_ns;
}

static bool
has_moved(const struct query_episode *e)
{
	return e->ended_ns != 0 && e->why != CHANGE_VANISHED && e->why != CHANGE_UNSEEN;
}

static int
take_episode(void *ctx, const struct query_episode *e)
{
	struct holding *h = ctx;

	if (!protseq_has_port((enum protseq)e->key.protseq) ||
	    e->confidence == CONFIDENCE_ATTEMPTED || (h->moves && !has_moved(e)))
		return 0;
	find_server(h, e->realm, &e->key.server);
	for (size_t i = h->from; i < h->to; i++) {
		struct past *past = &h->past[i];

		if (h->moves)
			past->survived |=
			    e->ended_ns > past->first_ns && e->ended_ns < past->last_ns;
		else if (same_interface(&e->key, &h->proof[i].key))
			note_sight(past, &h->proof[i], e);
	}
	return 0;
}

/* The spans have to be known before it can be said what happened within. */
static int
read_history(struct holding *h, struct store *store, const struct query_filter *of)
{
	const struct query_filter all = {.sensor = of->sensor,
	    .realm = of->realm,
	    .has_server = of->has_server,
	    .server = of->server};
	int err = query_history(store, &all, take_episode, h);

	h->moves = true;
	return err != 0 ? err : query_history(store, &all, take_episode, h);
}

static bool
is_held(const struct holding *h, size_t i)
{
	const struct proof *p = &h->proof[i];
	const struct past *past = &h->past[i];

	if (past->wandered || clock_minus(past->last_ns, past->first_ns) < DERIVE_STABLE_NS ||
	    policy_pins(h->policy, &p->key).count > 0)
		return false;
	return past->survived ||
	       !policy_ports_hold(policy_dynamic_of(h->policy, &p->key.server), p->port);
}

static bool
same_place(const struct proof *a, const struct proof *b)
{
	return a->udp == b->udp && a->port == b->port &&
	       addr_equal(&a->key.server, &b->key.server) && strcmp(a->realm, b->realm) == 0;
}

static bool
is_firm(const struct proof *p)
{
	return p->left == LEFT_NOT && (p->pinned || p->held);
}

/* One port of one server, of which ${proof} is all that answers there. */
static void
judge_place(struct proof *proof, size_t count)
{
	bool firm = false;

	for (size_t i = 0; i < count; i++)
		firm |= is_firm(&proof[i]);
	for (size_t i = 0; i < count && !firm; i++)
		if (proof[i].left == LEFT_NOT)
			proof[i].left = LEFT_LOOSE;
}

static void
judge(struct holding *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->proof[i].held = is_held(h, i);
	for (size_t at = 0, n; at < h->count; at += n) {
		for (n = 1; at + n < h->count && same_place(&h->proof[at], &h->proof[at + n]); n++)
			;
		judge_place(h->proof + at, n);
	}
}

int
evidence_hold(struct store *store, const struct policy *policy,
    const struct evidence_options *options, struct proof *proof, size_t count)
{
	struct holding h = {.policy = policy, .proof = proof, .count = count};

	if (count == 0)
		return 0;
	h.past = calloc(count, sizeof(*h.past));
	if (h.past == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		h.past[i] = (struct past){.first_ns = INT64_MAX, .last_ns = INT64_MIN};
	int err = read_history(&h, store, &options->filter);
	if (err == 0)
		judge(&h);
	free(h.past);
	return err;
}
