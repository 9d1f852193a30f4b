/* derive.c - one pass over the history, key by key. */
#include "report/explain/derive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/explain/derivation.h"
#include "store/query.h"
#include "track/policy.h"

/* Equal addresses at two sites are two servers. */
static bool
same_server(const struct current *c, const struct query_episode *e)
{
	return c->any && addr_equal(&c->key.server, &e->key.server) &&
	       strcmp(c->sensor, e->sensor) == 0 && strcmp(c->realm, e->realm) == 0;
}

static bool
same_key(const struct current *c, const struct query_episode *e)
{
	return same_server(c, e) && uuid_equal(&c->key.uuid, &e->key.uuid) &&
	       c->key.major == e->key.major && c->key.protseq == e->key.protseq;
}

static bool
is_stable(const struct current *c)
{
	return !c->several && c->key.protseq == PROTSEQ_TCP &&
	       c->seen.last_ns - c->seen.first_ns >= DERIVE_STABLE_NS;
}

static void
key_done(struct derivation *d)
{
	const struct current *c = &d->now;

	if (!c->any || c->port_count == 0)
		return;
	if (!is_stable(c)) {
		for (size_t i = 0; i < c->port_count; i++)
			d->loose[c->port[i]] = true;
	} else if (d->count == DERIVE_MOST) {
		d->refused++;
	} else {
		d->stable[d->count++] = c->seen;
	}
}

static void
server_done(struct derivation *d)
{
	for (size_t i = d->server_from; i < d->count; i++)
		d->stable[i].survived = d->moved_ns > d->stable[i].first_ns;
	d->server_from = d->count;
	d->moved_ns = INT64_MIN;
}

static void
key_begin(struct derivation *d, const struct query_episode *e)
{
	bool other_server = !same_server(&d->now, e);

	key_done(d);
	if (other_server) {
		server_done(d);
		d->servers++;
	}
	d->now = (struct current){.any = true, .key = e->key};
	snprintf(d->now.sensor, sizeof(d->now.sensor), "%s", e->sensor);
	snprintf(d->now.realm, sizeof(d->now.realm), "%s", e->realm);
	d->now.seen = (struct stable){.server = e->key.server,
	    .uuid = e->key.uuid,
	    .major = e->key.major,
	    .port = e->endpoint.port,
	    .first_ns = e->first_ns,
	    .last_ns = e->last_ns};
}

static void
key_add(struct derivation *d, const struct query_episode *e)
{
	struct current *c = &d->now;

	c->several |= e->endpoint.port != c->seen.port;
	c->seen.first_ns = e->first_ns < c->seen.first_ns ? e->first_ns : c->seen.first_ns;
	c->seen.last_ns = e->last_ns > c->seen.last_ns ? e->last_ns : c->seen.last_ns;
	c->seen.clients = e->clients > c->seen.clients ? e->clients : c->seen.clients;
	c->seen.announced += e->announced;
	c->seen.used += e->used;
	if (e->ended_ns != 0 && e->why != CHANGE_VANISHED && e->why != CHANGE_UNSEEN &&
	    e->ended_ns > d->moved_ns)
		d->moved_ns = e->ended_ns;
	if (e->ended_ns == 0 && c->port_count < DERIVATION_KEY_PORTS)
		c->port[c->port_count++] = e->endpoint.port;
}

static int
take_episode(void *ctx, const struct query_episode *e)
{
	struct derivation *d = ctx;

	if (!protseq_has_port((enum protseq)e->key.protseq) ||
	    e->confidence == CONFIDENCE_ATTEMPTED ||
	    policy_is_well_known(e->key.protseq, e->endpoint.port))
		return 0;
	d->first_ns = d->first_ns == 0 || e->first_ns < d->first_ns ? e->first_ns : d->first_ns;
	d->last_ns = e->last_ns > d->last_ns ? e->last_ns : d->last_ns;
	if (policy_is_reserved(e->key.protseq, e->endpoint.port)) {
		d->reserved += e->ended_ns == 0;
		return 0;
	}
	if (!same_key(&d->now, e))
		key_begin(d, e);
	key_add(d, e);
	return 0;
}

/* The narrowest shipped range that holds all; where none does, that of today's Windows with some ports beside it, else the widest. */
static const struct port_range *
choose_range(const struct derivation *d)
{
	size_t count;
	const struct port_range *range = policy_shipped_ranges(&count), *today = &range[1];

	if (derivation_outside(d, today) == 0)
		return today;
	for (size_t i = 0; i < count; i++) {
		if (derivation_outside(d, &range[i]) == 0)
			return &range[i];
	}
	return derivation_outside(d, today) <= DERIVATION_SINGLE_PORTS ? today : &range[count - 1];
}

static int
compare(const void *a, const void *b)
{
	const struct stable *x = a, *y = b;
	int r = addr_compare(&x->server, &y->server);

	if (r == 0)
		r = memcmp(x->uuid.b, y->uuid.b, sizeof(x->uuid.b));
	if (r == 0)
		r = (x->major > y->major) - (x->major < y->major);
	if (r == 0)
		r = (x->port > y->port) - (x->port < y->port);
	return r != 0 ? r : (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
}

int
derive_policy(struct store *store, const char *name, FILE *out)
{
	struct derivation *d = calloc(1, sizeof(*d));
	struct query_filter all = {.sensor = NULL};
	int err = -ENOMEM;

	if (d != NULL)
		d->stable = calloc(DERIVE_MOST, sizeof(*d->stable));
	if (d == NULL || d->stable == NULL)
		goto done;
	d->moved_ns = INT64_MIN;
	err = query_history(store, &all, take_episode, d);
	if (err != 0)
		goto done;
	key_done(d);
	server_done(d);
	qsort(d->stable, d->count, sizeof(*d->stable), compare);
	d->range = choose_range(d);
	derivation_write(d, name, out);
done:
	if (d != NULL)
		free(d->stable);
	free(d);
	return err;
}
