/* newmail.c - see newmail.h. Flows and registrations come server by server, each by itself; what they say of one server is
 * put together here, and its clients are counted once. */
#include "report/model/newmail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/pool.h"
#include "report/model/standing.h"
#include "track/policy.h"
#include "track/rules_push.h"

/* One client of a server, once for each row that speaks of it. */
struct receiver {
	size_t server; /* index */
	struct addr client;
	bool got, other; /* datagrams; it would learn of mail without, too */
};

struct reading {
	struct newmail *n;
	const struct policy *policy;
	const struct standing *standing;
	const struct query_filter *filter;
	size_t last; /* the server of the row before */
	size_t count;
	struct receiver *receiver; /* owned */
};

bool
newmail_is_wrong(
    const struct policy *policy, const struct standing *standing, const struct query_push *row)
{
	const struct push *x = &row->push;

	return !policy_allows_newmail(policy, &x->server, &x->client, x->client_port) &&
	       !standing_pardons(standing, row->sensor, row->realm, &x->server, RULES_PUSH_OUTSIDE);
}

static bool
is_server(const struct newmail_server *s, const char *sensor, const char *realm,
    const struct addr *server)
{
	return addr_equal(&s->server, server) && strcmp(s->sensor, sensor) == 0 &&
	       strcmp(s->realm, realm) == 0;
}

static int
server_add(struct newmail *n, const char *sensor, const char *realm, const char *host,
    const struct addr *server)
{
	if (array_grow(&n->server, n->count, sizeof(*n->server)) != 0)
		return -ENOMEM;
	n->server[n->count++] = (struct newmail_server){.sensor = pool_text(n->pool, sensor),
	    .realm = pool_text(n->pool, realm),
	    .host = pool_text(n->pool, host),
	    .server = *server,
	    .low = UINT16_MAX};
	return pool_failed(n->pool) ? -ENOMEM : 0;
}

/* Mostly that of the row before. */
static int
server_of(struct reading *reading, const char *sensor, const char *realm, const char *host,
    const struct addr *server)
{
	struct newmail *n = reading->n;

	if (reading->last < n->count && is_server(&n->server[reading->last], sensor, realm, server))
		return 0;
	for (reading->last = 0; reading->last < n->count; reading->last++)
		if (is_server(&n->server[reading->last], sensor, realm, server))
			return 0;
	return server_add(n, sensor, realm, host, server);
}

static int
receiver_add(struct reading *reading, const struct addr *client, bool got, bool other)
{
	if (array_grow(&reading->receiver, reading->count, sizeof(*reading->receiver)) != 0)
		return -ENOMEM;
	reading->receiver[reading->count++] = (struct receiver){reading->last, *client, got, other};
	return 0;
}

static void
push_add(const struct reading *reading, struct newmail_server *s, const struct query_push *row)
{
	const struct newmail *n = reading->n;
	const struct push *x = &row->push;

	if (s->first_ns == 0 || x->first_ns < s->first_ns) {
		s->first_ns = x->first_ns;
		s->evidence = row->first;
		s->evidence.capture = pool_text(n->pool, row->first.capture);
	}
	s->last_ns = x->last_ns > s->last_ns ? x->last_ns : s->last_ns;
	s->low = x->client_port < s->low ? x->client_port : s->low;
	s->high = x->client_port > s->high ? x->client_port : s->high;
	s->count += x->count;
	s->refused += x->refused;
	s->registered += x->registered;
	s->inferred += !x->registered;
	s->wrong += newmail_is_wrong(reading->policy, reading->standing, row);
}

static int
take_push(void *ctx, const struct query_push *row)
{
	struct reading *reading = ctx;
	const struct push *x = &row->push;
	int err = server_of(reading, row->sensor, row->realm, row->host, &x->server);

	if (err != 0)
		return err;
	push_add(reading, &reading->n->server[reading->last], row);
	return receiver_add(reading, &x->client, true, x->alternative);
}

