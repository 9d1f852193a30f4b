/* fleet.c - an entry for whatever speaks of a server, then all of one server united. */
#include "report/model/fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/servers.h"

int
fleet_compare(const struct fleet_server *a, const struct fleet_server *b)
{
	int order = strcmp(a->sensor, b->sensor);

	if (order == 0)
		order = strcmp(a->realm, b->realm);
	return order != 0 ? order : addr_compare(&a->server, &b->server);
}

static int
compare_server(const void *a, const void *b)
{
	return fleet_compare(a, b);
}

/* The worst first; what is in order last. */
static int
compare_verdict(const void *a, const void *b)
{
	const struct fleet_server *x = a, *y = b;
	int order = (x->findings == 0) - (y->findings == 0);

	if (order == 0 && x->findings > 0)
		order = (x->worst < y->worst) - (x->worst > y->worst);
	return order != 0 ? order : compare_server(a, b);
}

/* Its names live as long as the report. */
static int
server_add(struct report *r, const struct fleet_server *s)
{
	if (array_grow(&r->fleet, r->fleet_count, sizeof(*r->fleet)) != 0)
		return -ENOMEM;
	r->fleet[r->fleet_count++] = *s;
	return 0;
}

int
fleet_see(struct report *r, const struct query_episode *e)
{
	const struct fleet_server s = {
	    .sensor = e->sensor, .realm = e->realm, .server = e->key.server, .endpoints = 1};

	if (r->fleet_count > 0 && compare_server(&r->fleet[r->fleet_count - 1], &s) == 0) {
		r->fleet[r->fleet_count - 1].endpoints++;
		return 0;
	}
	int err = server_add(r, &s);
	if (err != 0)
		return err;
	struct fleet_server *last = &r->fleet[r->fleet_count - 1];
	last->sensor = pool_text(r->pool, e->sensor);
	last->realm = pool_text(r->pool, e->realm);
	return pool_failed(r->pool) ? -ENOMEM : 0;
}

static int
one_seen(void *ctx, const struct query_episode *e)
{
	return fleet_see(ctx, e);
}

static int
findings_add(struct report *r)
{
	int err = 0;

	for (size_t i = 0; i < r->finding_count && err == 0; i++) {
		const struct report_finding *f = &r->finding[i];
		const struct fleet_server s = {.sensor = f->sensor,
		    .realm = f->realm,
		    .server = f->key.server,
		    .findings = 1,
		    .worst = f->verdict.severity};

		if (!addr_is_unspecified(&f->key.server))
			err = server_add(r, &s);
	}
	return err;
}

static int
changes_add(struct report *r)
{
	int err = 0;

	for (size_t i = 0; i < r->change_count && err == 0; i++) {
		const struct query_change *c = &r->change[i].row;
		const struct fleet_server s = {.sensor = c->sensor,
		    .realm = c->realm,
		    .server = c->change.key.server,
		    .changes = 1};

		err = server_add(r, &s);
	}
	return err;
}

static void
server_unite(struct fleet_server *to, const struct fleet_server *from)
{
	to->endpoints += from->endpoints;
	to->findings += from->findings;
	to->changes += from->changes;
	to->worst = from->worst > to->worst ? from->worst : to->worst;
}

static void
servers_unite(struct report *r)
{
	size_t kept = 0;

	if (r->fleet_count > 0)
		qsort(r->fleet, r->fleet_count, sizeof(*r->fleet), compare_server);
	for (size_t i = 0; i < r->fleet_count; i++) {
		if (kept > 0 && compare_server(&r->fleet[kept - 1], &r->fleet[i]) == 0)
			server_unite(&r->fleet[kept - 1], &r->fleet[i]);
		else
			r->fleet[kept++] = r->fleet[i];
	}
	r->fleet_count = kept;
	for (size_t i = 0; i < kept; i++)
		r->fleet[i].host = servers_host(
		    r->servers, r->fleet[i].sensor, r->fleet[i].realm, &r->fleet[i].server);
	if (kept > 0)
		qsort(r->fleet, kept, sizeof(*r->fleet), compare_verdict);
}

int
fleet_gather(struct report *r)
{
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	int err = 0;

	/* A report of all has seen them by now. */
	if (r->options.since_ns != 0 && r->summary.endpoints <= FLEET_ENDPOINTS)
		err = query_alive(r->store, &alive, one_seen, r);
	if (err == 0)
		err = findings_add(r);
	if (err == 0)
		err = changes_add(r);
	if (err == 0)
		servers_unite(r);
	return err;
}
