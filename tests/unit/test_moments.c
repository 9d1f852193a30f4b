/* test_moments.c - changes of one server that have a moment in common: held, told alone, told as one. Times are seconds, and
 * the healthy clock shows them. */
#include "track/moments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "track/clock.h"
#include "track/ident.h"
#include "track/octets.h"
#include "track/policy.h"

enum {
	SETTLE = 900,
	WINDOW = 600,
	HOUR = 3600,
	DAY = 86400,
	TEXT = 65536,
};

struct rig {
	struct moments moments;
	struct moments_room room;
	struct clock clock;
	struct thresholds thresholds;
	struct endpoint before, after;
	int64_t seen_s; /* when anything of the server was seen last */
	int fails;      /* what the store says to that */
	char said[TEXT];
	size_t len;
	char id[HASH_ID_TEXT]; /* of the last that was told */
};

/* `moved 3; restarted 4 revises 2; ` */
static int
tell(void *ctx, const struct change *c)
{
	struct rig *r = ctx;
	size_t members = c->member_count;

	r->len += (size_t)snprintf(r->said + r->len, TEXT - r->len, "%s %zu",
	    change_kind_name(c->kind), members > 0 ? members : (size_t)c->key.major);
	if (c->revises[0] != '\0')
		r->len += (size_t)snprintf(
		    r->said + r->len, TEXT - r->len, " revises %zu", 1 + c->also_count);
	r->len += (size_t)snprintf(r->said + r->len, TEXT - r->len, "; ");
	memcpy(r->id, c->id, sizeof(r->id));
	return 0;
}

static int
seen(void *ctx, const struct mapping_key *server, int64_t *seen_at)
{
	const struct rig *r = ctx;

	assert_int_equal(server->protseq, PROTSEQ_UNKNOWN);
	*seen_at = r->seen_s * NS_PER_S;
	return r->fails;
}

static int
setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	r->thresholds = (struct thresholds)THRESHOLDS_DEFAULT;
	clock_init(&r->clock, 1000 * (int64_t)DAY * NS_PER_S);
	clock_walk(&r->clock, 0);
	clock_walk(&r->clock, 900 * (int64_t)DAY * NS_PER_S);
	r->before.port = 49152;
	r->after.port = 50000;
	r->room = (struct moments_room){.thresholds = &r->thresholds,
	    .clock = &r->clock,
	    .server = {.server = addr_from_v4((const uint8_t[]){10, 0, 0, 1})},
	    .realm = ident_realm("default"),
	    .tell = tell,
	    .seen = seen,
	    .ctx = r};
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	moments_free(&r->moments);
	free(r);
	return 0;
}

static void
at(struct rig *r, int64_t s)
{
	r->room.now_ns = r->room.reading = s * NS_PER_S;
	r->said[0] = '\0';
	r->len = 0;
}

/* A change of interface ${n} that happened between those times. */
static struct change
change_of(struct rig *r, enum change_kind kind, uint16_t n, int64_t from, int64_t to)
{
	struct change c = {.kind = kind,
	    .key = r->room.server,
	    .confidence = CONFIDENCE_ANNOUNCED,
	    .first_ns = to * NS_PER_S,
	    .not_before_ns = from * NS_PER_S,
	    .not_after_ns = to * NS_PER_S,
	    .clients = 2,
	    .previous = &r->before,
	    .previous_count = 1,
	    .current = &r->after,
	    .current_count = kind == CHANGE_VANISHED ? 0 : 1};

	c.key.major = n;
	c.key.protseq = PROTSEQ_TCP;
	snprintf(c.id, sizeof(c.id), "%08x%08x", (unsigned)kind, n);
	return c;
}

static const char *
take(struct rig *r, enum change_kind kind, uint16_t n, int64_t from, int64_t to)
{
	struct change c = change_of(r, kind, n, from, to);

	at(r, to);
	assert_int_equal(moments_take(&r->moments, &r->room, &c, false), r->fails);
	return r->said;
}

#define MOVED(r, n, from, to) take(r, CHANGE_MOVED, n, from, to)

