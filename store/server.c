/* server.c - see server.h. */
#include "store/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/key.h"
#include "store/param.h"
#include "store/pending.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

static int
keep_facts(struct store *s, int64_t row, const struct server_facts *f)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_SERVER_FACTS, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_text(&p, f->host, SERVER_NAME);
	param_unless(&p, f->host == NULL, f->host_ns);
	param_count(&p, f->sealed);
	param_count(&p, f->sealed_mapper);
	return statement_run(s, &p, STATEMENT_SERVER_FACTS);
}

static int
drop_aliases(struct store *s, int64_t row)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_ALIASES_DROP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	return statement_run(s, &p, STATEMENT_ALIASES_DROP);
}

static int
keep_alias(struct store *s, int64_t row, const struct server_alias *a)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_ALIAS_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_text(&p, a->name, SERVER_NAME);
	param_int(&p, a->last_ns);
	return statement_run(s, &p, STATEMENT_ALIAS_KEEP);
}

/* Any of them may have gone, so they are written as a whole. */
static int
keep_aliases(struct store *s, int64_t row, const struct server_facts *f)
{
	int err = drop_aliases(s, row);

	for (size_t i = 0; i < f->alias_count && err == 0; i++)
		err = keep_alias(s, row, &f->alias[i]);
	return err;
}

static int
keep_referral(struct store *s, int64_t row, const struct server_referral *r)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_REFERRAL_KEEP, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_int(&p, r->operation);
	param_text(&p, r->to, SERVER_NAME);
	param_int(&p, r->first_ns);
	param_int(&p, r->last_ns);
	param_count(&p, r->count);
	return statement_run(s, &p, STATEMENT_REFERRAL_KEEP);
}

static int
keep_pending(struct store *s, int64_t row, const struct server_facts *f)
{
	const struct key_rows rows = {.server = row};
	const struct mapping_key key = {.server = f->server, .realm = f->realm};

	return pending_keep(s, &key, &rows, &f->state);
}

int
server_keep(struct store *s, const struct server_facts *f)
{
	int64_t row;
	int err = key_make_server(s, f->realm, &f->server, &row);

	if (err == 0 && (f->dirty & (SERVER_NAMED | SERVER_SEALED)) != 0)
		err = keep_facts(s, row, f);
	if (err == 0 && (f->dirty & SERVER_NAMED) != 0)
		err = keep_aliases(s, row, f);
	for (size_t i = 0; (f->dirty & SERVER_REFERRED) != 0 && i < f->referral_count && err == 0;
	     i++)
		err = keep_referral(s, row, &f->referral[i]);
	if (err == 0 && f->state.dirty)
		err = keep_pending(s, row, f);
	return err;
}

static char *
text_copy(struct column *c)
{
	char text[SERVER_NAME];

	column_copy(c, text, sizeof(text));
	return strdup(text);
}

static int
load_facts(struct store *s, int64_t row, struct server_facts *out)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_SERVER_LOAD, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	err = statement_row(s, &p, STATEMENT_SERVER_LOAD);
	if (err == 1) {
		struct column c = column_init(st);
		bool named = !column_is_null(&c);

		out->host = text_copy(&c);
		err = out->host == NULL ? -ENOMEM : 0;
		out->host_ns = column_int(&c);
		out->sealed = column_range(&c, INT64_MAX);
		out->sealed_mapper = column_range(&c, INT64_MAX);
		if (err == 0)
			err = record_check(s, &c);
		if (!named) {
			free(out->host);
			out->host = NULL;
		}
	}
	statement_done(st);
	return err;
}

static int
load_alias(struct store *s, sqlite3_stmt *st, struct server_facts *out)
{
	struct column c = column_init(st);
	struct server_alias *a = &out->alias[out->alias_count];

	if ((a->name = text_copy(&c)) == NULL)
		return -ENOMEM;
	out->alias_count++;
	a->last_ns = column_int(&c);
	return record_check(s, &c);
}

static int
load_referral(struct store *s, sqlite3_stmt *st, struct server_facts *out)
{
	struct column c = column_init(st);
	struct server_referral *r = &out->referral[out->referral_count];

	r->operation = (enum referral_operation)column_range(&c, UINT8_MAX);
	if ((r->to = text_copy(&c)) == NULL)
		return -ENOMEM;
	out->referral_count++;
	r->first_ns = column_int(&c);
	r->last_ns = column_int(&c);
	r->count = column_range(&c, INT64_MAX);
	return record_check(s, &c);
}

/* Rows of one of the lists, at most ${most}. */
static int
load_list(struct store *s, int64_t row, enum statement which, int64_t most,
    int (*each)(struct store *s, sqlite3_stmt *st, struct server_facts *out),
    struct server_facts *out)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, which, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, row);
	param_int(&p, most);
	while ((err = statement_row(s, &p, which)) == 1)
		if ((err = each(s, st, out)) != 0)
			break;
	statement_done(st);
	return err;
}

/* To what there is: whoever asks keeps it. */
static int
shrink_lists(struct server_facts *f)
{
	struct server_referral *fewer;

	if (f->alias_count == 0) {
		free(f->alias);
		f->alias = NULL;
	}
	if (f->referral_count == 0) {
		free(f->referral);
		f->referral = NULL;
		return 0;
	}
	fewer = realloc(f->referral, f->referral_count * sizeof(*fewer));
	if (fewer == NULL)
		return -ENOMEM;
	f->referral = fewer;
	return 0;
}

int
server_lists(struct store *s, int64_t row, struct server_facts *out)
{
	int err;

	out->alias = calloc(SERVER_ALIASES, sizeof(*out->alias));
	out->referral = calloc(SERVER_REFERRALS, sizeof(*out->referral));
	if (out->alias == NULL || out->referral == NULL)
		return -ENOMEM;
	err = load_list(s, row, STATEMENT_ALIASES_LOAD, SERVER_ALIASES, load_alias, out);
	if (err == 0)
		err = load_list(
		    s, row, STATEMENT_REFERRALS_LOAD, SERVER_REFERRALS, load_referral, out);
	return err != 0 ? err : shrink_lists(out);
}

int
server_load(struct store *s, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	int64_t row;
	int err = key_find_server(s, realm, server, &row);

	*out = NULL;
	if (err != 0 || row == 0)
		return err;
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return -ENOMEM;
	(*out)->server = *server;
	(*out)->realm = realm;
	if ((err = load_facts(s, row, *out)) == 0)
		err = server_lists(s, row, *out);
	if (err == 0)
		err = incoming_settle_of(s, &(struct key_rows){.server = row}, INCOMING_PENDING);
	if (err == 0)
		err = pending_load(s, row, 0, &(*out)->state);
	if (err != 0)
		server_facts_free(out);
	return err;
}
