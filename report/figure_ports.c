/* figure_ports.c - which ports are in use by which interface, over all servers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plot/portmap.h"
#include "report/array.h"
#include "report/figure_parts.h"
#include "report/figures.h"
#include "report/model.h"
#include "report/pool.h"
#include "report/standing.h"
#include "track/policy.h"

enum {
	ROWS = 20,
	RANGES = 8, /* of a row */
	LISTED = 3, /* ports that a row's note names */
};

/* A port of an interface at one server. */
struct use {
	struct uuid uuid;
	uint16_t port;
	enum plot_grade grade;
};

/* An interface, or several that are alike. */
struct row {
	struct uuid uuid;
	size_t alike; /* others */
	size_t port_count, range_count;
	struct plot_port *port; /* in the gathering's array */
	struct plot_range range[RANGES];
	enum plot_grade worst;
	uint32_t servers; /* the most that share a port */
	const char *label, *note;
};

struct gathering {
	const struct report *r;
	struct pool *pool;
	size_t use_count, row_count;
	struct use *use;
	struct plot_port *port;
	struct row *row;
	struct range_of {
		struct uuid uuid;
		struct plot_range range;
	} * range; /* owned; where interfaces may be: each once while they come, sorted later */
	size_t range_count;
};

static int
range_add(struct gathering *g, const struct uuid *uuid, struct policy_ports ports)
{
	for (size_t i = 0; i < ports.count; i++) {
		const struct plot_range own = {ports.range[i].low, ports.range[i].high};
		size_t known = 0;

		/* Endpoints of a server come together, and there are few ranges: what is here is mostly the same again. */
		for (size_t n = g->range_count; n > 0 && known == 0 && g->range_count - n < RANGES;
		     n--)
			known = memcmp(&g->range[n - 1].uuid, uuid, sizeof(*uuid)) == 0 &&
				g->range[n - 1].range.low == own.low &&
				g->range[n - 1].range.high == own.high;
		if (known)
			continue;
		if (array_grow(&g->range, g->range_count, sizeof(*g->range)) != 0)
			return -ENOMEM;
		g->range[g->range_count++] = (struct range_of){*uuid, own};
	}
	return 0;
}

static int
ranges_of(struct gathering *g, const struct mapping_key *key)
{
	const struct policy_rule *rule = policy_rule_of(g->r->judge, key);

	if (policy_denies(g->r->judge, key))
		return 0;
	if (rule == NULL)
		return range_add(g, &key->uuid, policy_dynamic_of(g->r->judge, &key->server));
	int err = range_add(g, &key->uuid, rule->pins);
	if (err == 0 && rule->has_allowed)
		err = range_add(g, &key->uuid, rule->allowed);
	return err;
}

static int
endpoint_add(void *ctx, const struct query_episode *e)
{
	struct gathering *g = ctx;
	struct verdict verdict;

	if (!protseq_has_port((enum protseq)e->key.protseq) || e->endpoint.port < AXIS_PORT_FIRST ||
	    e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	if (array_grow(&g->use, g->use_count, sizeof(*g->use)) != 0)
		return -ENOMEM;
	standing_judge(g->r->standing, g->r->judge, e, &verdict);
	g->use[g->use_count++] =
	    (struct use){e->key.uuid, e->endpoint.port, figure_grade(&verdict)};
	return ranges_of(g, &e->key);
}

static int
compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
use_compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = memcmp(&x->uuid, &y->uuid, sizeof(x->uuid));

	if (order == 0)
		order = compare_number(x->port, y->port);
	return order != 0 ? order : compare_number(x->grade, y->grade);
}

static int
range_compare(const void *a, const void *b)
{
	const struct range_of *x = a, *y = b;
	int order = memcmp(&x->uuid, &y->uuid, sizeof(x->uuid));

	if (order == 0)
		order = compare_number(x->range.low, y->range.low);
	return order != 0 ? order : compare_number(x->range.high, y->range.high);
}

