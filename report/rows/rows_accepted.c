/* rows_accepted.c - the rows of a baseline: what was accepted, and how that and what is there now differ. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "report/model/array.h"
#include "report/model/pool.h"
#include "report/rows/parts.h"
#include "report/rows/rows_kind.h"
#include "store/query.h"

static void
row_key(struct json *o, const char *sensor, const char *realm, const char *host,
    const struct mapping_key *key, uint16_t minor)
{
	parts_text(o, "sensor", sensor);
	parts_text(o, "realm", realm);
	if (!addr_is_unspecified(&key->server))
		parts_addr(o, "server", &key->server);
	parts_text(o, "host", host);
	if (!uuid_is_nil(&key->uuid))
		parts_interface(o, &key->uuid, key->major, minor);
}

static bool
has_endpoint(const struct accepted *a)
{
	return a->endpoint.port != 0 || a->endpoint.name[0] != '\0';
}

static int
put_accepted(void *ctx, const struct query_accepted *row)
{
	struct rows_run *run = ctx;
	const struct accepted *a = &row->accepted;
	struct json o = {0};

	if (!rows_wanted(run, &a->key.uuid))
		return 0;
	json_object_begin(&o, NULL);
	row_key(&o, row->sensor, row->realm, row->host, &a->key, a->minor);
	if (has_endpoint(a))
		parts_endpoint(
		    &o, (enum protseq)a->key.protseq, a->endpoint.port, a->endpoint.name);
	parts_time(&o, "accepted", a->accepted_ns);
	if (a->id[0] != '\0')
		parts_text(&o, "id", a->id);
	if (a->reason[0] != '\0')
		parts_text(&o, "reason", a->reason);
	json_object_end(&o);
	return rows_put(run, &o);
}

static int
select_accepted(struct rows_run *run)
{
	return query_accepted(run->store, run->filter, put_accepted, run);
}

/* One server, as it was accepted. */
struct accepted_server {
	size_t count;
	struct accepted *item; /* in the order of keys and endpoints */
	bool *seen;
	const char *sensor, *realm, *host;
	struct addr server;
	struct pool *pool;
};

struct difference {
	struct rows_run *run;
	struct accepted_server at;
	bool open; /* there is a server in it */
};

static int
accepted_add(void *ctx, const struct query_accepted *row)
{
	struct accepted_server *s = ctx;

	if (!has_endpoint(&row->accepted))
		return 0;
	if (array_grow(&s->item, s->count, sizeof(*s->item)) != 0)
		return -ENOMEM;
	s->item[s->count++] = row->accepted;
	return 0;
}

static void
server_close(struct accepted_server *s)
{
	free(s->item);
	free(s->seen);
	pool_free(&s->pool);
	*s = (struct accepted_server){0};
}

static int
server_open(struct difference *d, const char *sensor, const char *realm, const char *host,
    const struct addr *server)
{
	struct accepted_server *s = &d->at;
	int err = pool_new(&s->pool);

	if (err != 0)
		return err;
	s->sensor = pool_text(s->pool, sensor);
	s->realm = pool_text(s->pool, realm);
	s->host = pool_text(s->pool, host);
	s->server = *server;
	if (pool_failed(s->pool))
		return -ENOMEM;
	struct query_filter one = *d->run->filter;
	one.sensor = s->sensor;
	one.realm = s->realm;
	one.has_server = true;
	one.server = *server;
	err = query_accepted(d->run->store, &one, accepted_add, s);
	if (err == 0 && (s->seen = calloc(s->count + 1, sizeof(*s->seen))) == NULL)
		err = -ENOMEM;
	d->open = err == 0;
	return err;
}

static int
put_gone(struct difference *d, const struct accepted *a)
{
	const struct accepted_server *s = &d->at;
	struct json o = {0};

	if (!rows_wanted(d->run, &a->key.uuid))
		return 0;
	json_object_begin(&o, NULL);
	parts_text(&o, "difference", "gone");
	row_key(&o, s->sensor, s->realm, s->host, &a->key, a->minor);
	parts_endpoint(&o, (enum protseq)a->key.protseq, a->endpoint.port, a->endpoint.name);
	parts_time(&o, "accepted", a->accepted_ns);
	json_object_end(&o);
	d->run->findings++;
	return rows_put(d->run, &o);
}

/* What of the server was not seen alive is gone; the same endpoint may have been accepted twice. */
static int
server_end(struct difference *d)
{
	const struct accepted_server *s = &d->at;
	int err = 0;

	for (size_t i = 0; i < s->count && d->open && err == 0; i++) {
		bool again = i > 0 &&
			     mapping_key_compare(&s->item[i].key, &s->item[i - 1].key) == 0 &&
			     endpoint_compare(&s->item[i].endpoint, &s->item[i - 1].endpoint) == 0;

		if (!s->seen[i] && !again)
			err = put_gone(d, &s->item[i]);
	}
	server_close(&d->at);
	d->open = false;
	return err;
}

static int
put_appeared(struct difference *d, const struct query_episode *e)
{
	struct json o = {0};

	if (!rows_wanted(d->run, &e->key.uuid))
		return 0;
	json_object_begin(&o, NULL);
	parts_text(&o, "difference", "appeared");
	row_key(&o, e->sensor, e->realm, e->host, &e->key, e->minor);
	parts_endpoint(&o, (enum protseq)e->key.protseq, e->endpoint.port, e->endpoint.name);
	parts_time(&o, "first_seen", e->first_ns);
	parts_time(&o, "last_seen", e->last_ns);
	json_array_begin(&o, "evidence");
	if (e->first.ts_ns != 0)
		parts_evidence(
		    &o, e->first.capture, e->first.frame, e->first.ts_ns, e->first.source, NULL);
	json_array_end(&o);
	json_object_end(&o);
	d->run->findings++;
	return rows_put(d->run, &o);
}

