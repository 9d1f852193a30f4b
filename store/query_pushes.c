/* query_pushes.c - see query.h: new-mail datagrams, registrations for them, clients of mailboxes. */
#include <stdbool.h>

#include "base/err.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/param.h"
#include "store/push_row.h"
#include "store/query.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/state.h"

/* The columns that all three begin with. */
struct place {
	const char *sensor, *realm, *host;
	struct addr server;
	uint8_t index;
};

static struct place
place_columns(const struct store *s, struct column *c)
{
	struct place p = {.sensor = column_shown(c)};

	p.realm = column_shown(c);
	p.host = column_shown(c);
	p.server = column_addr(c);
	p.host = query_run_host(s, p.host, &p.server);
	p.index = run_realm_of(s, p.sensor, p.realm);
	return p;
}

/* Rows that touch a time, or a span. */
static void
span(struct param *p, const struct query_filter *f)
{
	bool at = f->at_ns != 0;

	query_run_span(
	    p, at ? f->at_ns : f->since_ns, at ? f->at_ns + (f->at_ns < INT64_MAX) : f->until_ns);
}

static int
tell_push(
    struct store *s, struct column *c, int (*row)(void *ctx, const struct query_push *x), void *ctx)
{
	struct place p = place_columns(s, c);
	struct query_push x = {.sensor = p.sensor, .realm = p.realm, .host = p.host};
	int err;

	x.push.server = p.server;
	x.push.realm = p.index;
	push_row(s, c, &x.push);
	evidence_query(&x.push.evidence, column_shown(c), &x.push.server, &x.first);
	if ((err = record_check(s, c)) == 0)
		err = row(ctx, &x);
	column_free(c);
	return err;
}

int
query_pushes(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_push *x), void *ctx)
{
	struct param p;
	int err = query_run_start(s, STATEMENT_QUERY_PUSHES, f, &p);

	if (err != 0)
		return err;
	span(&p, f);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_PUSHES)) == 1) {
		struct column c = column_init(p.st);

		if ((err = tell_push(s, &c, row, ctx)) != 0)
			break;
	}
	query_run_end(s, STATEMENT_QUERY_PUSHES, &p);
	return err;
}

static int
tell_registration(struct store *s, struct column *c,
    int (*row)(void *ctx, const struct query_registration *x), void *ctx)
{
	struct place p = place_columns(s, c);
	struct query_registration x = {.sensor = p.sensor, .realm = p.realm, .host = p.host};
	int err;

	x.registration.server = p.server;
	x.registration.realm = p.index;
	push_row_registration(s, c, &x.registration);
	evidence_query(&x.registration.evidence, column_shown(c), &x.registration.server, &x.first);
	if ((err = record_check(s, c)) == 0)
		err = row(ctx, &x);
	column_free(c);
	return err;
}

int
query_registrations(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_registration *x), void *ctx)
{
	struct param p;
	int err = query_run_start(s, STATEMENT_QUERY_REGISTRATIONS, f, &p);

	if (err != 0)
		return err;
	span(&p, f);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_REGISTRATIONS)) == 1) {
		struct column c = column_init(p.st);

		if ((err = tell_registration(s, &c, row, ctx)) != 0)
			break;
	}
	query_run_end(s, STATEMENT_QUERY_REGISTRATIONS, &p);
	return err;
}

static int
tell_client(struct store *s, struct column *c,
    int (*row)(void *ctx, const struct query_push_client *x), void *ctx)
{
	struct place p = place_columns(s, c);
	struct query_push_client x = {.sensor = p.sensor, .realm = p.realm, .host = p.host};
	int err;

	x.client.server = p.server;
	x.client.realm = p.index;
	push_row_client(s, c, &x.client);
	if ((err = record_check(s, c)) == 0)
		err = row(ctx, &x);
	column_free(c);
	return err;
}

int
query_push_clients(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_push_client *x), void *ctx)
{
	struct param p;
	int err = query_run_start(s, STATEMENT_QUERY_PUSH_CLIENTS, f, &p);

	if (err != 0)
		return err;
	span(&p, f);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_PUSH_CLIENTS)) == 1) {
		struct column c = column_init(p.st);

		if ((err = tell_client(s, &c, row, ctx)) != 0)
			break;
	}
	query_run_end(s, STATEMENT_QUERY_PUSH_CLIENTS, &p);
	return err;
}
