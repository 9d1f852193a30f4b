/* session.c - see session.h. */
#include "store/session.h"

#include "base/clock.h"
#include "base/err.h"
#include "store/column.h"
#include "store/key.h"
#include "store/param.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

#define SESSION_HOUR_NS INT64_C(3600000000000)

enum {
	SESSION_FEWER = STORE_SESSIONS / 64 /* that go at a time, once there are too many */
};

static int
session_delete(struct store *s, enum statement which, int64_t value, int64_t *gone)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, which, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, value);
	err = statement_run(s, &p, which);
	*gone = err == 0 ? sqlite3_changes(s->db.sql) : 0;
	return err;
}

int
session_prune(struct store *s, int64_t before_ns, int64_t *gone)
{
	return session_delete(s, STATEMENT_SESSION_OLD, before_ns, gone);
}

static int
session_count(struct store *s)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_SESSION_COUNT, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	return statement_number(s, &p, STATEMENT_SESSION_COUNT, &s->session_count);
}

/* What was counted may have become less since, so it is counted anew before anything goes. */
static int
session_cap(struct store *s)
{
	int64_t gone = 0;
	int err = session_count(s);

	if (err == 0 && s->session_count > STORE_SESSIONS)
		err = session_delete(s, STATEMENT_SESSION_MOST,
		    s->session_count - STORE_SESSIONS + SESSION_FEWER, &gone);
	s->session_count -= gone;
	return err;
}

static int
session_age(struct store *s, int64_t now_ns)
{
	int64_t hour = now_ns / SESSION_HOUR_NS, before = s->session_hour, gone;
	int err;

	if (hour == before)
		return 0;
	s->session_hour = hour;
	if (before > hour)
		before = hour;
	before = clock_minus(before * SESSION_HOUR_NS, SESSION_DAYS * 24 * SESSION_HOUR_NS);
	if (before <= s->session_oldest)
		return 0;
	err = session_prune(s, before, &gone);
	if (err == 0)
		s->session_oldest = before;
	return err;
}

/* How many there are, and of which time: one walk over all of them, in a run that has any to add, and after a rollback. A run goes
 * on from what is there: its first commit lets go what was old by then. */
static int
session_survey(struct store *s)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_borrow(s, STATEMENT_SESSION_NEWEST, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	if ((err = statement_row(s, &p, STATEMENT_SESSION_NEWEST)) == 1) {
		struct column c = column_init(st);

		s->session_count = column_int(&c);
		s->session_hour = column_int(&c) / SESSION_HOUR_NS;
		s->session_oldest = column_int(&c);
		err = record_check(s, &c);
		s->session_known = err == 0;
	}
	statement_return(s, STATEMENT_SESSION_NEWEST, st);
	return err;
}

int
session_keep(struct store *s, const struct session *x)
{
	struct mapping_key key = {.server = x->server,
	    .uuid = x->uuid,
	    .major = x->major,
	    .protseq = x->protseq,
	    .realm = x->realm};
	struct key_rows rows;
	int err = s->session_known ? 0 : session_survey(s);

	if (err == 0)
		err = key_make(s, &key, &rows);
	if (err == 0)
		err = incoming_session(s, &rows, x);
	s->session_kept = true;
	s->session_newest = x->last_ns;
	if (x->last_ns < s->session_oldest)
		s->session_oldest = x->last_ns;
	/* whether it is a new row is not told, so this is rather early than late */
	s->session_count++;
	return err;
}

int
session_settle(struct store *s)
{
	int err = 0;

	if (!s->session_kept)
		return 0;
	err = session_age(s, s->session_newest);
	s->session_kept = false;
	if (err == 0 && s->session_count > STORE_SESSIONS)
		err = session_cap(s);
	return err;
}

static void
session_columns(struct column *c, struct session *out)
{
	column_octets(c, out->uuid.b, sizeof(out->uuid.b));
	out->major = column_u16(c);
	out->protseq = (uint8_t)column_range(c, UINT8_MAX);
	out->minor = column_u16(c);
	column_copy(c, out->pipe, sizeof(out->pipe));
	out->authenticated = !column_is_null(c);
	out->auth_type = (uint8_t)column_range(c, UINT8_MAX);
	out->auth_level = (uint8_t)column_range(c, UINT8_MAX);
	out->count = column_range(c, INT64_MAX);
	out->first_ns = column_int(c);
	out->last_ns = column_int(c);
	column_copy(c, out->protocol, sizeof(out->protocol));
}

int
session_each_at(struct store *s, const struct session *at,
    int (*each)(void *ctx, const struct session *x), void *ctx)
{
	struct session x = *at;
	sqlite3_stmt *st;
	struct param p;
	int64_t server;
	int err = incoming_settle_sessions(s);

	if (err == 0)
		err = key_find_server(s, at->realm, &at->server, &server);
	if (err != 0 || server == 0 || (err = statement_borrow(s, STATEMENT_SESSIONS_AT, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, server);
	param_addr(&p, &at->client);
	param_int(&p, at->server_port);
	param_int(&p, at->client_port);
	while ((err = statement_row(s, &p, STATEMENT_SESSIONS_AT)) == 1) {
		struct column c = column_init(st);

		session_columns(&c, &x);
		if ((err = record_check(s, &c)) != 0 || (err = each(ctx, &x)) != 0)
			break;
	}
	statement_return(s, STATEMENT_SESSIONS_AT, st);
	return err;
}