/* What is due until then. */
static const char *
pass(struct rig *r, int64_t until)
{
	char all[TEXT] = "";

	while (moments_due(&r->moments) <= until * NS_PER_S) {
		at(r, moments_due(&r->moments) / NS_PER_S);
		assert_int_equal(moments_ripe(&r->moments, &r->room), 0);
		strcat(all, r->said);
	}
	memcpy(r->said, all, sizeof(all));
	return r->said;
}

static void
two_that_share_a_moment_are_two(void **state)
{
	struct rig *r = *state;

	assert_string_equal(MOVED(r, 1, 10, 100), "");
	assert_string_equal(MOVED(r, 2, 20, 110), "");
	assert_string_equal(pass(r, 100 + SETTLE + WINDOW - 1), "");
	assert_string_equal(pass(r, 100 + SETTLE + WINDOW), "moved 1; ");
	assert_string_equal(pass(r, 110 + SETTLE + WINDOW), "moved 2; ");
	assert_true(moments_bytes(&r->moments) > 2 * sizeof(struct moment));
	/* For a week they may turn out to be part of more. */
	assert_string_equal(pass(r, 8 * DAY), "");
	assert_int_equal(r->moments.count, 0);
	assert_int_equal(moments_due(&r->moments), STATE_NEVER);
}

static void
three_that_share_a_moment_are_a_restart(void **state)
{
	struct rig *r = *state;

	MOVED(r, 3, 10, 100);
	MOVED(r, 1, 50, 110);
	MOVED(r, 2, 90, 120);
	assert_string_equal(pass(r, HOUR), "restarted 3; ");
	assert_int_equal(r->moments.restart[0].from_ns, 90 * NS_PER_S);
	assert_int_equal(r->moments.restart[0].to_ns, 100 * NS_PER_S);
	assert_string_equal(pass(r, 8 * DAY), "");
	assert_int_equal(r->moments.restarts, 0);
}

static void
three_that_share_none_are_three(void **state)
{
	struct rig *r = *state;

	MOVED(r, 1, 10, 100);
	MOVED(r, 2, 90, 200);
	MOVED(r, 3, 190, 300);
	assert_string_equal(pass(r, HOUR), "moved 1; moved 2; moved 3; ");
}

/* One key that moves three times is no restart. */
static void
keys_are_counted_once(void **state)
{
	struct rig *r = *state;

	MOVED(r, 1, 10, 100);
	assert_string_equal(MOVED(r, 1, 10, 110), "moved 1; "); /* what was held comes first */
	assert_string_equal(MOVED(r, 1, 10, 120), "moved 1; ");
	assert_string_equal(pass(r, HOUR), "moved 1; ");
}

static void
what_surfaces_later_joins_and_revises(void **state)
{
	struct rig *r = *state;

	MOVED(r, 1, 10, 100);
	MOVED(r, 2, 10, 100);
	assert_string_equal(pass(r, HOUR), "moved 1; moved 2; ");
	MOVED(r, 3, 50, 5 * HOUR);
	assert_string_equal(pass(r, 6 * HOUR), "restarted 3 revises 2; ");
	MOVED(r, 4, 60, 2 * DAY);
	assert_string_equal(pass(r, 3 * DAY), "restarted 4 revises 1; ");
	assert_int_equal(r->moments.restart[0].count, 4);
	MOVED(r, 5, 60, 8 * DAY); /* more than a week later */
	assert_string_equal(pass(r, 9 * DAY), "moved 5; ");
}

/* One that has to be told at once is, counts, and keeps its row. */
static void
its_own_row_is_told_at_once(void **state)
{
	struct rig *r = *state;
	struct change c = change_of(r, CHANGE_MOVED, 1, 10, 100);

	at(r, 100);
	assert_int_equal(moments_take(&r->moments, &r->room, &c, true), 0);
	assert_string_equal(r->said, "moved 1; ");
	MOVED(r, 2, 10, 100);
	MOVED(r, 3, 10, 100);
	assert_string_equal(pass(r, HOUR), "restarted 3; ");
	assert_true(moments_was_told(&r->moments, c.id));
}

