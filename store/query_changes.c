/* query_changes.c - see query.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/evidence.h"
#include "store/param.h"
#include "store/query.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/set.h"
#include "store/state.h"

/* A row on its way out, and what it borrows: read with statements of their own, and freed when it has been told. */
struct change_row {
	struct query_change out;
	struct endpoint *previous, *current;
	struct change_id *also;
	struct change_member *member;
	size_t members, member_room;
};

static void
member_free(struct change_member *m)
{
	free((struct endpoint *)(uintptr_t)m->previous);
	free((struct endpoint *)(uintptr_t)m->current);
}

static void
change_free(struct change_row *r)
{
	for (size_t i = 0; i < r->members; i++)
		member_free(&r->member[i]);
	free(r->member);
	free(r->also);
	free(r->previous);
	free(r->current);
}

static struct change_member *
member_room(struct change_row *r)
{
	if (r->members == r->member_room) {
		size_t room = r->member_room == 0 ? 16 : r->member_room * 2;
		struct change_member *grown = realloc(r->member, room * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		r->member = grown;
		r->member_room = room;
	}
	return memset(&r->member[r->members++], 0, sizeof(*r->member));
}

/* What it has got belongs to ${m}, whether it fails or not. */
static int
member_read(struct store *s, sqlite3_stmt *st, uint8_t realm, struct change_member *m)
{
	struct column c = column_init(st);
	const char *previous, *current;
	struct endpoint *set;
	int err;

	record_about(&c, realm, &m->key);
	m->minor = column_u16(&c);
	previous = column_text(&c);
	current = column_text(&c);
	m->not_before_ns = column_int(&c);
	m->not_after_ns = column_int(&c);
	if ((err = record_check(s, &c)) != 0 ||
	    (err = set_read(s, previous, &set, &m->previous_count)) != 0)
		return err;
	m->previous = set;
	err = set_read(s, current, &set, &m->current_count);
	m->current = set;
	return err;
}

static int
member_keep(struct store *s, sqlite3_stmt *st, struct change_row *r)
{
	struct change_member *m = member_room(r);

	return m == NULL ? -ENOMEM : member_read(s, st, r->out.change.key.realm, m);
}

/* Only what is about several interfaces has members. */
static int
members_read(struct store *s, struct change_row *r)
{
	struct change *ch = &r->out.change;
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_QUERY_MEMBERS, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, r->out.row);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_MEMBERS)) == 1)
		if ((err = member_keep(s, st, r)) != 0)
			break;
	statement_done(st);
	ch->member = r->member;
	ch->member_count = r->members;
	return err;
}

int
query_members(struct store *s, int64_t change, uint8_t realm,
    int (*row)(void *ctx, const struct change_member *m), void *ctx)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_borrow(s, STATEMENT_QUERY_MEMBERS, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, change);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_MEMBERS)) == 1) {
		struct change_member m = {.minor = 0};

		if ((err = member_read(s, st, realm, &m)) == 0)
			err = row(ctx, &m);
		member_free(&m);
		if (err != 0)
			break;
	}
	statement_return(s, STATEMENT_QUERY_MEMBERS, st);
	return err;
}

/* The times, each of which is NULL where it is the one that it follows from. */
static void
times_read(struct column *c, struct change *ch)
{
	ch->ts_ns = column_int(c);
	ch->first_ns = column_int_or(c, ch->ts_ns);
	ch->not_before_ns = column_int(c);
	ch->not_after_ns = column_int_or(c, ch->first_ns);
}

static int
sets_read(struct store *s, struct change_row *r, const char *previous, const char *current,
    const char *also)
{
	struct change *ch = &r->out.change;
	int err;

	if ((err = set_read(s, previous, &r->previous, &ch->previous_count)) != 0 ||
	    (err = set_read(s, current, &r->current, &ch->current_count)) != 0 ||
	    (also != NULL && (err = set_read_ids(s, also, &r->also, &ch->also_count)) != 0))
		return err;
	ch->previous = r->previous;
	ch->current = r->current;
	ch->also = r->also;
	return 0;
}

static int
change_read(struct store *s, struct column *c, const struct query_filter *f, struct change_row *r)
{
	struct query_change *out = &r->out;
	struct change *ch = &out->change;
	const char *previous, *current, *also;
	int64_t evidence_ns;
	bool whole;
	int err;

	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->host = column_shown(c);
	out->row = column_int(c);
	column_copy(c, ch->id, sizeof(ch->id));
	column_copy(c, ch->revises, sizeof(ch->revises));
	also = column_text(c);
	ch->kind = (enum change_kind)column_range(c, UINT8_MAX);
	whole = sqlite3_column_type(c->st, c->at + 1) == SQLITE_NULL;
	record_about(c, run_realm_of(s, out->sensor, out->realm), &ch->key);
	out->host = query_run_host(s, out->host, &ch->key.server);
	ch->minor = column_u16(c);
	ch->confidence = (enum confidence)column_range(c, UINT8_MAX);
	times_read(c, ch);
	ch->clients = (uint32_t)column_range(c, UINT32_MAX);
	previous = column_text(c);
	current = column_text(c);
	evidence_ns = column_int_or(c, ch->ts_ns);
	evidence_column(s, c, evidence_ns, &ch->evidence);
	evidence_query(&ch->evidence, column_shown(c), &ch->key.server, &out->evidence);
	if ((err = record_check(s, c)) != 0 ||
	    (err = sets_read(s, r, previous, current, also)) != 0)
		return err;
	return whole && !f->without_members ? members_read(s, r) : 0;
}

int
query_changes(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_change *c), void *ctx)
{
	enum statement which = f->id != NULL ? STATEMENT_QUERY_CHANGES_BY_ID : STATEMENT_QUERY_CHANGES;
	struct param p;
	int err = query_run_start(s, which, f, &p);

	if (err != 0)
		return err;
	query_run_span(&p, f->since_ns, f->until_ns);
	param_text(&p, f->id, SIZE_MAX);
	param_text(&p, f->revises, SIZE_MAX);
	while ((err = statement_row(s, &p, which)) == 1) {
		struct change_row r = {.members = 0};
		struct column c = column_init(p.st);

		if ((err = change_read(s, &c, f, &r)) == 0)
			err = row(ctx, &r.out);
		change_free(&r);
		column_free(&c);
		if (err != 0)
			break;
	}
	query_run_end(s, which, &p);
	return err;
}
