/* query_servers.c - see query.h. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/record.h"
#include "store/server.h"
#include "store/state.h"

/* The host name is not the row's own, and goes before the facts are cleared. */
static int
server_row(struct store *s, sqlite3_stmt *st,
    int (*row)(void *ctx, const struct query_server *server), void *ctx)
{
	struct column c = column_init(st);
	struct query_server server = {.sensor = column_shown(&c)};
	struct server_facts *f = &server.facts;
	char host[SERVER_NAME];
	int64_t number;
	int err;

	server.realm = column_shown(&c);
	number = column_int(&c);
	f->server = column_addr(&c);
	f->realm = run_realm_of(s, server.sensor, server.realm);
	column_copy(&c, host, sizeof(host));
	f->host = host[0] != '\0' ? host : NULL;
	f->sealed = column_range(&c, INT64_MAX);
	f->sealed_mapper = column_range(&c, INT64_MAX);
	if ((err = record_check(s, &c)) == 0 && (err = server_lists(s, number, f)) == 0)
		err = row(ctx, &server);
	f->host = NULL;
	server_facts_clear(f);
	column_free(&c);
	return err;
}

int
query_servers(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_server *server), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_QUERY_SERVERS, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, f->sensor, SIZE_MAX);
	param_text(&p, f->realm, SIZE_MAX);
	param_octets(&p, f->has_server ? f->server.b : NULL, sizeof(f->server.b));
	while ((err = statement_row(s, &p, STATEMENT_QUERY_SERVERS)) == 1)
		if ((err = server_row(s, st, row, ctx)) != 0)
			break;
	sqlite3_finalize(st);
	return err;
}
