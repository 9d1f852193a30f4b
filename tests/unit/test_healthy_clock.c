/* test_healthy_clock.c - track/clock.c: how much time went by in which packets were seen. Times are seconds. */
#include "track/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "track/octets.h"

enum {
	START = 1000000,
	HOUR = 3600,
	GAP = HOUR,
	DAY = 86400,
};

static int64_t
ns(int64_t seconds)
{
	return (START + seconds) * NS_PER_S;
}

static int
setup(void **state)
{
	struct clock *c = malloc(sizeof(*c));

	if (c == NULL)
		return -1;
	clock_init(c, GAP * NS_PER_S);
	*state = c;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

/* Packets every minute. */
static void
walk(struct clock *c, int64_t from, int64_t to)
{
	for (int64_t s = from; s < to; s += 60)
		clock_walk(c, ns(s));
	clock_walk(c, ns(to));
}

/* Healthy seconds so far. */
static int64_t
shown(const struct clock *c)
{
	return c->reading / NS_PER_S - START;
}

static int64_t
shown_at(const struct clock *c, int64_t seconds)
{
	return clock_at(c, ns(seconds)) / NS_PER_S - START;
}

static void
it_goes_with_the_packets(void **state)
{
	struct clock *c = *state;

	assert_int_equal(clock_at(c, 5), 5); /* before there was any */
	assert_int_equal(clock_when(c, 5), 5);
	walk(c, 0, HOUR);
	assert_int_equal(shown(c), HOUR);
	assert_int_equal(shown_at(c, 100), 100);
	assert_int_equal(shown_at(c, 2 * HOUR), HOUR); /* still to come */
	assert_int_equal(clock_when(c, ns(100)), ns(100));
	assert_int_equal(clock_when(c, ns(2 * HOUR)), ns(2 * HOUR));
	assert_int_equal(clock_between(c, ns(10), ns(70)), 60 * NS_PER_S);
	assert_int_equal(clock_between(c, ns(70), ns(10)), 0);
}

static void
a_hole_adds_nothing(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 100);
	clock_walk(c, ns(100 + GAP)); /* just not one */
	assert_int_equal(shown(c), 100 + GAP);
	clock_walk(c, ns(100 + 2 * GAP + 1));
	assert_int_equal(shown(c), 100 + GAP);
	walk(c, 100 + 2 * GAP + 1, 200 + 2 * GAP + 1);
	assert_int_equal(shown(c), 200 + GAP);
	assert_int_equal(shown_at(c, 100 + GAP + 50), 100 + GAP);
	assert_int_equal(clock_when(c, ns(150 + GAP)), ns(150 + 2 * GAP + 1));
	assert_int_equal(c->count, 2);
}

static void
disorder_is_no_step(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 100);
	clock_walk(c, ns(90));
	assert_int_equal(c->steps, 0);
	assert_int_equal(c->now_ns, ns(100));
	clock_walk(c, ns(89));
	assert_int_equal(c->steps, 1);
	assert_int_equal(c->step_by_ns, 11 * NS_PER_S);
	assert_int_equal(c->step_at_ns, ns(89));
	assert_int_equal(c->now_ns, ns(89));
	/* What was covered adds nothing when it comes again. */
	walk(c, 89, 100);
	assert_int_equal(shown(c), 100);
	walk(c, 100, 130);
	assert_int_equal(shown(c), 130);
}

static void
an_hour_back_and_forward_adds_what_it_lasts(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 2 * HOUR);
	walk(c, HOUR, 2 * HOUR);
	assert_int_equal(shown(c), 2 * HOUR);
	walk(c, -HOUR, 0); /* before the beginning */
	assert_int_equal(c->steps, 2);
	assert_int_equal(shown(c), 3 * HOUR);
}

