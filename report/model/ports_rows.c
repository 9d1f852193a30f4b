/* ports_rows.c - an interface a row, then those that are alike in one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/model.h"
#include "report/model/ports_parts.h"

/* Its ranges, from *${next} on in the sorted array; those that lie in another, or touch it, are one. */
static void
row_ranges(const struct ports_gathering *g, struct ports_row *row, size_t *next)
{
	while (*next < g->range_count &&
	       ports_compare_speech(&g->range[*next].speech, &row->speech) < 0)
		++*next;
	for (; *next < g->range_count &&
	       ports_compare_speech(&g->range[*next].speech, &row->speech) == 0;
	     ++*next) {
		struct ports_range own = g->range[*next].range;
		struct ports_range *last =
		    row->range_count > 0 ? &row->range[row->range_count - 1] : NULL;

		if (last != NULL && own.low <= last->high + 1)
			last->high = own.high > last->high ? own.high : last->high;
		else if (row->range_count < PORTS_RANGES)
			row->range[row->range_count++] = own;
	}
}

/* Rows of one interface each, and their ports. */
static int
rows_make(struct ports *p, const struct ports_gathering *g)
{
	size_t next = 0;

	p->port = calloc(g->use_count + 1, sizeof(*p->port));
	p->row = calloc(g->use_count + 1, sizeof(*p->row));
	if (p->port == NULL || p->row == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < g->use_count; i++) {
		const struct ports_use *u = &g->use[i];

		if (u->port == PORTS_ANY) {
			p->row[p->count] = (struct ports_row){
			    .speech = u->speech, .servers = u->servers, .port = &p->port[i + 1]};
			row_ranges(g, &p->row[p->count++], &next);
			continue;
		}
		struct ports_row *row = &p->row[p->count - 1];

		p->port[i] = (struct ports_port){u->port, u->servers, u->bad};
		row->port_count++;
		row->sharing = u->servers > row->sharing ? u->servers : row->sharing;
		row->worst = u->bad > row->worst ? u->bad : row->worst;
	}
	return 0;
}

/* Of rows that stand by interface yet: it may have several, by protocol sequence. */
static void
interfaces_count(struct ports *p)
{
	uint8_t worst = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct ports_row *row = &p->row[i];
		bool last = i + 1 == p->count || memcmp(&row[1].speech.uuid, &row->speech.uuid,
						     sizeof(row->speech.uuid)) != 0;

		worst = row->worst > worst ? row->worst : worst;
		p->interfaces += last;
		p->wrong += last && worst != 0;
		worst = last ? 0 : worst;
	}
}

/* Equal where two interfaces are to be told alike: those of one process are. */
static int
row_compare_alike(const struct ports_row *a, const struct ports_row *b)
{
	int order = ports_compare_number(a->speech.protseq, b->speech.protseq);

	if (order == 0)
		order = ports_compare_number(a->port_count, b->port_count);
	for (size_t i = 0; i < a->port_count && order == 0; i++) {
		order = ports_compare_number(a->port[i].port, b->port[i].port);
		if (order == 0)
			order = ports_compare_number(a->port[i].bad, b->port[i].bad);
	}
	if (order == 0)
		order = ports_compare_number(a->range_count, b->range_count);
	for (size_t i = 0; i < a->range_count && order == 0; i++) {
		order = ports_compare_number(a->range[i].low, b->range[i].low);
		if (order == 0)
			order = ports_compare_number(a->range[i].high, b->range[i].high);
	}
	return order;
}

/* Those with a name first, since the first one names them all. */
static int
row_compare(const void *a, const void *b)
{
	const struct ports_row *x = a, *y = b;
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
	const struct ports_row *x = a, *y = b;
	int order = ports_compare_number(y->worst, x->worst);

	if (order == 0)
		order = ports_compare_number(y->sharing, x->sharing);
	if (order == 0)
		order = ports_compare_number(x->port[0].port, y->port[0].port);
	return order != 0 ? order : row_compare(a, b);
}

static int
rows_unite(struct ports *p)
{
	size_t kept = 0;

	p->alike = calloc(p->count + 1, sizeof(*p->alike));
	if (p->alike == NULL)
		return -ENOMEM;
	qsort(p->row, p->count, sizeof(*p->row), row_compare);
	for (size_t i = 0; i < p->count; i++) {
		struct ports_row *last = kept > 0 ? &p->row[kept - 1] : NULL;

		p->alike[i] = p->row[i].speech.uuid;
		if (last == NULL || row_compare_alike(last, &p->row[i]) != 0) {
			p->row[kept] = p->row[i];
			p->row[kept++].first = i;
			continue;
		}
		last->alike++;
		if (p->row[i].servers > last->servers)
			last->servers = p->row[i].servers;
		if (p->row[i].sharing > last->sharing)
			last->sharing = p->row[i].sharing;
	}
	p->count = kept;
	qsort(p->row, p->count, sizeof(*p->row), row_compare_weight);
	return 0;
}

int
ports_rows(struct ports *out, const struct ports_gathering *g)
{
	int err = rows_make(out, g);

	if (err != 0)
		return err;
	interfaces_count(out);
	return rows_unite(out);
}
