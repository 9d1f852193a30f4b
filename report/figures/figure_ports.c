/* figure_ports.c - which ports are in use by which interface and protocol sequence, over all servers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plot/portmap.h"
#include "report/figures/figure_parts.h"
#include "report/figures/figures.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/standing.h"
#include "track/policy.h"

enum {
	ROWS = 20,
	RANGES = 24, /* of a row */
	LISTED = 3,  /* ports that a row's note names */
	TIDY = 4096,
};

/* What a row is of. Rules of a policy are by protocol sequence, too: what is right over HTTP need not be so over TCP. */
struct speech {
	struct uuid uuid;
	uint8_t protseq;
};

/* A port of an interface, and how many servers have it; of one that is being counted yet, ${last} is the latest. */
struct use {
	struct speech speech;
	uint16_t port;
	enum plot_grade grade;
	uint32_t servers, last;
};

/* A range that an interface may be in. */
struct range_of {
	struct speech speech;
	struct plot_range range;
};

/* An interface, or several that are alike. */
struct row {
	struct speech speech;
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
	size_t use_count, range_count, row_count;
	size_t use_tidy, range_tidy; /* so many are worth to be made fewer */
	struct use *use;
	struct range_of *range;
	struct plot_port *port;
	struct row *row;
	size_t interfaces, wrong; /* those that are out of policy somewhere */
	uint32_t servers;         /* so far, and the last of them */
	const char *sensor, *realm;
	struct addr server;
};

static int
compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
speech_compare(const struct speech *a, const struct speech *b)
{
	int order = memcmp(&a->uuid, &b->uuid, sizeof(a->uuid));

	return order != 0 ? order : compare_number(a->protseq, b->protseq);
}

static int
use_compare_place(const struct use *x, const struct use *y)
{
	int order = speech_compare(&x->speech, &y->speech);

	if (order == 0)
		order = compare_number(x->port, y->port);
	return order != 0 ? order : compare_number(x->grade, y->grade);
}

static int
use_compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = use_compare_place(x, y);

	return order != 0 ? order : compare_number(x->last, y->last);
}

/* Of one port: what came later is of a later server, or of the same one, which may have two versions of the interface. */
static void
use_unite(struct use *to, const struct use *from)
{
	if (to->last != from->last)
		to->servers += from->servers;
	else if (to->servers < from->servers)
		to->servers = from->servers;
	to->last = from->last;
}

static void
uses_unite(struct gathering *g)
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
	const struct range_of *x = a, *y = b;
	int order = speech_compare(&x->speech, &y->speech);

	if (order == 0)
		order = compare_number(x->range.low, y->range.low);
	return order != 0 ? order : compare_number(x->range.high, y->range.high);
}

static void
ranges_unite(struct gathering *g)
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
range_add(struct gathering *g, const struct speech *speech, struct policy_ports ports)
{
	for (size_t i = 0; i < ports.count; i++) {
		if (array_grow(&g->range, g->range_count, sizeof(*g->range)) != 0)
			return -ENOMEM;
		g->range[g->range_count++] =
		    (struct range_of){*speech, {ports.range[i].low, ports.range[i].high}};
		if (g->range_count >= g->range_tidy)
			ranges_unite(g);
	}
	return 0;
}

/* Where it may be, by its rule. */
static int
ranges_of(struct gathering *g, const struct speech *speech, const struct mapping_key *key)
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
server_count(struct gathering *g, const struct query_episode *e)
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

