/* ports.c - ports and ranges by interface, counted while the endpoints of one server after the other come in. */
#include "report/model/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/alive.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/ports_parts.h"
#include "report/model/standing.h"
#include "track/policy.h"

enum {
	TIDY = 4096
};

int
ports_compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
ports_compare_speech(const struct ports_speech *a, const struct ports_speech *b)
{
	int order = memcmp(&a->uuid, &b->uuid, sizeof(a->uuid));

	return order != 0 ? order : ports_compare_number(a->protseq, b->protseq);
}

static int
use_compare_place(const struct ports_use *x, const struct ports_use *y)
{
	int order = ports_compare_speech(&x->speech, &y->speech);

	if (order == 0)
		order = ports_compare_number(x->port, y->port);
	return order != 0 ? order : ports_compare_number(x->bad, y->bad);
}

static int
use_compare(const void *a, const void *b)
{
	const struct ports_use *x = a, *y = b;
	int order = use_compare_place(x, y);

	return order != 0 ? order : ports_compare_number(x->last, y->last);
}

/* Of one port: what came later is of a later server, or of the same one, which may have two versions of the interface. */
static void
use_unite(struct ports_use *to, const struct ports_use *from)
{
	if (to->last != from->last)
		to->servers += from->servers;
	else if (to->servers < from->servers)
		to->servers = from->servers;
	to->last = from->last;
}

static void
uses_unite(struct ports_gathering *g)
{
	size_t kept = 0;

	if (g->use_count > 0)
		qsort(g->use, g->use_count, sizeof(*g->use), use_compare);
	for (size_t i = 0; i < g->use_count; i++) {
		if (kept > 0 && use_compare_place(&g->use[kept - 1], &g->use[i]) == 0)
			use_unite(&g->use[kept - 1], &g->use[i]);
		else
			g->use[kept++] = g->use[i];
	}
	g->use_count = kept;
	g->use_tidy = 2 * kept + TIDY;
}

static int
range_compare(const void *a, const void *b)
{
	const struct ports_range_of *x = a, *y = b;
	int order = ports_compare_speech(&x->speech, &y->speech);

	if (order == 0)
		order = ports_compare_number(x->range.low, y->range.low);
	return order != 0 ? order : ports_compare_number(x->range.high, y->range.high);
}

static void
ranges_unite(struct ports_gathering *g)
{
	size_t kept = 0;

	if (g->range_count > 0)
		qsort(g->range, g->range_count, sizeof(*g->range), range_compare);
	for (size_t i = 0; i < g->range_count; i++)
		if (kept == 0 || range_compare(&g->range[kept - 1], &g->range[i]) != 0)
			g->range[kept++] = g->range[i];
	g->range_count = kept;
	g->range_tidy = 2 * kept + TIDY;
}

static int
range_add(struct ports_gathering *g, const struct ports_speech *speech, struct policy_ports ports)
{
	for (size_t i = 0; i < ports.count; i++) {
		if (array_grow(&g->range, g->range_count, sizeof(*g->range)) != 0)
			return -ENOMEM;
		g->range[g->range_count++] =
		    (struct ports_range_of){*speech, {ports.range[i].low, ports.range[i].high}};
		if (g->range_count >= g->range_tidy)
			ranges_unite(g);
	}
	return 0;
}

/* Where it may be, by its rule. */
static int
ranges_of(
    struct ports_gathering *g, const struct ports_speech *speech, const struct mapping_key *key)
{
	const struct policy_rule *rule = policy_rule_of(g->r->judge, key);
	bool pinned = rule != NULL && rule->pins.count > 0;

	if (policy_denies(g->r->judge, key))
		return 0;
	if (!pinned && (rule == NULL || !rule->has_allowed))
		return range_add(g, speech, policy_dynamic_of(g->r->judge, &key->server));
	int err = range_add(g, speech, rule->pins);
	/* What else a pinned one may have is right beside the pin only, if at all. */
	if (err == 0 && (!pinned || rule->beside))
		err = range_add(g, speech, rule->allowed);
	return err;
}

/* Endpoints come by server. */
static void
server_count(struct ports_gathering *g, const struct query_episode *e)
{
	if (g->servers > 0 && addr_equal(&g->server, &e->key.server) && g->realm != NULL &&
	    strcmp(g->realm, e->realm) == 0 && g->sensor != NULL &&
	    strcmp(g->sensor, e->sensor) == 0)
		return;
	g->servers++;
	g->server = e->key.server;
	g->sensor = pool_text(g->pool, e->sensor);
	g->realm = pool_text(g->pool, e->realm);
}

/* What settles is said of the key, and this endpoint is right. */
static uint8_t
bad_of(const struct verdict *v)
{
	return v->count == 0 || v->settling ? 0 : (uint8_t)(1 + v->severity);
}

static int
use_add(struct ports_gathering *g, const struct ports_speech *speech, uint16_t port, uint8_t bad)
{
	if (array_grow(&g->use, g->use_count, sizeof(*g->use)) != 0)
		return -ENOMEM;
	g->use[g->use_count++] = (struct ports_use){*speech, port, bad, 1, g->servers};
	if (g->use_count >= g->use_tidy)
		uses_unite(g);
	return 0;
}

static int
endpoint_add(void *ctx, const struct query_episode *e)
{
	const struct ports_speech speech = {e->key.uuid, e->key.protseq};
	struct ports_gathering *g = ctx;
	struct verdict verdict;

	if (!protseq_has_port((enum protseq)e->key.protseq) || e->endpoint.port < PORTS_FIRST ||
	    e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	server_count(g, e);
	standing_judge(g->r->standing, g->r->judge, e, &verdict);
	if (pool_failed(g->pool) || use_add(g, &speech, PORTS_ANY, 0) != 0 ||
	    use_add(g, &speech, e->endpoint.port, bad_of(&verdict)) != 0)
		return -ENOMEM;
	/* Those of RPC over HTTP are right without a rule, and say nothing of other ports. */
	return policy_is_well_known(e->key.protseq, e->endpoint.port)
		   ? 0
		   : ranges_of(g, &speech, &e->key);
}

int
ports_read(struct ports **out, const struct report *r)
{
	struct ports_gathering g = {.r = r, .use_tidy = TIDY, .range_tidy = TIDY};
	struct ports *p = *out = calloc(1, sizeof(*p));
	int err = p != NULL ? pool_new(&g.pool) : -ENOMEM;

	if (err == 0)
		err = alive_read(r, endpoint_add, &g, &p->all);
	if (err == 0) {
		uses_unite(&g);
		ranges_unite(&g);
		err = ports_rows(p, &g);
	}
	free(g.use);
	free(g.range);
	pool_free(&g.pool);
	if (err != 0)
		ports_free(out);
	return err;
}

void
ports_free(struct ports **p)
{
	if (*p == NULL)
		return;
	free((*p)->row);
	free((*p)->alike);
	free((*p)->port);
	free(*p);
	*p = NULL;
}
