/* starving.c - see newmail.h: an array in the order of the query. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/newmail.h"
#include "report/model/pool.h"
#include "report/model/standing.h"
#include "track/rules_push.h"

struct reading {
	struct starving *s;
	const struct standing *standing;
};

static int
client_add(void *ctx, const struct query_push_client *row)
{
	const struct reading *reading = ctx;
	struct starving *s = reading->s;
	const struct push_client *c = &row->client;

	if (c->starved_ns == 0 || c->fed_ns != 0 ||
	    standing_pardons(
		reading->standing, row->sensor, row->realm, &c->server, RULES_PUSH_UNDELIVERED))
		return 0;
	if (array_grow(&s->one, s->count, sizeof(*s->one)) != 0)
		return -ENOMEM;
	s->one[s->count++] = (struct starving_one){.sensor = pool_text(s->pool, row->sensor),
	    .realm = pool_text(s->pool, row->realm),
	    .server = c->server,
	    .client = c->client,
	    .since_ns = c->starved_ns};
	return pool_failed(s->pool) ? -ENOMEM : 0;
}

static int
starving_compare(const void *a, const void *b)
{
	const struct starving_one *x = a, *y = b;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	if (order == 0)
		order = addr_compare(&x->server, &y->server);
	return order != 0 ? order : addr_compare(&x->client, &y->client);
}

int
starving_read(struct starving *out, struct store *store, const struct standing *standing,
    const struct query_filter *filter)
{
	struct reading reading = {out, standing};
	const struct query_filter those = {.sensor = filter->sensor,
	    .realm = filter->realm,
	    .has_server = filter->has_server,
	    .server = filter->server};
	int err = pool_new(&out->pool);

	out->one = NULL;
	out->count = 0;
	if (err == 0)
		err = query_push_clients(store, &those, client_add, &reading);
	/* the store's order of addresses is that of their texts */
	if (err == 0 && out->count > 1)
		qsort(out->one, out->count, sizeof(*out->one), starving_compare);
	return err;
}

void
starving_deinit(struct starving *s)
{
	free(s->one);
	pool_free(&s->pool);
	*s = (struct starving){.count = 0};
}

const struct starving_one *
starving_find(const struct starving *s, const char *sensor, const char *realm,
    const struct addr *server, const struct addr *client)
{
	const struct starving_one wanted = {
	    .sensor = sensor, .realm = realm, .server = *server, .client = *client};

	return s->count > 0 ? bsearch(&wanted, s->one, s->count, sizeof(*s->one), starving_compare)
			    : NULL;
}