static void
whether_it_has_a_row(void **state)
{
	struct rig *r = *state;
	struct change c = change_of(r, CHANGE_MOVED, 1, 10, 100);

	assert_true(moments_was_told(&r->moments, "0123456789abcdef"));
	MOVED(r, 1, 10, 100);
	assert_false(moments_was_told(&r->moments, c.id));
	MOVED(r, 2, 10, 100);
	MOVED(r, 3, 10, 100);
	(void)pass(r, HOUR);
	assert_false(moments_was_told(&r->moments, c.id));
	MOVED(r, 9, 5 * HOUR, 6 * HOUR);
	(void)pass(r, 7 * HOUR);
	c = change_of(r, CHANGE_MOVED, 9, 0, 0);
	assert_true(moments_was_told(&r->moments, c.id));
}

static void
others_are_told_as_they_come(void **state)
{
	struct rig *r = *state;

	assert_string_equal(take(r, CHANGE_NEW, 1, 10, 100), "new 1; ");
	assert_string_equal(take(r, CHANGE_ADDITIONAL, 1, 10, 100), "additional 1; ");
	assert_int_equal(r->moments.count, 0);
	MOVED(r, 1, 10, 100);
	assert_string_equal(take(r, CHANGE_ADDITIONAL, 1, 10, 120), "moved 1; additional 1; ");
}

/* The server is there, so what vanishes did so by itself. */
static void
what_vanishes_alone_is_told(void **state)
{
	struct rig *r = *state;

	r->seen_s = 9 * DAY;
	assert_string_equal(take(r, CHANGE_VANISHED, 1, DAY, 10 * DAY), "vanished 1; ");
	assert_int_equal(r->moments.count, 0);
}

static void
all_that_vanishes_is_one_row(void **state)
{
	struct rig *r = *state;

	r->seen_s = DAY + HOUR;
	assert_string_equal(take(r, CHANGE_VANISHED, 1, DAY, 8 * DAY), "");
	assert_string_equal(take(r, CHANGE_VANISHED, 2, DAY + HOUR, 8 * DAY + HOUR), "");
	assert_string_equal(pass(r, 9 * DAY - 1), "");
	assert_string_equal(pass(r, 9 * DAY), "vanished 2; ");
	assert_int_equal(r->moments.count, 0);
	assert_string_equal(take(r, CHANGE_VANISHED, 3, DAY, 20 * DAY), "");
	assert_string_equal(pass(r, 22 * DAY), "vanished 3; "); /* a single one is itself */
}

static void
a_server_that_comes_back_makes_them_single(void **state)
{
	struct rig *r = *state;

	r->seen_s = DAY;
	(void)take(r, CHANGE_VANISHED, 1, DAY, 8 * DAY);
	(void)take(r, CHANGE_VANISHED, 2, DAY, 8 * DAY);
	r->seen_s = 8 * DAY + HOUR;
	assert_string_equal(pass(r, 10 * DAY), "vanished 1; vanished 2; ");
}

/* Neither when it comes nor when its time has come. */
static void
nothing_is_lost_while_the_store_cannot_be_read(void **state)
{
	struct rig *r = *state;
	struct change c = change_of(r, CHANGE_VANISHED, 2, DAY, 8 * DAY);

	r->fails = -5;
	assert_string_equal(take(r, CHANGE_VANISHED, 1, DAY, 8 * DAY), "");
	assert_int_equal(r->moments.count, 1);
	assert_int_equal(
	    moments_take(&r->moments, &r->room, &c, false), 0); /* there is one already */
	at(r, 9 * DAY);
	assert_int_equal(moments_ripe(&r->moments, &r->room), -5);
	assert_string_equal(r->said, "");
	assert_int_equal(r->moments.count, 2);
	assert_int_equal(moments_due(&r->moments), 9 * DAY * NS_PER_S);
	r->fails = 0;
	r->seen_s = DAY;
	assert_string_equal(pass(r, 10 * DAY), "vanished 2; ");
	assert_int_equal(r->moments.count, 0);
}

