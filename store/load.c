/* load.c - see load.h. */
#include "store/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/keep.h"
#include "store/key.h"
#include "store/param.h"
#include "store/pending.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

/* What was kept of it in this transaction can be loaded in it. */
static int
load_settle(struct store *s, const struct key_rows *key)
{
	int err = incoming_settle_of(s, key, INCOMING_EPISODES);

	if (err == 0)
		err = incoming_settle_of(s, key, INCOMING_CLIENTS);
	return err != 0 ? err : incoming_settle_of(s, key, INCOMING_PENDING);
}

/* The rows of ${key}; 1 if the store may have what is asked for. */
static int
load_key(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	int64_t scope;
	int err = run_find_scope(s, key->realm, &scope);

	if (err != 0 || scope == 0 || !known_maybe(s, scope, key, ""))
		return err;
	if ((err = key_find(s, key, out)) != 0 || out->server == 0 || out->interface == 0)
		return err;
	err = load_settle(s, out);
	return err != 0 ? err : 1;
}

static int
load_compare_clients(const void *a, const void *b)
{
	return addr_compare(a, b);
}

/* Take over ${count} clients, in any order. */
static int
load_set_clients(struct episode *e, const struct addr *clients, uint32_t count)
{
	if (count == 0)
		return 0;
	if ((e->client = malloc(count * sizeof(*e->client))) == NULL)
		return -ENOMEM;
	memcpy(e->client, clients, count * sizeof(*e->client));
	if (count > 1)
		qsort(e->client, count, sizeof(*e->client), load_compare_clients);
	e->client_count = count;
	return 0;
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
	if (err < 0 || (err = record_check(s, &c)) != 0)
		return err;
	e->clients_kept = keep_client_marks(count);
	return load_set_clients(e, clients, count);
}

/* True if its only client is that of its first sight, which is not read from elsewhere then. */
static bool
load_episode_columns(const struct store *s, struct column *c, struct episode *e)
{
	bool seen_once, told_by_first;

	memset(e, 0, sizeof(*e));
	e->row = column_int(c);
	column_skip(c, 2);
	e->endpoint.port = column_u16(c);
	column_copy(c, e->endpoint.name, sizeof(e->endpoint.name));
	e->minor = column_u16(c);
	column_copy(c, e->annotation, sizeof(e->annotation));
	e->first_ns = column_int(c);
	seen_once = column_is_null(c);
	e->last_ns = column_int(c);
	e->ended_ns = column_int(c);
	e->why = (enum change_kind)column_range(c, UINT8_MAX);
	e->announced = column_range(c, INT64_MAX);
	e->used = column_range(c, INT64_MAX);
	e->attempted = column_range(c, INT64_MAX);
	told_by_first = column_is_null(c);
	column_skip(c, 1);
	e->clients_estimated = column_int(c) != 0;
	column_copy(c, e->told, sizeof(e->told));
	evidence_column(s, c, e->first_ns, &e->first);
	evidence_column(s, c, e->last_ns, &e->last);
	if (seen_once) {
		e->last_ns = e->first_ns;
		e->last = e->first;
	}
	c->bad |= told_by_first && e->first.ts_ns == 0;
	return told_by_first;
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
load_episode(struct store *s, sqlite3_stmt *st, struct mapping *m)
{
	struct column c = column_init(st);
	struct episode *e = load_room(m);
	bool told_by_first;
	int err;

	if (e == NULL)
		return -ENOMEM;
	told_by_first = load_episode_columns(s, &c, e);
	if ((err = record_check(s, &c)) != 0)
		return err;
	return told_by_first ? load_set_clients(e, &e->first.client, 1) : load_clients(s, e);
}

/* The column that says whether an episode has ended. */
enum {
	LOAD_ENDED_NS = 9
};

/* Up to LOAD_EPISODES; ${more} where one that is alive was left over. */
static int
load_episodes_by(struct store *s, enum statement which, const struct key_rows *key,
    struct mapping *m, bool *more)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, which, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, key->server);
	param_int(&p, key->interface);
	param_int(&p, LOAD_EPISODES);
	while ((err = statement_row(s, &p, which)) == 1) {
		if (m->episode_count == LOAD_EPISODES) {
			*more = sqlite3_column_type(st, LOAD_ENDED_NS) == SQLITE_NULL;
			err = 0;
			break;
		}
		if ((err = load_episode(s, st, m)) != 0)
			break;
	}
	statement_done(st);
	return err;
}

/* Those that are alive, and the latest of the others. Sorting takes longer than reading, and only where too many are alive it
 * matters which come first. */
static int
load_episodes(struct store *s, const struct key_rows *key, struct mapping *m)
{
	bool more = false;
	int err = load_episodes_by(s, STATEMENT_EPISODE_LOAD, key, m, &more);

	if (err == 0 && more) {
		mapping_clear(m);
		err = load_episodes_by(s, STATEMENT_EPISODE_LATEST, key, m, &more);
	}
	if (err == 0 && m->episode_count > 1)
		qsort(m->episode, m->episode_count, sizeof(*m->episode), load_compare_episodes);
	return err;
}

/* Without an episode, and nothing that waits for one. */
static bool
load_is_empty(const struct mapping *m)
{
	return m->episode_count == 0 && m->state.len == 0 && m->state.due_ns == STATE_NEVER;
}

