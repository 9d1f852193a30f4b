/* load.c - see load.h. */
#include "store/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/param.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

/* Starts a statement that selects by key; 1 if the store knows the realm at all. */
static int
load_by_key(struct store *s, enum statement which, const struct mapping_key *key, struct param *p)
{
	sqlite3_stmt *st;
	int64_t scope;
	int err;

	if ((err = run_find_scope(s, key->realm, &scope)) != 0 ||
	    (err = statement_get(s, which, &st)) != 0)
		return err;
	if (scope == 0)
		return 0;
	*p = param_init(st);
	param_int(p, scope);
	param_octets(p, key->server.b, sizeof(key->server.b));
	param_uuid(p, &key->uuid);
	param_int(p, key->major);
	param_int(p, key->protseq);
	return 1;
}

static int
load_compare_clients(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static int
load_clients(struct store *s, struct episode *e)
{
	sqlite3_stmt *st;
	struct param p;
	struct addr clients[CLIENTS_EXACT];
	struct column c = {0};
	uint32_t count = 0;
	int err = statement_get(s, STATEMENT_CLIENT_LOAD, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	param_int(&p, CLIENTS_EXACT);
	while ((err = statement_row(s, &p, STATEMENT_CLIENT_LOAD)) == 1 && count < CLIENTS_EXACT &&
	       !c.bad) {
		c = column_init(st);
		clients[count++] = column_addr(&c);
	}
	statement_done(st);
	if (err < 0 || (err = record_check(s, &c)) != 0 || count == 0)
		return err;
	if ((e->client = malloc(count * sizeof(*e->client))) == NULL)
		return -ENOMEM;
	memcpy(e->client, clients, count * sizeof(*e->client));
	qsort(e->client, count, sizeof(*e->client), load_compare_clients);
	e->client_count = count;
	return 0;
}

static void
load_episode_columns(const struct store *s, struct column *c, struct episode *e)
{
	memset(e, 0, sizeof(*e));
	e->row = column_int(c);
	e->endpoint.port = column_u16(c);
	column_copy(c, e->endpoint.name, sizeof(e->endpoint.name));
	e->minor = column_u16(c);
	column_copy(c, e->annotation, sizeof(e->annotation));
	e->first_ns = column_int(c);
	e->last_ns = column_int(c);
	e->ended_ns = column_int(c);
	e->why = (enum change_kind)column_range(c, UINT8_MAX);
	e->announced = column_range(c, INT64_MAX);
	e->used = column_range(c, INT64_MAX);
	e->attempted = column_range(c, INT64_MAX);
	e->clients_estimated = column_int(c) != 0;
	column_copy(c, e->told, sizeof(e->told));
	evidence_column(s, c, &e->first);
	evidence_column(s, c, &e->last);
}

/* Grows by doubling: ${count} itself says when there is no room. */
static struct episode *
load_room(struct mapping *m)
{
	size_t count = m->episode_count;

	if ((count & (count - 1)) == 0) {
		size_t room = count == 0 ? 1 : count * 2;
		struct episode *grown = realloc(m->episode, room * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		m->episode = grown;
	}
	return &m->episode[m->episode_count++];
}

static int
load_compare_episodes(const void *a, const void *b)
{
	const struct episode *x = a, *y = b;

	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int
load_episodes(struct store *s, struct mapping *m)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EPISODE_LOAD, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, m->row);
	param_int(&p, LOAD_EPISODES);
	while ((err = statement_row(s, &p, STATEMENT_EPISODE_LOAD)) == 1) {
		struct column c = column_init(st);
		struct episode *e = load_room(m);

		if (e == NULL) {
			err = -ENOMEM;
			break;
		}
		load_episode_columns(s, &c, e);
		if ((err = record_check(s, &c)) != 0)
			break;
	}
	statement_done(st);
	if (err == 0 && m->episode_count > 0)
		qsort(m->episode, m->episode_count, sizeof(*m->episode), load_compare_episodes);
	for (size_t i = 0; i < m->episode_count && err == 0; i++)
		err = load_clients(s, &m->episode[i]);
	return err;
}

int
load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out)
{
	struct param p = {0};
	int64_t row = 0;
	int err = load_by_key(s, STATEMENT_MAPPING_FIND, key, &p);

	*out = NULL;
	if (err <= 0)
		return err;
	err = statement_row(s, &p, STATEMENT_MAPPING_FIND);
	if (err == 1)
		row = sqlite3_column_int64(p.st, 0);
	statement_done(p.st);
	if (err <= 0)
		return err;
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return -ENOMEM;
	(*out)->key = *key;
	(*out)->row = row;
	if ((err = load_episodes(s, *out)) != 0)
		mapping_free(out);
	return err;
}

int
load_alert(
    struct store *s, const char *rule, const struct mapping_key *key, struct alert *out, int *found)
{
	struct column c;
	struct param p;
	int err = load_by_key(s, STATEMENT_ALERT_LOAD, key, &p);

	*found = 0;
	if (err <= 0)
		return err;
	param_text(&p, rule, SIZE_MAX);
	err = statement_row(s, &p, STATEMENT_ALERT_LOAD);
	if (err == 1) {
		c = column_init(p.st);
		(void)record_alert(s, &c, key->realm, out);
		*found = 1;
		err = record_check(s, &c);
	}
	statement_done(p.st);
	return err;
}

int
load_endpoints(
    struct store *s, void (*each)(void *ctx, const struct addr *server, uint16_t port), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_EACH_ENDPOINT, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, PROTSEQ_TCP);
	while ((err = statement_row(s, &p, STATEMENT_EACH_ENDPOINT)) == 1) {
		struct column c = column_init(st);
		struct addr server = column_addr(&c);
		uint16_t port = column_u16(&c);

		if ((err = record_check(s, &c)) != 0)
			break;
		each(ctx, &server, port);
	}
	sqlite3_finalize(st);
	return err;
}

static void
load_capture_columns(struct column *c, struct store_capture *out)
{
	memset(out, 0, sizeof(*out));
	out->row = column_int(c);
	out->name = column_text(c);
	out->link = (uint32_t)column_range(c, UINT32_MAX);
	column_octets(c, out->first_record, sizeof(out->first_record));
	column_octets(c, out->digest, sizeof(out->digest));
	out->bytes = column_range(c, INT64_MAX);
	out->frames = column_range(c, INT64_MAX);
	out->first_ns = column_int(c);
	out->last_ns = column_int(c);
	out->damaged = column_range(c, INT64_MAX);
}

int
load_captures(struct store *s, uint32_t link, const uint8_t *first_record,
    bool (*each)(void *ctx, const struct store_capture *known), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err = run_find_scope(s, 0, &scope);

	/* no scope: nothing of it has been read */
	if (err != 0 || scope == 0)
		return err;
	if ((err = statement_fresh(s, STATEMENT_CAPTURE_FIND, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, link);
	param_octets(&p, first_record, HASH_DIGEST);
	param_int(&p, scope);
	while ((err = statement_row(s, &p, STATEMENT_CAPTURE_FIND)) == 1) {
		struct store_capture known;
		struct column c = column_init(st);

		load_capture_columns(&c, &known);
		if ((err = record_check(s, &c)) != 0 || each(ctx, &known))
			break;
	}
	sqlite3_finalize(st);
	return err < 0 ? err : 0;
}
