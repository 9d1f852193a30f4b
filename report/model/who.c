/* who.c - see who.h. Sessions come server by server; what one server's say is put together when the next one's begin. */
#include "report/model/who.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/pool.h"
#include "store/query.h"

/* A client of the server whose sessions come. */
struct client {
	struct addr addr;
	enum kind kind;
};

struct reading {
	struct who *w;
	struct kinds *kinds;
	struct who_server server; /* of the row before; its sensor NULL: none */
	size_t count;
	struct client *client; /* owned; once for each session */
};

static int
compare_clients(const void *a, const void *b)
{
	const struct client *x = a, *y = b;
	int order = addr_compare(&x->addr, &y->addr);

	return order != 0 ? order : (int)y->kind - (int)x->kind;
}

/* Each client once, by the kind that says most. */
static void
count_clients(struct reading *r)
{
	if (r->count > 1)
		qsort(r->client, r->count, sizeof(*r->client), compare_clients);
	for (size_t i = 0; i < r->count; i++) {
		if (i > 0 && addr_equal(&r->client[i].addr, &r->client[i - 1].addr))
			continue;
		r->server.clients++;
		r->server.kind[r->client[i].kind]++;
	}
	r->count = 0;
}

static int
server_end(struct reading *r)
{
	struct who *w = r->w;

	count_clients(r);
	if (r->server.clients == r->server.kind[KIND_UNKNOWN] && r->server.protocols == 0)
		return 0; /* nothing is told */
	if (array_grow(&w->server, w->count, sizeof(*w->server)) != 0)
		return -ENOMEM;
	w->server[w->count++] = r->server;
	return 0;
}

static int
server_begin(struct reading *r, const struct query_session *row)
{
	const struct who_server *s = &r->server;
	int err = 0;

	if (s->sensor != NULL && addr_equal(&s->server, &row->session.server) &&
	    strcmp(s->sensor, row->sensor) == 0 && strcmp(s->realm, row->realm) == 0)
		return 0;
	err = server_end(r);
	r->server = (struct who_server){.sensor = pool_text(r->w->pool, row->sensor),
	    .realm = pool_text(r->w->pool, row->realm),
	    .host = pool_text(r->w->pool, row->host),
	    .server = row->session.server,
	    .protocol_first = r->w->protocol_count};
	return err != 0 ? err : pool_failed(r->w->pool) ? -ENOMEM : 0;
}

/* By port, so that the same protocol at the same port is among the last few. */
static int
protocol_add(struct reading *r, const struct session *x)
{
	struct who *w = r->w;

	for (size_t i = w->protocol_count; i-- > r->server.protocol_first;) {
		struct who_protocol *p = &w->protocol[i];

		if (p->port != x->server_port)
			break;
		if (strcmp(p->name, x->protocol) == 0) {
			p->clients++;
			return 0;
		}
	}
	if (array_grow(&w->protocol, w->protocol_count, sizeof(*w->protocol)) != 0)
		return -ENOMEM;
	w->protocol[w->protocol_count] =
	    (struct who_protocol){.port = x->server_port, .clients = 1};
	memcpy(w->protocol[w->protocol_count++].name, x->protocol, sizeof(x->protocol));
	r->server.protocols++;
	return 0;
}

static int
session_take(void *ctx, const struct query_session *row)
{
	struct reading *r = ctx;
	int err = server_begin(r, row);

	if (err == 0 && row->session.protocol[0] != '\0')
		return protocol_add(r, &row->session);
	if (err != 0 || !kinds_is_exchange(row))
		return err;
	if (array_grow(&r->client, r->count, sizeof(*r->client)) != 0)
		return -ENOMEM;
	r->client[r->count++] = (struct client){row->session.client, kinds_of(r->kinds, row)};
	return 0;
}

int
who_read(struct who **out, struct store *store, const struct query_filter *filter)
{
	struct who *w = calloc(1, sizeof(*w));
	struct reading r = {.w = w};
	int err;

	*out = w;
	if (w == NULL)
		return -ENOMEM;
	if ((err = pool_new(&w->pool)) == 0)
		err = kinds_read(&r.kinds, store, filter);
	if (err == 0)
		err = query_sessions(store, filter, session_take, &r);
	if (err == 0)
		err = server_end(&r);
	kinds_free(&r.kinds);
	free(r.client);
	if (err != 0)
		who_free(out);
	return err;
}

void
who_free(struct who **w)
{
	if (*w == NULL)
		return;
	free((*w)->server);
	free((*w)->protocol);
	pool_free(&(*w)->pool);
	free(*w);
	*w = NULL;
}
