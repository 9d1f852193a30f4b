/* plan.c - pins and history to a port each. */
#include "export/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/plan_dynamic.h"
#include "export/plan_ports.h"
#include "report/explain/derive.h"
#include "report/model/pool.h"
#include "store/query.h"

/* What the history says of the ports of one group. */
struct history {
	struct plan_group *group;
	bool *used;               /* PLAN_PORTS */
	struct span {
		int64_t first_ns, last_ns;
	} span[PINS_MOST];        /* of the item's endpoints */
	bool survived[PINS_MOST]; /* something else moved meanwhile */
	bool wandered[PINS_MOST]; /* an interface of the item was at another port, too */
	bool clash[PINS_MOST];    /* something else was at the item's port */
};

static bool
moves(const struct plan_item *item, const struct mapping_key *key)
{
	return key->protseq == PROTSEQ_TCP && registry_moves(item->pin.value, &key->uuid);
}

static bool
has_moved(const struct query_episode *e)
{
	return e->ended_ns != 0 && e->why != CHANGE_VANISHED && e->why != CHANGE_UNSEEN;
}

static int
take_episode(void *ctx, const struct query_episode *e)
{
	struct history *h = ctx;
	struct plan_group *g = h->group;

	if (!protseq_has_port((enum protseq)e->key.protseq) ||
	    strcmp(e->realm, g->group->realm) != 0)
		return 0;
	if (g->since_ns == 0 || e->first_ns < g->since_ns)
		g->since_ns = e->first_ns;
	h->used[e->endpoint.port] = true;
	for (size_t i = 0; i < g->count; i++) {
		const struct plan_item *item = &g->item[i];
		bool same = e->endpoint.port == item->pin.port;

		h->wandered[i] |= moves(item, &e->key) && !same;
		h->survived[i] |= has_moved(e) && e->ended_ns > h->span[i].first_ns &&
				  e->ended_ns < h->span[i].last_ns;
		h->clash[i] |= same && !moves(item, &e->key) && e->key.protseq == PROTSEQ_TCP &&
			       e->ended_ns == 0 && item->pin.holding == 0;
	}
	return 0;
}

/* What is no RPC shows only here. */
static int
take_session(void *ctx, const struct query_session *s)
{
	struct history *h = ctx;
	struct plan_group *g = h->group;

	if (strcmp(s->realm, g->group->realm) != 0)
		return 0;
	h->used[s->session.server_port] = true;
	for (size_t i = 0; i < g->count; i++)
		h->clash[i] |=
		    s->session.protocol[0] != '\0' && s->session.server_port == g->item[i].pin.port;
	return 0;
}

static int
read_history(struct store *store, struct history *h)
{
	const struct evidence_group *g = h->group->group;
	struct query_filter of = {.has_server = true};
	int err = 0;

	for (size_t i = 0; err == 0 && i < g->server_count; i++) {
		of.server = g->server[i];
		err = query_history(store, &of, take_episode, h);
		if (err == 0)
			err = query_sessions(store, &of, take_session, h);
	}
	return err;
}

/* A port that the policy has for something of these servers is not free. */
static void
reserve_pins(const struct policy *policy, const struct evidence_group *g, bool *used)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *r = &policy->rule[i];
		bool ours = false;

		for (size_t k = 0; k < g->server_count; k++)
			ours |= policy_servers_hold(&r->servers, &g->server[k]);
		for (size_t k = 0; ours && k < r->pins.count; k++)
			used[r->pins.range[k].low] = true;
	}
}

static struct span
span_of(const struct pin *pin)
{
	struct span s = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};

	for (size_t i = 0; i < pin->count; i++) {
		const struct proof *p = pin->proof[i];

		s.first_ns = p->first_ns < s.first_ns ? p->first_ns : s.first_ns;
		s.last_ns = p->last_ns > s.last_ns ? p->last_ns : s.last_ns;
	}
	return s;
}

/* It stayed for days while something else of its server moved, as all do at a restart but what is pinned. */
static bool
survived(const struct history *h, size_t at)
{
	const struct span *s = &h->span[at];

	return h->survived[at] && clock_minus(s->last_ns, s->first_ns) >= DERIVE_STABLE_NS;
}

/* The range that counts is that of the server, whatever others of its group have. */
static bool
is_outside(const struct policy *policy, const struct pin *pin)
{
	for (size_t i = 0; i < pin->count; i++) {
		const struct addr *server = &pin->proof[i]->key.server;

		if (!policy_ports_hold(policy_dynamic_of(policy, server), pin->port))
			return true;
	}
	return false;
}

/* A port that all have, and always had, is a pin if chance cannot have chosen it. */
static bool
looks_pinned(const struct policy *policy, const struct plan_group *g, const struct history *h,
    size_t at)
{
	const struct pin *pin = &g->item[at].pin;

	if (pin->port == 0 || h->wandered[at] || plan_ports_taken(pin->port))
		return false;
	return pin->server_count > 1 || survived(h, at) || is_outside(policy, pin);
}

