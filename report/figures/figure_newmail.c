/* figure_newmail.c - flows of new-mail datagrams in the period of a report, by client. */
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
	size_t count, left;
	struct plot_flow *flow;
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
	size_t registered = 0, wrong = 0;

	for (size_t i = 0; i < g->count; i++) {
		registered += g->flow[i].registered;
		wrong += g->flow[i].grade != PLOT_OK;
	}
	snprintf(about, sizeof(about),
	    "%zu flows of new-mail datagrams by client over time: %zu registered, %zu inferred, "
	    "%zu out of policy.",
	    g->count, registered, g->count - registered, wrong);
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
	const struct query_filter period = {
	    .since_ns = r->options.since_ns, .until_ns = r->options.until_ns};
	struct gathering g = {.r = r};
	int err = pool_new(&g.pool);

	if (err == 0)
		err = query_pushes(r->store, &period, flow_add, &g);
	if (err == 0 && g.count > 0) {
		qsort(g.flow, g.count, sizeof(*g.flow), flow_compare);
		err = flows_draw(out, &g);
	}
	free(g.flow);
	pool_free(&g.pool);
	return err;
}
