/* each_server.c - the endpoints of a report, a server at a time, so that memory does not grow with the store. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/fleet.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/standing.h"

/* The endpoints of the server that is being read. */
struct server_rows {
	const struct report *r;
	int (*each)(void *ctx, const struct report_endpoint *e, size_t count);
	void *ctx;
	size_t count;
	struct report_endpoint *row;
	struct pool *pool;
};

/* Firewall people think in ports: what listens where, then who it is. */
static int
compare_place(const void *a, const void *b)
{
	const struct report_endpoint *x = a, *y = b;
	int order =
	    (x->row.key.protseq > y->row.key.protseq) - (x->row.key.protseq < y->row.key.protseq);

	if (order == 0)
		order = endpoint_compare(&x->row.endpoint, &y->row.endpoint);
	if (order == 0)
		order = (x->service == NULL) - (y->service == NULL);
	if (order == 0 && x->service != NULL)
		order = strcmp(x->service, y->service);
	return order != 0 ? order : mapping_key_compare(&x->row.key, &y->row.key);
}

static bool
is_same(const struct query_episode *a, const struct query_episode *b)
{
	return addr_equal(&a->key.server, &b->key.server) && strcmp(a->realm, b->realm) == 0 &&
	       strcmp(a->sensor, b->sensor) == 0;
}

static int
server_give(struct server_rows *s)
{
	int err = 0;

	if (s->count > 0) {
		qsort(s->row, s->count, sizeof(*s->row), compare_place);
		err = s->each(s->ctx, s->row, s->count);
	}
	free(s->row);
	s->row = NULL;
	s->count = 0;
	pool_free(&s->pool);
	return err != 0 ? err : pool_new(&s->pool);
}

static int
endpoint_add(void *ctx, const struct query_episode *row)
{
	struct server_rows *s = ctx;
	int err = s->count > 0 && !is_same(&s->row[0].row, row) ? server_give(s) : 0;

	if (err != 0)
		return err;
	if (array_grow(&s->row, s->count, sizeof(*s->row)) != 0)
		return -ENOMEM;
	struct report_endpoint *e = &s->row[s->count];
	*e = (struct report_endpoint){.row = *row, .service = report_service(&row->key.uuid)};
	e->row.sensor = pool_text(s->pool, row->sensor);
	e->row.realm = pool_text(s->pool, row->realm);
	e->row.host = pool_text(s->pool, row->host);
	e->row.annotation = pool_text(s->pool, row->annotation);
	e->row.first.capture = pool_text(s->pool, row->first.capture);
	e->row.last.capture = pool_text(s->pool, row->last.capture);
	standing_judge(s->r->standing, s->r->judge, row, &e->verdict);
	s->count++;
	return pool_failed(s->pool) ? -ENOMEM : 0;
}

/* Servers that the report has something to say of: the worst, or as many as there are. */
struct spots {
	size_t total, count;
	const struct fleet_server *spot[REPORT_SERVERS];
};

static int
spot_compare(const void *a, const void *b)
{
	const struct fleet_server *const *x = a, *const *y = b;

	return fleet_compare(*x, *y);
}

static struct spots
spots_collect(const struct report *r)
{
	struct spots s = {0};

	for (size_t i = 0; i < r->fleet_count; i++) {
		const struct fleet_server *f = &r->fleet[i];

		if (f->findings == 0 && f->changes == 0)
			continue;
		if (s.total++ < REPORT_SERVERS)
			s.spot[s.count++] = f;
	}
	return s;
}

static int
spots_read(struct server_rows *rows, bool worst_first, size_t *left)
{
	struct spots s = spots_collect(rows->r);
	int err = 0;

	if (!worst_first || s.total == s.count)
		qsort(s.spot, s.count, sizeof(s.spot[0]), spot_compare);
	for (size_t i = 0; i < s.count && err == 0; i++) {
		const struct query_filter one = {.sensor = s.spot[i]->sensor,
		    .realm = s.spot[i]->realm,
		    .has_server = true,
		    .server = s.spot[i]->server,
		    .at_ns = rows->r->options.until_ns};

		err = query_alive(rows->r->store, &one, endpoint_add, rows);
	}
	*left = s.total - s.count;
	return err;
}

/* ${few}: of those that there is something to say of. */
static int
servers_read_each(struct server_rows *s, bool few, bool worst_first, size_t *left)
{
	const struct query_filter alive = {.at_ns = s->r->options.until_ns};
	int err = pool_new(&s->pool);

	*left = 0;
	if (err == 0 && few)
		err = spots_read(s, worst_first, left);
	else if (err == 0)
		err = query_alive(s->r->store, &alive, endpoint_add, s);
	if (err == 0)
		err = server_give(s);
	free(s->row);
	pool_free(&s->pool);
	return err;
}

int
report_each_server(const struct report *r,
    int (*each)(void *ctx, const struct report_endpoint *e, size_t count), void *ctx, size_t *left)
{
	struct server_rows s = {.r = r, .each = each, .ctx = ctx};

	return servers_read_each(&s, r->options.since_ns != 0, false, left);
}

bool
report_is_large(const struct report *r)
{
	return r->endpoint_count > REPORT_LARGE;
}

int
report_worst_servers(const struct report *r,
    int (*each)(void *ctx, const struct report_endpoint *e, size_t count), void *ctx, size_t *left)
{
	struct server_rows s = {.r = r, .each = each, .ctx = ctx};
	bool few = r->options.since_ns != 0 || report_is_large(r);

	return servers_read_each(&s, few, true, left);
}
