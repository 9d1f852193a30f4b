/* kinds.c - see kinds.h: a sorted array of hosts, each with all that was seen of it. */
#include "report/model/kinds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/pool.h"
#include "store/query.h"
#include "track/service.h"

/* What a host does: a set. */
enum does {
	ANSWERS_MAILBOX = 1,
	USES_MAILBOX = 2,
	USES_BOOK = 4, /* or asks where to find one */
};

struct host {
	const char *sensor, *realm;
	struct addr addr;
	unsigned does;
};

struct kinds {
	size_t count;
	struct host *host; /* owned; sorted; each once */
	struct pool *pool;
};

/* What interfaces are for. */
enum purpose {
	OTHERS,
	MAILBOX,
	BOOK,
	REFERRAL,
	BACKUP,
	EXCHANGE, /* anything else of it */
};

static const struct {
	const char *service;
	enum purpose purpose;
} purposes[] = {
    {"exchange_emsmdb", MAILBOX},
    {"exchange_async_emsmdb", MAILBOX},
    {"nspi", BOOK},
    {"exchange_rfr", REFERRAL},
    {"ntdsbackup", BACKUP},
    {"ntdsrestore", BACKUP},
};

static enum purpose
purpose_of(const struct session *x)
{
	const struct service *service = uuid_is_nil(&x->uuid) ? NULL : service_find(&x->uuid);

	if (service == NULL || service->own)
		return OTHERS;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (strcmp(purposes[i].service, service->name) == 0)
			return purposes[i].purpose;
	return strncmp(service->name, "exchange_", sizeof("exchange_") - 1) == 0 ? EXCHANGE
										 : OTHERS;
}

bool
kinds_is_exchange(const struct query_session *row)
{
	return purpose_of(&row->session) != OTHERS;
}

const char *
kinds_name(enum kind kind)
{
	static const char *const names[KIND_COUNT] = {
	    NULL, "outlook", "server", "dsproxy", "backup"};

	return names[kind];
}

static int
compare_hosts(const void *a, const void *b)
{
	const struct host *x = a, *y = b;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	return order != 0 ? order : addr_compare(&x->addr, &y->addr);
}

static int
host_add(struct kinds *k, const struct query_session *row, const struct addr *addr, unsigned does)
{
	if (array_grow(&k->host, k->count, sizeof(*k->host)) != 0)
		return -ENOMEM;
	k->host[k->count++] = (struct host){
	    pool_text(k->pool, row->sensor), pool_text(k->pool, row->realm), *addr, does};
	return pool_failed(k->pool) ? -ENOMEM : 0;
}

static int
session_add(void *ctx, const struct query_session *row)
{
	enum purpose purpose = purpose_of(&row->session);
	int err;

	if (purpose == BOOK || purpose == REFERRAL)
		return host_add(ctx, row, &row->session.client, USES_BOOK);
	if (purpose != MAILBOX)
		return 0;
	err = host_add(ctx, row, &row->session.server, ANSWERS_MAILBOX);
	return err != 0 ? err : host_add(ctx, row, &row->session.client, USES_MAILBOX);
}

static void
hosts_unite(struct kinds *k)
{
	size_t kept = 0;

	if (k->count == 0)
		return;
	qsort(k->host, k->count, sizeof(*k->host), compare_hosts);
	for (size_t i = 1; i < k->count; i++) {
		if (compare_hosts(&k->host[kept], &k->host[i]) == 0)
			k->host[kept].does |= k->host[i].does;
		else
			k->host[++kept] = k->host[i];
	}
	k->count = kept + 1;
}

int
kinds_read(struct kinds **out, struct store *store, const struct query_filter *filter)
{
	const struct query_filter all = {.sensor = filter->sensor, .realm = filter->realm};
	struct kinds *k = calloc(1, sizeof(*k));
	int err;

	*out = k;
	if (k == NULL)
		return -ENOMEM;
	if ((err = pool_new(&k->pool)) == 0)
		err = query_sessions(store, &all, session_add, k);
	if (err != 0)
		kinds_free(out);
	else
		hosts_unite(k);
	return err;
}

void
kinds_free(struct kinds **k)
{
	if (*k == NULL)
		return;
	free((*k)->host);
	pool_free(&(*k)->pool);
	free(*k);
	*k = NULL;
}

static unsigned
does_of(const struct kinds *k, const struct query_session *row, const struct addr *addr)
{
	const struct host wanted = {row->sensor, row->realm, *addr, 0};
	const struct host *found =
	    k->count > 0 ? bsearch(&wanted, k->host, k->count, sizeof(*k->host), compare_hosts)
			 : NULL;

	return found != NULL ? found->does : 0;
}

enum kind
kinds_of(const struct kinds *k, const struct query_session *row)
{
	enum purpose purpose = purpose_of(&row->session);
	unsigned client = does_of(k, row, &row->session.client),
		 server = does_of(k, row, &row->session.server);

	if (purpose == OTHERS || purpose == BACKUP)
		return purpose == BACKUP ? KIND_BACKUP : KIND_UNKNOWN;
	if ((client & ANSWERS_MAILBOX) != 0)
		return purpose == BOOK && (server & ANSWERS_MAILBOX) == 0 ? KIND_DSPROXY
									  : KIND_SERVER;
	return (client & USES_MAILBOX) != 0 && (client & USES_BOOK) != 0 ? KIND_OUTLOOK
									 : KIND_UNKNOWN;
}