static void
the_oldest_gives_way_and_is_told(void **state)
{
	struct rig *r = *state;

	for (uint16_t n = 1; n <= MOMENTS_KEPT; n++)
		assert_string_equal(MOVED(r, n, n * HOUR, n * HOUR + 1), "");
	assert_int_equal(r->room.crowded, 0);
	r->moments.item[0].due = STATE_NEVER;
	assert_string_equal(MOVED(r, MOMENTS_KEPT + 1, 10, 20), "moved 1; ");
	assert_int_equal(r->room.crowded, 1);
	assert_int_equal(r->moments.count, MOMENTS_KEPT);
}

static void
restarts_are_bounded(void **state)
{
	struct rig *r = *state;

	for (int64_t i = 1; i <= MOMENTS_RESTARTS + 1; i++) {
		for (uint16_t n = 1; n <= 3; n++)
			MOVED(r, n, i * 5 * HOUR, i * 5 * HOUR + 10);
		assert_string_equal(pass(r, i * 5 * HOUR + HOUR), "restarted 3; ");
	}
	assert_int_equal(r->moments.restarts, MOMENTS_RESTARTS);
	assert_int_equal(r->room.crowded, 1);
}

struct held {
	size_t count;
	int64_t due;
};

static int
note_held(void *ctx, const struct change *held, int64_t due)
{
	struct held *h = ctx;

	assert_int_equal(held->kind, CHANGE_MOVED);
	h->count++;
	h->due = due;
	return 0;
}

static void
it_outlasts_a_restart_of_the_program(void **state)
{
	static const uint8_t notes[] = {4, 5, 6};
	struct rig *r = *state;
	struct octets o = {.data = NULL};
	struct moments again = {.count = 0};
	struct held held = {.count = 0};
	struct state kept;
	const uint8_t *said;
	size_t len;

	for (uint16_t n = 1; n <= 3; n++)
		MOVED(r, n, 10, 100);
	(void)pass(r, HOUR);
	MOVED(r, 8, 5 * HOUR, 6 * HOUR);
	assert_true(r->moments.dirty);
	moments_encode(&r->moments, notes, sizeof(notes), &o);
	for (size_t cut = 1; cut < o.len; cut++) {
		assert_false(moments_decode(&again, &r->room.server, o.data, cut, &said, &len));
		assert_int_equal(again.count + again.restarts, 0);
		assert_null(again.item);
	}
	kept = (struct state){.data = o.data, .len = o.len};
	assert_int_equal(moments_read(&kept, &r->room.server, note_held, &held), 0);
	assert_int_equal(held.count, 1);
	assert_int_equal(held.due, (6 * HOUR + SETTLE + WINDOW) * NS_PER_S);
	assert_true(moments_decode(&again, &r->room.server, o.data, o.len, &said, &len));
	assert_int_equal(len, sizeof(notes));
	assert_memory_equal(said, notes, len);
	octets_free(&o);
	assert_int_equal(moments_bytes(&again), moments_bytes(&r->moments));
	moments_free(&r->moments);
	r->moments = again;
	MOVED(r, 4, 20, 6 * HOUR);
	assert_string_equal(pass(r, 7 * HOUR), "moved 8; restarted 4 revises 1; ");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(two_that_share_a_moment_are_two),
	    T(three_that_share_a_moment_are_a_restart),
	    T(three_that_share_none_are_three),
	    T(keys_are_counted_once),
	    T(what_surfaces_later_joins_and_revises),
	    T(its_own_row_is_told_at_once),
	    T(whether_it_has_a_row),
	    T(others_are_told_as_they_come),
	    T(what_vanishes_alone_is_told),
	    T(all_that_vanishes_is_one_row),
	    T(a_server_that_comes_back_makes_them_single),
	    T(nothing_is_lost_while_the_store_cannot_be_read),
	    T(the_oldest_gives_way_and_is_told),
	    T(restarts_are_bounded),
	    T(it_outlasts_a_restart_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
