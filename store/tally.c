/* tally.c - see tally.h. */
#include "store/tally.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/uuid.h"
#include "store/column.h"
#include "store/param.h"
#include "store/query.h"
#include "store/query_run.h"
#include "store/record.h"
#include "store/state.h"

/* The end of an hour is a time, too. */
#define HOURS_MOST (INT64_MAX / TALLY_HOUR_NS - 1)

static const char *const names[TALLY_NUMBERS] = {
    [TALLY_PACKETS] = "packets",
    [TALLY_BYTES] = "bytes",
    [TALLY_DROPPED_KERNEL] = "dropped_kernel",
    [TALLY_DROPPED_INTERFACE] = "dropped_interface",
    [TALLY_DROPPED_QUEUE] = "dropped_queue",
    [TALLY_DROPPED_DECODE] = "dropped_decode",
    [TALLY_DROPPED_CAP] = "dropped_cap",
    [TALLY_GAPS] = "gaps",
    [TALLY_DAMAGED] = "damaged",
    [TALLY_PDUS] = "pdus",
    [TALLY_MALFORMED] = "malformed",
    [TALLY_SEALED] = "sealed",
    [TALLY_SEALED_ANSWERS] = "sealed_answers",
    [TALLY_ANSWERS] = "answers",
    [TALLY_BINDS] = "binds",
    [TALLY_UNANNOUNCED] = "unannounced",
    [TALLY_UP] = "up_ns",
};

int64_t
tally_hour(int64_t ts_ns)
{
	return ts_ns / TALLY_HOUR_NS - (ts_ns % TALLY_HOUR_NS < 0);
}

const char *
tally_name(enum tally_number number)
{
	return names[number];
}

void
tally_add(struct tally *t, const struct tally *more)
{
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		if (__builtin_add_overflow(t->n[i], more->n[i], &t->n[i]))
			t->n[i] = UINT64_MAX;
}

int
store_add_tally(struct store *s, uint8_t realm, int64_t hour, const struct tally *t)
{
	sqlite3_stmt *st;
	struct param p;
	int64_t scope;
	int err = run_make_scope(s, realm, &scope);

	if (err != 0 || (err = statement_get(s, STATEMENT_TALLY_ADD, &st)) != 0)
		return err;
	p = param_init(st);
	param_int(&p, hour);
	param_int(&p, scope);
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		param_count(&p, t->n[i]);
	return statement_run(s, &p, STATEMENT_TALLY_ADD);
}

static void
tally_columns(struct column *c, struct query_tally *out)
{
	out->sensor = column_shown(c);
	out->realm = column_shown(c);
	out->hour = column_int(c);
	if (out->hour > HOURS_MOST || out->hour < -HOURS_MOST)
		column_refuse(c);
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		out->tally.n[i] = column_range(c, INT64_MAX);
}

/* The first and the last hour that a span touches. */
static void
span_hours(struct param *p, const struct query_filter *f)
{
	param_int(p, f->since_ns != 0 ? tally_hour(f->since_ns) : INT64_MIN);
	param_int(p, f->until_ns != 0 ? tally_hour(f->until_ns - 1) : INT64_MAX);
}

int
query_tallies(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_tally *x), void *ctx)
{
	struct query_tally x;
	sqlite3_stmt *st;
	struct param p;
	int err = statement_fresh(s, STATEMENT_QUERY_TALLIES, &st);

	if (err != 0)
		return err;
	p = param_init(st);
	param_text(&p, f->sensor, SIZE_MAX);
	param_text(&p, f->realm, SIZE_MAX);
	span_hours(&p, f);
	while ((err = statement_row(s, &p, STATEMENT_QUERY_TALLIES)) == 1) {
		struct column c = column_init(st);

		tally_columns(&c, &x);
		if ((err = record_check(s, &c)) == 0)
			err = row(ctx, &x);
		column_free(&c);
		if (err != 0)
			break;
	}
	sqlite3_finalize(st);
	return err;
}

/* Under this name, least octet first. */
static const char up_name[] = "up";

enum {
	UP_OCTETS = 8
};

int
store_keep_up(struct store *s, int64_t ts_ns)
{
	uint8_t octets[UP_OCTETS];

	for (size_t i = 0; i < UP_OCTETS; i++)
		octets[i] = (uint8_t)((uint64_t)ts_ns >> (8 * i));
	return store_keep_state(s, up_name, octets, sizeof(octets));
}

struct ups {
	int (*row)(void *ctx, const char *sensor, const char *realm, int64_t ts_ns);
	void *ctx;
};

static int
up_row(void *ctx, const struct query_state *state)
{
	const struct ups *u = ctx;
	const uint8_t *octets = state->data;
	uint64_t ts = 0;

	if (state->len != UP_OCTETS)
		return 0;
	for (size_t i = 0; i < UP_OCTETS; i++)
		ts |= (uint64_t)octets[i] << (8 * i);
	return ts <= INT64_MAX ? u->row(u->ctx, state->sensor, state->realm, (int64_t)ts) : 0;
}

int
query_ups(struct store *s,
    int (*row)(void *ctx, const char *sensor, const char *realm, int64_t ts_ns), void *ctx)
{
	struct ups u = {row, ctx};

	return query_states(s, up_name, up_row, &u);
}
