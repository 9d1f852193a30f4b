/* keep.c - see keep.h. */
#include "store/keep.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/alert_clients.h"
#include "store/evidence.h"
#include "store/key.h"
#include "store/param.h"
#include "store/pending.h"
#include "store/state.h"
#include "track/records.h"

/* Whether a rollback may have taken it away since it got its number. */
static bool
keep_is_lost(const struct store *s, const struct episode *e)
{
	return e->row >= s->lost_from && e->row <= s->lost_to;
}

static_assert(CLIENTS_EXACT == 64, "a bit of clients_kept for each");

uint64_t
keep_client_marks(uint32_t count)
{
	return count >= CLIENTS_EXACT ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Clients are only ever added. One that is told by the first sight has no row. What a rollback took is not known. */
static int
keep_clients(struct store *s, const struct key_rows *key, struct episode *e)
{
	uint64_t all = keep_client_marks(e->client_count);
	int err = 0;

	if (s->rolled_back)
		e->clients_kept = 0;
	if (e->clients_kept == all || incoming_client_is_first(e))
		return 0;
	for (uint32_t i = 0; i < e->client_count && i < CLIENTS_EXACT && err == 0; i++)
		if ((e->clients_kept >> i & 1) == 0)
			err = incoming_client(s, key, e->row, &e->client[i]);
	if (err == 0)
		e->clients_kept = all;
	return err;
}

static int
keep_episode(struct store *s, const struct key_rows *key, struct episode *e)
{
	enum incoming_state state = INCOMING_THERE;
	int err;

	if (e->row == 0)
		state = INCOMING_NEW;
	else if (keep_is_lost(s, e))
		state = INCOMING_MAYBE;
	else if (e->dirty == 0)
		return 0;
	err = incoming_episode(s, key, e, state);
	return err != 0 ? err : keep_clients(s, key, e);
}

int
keep_mapping(struct store *s, struct mapping *m)
{
	struct key_rows key;
	int err = key_make_numbered(s, &m->key, &m->row, &key);

	if (err != 0)
		return err;
	for (size_t i = 0; i < m->episode_count && err == 0; i++)
		err = keep_episode(s, &key, &m->episode[i]);
	if (err == 0 && m->state.dirty)
		err = pending_keep(s, &m->key, &key, &m->state);
	return err;
}

/* What comes in order of time is certainly new, and so is what this run has not kept and the store
 * cannot have had. */
static int
keep_change_is_new(struct store *s, const struct change *c, bool *is_new)
{
	bool mine;
	sqlite3_stmt *st;
	struct param p;
	int64_t row = 0;
	int err = 0;

	*is_new = c->ts_ns > s->change_newest;
	if (*is_new)
		return 0;
	mine = known_maybe_id(s, c->id);
	*is_new = c->ts_ns > s->change_opened && !mine;
	if (*is_new)
		return 0;
	if (mine)
		err = incoming_settle_changes(s);
	if (err != 0 || (err = statement_get(s, STATEMENT_CHANGE_FIND, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, c->ts_ns);
	param_text(&p, c->id, sizeof(c->id));
	err = statement_number(s, &p, STATEMENT_CHANGE_FIND, &row);
	*is_new = row == 0;
	return err;
}

/* The time where it is free, else the next number. Far in the future is no place for what comes later. */
static int64_t
keep_change_number(struct store *s, const struct change *c)
{
	bool in_time = c->ts_ns > s->change_row && c->ts_ns <= INT64_MAX / 2;

	s->change_row = in_time ? c->ts_ns : s->change_row + 1;
	if (c->ts_ns > s->change_newest)
		s->change_newest = c->ts_ns;
	return s->change_row;
}

static int
keep_change_key(struct store *s, const struct change *c, struct key_rows *key)
{
	int64_t none = 0;

	if (key_is_whole(&c->key) || key_is_sensor(&c->key))
		return key_make_about(s, &c->key, key);
	return key_make_numbered(s, &c->key, c->mapping != NULL ? &c->mapping->row : &none, key);
}

int
keep_change(struct store *s, const struct change *c)
{
	struct key_rows key;
	bool is_new;
	int err = keep_change_is_new(s, c, &is_new);

	if (err == 0 && is_new)
		err = keep_change_key(s, c, &key);
	if (err != 0 || !is_new)
		return err;
	known_note_id(s, c->id);
	return incoming_change(s, &key, keep_change_number(s, c), c);
}

/* The alert of that id; 0 in ${row} where the store has none. */
static int
keep_alert_find(struct store *s, const struct key_rows *key, const struct alert *a, int64_t *row)
{
	sqlite3_stmt *st;
	struct param p;
	int err = known_maybe_id(s, a->id) ? incoming_settle_of(s, key, INCOMING_ALERTS) : 0;

	if (err != 0 || (err = statement_get(s, STATEMENT_ALERT_FIND, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, key->scope);
	param_nonzero(&p, key->server);
	param_nonzero(&p, key->interface);
	param_text(&p, a->id, sizeof(a->id));
	return statement_number(s, &p, STATEMENT_ALERT_FIND, row);
}

static int
keep_alert_row(struct store *s, const struct alert *a, int64_t row)
{
	char clients[ALERT_CLIENTS_TEXT];
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_ALERT_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_word(&p, a->change, sizeof(a->change));
	param_int(&p, a->severity);
	param_int(&p, a->state);
	param_int(&p, a->minor);
	param_int(&p, a->ts_ns);
	param_int(&p, a->updated_ns);
	param_nonzero(&p, a->closed_ns);
	param_int(&p, a->once);
	param_int(&p, a->suppressed);
	clients[alert_clients_write(a, clients)] = '\0';
	param_text(&p, a->client_count > 0 ? clients : NULL, sizeof(clients));
	param_nonzero(&p, a->client_total > INT64_MAX ? INT64_MAX : (int64_t)a->client_total);
	param_text(&p, a->signature, sizeof(a->signature));
	param_text(&p, a->expected, sizeof(a->expected));
	param_text(&p, a->observed, sizeof(a->observed));
	return statement_run(s, &p, STATEMENT_ALERT_KEEP);
}

/* The number of the latest piece, and whether this one is among those that are there. */
static int
keep_evidence_find(
    struct store *s, const struct alert *a, int64_t row, int64_t *latest, bool *there)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EVIDENCE_FIND, &st);

	*latest = 0;
	*there = false;
	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_int(&p, a->state);
	if ((err = evidence_param(s, &p, &a->evidence)) == 0 &&
	    (err = statement_row(s, &p, STATEMENT_EVIDENCE_FIND)) == 1) {
		*latest = sqlite3_column_int64(st, 0);
		*there = sqlite3_column_int(st, 1) != 0;
		err = 0;
	}
	statement_done(st);
	return err;
}

static int
keep_evidence_add(struct store *s, const struct alert *a, int64_t row, int64_t number)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EVIDENCE_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_int(&p, a->state);
	if ((err = evidence_param(s, &p, &a->evidence)) != 0) {
		statement_done(st);
		return err;
	}
	param_int(&p, number);
	return statement_run(s, &p, STATEMENT_EVIDENCE_KEEP);
}

/* Leave the first piece, and of the others as many as there may be up to ${latest}. */
static int
keep_evidence_thin(struct store *s, int64_t row, int64_t latest)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_EVIDENCE_THIN, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_int(&p, latest - KEEP_EVIDENCE + 2);
	return statement_run(s, &p, STATEMENT_EVIDENCE_THIN);
}

static int
keep_alert_evidence(struct store *s, const struct alert *a, int64_t row)
{
	int64_t latest;
	bool there;
	int err;

	if (a->evidence.ts_ns == 0)
		return 0;
	err = keep_evidence_find(s, a, row, &latest, &there);
	if (err != 0 || there || (err = keep_evidence_add(s, a, row, latest + 1)) != 0)
		return err;
	return latest + 1 > KEEP_EVIDENCE ? keep_evidence_thin(s, row, latest + 1) : 0;
}

/* By what numbers.h remembers an alert. */
struct keep_name {
	char id[HASH_ID_TEXT - 1];
	uint64_t realm;
};

_Static_assert(sizeof(struct keep_name) == 24, "no padding");

static struct keep_name
keep_name(const struct alert *a)
{
	struct keep_name name = {.realm = a->key.realm};

	memcpy(name.id, a->id, strnlen(a->id, sizeof(name.id)));
	return name;
}

/* One that is not remembered, the first time in the store or not. */
static int
keep_alert_unknown(
    struct store *s, const struct alert *a, const struct keep_name *name, int64_t *row)
{
	bool filtered = !key_is_sensor(&a->key);
	struct key_rows key;
	int err = key_make_about(s, &a->key, &key);

	if (err == 0 && (!filtered || known_maybe_id(s, a->id) ||
				known_maybe(s, key.scope, &a->key, KNOWN_OLDER)))
		err = keep_alert_find(s, &key, a, row);
	if (err != 0)
		return err;
	if (*row != 0) {
		numbers_add(&s->alerts, name, sizeof(*name), *row);
		return 0;
	}
	if (filtered)
		known_note(s, key.scope, &a->key, KNOWN_ALERT);
	known_note_id(s, a->id);
	numbers_add(&s->alerts, name, sizeof(*name), ++s->alert_row);
	return incoming_alert(s, &key, s->alert_row, a);
}

int
keep_alert(struct store *s, const struct alert *a)
{
	struct keep_name name = keep_name(a);
	int64_t row = numbers_find(&s->alerts, &name, sizeof(name));
	int err = 0;

	if (row == 0)
		err = keep_alert_unknown(s, a, &name, &row);
	else if (incoming_has_alert(&s->incoming, row))
		err = incoming_settle_alerts(s);
	if (err != 0 || row == 0)
		return err;
	err = keep_alert_row(s, a, row);
	return err != 0 ? err : keep_alert_evidence(s, a, row);
}

int
keep_policy(struct store *s, const char *name, const char *text)
{
	char hash[HASH_ID_TEXT];
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
	if (text == NULL)
		text = "";
	param_text(&p, text, SIZE_MAX);
	param_text(&p, hash_id(text, strlen(text), hash), sizeof(hash));
	return statement_run(s, &p, STATEMENT_POLICY_KEEP);
}
