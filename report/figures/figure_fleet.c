/* figure_fleet.c - the servers of a report by how they stand. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plot/fleet.h"
#include "report/figures/figure_parts.h"
#include "report/figures/figures.h"
#include "report/model/alive.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/servers.h"
#include "report/model/standing.h"

/* One server, and what one source says of it; those of one server are united. */
struct standing_server {
	const char *sensor, *realm;
	struct addr server;
	enum plot_grade grade;
	size_t endpoints, wrong;
};

struct gathering {
	const struct report *r;
	struct pool *pool;
	size_t count;
	struct standing_server *server;
};

static bool
is_same(const struct standing_server *a, const struct standing_server *b)
{
	return addr_equal(&a->server, &b->server) && strcmp(a->realm, b->realm) == 0 &&
	       strcmp(a->sensor, b->sensor) == 0;
}

static void
unite(struct standing_server *to, const struct standing_server *from)
{
	to->grade = plot_grade_worse(to->grade, from->grade);
	to->endpoints += from->endpoints;
	to->wrong += from->wrong;
}

static int
server_add(struct gathering *g, const struct standing_server *s)
{
	if (g->count > 0 && is_same(&g->server[g->count - 1], s)) {
		unite(&g->server[g->count - 1], s);
		return 0;
	}
	if (array_grow(&g->server, g->count, sizeof(*g->server)) != 0)
		return -ENOMEM;
	g->server[g->count] = *s;
	g->server[g->count].sensor = pool_text(g->pool, s->sensor);
	g->server[g->count].realm = pool_text(g->pool, s->realm);
	g->count++;
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

static int
endpoint_add(void *ctx, const struct query_episode *e)
{
	struct gathering *g = ctx;
	bool proven = e->confidence != CONFIDENCE_ATTEMPTED;
	struct standing_server s = {.sensor = e->sensor,
	    .realm = e->realm,
	    .server = e->key.server,
	    .grade = PLOT_UNKNOWN,
	    .endpoints = proven};
	struct verdict verdict;

	if (proven) {
		standing_judge(g->r->standing, g->r->judge, e, &verdict);
		s.grade = figure_grade(&verdict);
		s.wrong = s.grade != PLOT_OK;
	}
	return server_add(g, &s);
}

/* What is open against a server beside its endpoints, and servers of which there is no endpoint. */
static int
others_add(struct gathering *g)
{
	size_t known;
	const struct servers_one *one = servers_all(g->r->servers, &known);
	int err = 0;

	for (size_t i = 0; i < g->r->finding_count && err == 0; i++) {
		const struct report_finding *f = &g->r->finding[i];
		const struct standing_server s = {.sensor = f->sensor,
		    .realm = f->realm,
		    .server = f->key.server,
		    .grade = figure_severity_grade(f->verdict.severity)};

		if (!addr_is_unspecified(&f->key.server))
			err = server_add(g, &s);
	}
	for (size_t i = 0; i < known && err == 0; i++) {
		const struct standing_server s = {.sensor = one[i].sensor,
		    .realm = one[i].realm,
		    .server = one[i].facts.server,
		    .grade = PLOT_UNKNOWN};

		err = server_add(g, &s);
	}
	return err;
}

static int
server_compare(const void *a, const void *b)
{
	const struct standing_server *x = a, *y = b;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	return order != 0 ? order : addr_compare(&x->server, &y->server);
}

static void
servers_unite(struct gathering *g)
{
	size_t kept = 0;

	qsort(g->server, g->count, sizeof(*g->server), server_compare);
	for (size_t i = 0; i < g->count; i++) {
		if (kept > 0 && is_same(&g->server[kept - 1], &g->server[i]))
			unite(&g->server[kept - 1], &g->server[i]);
		else
			g->server[kept++] = g->server[i];
	}
	g->count = kept;
}

static int
servers_shown(struct gathering *g, struct plot_server *shown)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct standing_server *s = &g->server[i];
		char tip[FIGURE_TITLE];

		if (s->wrong > 0)
			snprintf(tip, sizeof(tip), "%s: %zu of %zu endpoints out of policy",
			    plot_grade_name(s->grade), s->wrong, s->endpoints);
		else
			snprintf(tip, sizeof(tip), "%s: %zu endpoints", plot_grade_name(s->grade),
			    s->endpoints);
		shown[i] = (struct plot_server){
		    .name = figure_host(g->r, g->pool, s->sensor, s->realm, &s->server),
		    .tip = pool_text(g->pool, tip),
		    .grade = s->grade};
	}
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

static int
fleet_draw(FILE *out, const struct fleet *shown, bool all)
{
	struct fleet f = *shown;
	char about[FIGURE_WORDS];
	size_t count[PLOT_GRADES] = {0};

	for (size_t i = 0; i < f.count; i++)
		count[f.server[i].grade]++;
	snprintf(about, sizeof(about),
	    "%zu servers: %zu with a finding of high severity, %zu medium, %zu low, %zu in order, "
	    "%zu "
	    "of which nothing is known.",
	    f.count, count[PLOT_HIGH], count[PLOT_MEDIUM], count[PLOT_LOW], count[PLOT_OK],
	    count[PLOT_UNKNOWN]);
	f.panel = (struct panel){.kind = "fleet",
	    .id = "fleet",
	    .title = "Servers by how they stand",
	    .about = about,
	    .left = all ? NULL : "Only servers that this report tells of are drawn."};
	return fleet_write(out, &f);
}

int
figure_fleet(FILE *out, const struct report *r)
{
	struct gathering g = {.r = r};
	struct fleet f = {0};
	struct plot_server *shown = NULL;
	bool all = true;
	int err = pool_new(&g.pool);

	if (err == 0)
		err = alive_read(r, endpoint_add, &g, &all);
	if (err == 0)
		err = others_add(&g);
	if (err == 0 && g.count > 0) {
		servers_unite(&g);
		shown = calloc(g.count, sizeof(*shown));
		f = (struct fleet){.count = g.count, .server = shown};
		err = shown != NULL ? servers_shown(&g, shown) : -ENOMEM;
		if (err == 0)
			err = fleet_draw(out, &f, all);
	}
	free(shown);
	free(g.server);
	pool_free(&g.pool);
	return err;
}
