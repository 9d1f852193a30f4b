/* query_others.c - see query.h: sessions, coverage, what is pending. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/state.h"

static void
session_columns(const struct store *s, struct column *c, struct query_session *out)
{
	struct session *x = &out->session;
	struct mapping_key key;

	memset(out, 0, sizeof(*out));
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	record_key(c, run_realm_of(s, out->sensor, out->realm), &key);
	x->server = key.server;
	out->host = query_run_host(s, out->host, &key.server);
	x->uuid = key.uuid;
	x->major = key.major;
	x->protseq = key.protseq;
	x->realm = key.realm;
	x->minor = column_u16(c);
	x->client = column_addr(c);
	x->client_port = column_u16(c);
	x->server_port = column_u16(c);
	column_copy(c, x->pipe, sizeof(x->pipe));
	x->authenticated = !column_is_null(c);
	x->auth_type = (uint8_t)column_range(c, UINT8_MAX);
	x->auth_level = (uint8_t)column_range(c, UINT8_MAX);
	x->count = column_range(c, INT64_MAX);
	x->first_ns = column_int(c);
	x->last_ns = column_int(c);
	column_copy(c, x->protocol, sizeof(x->protocol));
}

int
query_sessions(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_session *x), void *ctx)
{
	bool at = f->at_ns != 0;
	struct query_session x;
	struct param p;
	int err = query_run_start(s, STATEMENT_QUERY_SESSIONS, f, &p);

	if (err != 0)
		return err;
	query_run_span(
	    &p, at ? f->at_ns : f->since_ns, at ? f->at_ns + (f->at_ns < INT64_MAX) : f->until_ns);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_SESSIONS)) == 1) {
		struct column c = column_init(p.st);

		session_columns(s, &c, &x);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &x);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, STATEMENT_QUERY_SESSIONS, &p);
	return err;
}

int
query_coverage(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_coverage *c), void *ctx)
{
	struct query_coverage out;
	struct param p;
	int err = query_run_start(s, STATEMENT_QUERY_COVERAGE, f, &p);

	if (err != 0)
		return err;
	query_run_span(&p, f->since_ns, f->until_ns);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_COVERAGE)) == 1) {
		struct column c = column_init(p.st);

		out.sensor = column_shown(&c);
		out.realm = column_shown(&c);
		out.span.row = column_int(&c);
		out.span.from_ns = column_int(&c);
		out.span.to_ns = column_int(&c);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &out);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, STATEMENT_QUERY_COVERAGE, &p);
	return err;
}

/* The octets are copies, for a callback may do what it likes with the statement's memory in the meantime. */
static int
pending_columns(
    const struct store *s, struct column *c, struct query_pending *out, struct state *state)
{
	const void *data;
	int len;

	memset(out, 0, sizeof(*out));
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	*state = (struct state){.due_ns = column_int_or(c, STATE_NEVER)};
	record_about(c, run_realm_of(s, out->sensor, out->realm), &out->key);
	out->host = query_run_host(s, out->host, &out->key.server);
	out->state = state;
	data = sqlite3_column_blob(c->st, c->at);
	len = sqlite3_column_bytes(c->st, c->at);
	if (data == NULL || len <= 0)
		return 0;
	if ((state->data = malloc((size_t)len)) == NULL)
		return -ENOMEM;
	memcpy(state->data, data, (size_t)len);
	state->len = (size_t)len;
	return 0;
}

int
query_pending(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_pending *x), void *ctx)
{
	struct query_pending x;
	struct state state;
	enum statement which =
	    f->until_ns != 0 ? STATEMENT_QUERY_PENDING : STATEMENT_QUERY_PENDING_ALL;
	struct param p;
	int err = query_run_start(s, which, f, &p);

	if (err != 0)
		return err;
	query_run_span(&p, 0, f->until_ns);
	while ((err = statement_row(s, &p, which)) == 1) {
		struct column c = column_init(p.st);

		err = pending_columns(s, &c, &x, &state);
		if (err == 0 && (err = record_check(s, &c)) == 0)
			err = row(ctx, &x);
		free(state.data);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, which, &p);
	return err;
}