int
load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out)
{
	struct key_rows rows = {.scope = 0};
	struct mapping *m;
	int err = load_key(s, key, &rows);

	*out = NULL;
	if (err == 0)
		known_missed(s);
	if (err <= 0)
		return err;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return -ENOMEM;
	m->key = *key;
	m->row = key_number(&rows);
	if ((err = load_episodes(s, &rows, m)) == 0)
		err = pending_load(s, rows.server, rows.interface, &m->state);
	if (err == 0 && load_is_empty(m))
		known_missed(s);
	if (err != 0 || load_is_empty(m))
		mapping_free(&m);
	*out = m;
	return err;
}

/* The rows of a key of which parts may be missing; 1 if the store may have alerts of it. */
static int
load_about(struct store *s, const struct mapping_key *key, struct key_rows *out)
{
	bool filtered = !key_is_sensor(key);
	int64_t scope;
	int err = run_find_scope(s, key->realm, &scope);

	if (err != 0 || scope == 0 || (filtered && !known_maybe(s, scope, key, KNOWN_ALERT)))
		return err;
	if ((err = key_find_about(s, key, out)) <= 0)
		return err;
	err = incoming_settle_of(s, out, INCOMING_ALERTS);
	return err != 0 ? err : 1;
}

static void
load_about_params(struct param *p, const struct key_rows *rows)
{
	param_int(p, rows->scope);
	param_nonzero(p, rows->server);
	param_nonzero(p, rows->interface);
}

int
load_alerts(struct store *s, const struct mapping_key *key, int (*each)(void *ctx, const struct alert *alert), void *ctx)
{
	struct key_rows rows = {0};
	sqlite3_stmt *st;
	struct param p;
	int err = load_about(s, key, &rows);

	if (err <= 0 || (err = statement_borrow(s, STATEMENT_ALERTS_LOAD, &st)) != 0)
		return err;
	p = param_init(st);
	load_about_params(&p, &rows);
	param_int(&p, LOAD_ALERTS);
	while ((err = statement_row(s, &p, STATEMENT_ALERTS_LOAD)) == 1) {
		struct column c = column_init(st);
		struct alert alert;

		(void)record_alert(s, &c, key->realm, &alert);
		alert.key = *key;
		if ((err = record_check(s, &c)) != 0 || (err = each(ctx, &alert)) != 0)
			break;
	}
	statement_return(s, STATEMENT_ALERTS_LOAD, st);
	return err;
}

int
load_alert(
    struct store *s, const char *rule, const struct mapping_key *key, struct alert *out, int *found)
{
	struct key_rows rows = {0};
	struct column c;
	sqlite3_stmt *st;
	struct param p;
	int err = load_about(s, key, &rows);

	*found = 0;
	if (err <= 0 || (err = statement_get(s, STATEMENT_ALERT_LOAD, &st)) != 0)
		return err;
	p = param_init(st);
	load_about_params(&p, &rows);
	param_text(&p, rule, SIZE_MAX);
	err = statement_row(s, &p, STATEMENT_ALERT_LOAD);
	if (err == 1) {
		c = column_init(st);
		(void)record_alert(s, &c, key->realm, out);
		*found = 1;
		err = record_check(s, &c);
	}
	statement_done(st);
	return err;
}

int
load_endpoints(
    struct store *s, void (*each)(void *ctx, const struct addr *server, uint16_t port), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err;

	if (state_no_server(s))
		return 0;
	if ((err = statement_fresh(s, STATEMENT_EACH_ENDPOINT, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, PROTSEQ_TCP);
	param_int(&p, PROTSEQ_HTTP);
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

int
load_keys(struct store *s, const struct addr *server, uint8_t realm,
    int (*each)(void *ctx, const struct mapping_key *key), void *ctx)
{
	struct mapping_key key = {.server = *server, .realm = realm};
	sqlite3_stmt *st;
	struct param p;
	int64_t row;
	int err;

	if ((err = incoming_settle(s)) != 0 || (err = key_find_server(s, realm, server, &row)) != 0 || row == 0)
		return err;
	if ((err = statement_fresh(s, STATEMENT_EACH_KEY_OF, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	while ((err = statement_row(s, &p, STATEMENT_EACH_KEY_OF)) == 1) {
		struct column c = column_init(st);

		column_octets(&c, key.uuid.b, sizeof(key.uuid.b));
		key.major = column_u16(&c);
		key.protseq = (uint8_t)column_range(&c, UINT8_MAX);
		if ((err = record_check(s, &c)) != 0 || (err = each(ctx, &key)) != 0)
			break;
	}
	sqlite3_finalize(st);
	return err;
}

int
load_last_seen(struct store *s, const struct addr *server, uint8_t realm, int64_t *out)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t row;
	int err;

	*out = INT64_MIN;
	if ((err = incoming_settle(s)) != 0 || (err = key_find_server(s, realm, server, &row)) != 0 || row == 0)
		return err;
	if ((err = statement_get(s, STATEMENT_LAST_SEEN, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	if ((err = statement_row(s, &p, STATEMENT_LAST_SEEN)) == 1) {
		struct column c = column_init(st);

		*out = column_int_or(&c, INT64_MIN);
		err = 0;
	}
	statement_done(st);
	return err;
}
