/* servers.c - an array in the order of the query, copied out of what the store lends. */
#include "report/model/servers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hosts.h"
#include "report/model/array.h"
#include "report/model/pool.h"
#include "store/store.h"

struct servers {
	size_t count;
	struct servers_one *one;
	const struct hosts *hosts; /* the store's */
	struct pool *pool;
};

/* The texts of a list are borrowed one by one; the copies are nobody's to free. */
static char *
own_text(struct pool *pool, const char *text)
{
	return text != NULL ? pool_copy(pool, text, strlen(text) + 1) : NULL;
}

static void
own_lists(struct pool *pool, const struct hosts *hosts, struct server_facts *f)
{
	f->host = own_text(pool, f->host != NULL ? f->host : hosts_find(hosts, &f->server));
	f->alias = pool_copy(pool, f->alias, f->alias_count * sizeof(*f->alias));
	for (size_t i = 0; f->alias != NULL && i < f->alias_count; i++)
		f->alias[i].name = own_text(pool, f->alias[i].name);
	f->referral = pool_copy(pool, f->referral, f->referral_count * sizeof(*f->referral));
	for (size_t i = 0; f->referral != NULL && i < f->referral_count; i++)
		f->referral[i].to = own_text(pool, f->referral[i].to);
}

static int
server_add(void *ctx, const struct query_server *row)
{
	struct servers *s = ctx;

	if (array_grow(&s->one, s->count, sizeof(*s->one)) != 0)
		return -ENOMEM;
	struct servers_one *one = &s->one[s->count];
	*one = (struct servers_one){
	    pool_text(s->pool, row->sensor), pool_text(s->pool, row->realm), row->facts};
	own_lists(s->pool, s->hosts, &one->facts);
	if (pool_failed(s->pool))
		return -ENOMEM;
	s->count++;
	return 0;
}

int
servers_read(struct servers **out, struct store *store, const struct query_filter *filter)
{
	struct servers *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL || pool_new(&s->pool) != 0) {
		servers_free(out);
		return -ENOMEM;
	}
	s->hosts = store_hosts(store);
	int err = query_servers(store, filter, server_add, s);
	if (err != 0)
		servers_free(out);
	return err;
}

void
servers_free(struct servers **s)
{
	if (*s == NULL)
		return;
	free((*s)->one);
	pool_free(&(*s)->pool);
	free(*s);
	*s = NULL;
}

struct name {
	const char *sensor, *realm;
	const struct addr *server;
};

static int
name_seek(const void *key, const void *member)
{
	const struct name *name = key;
	const struct servers_one *one = member;
	int order = strcmp(name->sensor, one->sensor);

	if (order == 0)
		order = strcmp(name->realm, one->realm);
	return order != 0 ? order : addr_compare(name->server, &one->facts.server);
}

const struct servers_one *
servers_find(
    const struct servers *s, const char *sensor, const char *realm, const struct addr *server)
{
	const struct name name = {sensor, realm, server};

	if (s->count == 0)
		return NULL;
	return bsearch(&name, s->one, s->count, sizeof(*s->one), name_seek);
}

const char *
servers_host(
    const struct servers *s, const char *sensor, const char *realm, const struct addr *server)
{
	const struct servers_one *one = servers_find(s, sensor, realm, server);

	return one != NULL ? one->facts.host : hosts_find(s->hosts, server);
}

const struct servers_one *
servers_all(const struct servers *s, size_t *count)
{
	*count = s->count;
	return s->one;
}