static int
endpoint_add(void *ctx, const struct query_episode *e)
{
	const struct speech speech = {e->key.uuid, e->key.protseq};
	struct gathering *g = ctx;
	struct verdict verdict;

	if (!protseq_has_port((enum protseq)e->key.protseq) || e->endpoint.port < AXIS_PORT_FIRST ||
	    e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	server_count(g, e);
	if (array_grow(&g->use, g->use_count, sizeof(*g->use)) != 0 || pool_failed(g->pool))
		return -ENOMEM;
	standing_judge(g->r->standing, g->r->judge, e, &verdict);
	g->use[g->use_count++] =
	    (struct use){speech, e->endpoint.port, figure_grade(&verdict), 1, g->servers};
	if (g->use_count >= g->use_tidy)
		uses_unite(g);
	/* Those of RPC over HTTP are right without a rule, and say nothing of other ports. */
	return policy_is_well_known(e->key.protseq, e->endpoint.port)
		   ? 0
		   : ranges_of(g, &speech, &e->key);
}

/* Its ranges, from *${next} on in the sorted array; those that lie in another, or touch it, are one. */
static void
row_ranges(const struct gathering *g, struct row *row, size_t *next)
{
	while (*next < g->range_count && speech_compare(&g->range[*next].speech, &row->speech) < 0)
		++*next;
	for (; *next < g->range_count && speech_compare(&g->range[*next].speech, &row->speech) == 0;
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

/* Rows of one interface each, and their ports. */
static int
rows_make(struct gathering *g)
{
	size_t next = 0;

	uses_unite(g);
	ranges_unite(g);
	g->port = calloc(g->use_count, sizeof(*g->port));
	g->row = calloc(g->use_count, sizeof(*g->row));
	if (g->port == NULL || g->row == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < g->use_count; i++) {
		const struct use *u = &g->use[i];

		g->port[i] = (struct plot_port){u->port, u->servers, u->grade};
		if (i == 0 || speech_compare(&u[-1].speech, &u->speech) != 0) {
			g->row[g->row_count] =
			    (struct row){.speech = u->speech, .port = &g->port[i]};
			row_ranges(g, &g->row[g->row_count++], &next);
		}
		struct row *row = &g->row[g->row_count - 1];
		row->port_count++;
		row->servers = u->servers > row->servers ? u->servers : row->servers;
		row->worst = plot_grade_worse(row->worst, u->grade);
	}
	return 0;
}

/* Of rows that stand by interface yet: it may have several, by protocol sequence. */
static void
interfaces_count(struct gathering *g)
{
	enum plot_grade worst = PLOT_OK;

	for (size_t i = 0; i < g->row_count; i++) {
		const struct row *row = &g->row[i];
		bool last = i + 1 == g->row_count || memcmp(&row[1].speech.uuid, &row->speech.uuid,
							 sizeof(row->speech.uuid)) != 0;

		worst = plot_grade_worse(worst, row->worst);
		g->interfaces += last;
		g->wrong += last && worst != PLOT_OK;
		worst = last ? PLOT_OK : worst;
	}
}

/* Equal where two interfaces are to be drawn alike: those of one process are. */
static int
row_compare_alike(const struct row *a, const struct row *b)
{
	int order = compare_number(a->speech.protseq, b->speech.protseq);

	if (order == 0)
		order = compare_number(a->port_count, b->port_count);
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
	const char *s = report_service(&x->speech.uuid), *t = report_service(&y->speech.uuid);
	int order = row_compare_alike(x, y);

	if (order == 0)
		order = (s == NULL) - (t == NULL);
	if (order == 0 && s != NULL)
		order = strcmp(s, t);
	return order != 0 ? order
			  : memcmp(&x->speech.uuid, &y->speech.uuid, sizeof(x->speech.uuid));
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

	used = (size_t)snprintf(
	    label, sizeof(label), "%.100s", figure_service(&row->speech.uuid, uuid));
	if (row->alike > 0)
		snprintf(label + used, sizeof(label) - used, " +%zu", row->alike);
	used = row->speech.protseq == PROTSEQ_TCP
		   ? 0
		   : (size_t)snprintf(note, sizeof(note), "%s ",
			 protseq_name((enum protseq)row->speech.protseq));
	size_t named = used;
	for (size_t i = 0; i < row->port_count; i++) {
		/* One port may be right and wrong, by server. */
		if (i > 0 && row->port[i].port == row->port[i - 1].port)
			continue;
		if (ports++ < LISTED)
			used += (size_t)snprintf(note + used, sizeof(note) - used, "%s%u",
			    ports > 1 ? "," : "", (unsigned)row->port[i].port);
	}
	if (ports > LISTED)
		used = named +
		       (size_t)snprintf(note + named, sizeof(note) - named, "%zu ports", ports);
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
	size_t used = 0;

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
	    g->interfaces, g->wrong);
	m.panel = (struct panel){.kind = "ports",
	    .id = "ports",
	    .title = "Ports in use by interface",
	    .about = about,
	    .left = left[0] != '\0' ? left : NULL};
	return pool_failed(g->pool) ? -ENOMEM : portmap_write(out, &m);
}

int
figure_ports(FILE *out, const struct report *r)
{
	struct gathering g = {.r = r, .use_tidy = TIDY, .range_tidy = TIDY};
	bool all = true;
	int err = pool_new(&g.pool);

	if (err == 0)
		err = figure_alive(r, endpoint_add, &g, &all);
	if (err == 0 && g.use_count > 0) {
		err = rows_make(&g);
		if (err == 0) {
			interfaces_count(&g);
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
