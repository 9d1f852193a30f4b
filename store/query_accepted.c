/* query_accepted.c - see query.h: what people accepted, and what the sensors remember. */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/state.h"

static void
accepted_columns(const struct store *s, struct column *c, struct query_accepted *out)
{
	struct accepted *a = &out->accepted;

	memset(out, 0, sizeof(*out));
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	record_about(c, run_realm_of(s, out->sensor, out->realm), &a->key);
	out->host = query_run_host(s, out->host, &a->key.server);
	a->minor = column_u16(c);
	a->endpoint.port = column_u16(c);
	column_copy(c, a->endpoint.name, sizeof(a->endpoint.name));
	column_copy(c, a->id, sizeof(a->id));
	a->accepted_ns = column_int(c);
	column_copy(c, a->reason, sizeof(a->reason));
}

/* Steps through the rows; the statement is the caller's to give back. */
static int
accepted_rows(struct store *s, const struct param *p, enum statement which,
    int (*row)(void *ctx, const struct query_accepted *a), void *ctx)
{
	struct query_accepted a;
	int err;

	while ((err = statement_row(s, p, which)) == 1) {
		struct column c = column_init(p->st);

		accepted_columns(s, &c, &a);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &a);
		column_free(&c);
		if (err != 0)
			break;
	}
	return err;
}

int
query_accepted(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_accepted *a), void *ctx)
{
	enum statement which = f->has_server && !addr_is_unspecified(&f->server)
				   ? STATEMENT_QUERY_ACCEPTED_AT
				   : STATEMENT_QUERY_ACCEPTED;
	struct param p;
	int err = query_run_start(s, which, f, &p);

	if (err != 0)
		return err;
	err = accepted_rows(s, &p, which, row, ctx);
	query_run_end(s, which, &p);
	return err;
}

static void
key_params(struct param *p, const struct mapping_key *key)
{
	bool server = !addr_is_unspecified(&key->server), interface = !uuid_is_nil(&key->uuid);

	param_octets(p, server ? key->server.b : NULL, sizeof(key->server.b));
	param_octets(p, interface ? key->uuid.b : NULL, sizeof(key->uuid.b));
	param_int(p, key->major);
	param_int(p, key->protseq);
}

int
query_accepted_of(struct store *s, const char *sensor, const char *realm,
    const struct mapping_key *key, int (*row)(void *ctx, const struct query_accepted *a), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_borrow(s, STATEMENT_QUERY_ACCEPTED_OF, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, sensor, SIZE_MAX);
	param_text(&p, realm, SIZE_MAX);
	key_params(&p, key);
	err = accepted_rows(s, &p, STATEMENT_QUERY_ACCEPTED_OF, row, ctx);
	statement_return(s, STATEMENT_QUERY_ACCEPTED_OF, st);
	return err;
}

static int
whole_row(struct store *s, sqlite3_stmt *st,
    int (*row)(void *ctx, const struct query_accepted_whole *), void *ctx)
{
	struct column c = column_init(st);
	struct query_accepted_whole w = {.sensor = column_shown(&c)};
	int err;

	w.realm = column_shown(&c);
	w.accepted_ns = column_int(&c);
	w.change = column_int(&c);
	w.alert = column_int(&c);
	w.reason = column_shown(&c);
	if ((err = record_check(s, &c)) == 0)
		err = row(ctx, &w);
	column_free(&c);
	return err;
}

int
query_accepted_whole(
    struct store *s, int (*row)(void *ctx, const struct query_accepted_whole *w), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_QUERY_ACCEPTED_WHOLE, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_ACCEPTED_WHOLE)) == 1)
		if ((err = whole_row(s, st, row, ctx)) != 0)
			break;
	sqlite3_finalize(st);
	return err;
}

static int
state_row(
    struct store *s, sqlite3_stmt *st, int (*row)(void *ctx, const struct query_state *), void *ctx)
{
	struct column c = column_init(st);
	struct query_state state = {.sensor = column_shown(&c)};
	int err;

	state.realm = column_shown(&c);
	state.name = column_shown(&c);
	state.data = sqlite3_column_blob(st, c.at);
	state.len = (size_t)sqlite3_column_bytes(st, c.at);
	if ((err = record_check(s, &c)) == 0)
		err = row(ctx, &state);
	column_free(&c);
	return err;
}

int
query_states(struct store *s, const char *name,
    int (*row)(void *ctx, const struct query_state *state), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_QUERY_STATES, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, name, SIZE_MAX);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_STATES)) == 1)
		if ((err = state_row(s, st, row, ctx)) != 0)
			break;
	sqlite3_finalize(st);
	return err;
}
