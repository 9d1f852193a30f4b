/* pending.c - see pending.h. */
#include "store/pending.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/column.h"
#include "store/key.h"
#include "store/param.h"
#include "store/record.h"
#include "store/state.h"
#include "track/records.h"

int
pending_keep(struct store *s, const struct mapping_key *key, const struct key_rows *rows,
    const struct state *state)
{
	struct key_rows own = *rows;
	int err = own.scope != 0 ? 0 : run_make_scope(s, key->realm, &own.scope);

	return err != 0 ? err : incoming_pending(s, &own, state);
}

static int
pending_columns(sqlite3_stmt *st, struct state *out)
{
	struct column c = column_init(st);
	const void *data = sqlite3_column_blob(st, 1);
	int len = sqlite3_column_bytes(st, 1);

	out->due_ns = column_int_or(&c, STATE_NEVER);
	if (data == NULL || len <= 0)
		return 0;
	if ((out->data = malloc((size_t)len)) == NULL)
		return -ENOMEM;
	memcpy(out->data, data, (size_t)len);
	out->len = (size_t)len;
	return 0;
}

int
pending_load(struct store *s, int64_t server, int64_t interface, struct state *out)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_PENDING_LOAD, &st);

	*out = (struct state){.due_ns = STATE_NEVER};
	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, server);
	param_int(&p, interface);
	if ((err = statement_row(s, &p, STATEMENT_PENDING_LOAD)) == 1)
		err = pending_columns(st, out);
	statement_done(st);
	return err;
}

/* True if a realm of a lower number means the same scope. */
static bool
is_repeated(const struct store *s, size_t realm)
{
	for (size_t i = 0; i < realm; i++)
		if (s->run.realm[i].scope == s->run.realm[realm].scope)
			return true;
	return false;
}

/* The next realm from ${realm} on that has a name, and a scope of its own, which is 0 at the end. */
static int
next_scope(struct store *s, size_t *realm, int64_t *scope)
{
	int err = 0;

	for (; *realm < RUN_REALMS; (*realm)++) {
		if (s->run.realm[*realm].sensor == NULL)
			continue;
		err = run_find_scope(s, (uint8_t)*realm, scope);
		if (err != 0 || (*scope != 0 && !is_repeated(s, *realm)))
			return err;
	}
	*scope = 0;
	return 0;
}

static int
next_of_scope(struct store *s, int64_t scope, int64_t *out)
{
	sqlite3_stmt *st;
	struct param p;
	int err = statement_get(s, STATEMENT_PENDING_NEXT, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_int(&p, scope);
	if ((err = statement_row(s, &p, STATEMENT_PENDING_NEXT)) == 1) {
		int64_t due_ns = sqlite3_column_int64(st, 0);

		if (due_ns < *out)
			*out = due_ns;
		err = 0;
	}
	statement_done(st);
	return err;
}

int
pending_next(struct store *s, int64_t *out)
{
	int64_t scope;
	int err = incoming_settle_pending(s);

	*out = STATE_NEVER;
	for (size_t realm = 0; err == 0 && realm < RUN_REALMS; realm++)
		if ((err = next_scope(s, &realm, &scope)) == 0 && scope != 0)
			err = next_of_scope(s, scope, out);
	return err;
}

/* What is due in one realm, and the first of it that has not been told. */
struct due {
	uint8_t realm;
	sqlite3_stmt *st; /* NULL: all has been told */
	struct param p;
	struct mapping_key key;
	int64_t due_ns;
};

static void
due_close(struct store *s, struct due *d)
{
	if (d->st != NULL)
		statement_return(s, STATEMENT_PENDING_DUE, d->st);
	d->st = NULL;
}

static int
due_step(struct store *s, struct due *d)
{
	int err = statement_row(s, &d->p, STATEMENT_PENDING_DUE);
	struct column c;

	if (err == 1) {
		c = column_init(d->st);
		d->due_ns = column_int(&c);
		record_about(&c, d->realm, &d->key);
		return record_check(s, &c);
	}
	due_close(s, d);
	return err;
}

static int
due_open(struct store *s, uint8_t realm, int64_t scope, int64_t from_ns, struct due *d)
{
	int err = statement_borrow(s, STATEMENT_PENDING_DUE, &d->st);

	d->realm = realm;
	if (err != 0)
		return err;
	d->p = param_init(d->st);
	param_int(&d->p, scope);
	param_int(&d->p, from_ns);
	return due_step(s, d);
}

/* One of every realm; the rest is found there when it is told. */
static int
due_open_all(struct store *s, int64_t from_ns, struct due *all, size_t *count)
{
	int64_t scope;
	int err = incoming_settle_pending(s);

	for (size_t realm = 0; err == 0 && realm < RUN_REALMS; realm++) {
		if ((err = next_scope(s, &realm, &scope)) == 0 && scope != 0)
			err = due_open(s, (uint8_t)realm, scope, from_ns, &all[(*count)++]);
	}
	return err;
}

/* At least 1. */
static size_t
count_named(const struct store *s)
{
	size_t n = 0;

	for (size_t realm = 0; realm < RUN_REALMS; realm++)
		n += s->run.realm[realm].sensor != NULL ? 1 : 0;
	return n > 0 ? n : 1;
}

static struct due *
due_first(struct due *all, size_t count)
{
	struct due *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (all[i].st != NULL && (first == NULL || all[i].due_ns < first->due_ns))
			first = &all[i];
	return first;
}

int
pending_each(struct store *s, int64_t from_ns,
    int (*each)(void *ctx, const struct mapping_key *key, int64_t due_ns), void *ctx)
{
	struct due *all = calloc(count_named(s), sizeof(*all)), *next;
	size_t count = 0;
	int err = all == NULL ? -ENOMEM : due_open_all(s, from_ns, all, &count);

	while (err == 0 && (next = due_first(all, count)) != NULL)
		if ((err = each(ctx, &next->key, next->due_ns)) == 0)
			err = due_step(s, next);
	for (size_t i = 0; i < count; i++)
		due_close(s, &all[i]);
	free(all);
	return err;
}