/* Its ranges, from *${next} on in the sorted array; those that lie in another, or touch it, are one. */
static void
row_ranges(const struct gathering *g, struct row *row, size_t *next)
{
	while (*next < g->range_count &&
	       memcmp(&g->range[*next].uuid, &row->uuid, sizeof(row->uuid)) < 0)
		++*next;
	for (; *next < g->range_count &&
	       memcmp(&g->range[*next].uuid, &row->uuid, sizeof(row->uuid)) == 0;
	     ++*next) {
		struct plot_range own = g->range[*next].range;
		struct plot_range *last =
		    row->range_count > 0 ? &row->range[row->range_count - 1] : NULL;

		if (last != NULL && own.low <= last->high + 1)
			last->high = own.high > last->high ? own.high : last->high;
		else if (row->range_count < RANGES)
			row->range[row->range_count++] = own;
	}
}

/* Rows of one interface each, and their ports with how many servers use them. */
static int
rows_make(struct gathering *g)
{
	size_t ports = 0, next = 0;

	qsort(g->use, g->use_count, sizeof(*g->use), use_compare);
	qsort(g->range, g->range_count, sizeof(*g->range), range_compare);
	g->port = calloc(g->use_count, sizeof(*g->port));
	g->row = calloc(g->use_count, sizeof(*g->row));
	if (g->port == NULL || g->row == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < g->use_count; i++) {
		const struct use *u = &g->use[i];
		bool same = i > 0 && memcmp(&u[-1].uuid, &u->uuid, sizeof(u->uuid)) == 0;

		if (!same) {
			g->row[g->row_count] =
			    (struct row){.uuid = u->uuid, .port = &g->port[ports]};
			row_ranges(g, &g->row[g->row_count++], &next);
		}
		struct row *row = &g->row[g->row_count - 1];
		if (!same || u[-1].port != u->port || u[-1].grade != u->grade) {
			g->port[ports++] = (struct plot_port){u->port, 0, u->grade};
			row->port_count++;
		}
		uint32_t servers = ++g->port[ports - 1].servers;
		row->servers = servers > row->servers ? servers : row->servers;
		row->worst = u->grade > row->worst ? u->grade : row->worst;
	}
	return 0;
}

/* Equal where two interfaces are to be drawn alike: those of one process are. */
static int
row_compare_alike(const struct row *a, const struct row *b)
{
	int order = compare_number(a->port_count, b->port_count);

	for (size_t i = 0; i < a->port_count && order == 0; i++) {
		order = compare_number(a->port[i].port, b->port[i].port);
		if (order == 0)
			order = compare_number(a->port[i].grade, b->port[i].grade);
	}
	if (order == 0)
		order = compare_number(a->range_count, b->range_count);
	for (size_t i = 0; i < a->range_count && order == 0; i++) {
		order = compare_number(a->range[i].low, b->range[i].low);
		if (order == 0)
			order = compare_number(a->range[i].high, b->range[i].high);
	}
	return order;
}

/* Those with a name first, since the first one names them all. */
static int
row_compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const char *s = report_service(&x->uuid), *t = report_service(&y->uuid);
	int order = row_compare_alike(x, y);

	if (order == 0)
		order = (s == NULL) - (t == NULL);
	if (order == 0 && s != NULL)
		order = strcmp(s, t);
	return order != 0 ? order : memcmp(&x->uuid, &y->uuid, sizeof(x->uuid));
}

/* What needs a look, then what most servers have, then by port. */
static int
row_compare_weight(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = compare_number(y->worst, x->worst);

	if (order == 0)
		order = compare_number(y->servers, x->servers);
	if (order == 0)
		order = compare_number(x->port[0].port, y->port[0].port);
	return order != 0 ? order : row_compare(a, b);
}