static void
ten_days_ahead_for_a_minute_add_a_minute(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 600);
	walk(c, 10 * DAY, 10 * DAY + 60);
	assert_int_equal(shown(c), 660);
	walk(c, 660, 1200);
	assert_int_equal(shown(c), 1260 - 60);
	assert_int_equal(clock_right(c, ns(10 * DAY + 30)), ns(660));
	assert_int_equal(
	    clock_right(c, ns(10 * DAY + 61)), ns(10 * DAY + 61)); /* was never shown */
	assert_int_equal(clock_right(c, ns(1000)), ns(1000));
	assert_int_equal(clock_right(c, ns(1300)), ns(1300));
}

/* Once that time has come, it is its own. */
static void
what_has_come_is_right(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 600);
	walk(c, 2 * HOUR, 2 * HOUR + 60);
	walk(c, 660, 2 * HOUR + 20);
	assert_int_equal(clock_right(c, ns(2 * HOUR + 20)), ns(2 * HOUR + 20));
	assert_int_equal(clock_right(c, ns(2 * HOUR + 21)), ns(660));
}

static void
a_single_packet_ahead_is_seen(void **state)
{
	struct clock *c = *state;

	walk(c, 0, 600);
	clock_walk(c, ns(10 * DAY));
	clock_walk(c, ns(601));
	assert_int_equal(clock_right(c, ns(10 * DAY)), ns(601));
}

/* Captures that are read in another order than they were made in. */
static void
an_earlier_capture_is_no_clock_that_is_set_right(void **state)
{
	struct clock *c = *state;

	walk(c, 10 * DAY, 10 * DAY + 60);
	walk(c, 0, 600); /* nothing went on there */
	assert_int_equal(clock_right(c, ns(10 * DAY + 30)), ns(10 * DAY + 30));
	clock_init(c, GAP * NS_PER_S);
	walk(c, 0, HOUR);
	walk(c, 2 * DAY, 2 * DAY + 2 * HOUR); /* longer than a clock is wrong */
	walk(c, HOUR + 60, 2 * HOUR);
	assert_int_equal(clock_right(c, ns(2 * DAY + 30)), ns(2 * DAY + 30));
}

static void
a_batch_is_as_good_as_its_packets(void **state)
{
	struct clock *c = *state;

	assert_false(clock_advance(c, ns(0), ns(10))); /* the first packet ever */
	clock_walk(c, ns(0));
	assert_true(clock_advance(c, ns(0), ns(10)));
	assert_int_equal(shown(c), 10);
	assert_true(clock_advance(c, ns(5), ns(8)));
	assert_int_equal(c->now_ns, ns(10));
	assert_false(clock_advance(c, ns(-1), ns(11))); /* goes back by more than disorder */
	assert_false(clock_advance(c, ns(20), ns(31))); /* its packets lie too far apart */
	assert_false(clock_advance(c, ns(11 + GAP), ns(11 + GAP)));
	assert_int_equal(shown(c), 10);
}

static int
keep(void *ctx, struct coverage *cover)
{
	struct coverage *rows = ctx;
	size_t i = 0;

	if (cover->row != 0) {
		rows[cover->row] = *cover;
		return 0;
	}
	while (rows[++i].row != 0)
		;
	cover->row = (int64_t)i;
	rows[i] = *cover;
	return 0;
}

static int
refuse(void *ctx, struct coverage *cover)
{
	(void)ctx;
	(void)cover;
	return -5;
}

static void
coverage_is_rows_that_grow(void **state)
{
	struct clock *c = *state;
	struct coverage rows[16] = {{.row = 0}};

	walk(c, 0, 100);
	assert_int_equal(clock_flush(c, refuse, NULL), -5);
	assert_int_equal(clock_flush(c, keep, rows), 0);
	clock_settle(c);
	assert_int_equal(clock_flush(c, refuse, NULL), 0);
	walk(c, 100, 200);
	walk(c, DAY, DAY + 50);
	assert_int_equal(clock_flush(c, keep, rows), 0);
	clock_settle(c);
	assert_int_equal(rows[1].from_ns, ns(0));
	assert_int_equal(rows[1].to_ns, ns(200));
	assert_int_equal(rows[2].from_ns, ns(DAY));
	assert_int_equal(rows[2].to_ns, ns(DAY + 50));
	assert_int_equal(rows[3].row, 0);
	/* What goes on with an earlier one goes on with its row. */
	walk(c, 210, 300);
	assert_int_equal(clock_flush(c, keep, rows), 0);
	assert_int_equal(rows[1].to_ns, ns(300));
	assert_int_equal(rows[3].row, 0);
}

