/* each_server.c - the endpoints of a report, a server at a time, so that memory does not grow with the store. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
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

/* A server that the report has something to say of. */
struct spot {
	const char *sensor, *realm;
	struct addr server;
};

static int
spot_compare(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	return order != 0 ? order : addr_compare(&x->server, &y->server);
}

static size_t
spots_collect(const struct report *r, struct spot *spot)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < r->finding_count; i++)
		spot[n++] = (struct spot){
		    r->finding[i].sensor, r->finding[i].realm, r->finding[i].key.server};
	for (size_t i = 0; i < r->change_count; i++)
		spot[n++] = (struct spot){r->change[i].row.sensor, r->change[i].row.realm,
		    r->change[i].row.change.key.server};
	qsort(spot, n, sizeof(*spot), spot_compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || spot_compare(&spot[kept - 1], &spot[i]) != 0)
			spot[kept++] = spot[i];
	return kept;
}

static int
spots_read(struct server_rows *s, size_t *left)
{
	const struct report *r = s->r;
	size_t room = r->finding_count + r->change_count;
	struct spot *spot = room > 0 ? malloc(room * sizeof(*spot)) : NULL;
	int err = 0;

	if (room == 0)
		return 0;
	if (spot == NULL)
		return -ENOMEM;
	size_t count = spots_collect(r, spot);
	for (size_t i = 0; i < count && i < REPORT_SERVERS && err == 0; i++) {
		const struct query_filter one = {.sensor = spot[i].sensor,
		    .realm = spot[i].realm,
		    .has_server = true,
		    .server = spot[i].server,
		    .at_ns = r->options.until_ns};

		err = query_alive(r->store, &one, endpoint_add, s);
	}
	*left = count > REPORT_SERVERS ? count - REPORT_SERVERS : 0;
	free(spot);
	return err;
}

int
report_each_server(const struct report *r,
    int (*each)(void *ctx, const struct report_endpoint *e, size_t count), void *ctx, size_t *left)
{
	struct server_rows s = {.r = r, .each = each, .ctx = ctx};
	const struct query_filter alive = {.at_ns = r->options.until_ns};
	int err = pool_new(&s.pool);

	*left = 0;
	if (err == 0 && r->options.since_ns != 0)
		err = spots_read(&s, left);
	else if (err == 0)
		err = query_alive(r->store, &alive, endpoint_add, &s);
	if (err == 0)
		err = server_give(&s);
	free(s.row);
	pool_free(&s.pool);
	return err;
}