static int
take_registration(void *ctx, const struct query_registration *row)
{
	struct reading *reading = ctx;
	const struct push_registration *x = &row->registration;
	int err = server_of(reading, row->sensor, row->realm, row->host, &x->server);

	if (err != 0)
		return err;
	reading->n->server[reading->last].wishes++;
	reading->n->server[reading->last].sealed += x->sealed;
	reading->n->server[reading->last].denied += x->answered && x->status != 0;
	return receiver_add(reading, &x->client, false, x->alternative);
}

/* Who waits is told of mail where no datagram is sent, nor asked for. */
static int
take_client(void *ctx, const struct query_push_client *row)
{
	struct reading *reading = ctx;
	const struct push_client *x = &row->client;
	int err;

	if (x->waits_ns == 0 || x->waits_ns < reading->filter->since_ns ||
	    (reading->filter->until_ns != 0 && x->waits_ns >= reading->filter->until_ns))
		return 0;
	err = server_of(reading, row->sensor, row->realm, row->host, &x->server);
	return err != 0 ? err : receiver_add(reading, &x->client, false, true);
}

static int
compare_receivers(const void *a, const void *b)
{
	const struct receiver *x = a, *y = b;

	if (x->server != y->server)
		return x->server < y->server ? -1 : 1;
	return addr_compare(&x->client, &y->client);
}

/* Each client once. */
static void
count_receivers(struct reading *reading)
{
	struct receiver *r = reading->receiver;

	if (reading->count == 0)
		return;
	qsort(r, reading->count, sizeof(*r), compare_receivers);
	for (size_t i = 0, next; i < reading->count; i = next) {
		struct newmail_server *s = &reading->n->server[r[i].server];
		bool got = false, other = false;

		for (next = i; next < reading->count && compare_receivers(&r[i], &r[next]) == 0;
		     next++) {
			got |= r[next].got;
			other |= r[next].other;
		}
		s->clients++;
		s->receivers += got;
		s->others += other;
	}
}

static int
compare_servers(const void *a, const void *b)
{
	const struct newmail_server *x = a, *y = b;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	return order != 0 ? order : addr_compare(&x->server, &y->server);
}

/* Both by sensor, realm, server. A server that nothing was read of in the period is left out, although its clients may starve
 * since before. */
static void
count_starving(struct newmail *n)
{
	for (size_t i = 0, k = 0; i < n->count && k < n->starving.count;) {
		const struct starving_one *one = &n->starving.one[k];
		const struct newmail_server key = {
		    .sensor = one->sensor, .realm = one->realm, .server = one->server};
		int order = compare_servers(&n->server[i], &key);

		if (order == 0 && n->server[i].hungry++ == 0)
			n->server[i].hungry_first = k;
		i += order < 0;
		k += order >= 0;
	}
}

static int
read_all(struct reading *reading, struct store *store, const struct query_filter *filter)
{
	struct newmail *n = reading->n;
	struct query_filter ends = *filter;
	int err = query_pushes(store, filter, take_push, reading);

	ends.since_ns = ends.until_ns = 0;
	if (err == 0)
		err = query_registrations(store, filter, take_registration, reading);
	if (err == 0)
		err = query_push_clients(store, &ends, take_client, reading);
	if (err == 0)
		err = starving_read(&n->starving, store, reading->standing, filter);
	if (err != 0)
		return err;
	count_receivers(reading);
	if (n->count > 1)
		qsort(n->server, n->count, sizeof(*n->server), compare_servers);
	count_starving(n);
	return pool_failed(n->pool) ? -ENOMEM : 0;
}

int
newmail_read(struct newmail **out, struct store *store, const struct policy *policy,
    const struct standing *standing, const struct query_filter *filter)
{
	struct newmail *n = calloc(1, sizeof(*n));
	struct reading reading = {.n = n, .policy = policy, .standing = standing, .filter = filter};
	int err;

	*out = n;
	if (n == NULL)
		return -ENOMEM;
	if ((err = pool_new(&n->pool)) == 0)
		err = read_all(&reading, store, filter);
	free(reading.receiver);
	if (err != 0)
		newmail_free(out);
	return err;
}

void
newmail_free(struct newmail **n)
{
	if (*n == NULL)
		return;
	starving_deinit(&(*n)->starving);
	free((*n)->server);
	pool_free(&(*n)->pool);
	free(*n);
	*n = NULL;
}