/* Whoever flushes when it says so misses no row, though there is room for so many only. */
static void
it_says_when_it_has_to_be_kept(void **state)
{
	enum {
		HOLES = 3 * CLOCK_SPANS
	};
	struct clock *c = *state;
	struct coverage *rows = calloc(HOLES + 2, sizeof(*rows));

	assert_non_null(rows);
	for (int64_t i = 0; i < HOLES; i++) {
		walk(c, i * DAY, i * DAY + 10);
		if (!clock_is_filling(c))
			continue;
		assert_int_equal(clock_flush(c, keep, rows), 0);
		clock_settle(c);
		assert_false(clock_is_filling(c));
	}
	assert_int_equal(clock_flush(c, keep, rows), 0);
	for (int64_t i = 0; i < HOLES; i++) {
		assert_int_equal(rows[i + 1].from_ns, ns(i * DAY));
		assert_int_equal(rows[i + 1].to_ns, ns(i * DAY + 10));
	}
	assert_int_equal(c->count, CLOCK_SPANS);
	assert_int_equal(c->forgotten, HOLES - CLOCK_SPANS);
	assert_int_equal(shown(c), HOLES * 10);
	/* Time before the oldest counts as none. */
	assert_int_equal(shown_at(c, 0), shown_at(c, (HOLES - CLOCK_SPANS) * (int64_t)DAY));
	free(rows);
}

static void
it_outlasts_a_restart(void **state)
{
	struct clock *c = *state;
	struct clock *again = malloc(sizeof(*again));
	struct octets o = {.data = NULL};

	assert_non_null(again);
	walk(c, 0, 600);
	walk(c, 10 * DAY, 10 * DAY + 60);
	walk(c, 660, 1200);
	clock_encode(c, &o);
	clock_init(again, GAP * NS_PER_S);
	for (size_t len = 0; len < o.len; len++)
		assert_false(clock_decode(again, o.data, len));
	assert_false(again->started);
	assert_true(clock_decode(again, o.data, o.len));
	assert_int_equal(again->reading, c->reading);
	assert_int_equal(again->now_ns, c->now_ns);
	assert_int_equal(again->steps, 1);
	assert_int_equal(clock_right(again, ns(10 * DAY + 30)), ns(660));
	for (int64_t s = -10; s < 1300; s += 7)
		assert_int_equal(shown_at(again, s), shown_at(c, s));
	octets_free(&o);
	free(again);
}

/* Any times are times. */
static void
times_at_both_ends_do_no_harm(void **state)
{
	struct clock *c = *state;
	static const int64_t wild[] = {INT64_MAX, INT64_MIN, 0, INT64_MAX - 1, -1, INT64_MIN + 1};
	int64_t before = INT64_MIN;

	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
			clock_walk(c, wild[i]);
			assert_true(round == 0 || c->reading >= before);
			before = c->reading;
			(void)clock_at(c, wild[(i + 1) % 6]);
			(void)clock_when(c, wild[(i + 2) % 6]);
			(void)clock_right(c, wild[(i + 3) % 6]);
		}
	}
	assert_true(clock_between(c, INT64_MIN, INT64_MAX) >= 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    T(it_goes_with_the_packets),
	    T(a_hole_adds_nothing),
	    T(disorder_is_no_step),
	    T(an_hour_back_and_forward_adds_what_it_lasts),
	    T(ten_days_ahead_for_a_minute_add_a_minute),
	    T(what_has_come_is_right),
	    T(a_single_packet_ahead_is_seen),
	    T(an_earlier_capture_is_no_clock_that_is_set_right),
	    T(a_batch_is_as_good_as_its_packets),
	    T(coverage_is_rows_that_grow),
	    T(it_says_when_it_has_to_be_kept),
	    T(it_outlasts_a_restart),
	    T(times_at_both_ends_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
