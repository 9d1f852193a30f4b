/* keep.c - see keep.h. */
#include "store/keep.h"

#include <stdlib.h>

#include "base/err.h"
#include "store/evidence.h"
#include "store/param.h"
#include "store/set.h"
#include "store/state.h"
#include "track/records.h"

/* The number that a finding statement gives, 0 where it finds nothing. */
static int
keep_find(struct store *s, struct param *p, enum statement which, int64_t *row)
{
	int err = statement_row(s, p, which);

	*row = err == 1 ? sqlite3_column_int64(p->st, 0) : 0;
	statement_done(p->st);
	return err < 0 ? err : 0;
}

static int
keep_server(struct store *s, const struct mapping_key *key, int64_t *row)
{
	sqlite3_stmt *find, *keep;
	struct param p;
	int64_t scope;
	int err;

	if ((err = run_make_scope(s, key->realm, &scope)) != 0 ||
	    (err = statement_get(s, STATEMENT_SERVER_FIND, &find)) != 0 ||
	    (err = statement_get(s, STATEMENT_SERVER_KEEP, &keep)) != 0)
		return err;
	p = param_init(find);
	param_int(&p, scope);
	param_octets(&p, key->server.b, sizeof(key->server.b));
	if ((err = keep_find(s, &p, STATEMENT_SERVER_FIND, row)) != 0 || *row != 0)
		return err;
	p = param_init(keep);
	param_int(&p, scope);
	param_octets(&p, key->server.b, sizeof(key->server.b));
	param_addr(&p, &key->server);
	err = statement_run(s, &p, STATEMENT_SERVER_KEEP);
	if (err == 0)
		*row = sqlite3_last_insert_rowid(s->db.sql);
	return err;
}

static void
keep_key(struct param *p, int64_t server, const struct mapping_key *key)
{
	param_int(p, server);
	param_uuid(p, &key->uuid);
	param_int(p, key->major);
	param_int(p, key->protseq);
}

/* A mapping that comes without a number may be known all the same: its key is what it is known by.
 */
static int
keep_mapping_number(struct store *s, struct mapping *m)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err;

	if (m->row != 0)
		return 0;
	if ((err = run_make_scope(s, m->key.realm, &scope)) != 0 ||
	    (err = statement_get(s, STATEMENT_MAPPING_FIND, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	param_octets(&p, m->key.server.b, sizeof(m->key.server.b));
	param_uuid(&p, &m->key.uuid);
	param_int(&p, m->key.major);
	param_int(&p, m->key.protseq);
	err = keep_find(s, &p, STATEMENT_MAPPING_FIND, &m->row);
	if (err == 0 && m->row == 0)
		m->row = ++s->mapping_row;
	return err;
}

static int
keep_mapping_row(struct store *s, struct mapping *m)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t server;
	int err;

	if (m->row != 0 && !s->lost)
		return 0;
	if ((err = keep_server(s, &m->key, &server)) != 0 ||
	    (err = keep_mapping_number(s, m)) != 0 ||
	    (err = statement_get(s, STATEMENT_MAPPING_KEEP, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, m->row);
	keep_key(&p, server, &m->key);
	return statement_run(s, &p, STATEMENT_MAPPING_KEEP);
}

static int
keep_episode_row(struct store *s, const struct mapping *m, const struct episode *e)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EPISODE_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	param_int(&p, m->row);
	param_int(&p, e->endpoint.port);
	param_text(&p, e->endpoint.name, sizeof(e->endpoint.name));
	param_int(&p, e->minor);
	param_word(&p, e->annotation, sizeof(e->annotation));
	param_int(&p, episode_confidence(e));
	param_int(&p, e->first_ns);
	param_int(&p, e->last_ns);
	param_nonzero(&p, e->ended_ns);
	param_nonzero(&p, e->why);
	param_count(&p, e->announced);
	param_count(&p, e->used);
	param_count(&p, e->attempted);
	param_int(&p, e->client_count);
	param_int(&p, e->clients_estimated);
	param_word(&p, e->told, sizeof(e->told));
	if ((err = evidence_param(s, &p, &e->first)) != 0 ||
	    (err = evidence_param(s, &p, &e->last)) != 0) {
		statement_done(st);
		return err;
	}
	return statement_run(s, &p, STATEMENT_EPISODE_KEEP);
}

static int
keep_client(struct store *s, const struct episode *e, const struct addr *client)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_CLIENT_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	param_addr(&p, client);
	return statement_run(s, &p, STATEMENT_CLIENT_KEEP);
}

/* Clients are only ever added, so as many as there are in the store are the same ones. */
static int
keep_clients(struct store *s, const struct episode *e)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t known;
	int err = statement_get(s, STATEMENT_CLIENT_COUNT, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, e->row);
	err = keep_find(s, &p, STATEMENT_CLIENT_COUNT, &known);
	if (known >= e->client_count)
		return err;
	for (uint32_t i = 0; i < e->client_count && i < CLIENTS_EXACT && err == 0; i++)
		err = keep_client(s, e, &e->client[i]);
	return err;
}