static void
decide(const struct policy *policy, struct plan_group *g, const struct history *h, size_t at)
{
	struct plan_item *item = &g->item[at];
	const struct pin *pin = &item->pin;

	if (pin->of_policy)
		item->kind = pin->torn                           ? PLAN_FAILS
			     : pin->holding == pin->server_count ? PLAN_KEEPS
								 : PLAN_RESTORES;
	else
		item->kind = looks_pinned(policy, g, h, at) ? PLAN_ADOPTS : PLAN_PROPOSES;
	item->port = item->kind == PLAN_PROPOSES || item->kind == PLAN_FAILS ? 0 : pin->port;
	item->clash = h->clash[at] && item->port != 0;
	if (item->port != 0)
		h->used[item->port] = true;
}

static void
propose(struct plan_group *g, const struct history *h, struct plan_item *item)
{
	if (item->kind == PLAN_PROPOSES)
		item->port = plan_ports_choose(item->pin.value->service, g->any, h->used);
	if (item->port == 0)
		item->kind = PLAN_FAILS;
	else
		h->used[item->port] = true;
	item->part = item->port == 0 ? NULL : plan_ports_part(g->any, item->port);
}

/* What is there comes before what is proposed, so that nothing is proposed twice. */
static void
decide_all(const struct policy *policy, struct plan_group *g, const struct history *h)
{
	reserve_pins(policy, g->group, h->used);
	for (size_t i = 0; i < g->count; i++)
		decide(policy, g, h, i);
	for (size_t i = 0; i < g->count; i++)
		propose(g, h, &g->item[i]);
}

static bool
is_wanted(const struct pin *pin, const char *service)
{
	const struct plan_item item = {.pin = *pin};
	const char *name[PINS_MOST];
	size_t count = plan_services(&item, name);

	for (size_t i = 0; i < count; i++) {
		if (service == NULL || strcmp(name[i], service) == 0)
			return true;
	}
	return false;
}

/* Every value of the group is planned, so that two of them do not get one port; what was not asked for is dropped then. */
static void
drop_unwanted(struct plan_group *g, const char *service)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (is_wanted(&g->item[i].pin, service))
			g->item[kept++] = g->item[i];
	}
	g->count = kept;
}

static int
plan_group(struct plan *p, const struct export_job *job, const struct evidence_group *group,
    const char *service)
{
	struct plan_group *g = &p->group[p->group_count];
	struct history h = {.group = g};
	struct pin_set pins;
	int err = pins_find(p->pool, job->store, job->policy, group, job->product, &pins);

	if (err != 0 || (pins.count == 0 && pins.undecided == NULL))
		return err;
	h.used = calloc(PLAN_PORTS, sizeof(*h.used));
	if (h.used == NULL)
		return -ENOMEM;
	*g = (struct plan_group){.group = group,
	    .count = pins.count,
	    .undecided = pins.undecided};
	for (size_t i = 0; i < pins.count; i++) {
		g->item[i].pin = pins.pin[i];
		h.span[i] = span_of(&pins.pin[i]);
	}
	err = plan_dynamic_find(p->pool, job->policy, g);
	if (err == 0)
		err = read_history(job->store, &h);
	if (err == 0) {
		decide_all(job->policy, g, &h);
		drop_unwanted(g, service);
		p->group_count += g->count > 0 || g->undecided != NULL;
	}
	free(h.used);
	return err;
}

int
plan_build(struct plan **out, const struct export_job *job, const char *service)
{
	const struct evidence_set *e = job->evidence;
	struct plan *p = calloc(1, sizeof(*p));
	int err = p == NULL ? -ENOMEM : pool_new(&p->pool);

	*out = p;
	if (err == 0 && e->group_count > 0) {
		p->group = pool_alloc(p->pool, e->group_count * sizeof(*p->group));
		err = p->group == NULL ? -ENOMEM : 0;
	}
	for (size_t i = 0; err == 0 && i < e->group_count; i++) {
		if (job->group == NULL || strcmp(job->group, e->group[i].name) == 0)
			err = plan_group(p, job, &e->group[i], service);
	}
	if (err == 0 && pool_failed(p->pool))
		err = -ENOMEM;
	if (err != 0)
		plan_free(out);
	return err;
}

void
plan_free(struct plan **p)
{
	if (*p == NULL)
		return;
	pool_free(&(*p)->pool);
	free(*p);
	*p = NULL;
}

size_t
plan_named(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->group_count; i++) {
		for (size_t k = 0; k < p->group[i].count; k++)
			n += p->group[i].item[k].port != 0;
	}
	return n;
}
