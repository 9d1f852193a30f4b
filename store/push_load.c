/* push_load.c - see push.h: what a run begins with. One realm after the other, as they were named. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/param.h"
#include "store/push.h"
#include "store/push_row.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

enum {
	MAILBOX_CLIENTS = 1 << 16 /* of one endpoint: those of all its episodes together */
};

/* The rows of a kind in one realm. */
struct rows_of {
	struct store *s;
	enum statement which;
	uint8_t realm;
	int (*row)(const struct rows_of *r, struct column *c);
	void *each, *ctx; /* where the callback lies, and its own */
};

static int
rows_of_scope(const struct rows_of *r, int64_t scope)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(r->s, r->which, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	while ((err = statement_row(r->s, &p, r->which)) == 1) {
		struct column c = column_init(st);

		if ((err = r->row(r, &c)) != 0)
			break;
	}
	sqlite3_finalize(st);
	return err;
}

static int
rows_of_realms(struct rows_of *r)
{
	int64_t scope;
	int err;

	if (state_no_server(r->s))
		return 0;
	err = incoming_settle(r->s);
	for (size_t realm = 0; realm < RUN_REALMS && err == 0; realm++) {
		if (r->s->run.realm[realm].realm == NULL)
			continue;
		r->realm = (uint8_t)realm;
		if ((err = run_find_scope(r->s, (uint8_t)realm, &scope)) == 0 && scope != 0)
			err = rows_of_scope(r, scope);
	}
	return err;
}

typedef int (*each_push)(void *ctx, const struct push *x);
typedef int (*each_registration)(void *ctx, const struct push_registration *x);
typedef int (*each_client)(void *ctx, const struct push_client *x);

static int
give_push(const struct rows_of *r, struct column *c)
{
	struct push x = {.realm = r->realm, .server = column_addr(c)};
	int err;

	push_row(r->s, c, &x);
	err = record_check(r->s, c);
	return err != 0 ? err : (*(each_push *)r->each)(r->ctx, &x);
}

int
push_each_open(struct store *s, int (*each)(void *ctx, const struct push *x), void *ctx)
{
	struct rows_of r = {
	    .s = s, .which = STATEMENT_PUSHES_OPEN, .row = give_push, .each = &each, .ctx = ctx};

	return rows_of_realms(&r);
}

static int
give_registration(const struct rows_of *r, struct column *c)
{
	struct push_registration x = {.realm = r->realm, .server = column_addr(c)};
	int err;

	push_row_registration(r->s, c, &x);
	err = record_check(r->s, c);
	return err != 0 ? err : (*(each_registration *)r->each)(r->ctx, &x);
}

int
push_each_open_registration(
    struct store *s, int (*each)(void *ctx, const struct push_registration *x), void *ctx)
{
	struct rows_of r = {.s = s,
	    .which = STATEMENT_REGISTRATIONS_OPEN,
	    .row = give_registration,
	    .each = &each,
	    .ctx = ctx};

	return rows_of_realms(&r);
}

static int
give_client(const struct rows_of *r, struct column *c)
{
	struct push_client x = {.realm = r->realm, .server = column_addr(c)};
	int err;

	push_row_client(r->s, c, &x);
	err = record_check(r->s, c);
	return err != 0 ? err : (*(each_client *)r->each)(r->ctx, &x);
}

int
push_each_client(struct store *s, int (*each)(void *ctx, const struct push_client *x), void *ctx)
{
	struct rows_of r = {
	    .s = s, .which = STATEMENT_PUSH_CLIENTS, .row = give_client, .each = &each, .ctx = ctx};

	return rows_of_realms(&r);
}

/* The endpoint whose clients are being collected. */
struct mailbox {
	int (*each)(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
	    size_t client_count, const struct addr *clients);
	void *ctx;
	struct addr server;
	uint8_t realm;
	uint16_t port; /* 0: none yet */
	size_t count;
	struct addr *client; /* owned */
};

static int
mailbox_told(struct mailbox *m)
{
	int err =
	    m->port == 0 ? 0 : m->each(m->ctx, &m->server, m->realm, m->port, m->count, m->client);

	m->port = 0;
	m->count = 0;
	return err;
}

static int
mailbox_client(struct mailbox *m, const struct addr *client)
{
	struct addr *more;

	if (addr_is_unspecified(client) || m->count == MAILBOX_CLIENTS)
		return 0;
	if ((m->count & (m->count - 1)) == 0) {
		more = realloc(m->client, (m->count == 0 ? 1 : m->count * 2) * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		m->client = more;
	}
	m->client[m->count++] = *client;
	return 0;
}

/* One client of one endpoint; by endpoint. Where it has but one, that is the one of its first sight. */
static int
give_mailbox(const struct rows_of *r, struct column *c)
{
	struct mailbox *m = r->ctx;
	struct addr server = column_addr(c), client;
	uint16_t port = column_u16(c);
	struct evidence first;
	int64_t ts_ns;
	int err = 0;

	client = column_addr(c);
	ts_ns = column_int(c);
	evidence_column(r->s, c, ts_ns, &first);
	if ((err = record_check(r->s, c)) != 0)
		return err;
	if (m->port != port || m->realm != r->realm || !addr_equal(&m->server, &server))
		err = mailbox_told(m);
	m->server = server;
	m->realm = r->realm;
	m->port = port;
	return err != 0 ? err
			: mailbox_client(m, addr_is_unspecified(&client) ? &first.client : &client);
}

int
push_each_mailbox(struct store *s,
    int (*each)(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *clients),
    void *ctx)
{
	struct mailbox m = {.each = each, .ctx = ctx};
	struct rows_of r = {.s = s, .which = STATEMENT_MAILBOXES, .row = give_mailbox, .ctx = &m};
	int err = rows_of_realms(&r);

	if (err == 0)
		err = mailbox_told(&m);
	free(m.client);
	return err;
}