static bool
same_server(
    const struct difference *d, const char *sensor, const char *realm, const struct addr *server)
{
	const struct accepted_server *s = &d->at;

	return d->open && addr_equal(&s->server, server) && strcmp(s->realm, realm) == 0 &&
	       strcmp(s->sensor, sensor) == 0;
}

static int
item_compare(const struct accepted *a, const struct query_episode *e)
{
	int order = mapping_key_compare(&a->key, &e->key);

	return order != 0 ? order : endpoint_compare(&a->endpoint, &e->endpoint);
}

/* The first that is not before ${e}. */
static size_t
first_of(const struct accepted_server *s, const struct query_episode *e)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (item_compare(&s->item[mid], e) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int
alive_seen(void *ctx, const struct query_episode *e)
{
	struct difference *d = ctx;
	bool known = false;
	int err = 0;

	/* Where nobody answered, nothing is. */
	if (e->confidence == CONFIDENCE_ATTEMPTED)
		return 0;
	if (!same_server(d, e->sensor, e->realm, &e->key.server)) {
		err = server_end(d);
		if (err == 0)
			err = server_open(d, e->sensor, e->realm, e->host, &e->key.server);
	}
	for (size_t i = first_of(&d->at, e);
	     err == 0 && i < d->at.count && item_compare(&d->at.item[i], e) == 0; i++)
		known = d->at.seen[i] = true;
	return err != 0 || known ? err : put_appeared(d, e);
}

static int
any_alive(void *ctx, const struct query_episode *e)
{
	(void)ctx;
	return e->confidence != CONFIDENCE_ATTEMPTED;
}

/* Servers of which nothing is alive were not met yet. */
static int
accepted_seen(void *ctx, const struct query_accepted *row)
{
	struct difference *d = ctx;
	const struct accepted *a = &row->accepted;

	if (!has_endpoint(a) || same_server(d, row->sensor, row->realm, &a->key.server))
		return 0;
	int err = server_end(d);
	if (err == 0)
		err = server_open(d, row->sensor, row->realm, row->host, &a->key.server);
	struct query_filter one = *d->run->filter;
	one.sensor = row->sensor;
	one.realm = row->realm;
	one.has_server = true;
	one.server = a->key.server;
	if (err == 0)
		err = query_alive(d->run->store, &one, any_alive, NULL);
	if (err == 1)
		d->at.count = 0;
	return err == 1 ? 0 : err;
}

static int
select_difference(struct rows_run *run)
{
	struct difference d = {.run = run};
	int err = query_alive(run->store, run->filter, alive_seen, &d);

	if (err == 0)
		err = server_end(&d);
	if (err == 0)
		err = query_accepted(run->store, run->filter, accepted_seen, &d);
	if (err == 0)
		err = server_end(&d);
	server_close(&d.at);
	return err;
}

static const struct rows_cell accepted_cells[] = {
    {"sensor", NULL},
    {"realm", NULL},
    {"server", NULL},
    {"host", NULL},
    {"interface", NULL},
    {"version", NULL},
    {"service", NULL},
    {"protseq", NULL},
    {"port", NULL},
    {"endpoint", NULL},
    {"accepted", NULL},
    {"id", NULL},
    {"reason", NULL},
};

static const struct rows_column accepted_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"SERVICE", 0, false}, "service", NULL, false},
    {{"INTERFACE", 0, false}, "interface", NULL, false},
    {{"PROTSEQ", 0, false}, "protseq", NULL, false},
    {{"ENDPOINT", 30, false}, "port", "endpoint", false},
    {{"ACCEPTED (UTC)", 0, false}, "accepted", NULL, true},
    {{"ID", 0, false}, "id", NULL, false},
    {{"REASON", 60, false}, "reason", NULL, false},
};

static const struct rows_cell difference_cells[] = {
    {"difference", NULL},
    {"sensor", NULL},
    {"realm", NULL},
    {"server", NULL},
    {"host", NULL},
    {"interface", NULL},
    {"version", NULL},
    {"service", NULL},
    {"protseq", NULL},
    {"port", NULL},
    {"endpoint", NULL},
    {"first_seen", NULL},
    {"last_seen", NULL},
    {"accepted", NULL},
    {"evidence", "pcap_filename"},
    {"evidence", "pcap_cnt"},
};

static const struct rows_column difference_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"DIFFERENCE", 0, false}, "difference", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"SERVICE", 0, false}, "service", NULL, false},
    {{"INTERFACE", 0, false}, "interface", NULL, false},
    {{"PROTSEQ", 0, false}, "protseq", NULL, false},
    {{"ENDPOINT", 30, false}, "port", "endpoint", false},
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"ACCEPTED (UTC)", 0, false}, "accepted", NULL, true},
};

const struct rows_kind rows_baseline = {accepted_cells, accepted_columns,
    ROWS_COUNT(accepted_cells), ROWS_COUNT(accepted_columns), select_accepted};

const struct rows_kind rows_difference = {difference_cells, difference_columns,
    ROWS_COUNT(difference_cells), ROWS_COUNT(difference_columns), select_difference};
