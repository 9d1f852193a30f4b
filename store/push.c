/* push.c - see push.h: what comes in, and what goes again. */
#include "store/push.h"

#include "base/err.h"
#include "store/evidence.h"
#include "store/key.h"
#include "store/param.h"
#include "store/state.h"
#include "track/records.h"

#define PUSH_HOUR_NS INT64_C(3600000000000)

/* A run goes on from what is there: its first commit lets go what was old by then. */
static int
keep_begin(struct store *s)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t newest_ns;
	int err;

	if (s->push_hour != 0 || s->push_newest != 0)
		return 0;
	if ((err = statement_get(s, STATEMENT_PUSH_NEWEST, &st)) != 0)
		return err;
	p = param_init(st);
	err = statement_number(s, &p, STATEMENT_PUSH_NEWEST, &newest_ns);
	s->push_hour = newest_ns / PUSH_HOUR_NS;
	return err;
}

/* The statement, and its first two parameters. */
static int
keep_start(struct store *s, enum statement which, uint8_t realm, const struct addr *server,
    const struct addr *client, struct param *p)
{
	sqlite3_stmt *st;
	int64_t row;
	int err = keep_begin(s);

	if (err != 0 || (err = key_make_server(s, realm, server, &row)) != 0 ||
	    (err = statement_get(s, which, &st)) != 0)
		return err;
	*p = param_init(st);
	param_int(p, row);
	param_addr(p, client);
	return 0;
}

/* The times of finished and of open ones alike: those of clients are rounded. */
static int
keep_end(struct store *s, enum statement which, const struct param *p, int64_t seen_ns)
{
	int err = statement_run(s, p, which);

	if (seen_ns > s->push_newest)
		s->push_newest = seen_ns;
	return err;
}

/* In the order of PUSH_COLUMNS. */
static void
push_params(struct param *p, const struct push *x)
{
	param_int(p, x->client_port);
	param_int(p, x->server_port);
	param_int(p, x->last_port);
	param_int(p, x->registered);
	param_int(p, x->final);
	param_int(p, x->alternative);
	param_octets(p, x->context, x->context_len);
	param_int(p, (int64_t)x->payload_len);
	param_count(p, x->count);
	param_count(p, x->refused);
	param_int(p, x->first_ns);
	param_int(p, x->last_ns);
	param_nonzero(p, x->closed_ns);
	param_nonzero(p, x->repeat_ns);
	param_int(p, x->stretch);
	param_int(p, x->marks);
}

int
push_keep(struct store *s, const struct push *x)
{
	struct param p;
	int err = keep_start(s, STATEMENT_PUSH_KEEP, x->realm, &x->server, &x->client, &p);

	if (err != 0)
		return err;
	push_params(&p, x);
	if ((err = evidence_param(s, &p, &x->evidence)) != 0)
		return err;
	return keep_end(s, STATEMENT_PUSH_KEEP, &p, x->last_ns);
}

/* In the order of REGISTRATION_COLUMNS. */
static void
registration_params(struct param *p, const struct push_registration *x)
{
	param_int(p, x->client_port);
	param_int(p, x->server_port);
	if (x->has_address)
		param_addr(p, &x->address);
	else
		param_text(p, "", 1);
	param_int(p, x->port);
	param_int(p, x->sealed);
	param_int(p, x->answered);
	param_int(p, x->final);
	param_int(p, x->silent);
	param_int(p, x->alternative);
	param_octets(p, x->context, x->sealed ? 0 : x->context_len);
	param_int(p, (int64_t)x->context_len);
	param_int(p, x->mask);
	param_int(p, x->status);
	param_count(p, x->delivered);
	param_count(p, x->refused);
	param_int(p, x->first_ns);
	param_int(p, x->last_ns);
}

int
push_keep_registration(struct store *s, const struct push_registration *x)
{
	struct param p;
	int err = keep_start(s, STATEMENT_REGISTRATION_KEEP, x->realm, &x->server, &x->client, &p);

	if (err != 0)
		return err;
	registration_params(&p, x);
	if ((err = evidence_param(s, &p, &x->evidence)) != 0)
		return err;
	return keep_end(s, STATEMENT_REGISTRATION_KEEP, &p, x->last_ns);
}

int
push_keep_client(struct store *s, const struct push_client *x)
{
	struct param p;
	int err = keep_start(s, STATEMENT_PUSH_CLIENT_KEEP, x->realm, &x->server, &x->client, &p);

	if (err != 0)
		return err;
	param_int(&p, x->beats);
	param_int(&p, x->bound_ns);
	param_int(&p, x->sealed_len);
	param_nonzero(&p, x->sealed_ns);
	param_nonzero(&p, x->waits_ns);
	param_int(&p, x->starved_clear);
	param_nonzero(&p, x->starved_ns);
	param_nonzero(&p, x->fed_ns);
	if ((err = evidence_param(s, &p, &x->evidence)) != 0)
		return err;
	return keep_end(s, STATEMENT_PUSH_CLIENT_KEEP, &p, x->bound_ns);
}

static int
delete_rows(struct store *s, enum statement which, int64_t value, int64_t *gone)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, which, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, value);
	if ((err = statement_run(s, &p, which)) == 0)
		*gone += sqlite3_changes(s->db.sql);
	return err;
}

int
push_prune(struct store *s, int64_t before_ns, int64_t *gone)
{
	static const enum statement old[] = {
	    STATEMENT_PUSH_OLD, STATEMENT_REGISTRATION_OLD, STATEMENT_PUSH_CLIENT_OLD};
	int err = 0;

	*gone = 0;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]) && err == 0; i++)
		err = delete_rows(s, old[i], before_ns, gone);
	return err;
}

/* An index tells the newest STORE_PUSHES from the others, so nothing has to be counted. */
static int
push_cap(struct store *s)
{
	static const enum statement most[] = {
	    STATEMENT_PUSH_MOST, STATEMENT_REGISTRATION_MOST, STATEMENT_PUSH_CLIENT_MOST};
	int64_t gone = 0;
	int err = 0;

	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]) && err == 0; i++)
		err = delete_rows(s, most[i], STORE_PUSHES, &gone);
	return err;
}

int
push_settle(struct store *s)
{
	int64_t hour = s->push_newest / PUSH_HOUR_NS, before = s->push_hour, gone;
	int err;

	if (s->push_newest == 0 || hour == before)
		return 0;
	s->push_newest = 0;
	s->push_hour = hour;
	if (before > hour)
		before = hour;
	err = push_prune(s, (before - PUSH_DAYS * 24) * PUSH_HOUR_NS, &gone);
	return err != 0 ? err : push_cap(s);
}
