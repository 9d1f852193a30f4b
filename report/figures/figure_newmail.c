/* figure_newmail.c - flows of new-mail datagrams in the period of a report, by client, and the clients that asked in vain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plot/flows.h"
#include "report/figures/figure_parts.h"
#include "report/figures/figures.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/model/pool.h"

struct gathering {
	const struct report *r;
	struct pool *pool;
	size_t count, left, vain; /* vain: of count, no flows but clients that nothing came to */
	struct plot_flow *flow;
	struct wish *wish; /* of each of the starving */
};

/* What a client asked for that got nothing. */
struct wish {
	int64_t first_ns;
	uint64_t count;
	uint16_t port; /* 0: not known */
};

static int
flow_add(void *ctx, const struct query_push *row)
{
	struct gathering *g = ctx;
	const struct push *p = &row->push;
	bool wrong = newmail_is_wrong(g->r->judge, g->r->standing, row);

	if (g->count == FIGURE_FLOWS) {
		g->left++;
		return 0;
	}
	if (array_grow(&g->flow, g->count, sizeof(*g->flow)) != 0)
		return -ENOMEM;
	g->flow[g->count++] = (struct plot_flow){
	    .client = figure_host(g->r, g->pool, row->sensor, row->realm, &p->client),
	    .server = figure_host(g->r, g->pool, row->sensor, row->realm, &p->server),
	    .server_port = p->server_port,
	    .client_port = p->client_port,
	    .registered = p->registered,
	    .count = p->count,
	    .refused = p->refused,
	    .first_ns = p->first_ns,
	    .last_ns = p->last_ns,
	    .grade = !wrong          ? PLOT_OK
		     : p->registered ? PLOT_MEDIUM
				     : PLOT_LOW};
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

static int
wish_add(void *ctx, const struct query_registration *row)
{
	struct gathering *g = ctx;
	const struct push_registration *x = &row->registration;
	const struct starving *s = &g->r->newmail->starving;
	const struct starving_one *one =
	    starving_find(s, row->sensor, row->realm, &x->server, &x->client);

	if (one == NULL || x->delivered > 0 || x->first_ns > one->since_ns)
		return 0;
	struct wish *w = &g->wish[one - s->one];
	if (w->count++ == 0 || x->first_ns < w->first_ns)
		w->first_ns = x->first_ns;
	if (x->has_address)
		w->port = x->port;
	return 0;
}

static int
vain_add(struct gathering *g, const struct starving_one *one, const struct wish *w)
{
	if (g->count == FIGURE_FLOWS) {
		g->left++;
		return 0;
	}
	if (array_grow(&g->flow, g->count, sizeof(*g->flow)) != 0)
		return -ENOMEM;
	g->flow[g->count++] = (struct plot_flow){
	    .client = figure_host(g->r, g->pool, one->sensor, one->realm, &one->client),
	    .server = figure_host(g->r, g->pool, one->sensor, one->realm, &one->server),
	    .client_port = w->port,
	    .registered = true,
	    .vain = w->count,
	    .first_ns = w->first_ns,
	    .last_ns = one->since_ns,
	    .grade = PLOT_MEDIUM};
	g->vain++;
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

/* Those that asked in the period, up to when that ended. */
static int
vain_gather(struct gathering *g, const struct query_filter *period)
{
	const struct starving *s = &g->r->newmail->starving;

	if (s->count == 0)
		return 0;
	g->wish = calloc(s->count, sizeof(*g->wish));
	if (g->wish == NULL)
		return -ENOMEM;
	int err = query_registrations(g->r->store, period, wish_add, g);
	for (size_t i = 0; i < s->count && err == 0; i++)
		if (g->wish[i].count > 0)
			err = vain_add(g, &s->one[i], &g->wish[i]);
	return err;
}

static int
compare_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
flow_compare(const void *a, const void *b)
{
	const struct plot_flow *x = a, *y = b;
	int order = strcmp(x->client, y->client);

	if (order == 0)
		order = strcmp(x->server, y->server);
	if (order == 0)
		order = compare_number(x->first_ns, y->first_ns);
	if (order == 0)
		order = compare_number(x->client_port, y->client_port);
	return order != 0 ? order : compare_number(x->server_port, y->server_port);
}

/* From the first to the last datagram, since such flows are kept for a shorter time than a period may be. */
static void
flows_span(const struct gathering *g, int64_t *from_ns, int64_t *to_ns)
{
	figure_period(g->r, from_ns, to_ns);
	int64_t first = *to_ns, last = *from_ns;

	for (size_t i = 0; i < g->count; i++) {
		first = g->flow[i].first_ns < first ? g->flow[i].first_ns : first;
		last = g->flow[i].last_ns > last ? g->flow[i].last_ns : last;
	}
	*from_ns = first > *from_ns ? first : *from_ns;
	*to_ns = last < *to_ns ? last : *to_ns;
}

static int
flows_draw(FILE *out, const struct gathering *g)
{
	char about[FIGURE_WORDS], left[FIGURE_WORDS];
	struct flows f = {.count = g->count, .flow = g->flow};
	size_t registered = 0, wrong = 0, flows = g->count - g->vain;

	for (size_t i = 0; i < g->count; i++) {
		bool is_flow = g->flow[i].vain == 0;

		registered += is_flow && g->flow[i].registered;
		wrong += is_flow && g->flow[i].grade != PLOT_OK;
	}
	int used = snprintf(about, sizeof(about),
	    "%zu flows of new-mail datagrams by client over time: %zu registered, %zu inferred, "
	    "%zu out of policy.",
	    flows, registered, flows - registered, wrong);
	if (g->vain > 0)
		snprintf(about + used, sizeof(about) - (size_t)used,
		    " %zu client%s registered, and nothing came.", g->vain,
		    g->vain == 1 ? "" : "s");
	snprintf(left, sizeof(left), "%zu more flows are not looked at.", g->left);
	f.panel = (struct panel){.kind = "newmail",
	    .id = "newmail",
	    .title = "New-mail datagrams by client",
	    .about = about,
	    .left = g->left > 0 ? left : NULL};
	flows_span(g, &f.from_ns, &f.to_ns);
	return flows_write(out, &f);
}

int
figure_newmail(FILE *out, const struct report *r)
{
	const struct query_filter period = report_period(r);
	struct gathering g = {.r = r};
	int err = pool_new(&g.pool);

	/* There may be more flows than are looked at; what is missing is told first. */
	if (err == 0)
		err = vain_gather(&g, &period);
	if (err == 0)
		err = query_pushes(r->store, &period, flow_add, &g);
	if (err == 0 && g.count > 0) {
		qsort(g.flow, g.count, sizeof(*g.flow), flow_compare);
		err = flows_draw(out, &g);
	}
	free(g.flow);
	free(g.wish);
	pool_free(&g.pool);
	return err;
}