int
keep_mapping(struct store *s, struct mapping *m)
{
	int err = keep_mapping_row(s, m);

	for (size_t i = 0; i < m->episode_count && err == 0; i++) {
		struct episode *e = &m->episode[i];

		if (e->row != 0 && !e->dirty && !s->lost)
			continue;
		if (e->row == 0)
			e->row = ++s->episode_row;
		if ((err = keep_episode_row(s, m, e)) == 0)
			err = keep_clients(s, e);
	}
	return err;
}

static int
keep_change_row(struct store *s, const struct change *c, int64_t server, const char *previous,
    const char *current)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_CHANGE_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, c->id, sizeof(c->id));
	param_word(&p, c->revises, sizeof(c->revises));
	param_int(&p, c->kind);
	keep_key(&p, server, &c->key);
	param_int(&p, c->minor);
	param_int(&p, c->confidence);
	param_int(&p, c->ts_ns);
	param_int(&p, c->first_ns);
	param_nonzero(&p, c->not_before_ns);
	param_int(&p, c->not_after_ns);
	param_int(&p, c->clients);
	param_text(&p, previous, SIZE_MAX);
	param_text(&p, current, SIZE_MAX);
	if ((err = evidence_param(s, &p, &c->evidence)) != 0) {
		statement_done(st);
		return err;
	}
	return statement_run(s, &p, STATEMENT_CHANGE_KEEP);
}

int
keep_change(struct store *s, const struct change *c)
{
	char *previous = NULL, *current = NULL;
	int64_t server;
	int err = keep_server(s, &c->key, &server);

	if (err == 0 && (err = set_write(s, c->previous, c->previous_count, &previous)) == 0 &&
	    (err = set_write(s, c->current, c->current_count, &current)) == 0)
		err = keep_change_row(s, c, server, previous, current);
	free(previous);
	free(current);
	return err;
}

static int
keep_alert_row(struct store *s, const struct alert *a)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t server;
	int err;

	if ((err = keep_server(s, &a->key, &server)) != 0 ||
	    (err = statement_get(s, STATEMENT_ALERT_KEEP, &st)) != 0)
		return err;
	p = param_init(st);
	param_text(&p, a->id, sizeof(a->id));
	param_word(&p, a->change, sizeof(a->change));
	param_text(&p, a->rule, sizeof(a->rule));
	param_int(&p, a->severity);
	param_int(&p, a->state);
	keep_key(&p, server, &a->key);
	param_int(&p, a->minor);
	param_int(&p, a->ts_ns);
	param_int(&p, a->opened_ns);
	param_int(&p, a->updated_ns);
	param_nonzero(&p, a->closed_ns);
	param_text(&p, a->signature, sizeof(a->signature));
	param_text(&p, a->expected, sizeof(a->expected));
	param_text(&p, a->observed, sizeof(a->observed));
	return statement_run(s, &p, STATEMENT_ALERT_KEEP);
}

static int
keep_alert_evidence(struct store *s, const struct alert *a, int64_t row)
{
	sqlite3_stmt *keep, *thin;
	struct param p;
	int err;

	if (a->evidence.ts_ns == 0)
		return 0;
	if ((err = statement_get(s, STATEMENT_EVIDENCE_KEEP, &keep)) != 0 ||
	    (err = statement_get(s, STATEMENT_EVIDENCE_THIN, &thin)) != 0)
		return err;
	p = param_init(keep);
	param_int(&p, row);
	param_int(&p, a->state);
	if ((err = evidence_param(s, &p, &a->evidence)) != 0) {
		statement_done(keep);
		return err;
	}
	if ((err = statement_run(s, &p, STATEMENT_EVIDENCE_KEEP)) != 0)
		return err;
	p = param_init(thin);
	param_int(&p, row);
	param_int(&p, KEEP_EVIDENCE);
	return statement_run(s, &p, STATEMENT_EVIDENCE_THIN);
}

int
keep_alert(struct store *s, const struct alert *a)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t row;
	int err;

	if ((err = keep_alert_row(s, a)) != 0 ||
	    (err = statement_get(s, STATEMENT_ALERT_FIND, &st)) != 0)
		return err;
	p = param_init(st);
	param_text(&p, a->id, sizeof(a->id));
	err = keep_find(s, &p, STATEMENT_ALERT_FIND, &row);
	return err != 0 ? err : keep_alert_evidence(s, a, row);
}

int
keep_policy(struct store *s, const char *name, const char *text)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err;

	if ((err = run_make_scope(s, 0, &scope)) != 0 ||
	    (err = statement_get(s, STATEMENT_POLICY_KEEP, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	param_text(&p, name, SIZE_MAX);
	param_text(&p, text != NULL ? text : "", SIZE_MAX);
	return statement_run(s, &p, STATEMENT_POLICY_KEEP);
}