static void
rows_unite(struct gathering *g)
{
	size_t kept = 0;

	qsort(g->row, g->row_count, sizeof(*g->row), row_compare);
	for (size_t i = 0; i < g->row_count; i++) {
		struct row *last = kept > 0 ? &g->row[kept - 1] : NULL;

		if (last == NULL || row_compare_alike(last, &g->row[i]) != 0) {
			g->row[kept++] = g->row[i];
			continue;
		}
		last->alike++;
		if (g->row[i].servers > last->servers)
			last->servers = g->row[i].servers;
	}
	g->row_count = kept;
	qsort(g->row, g->row_count, sizeof(*g->row), row_compare_weight);
}

static void
row_words(struct gathering *g, struct row *row)
{
	char label[FIGURE_TITLE], note[FIGURE_TITLE], uuid[UUID_TEXT];
	size_t used = 0, ports = 0;

	used = (size_t)snprintf(label, sizeof(label), "%.100s", figure_service(&row->uuid, uuid));
	if (row->alike > 0)
		snprintf(label + used, sizeof(label) - used, " +%zu", row->alike);
	used = 0;
	for (size_t i = 0; i < row->port_count; i++) {
		/* One port may be right and wrong, by protocol sequence. */
		if (i > 0 && row->port[i].port == row->port[i - 1].port)
			continue;
		if (ports++ < LISTED)
			used += (size_t)snprintf(note + used, sizeof(note) - used, "%s%u",
			    ports > 1 ? "," : "", (unsigned)row->port[i].port);
	}
	if (ports > LISTED)
		used = (size_t)snprintf(note, sizeof(note), "%zu ports", ports);
	if (row->servers > 1)
		snprintf(note + used, sizeof(note) - used, " %s %u servers",
		    ports > LISTED ? "on up to" : "on", (unsigned)row->servers);
	row->label = pool_text(g->pool, label);
	row->note = pool_text(g->pool, note);
}

static int
map_draw(FILE *out, struct gathering *g, bool all)
{
	struct plot_port_row shown[ROWS];
	char about[FIGURE_WORDS], left[FIGURE_WORDS] = "";
	struct portmap m = {.row = shown};
	size_t wrong = 0, interfaces = 0, used = 0;

	for (size_t i = 0; i < g->row_count; i++) {
		interfaces += 1 + g->row[i].alike;
		wrong += g->row[i].worst == PLOT_OK ? 0 : 1 + g->row[i].alike;
	}
	for (; m.count < g->row_count && m.count < ROWS; m.count++) {
		struct row *row = &g->row[m.count];

		row_words(g, row);
		shown[m.count] = (struct plot_port_row){row->label, row->note, row->port_count,
		    row->range_count, row->port, row->range};
	}
	if (g->row_count > ROWS)
		used = (size_t)snprintf(
		    left, sizeof(left), "%zu more rows are not drawn. ", g->row_count - ROWS);
	if (!all)
		snprintf(left + used, sizeof(left) - used,
		    "Only servers that this report tells of are drawn.");
	snprintf(about, sizeof(about),
	    "Ports from 1024 to 65535 that %zu interfaces answer at, with the ranges where they "
	    "may be; "
	    "%zu of them are out of policy somewhere.",
	    interfaces, wrong);
	m.frame = (struct frame){.kind = "ports",
	    .id = "ports",
	    .title = "Ports in use by interface",
	    .about = about,
	    .left = left[0] != '\0' ? left : NULL};
	return pool_failed(g->pool) ? -ENOMEM : portmap_write(out, &m);
}

int
figure_ports(FILE *out, const struct report *r)
{
	struct gathering g = {.r = r};
	bool all = true;
	int err = pool_new(&g.pool);

	if (err == 0)
		err = figure_alive(r, endpoint_add, &g, &all);
	if (err == 0 && g.use_count > 0) {
		err = rows_make(&g);
		if (err == 0) {
			rows_unite(&g);
			err = map_draw(out, &g, all);
		}
	}
	free(g.use);
	free(g.port);
	free(g.row);
	free(g.range);
	pool_free(&g.pool);
	return err;
}
