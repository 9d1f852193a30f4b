/* test_axis.c - ticks: at round times, in UTC, never one label over another. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "plot/axis.h"
#include "plot/svg.h"

#define MINUTE (60 * NS_PER_S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOON (INT64_C(1767614400) * NS_PER_S) /* 2026-01-05 12:00:00 UTC, a Monday */

/* The labels of those that are there on a telephone (or, beside them, on a screen), and the lines below them in brackets. */
static const char *
labels(const struct axis_tick *tick, size_t count, bool wide)
{
	static char out[1024];
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (tick[i].wide == wide)
			used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%s%s%s%s",
			    used > 0 ? " " : "", tick[i].label,
			    tick[i].context[0] != '\0' ? "(" : "", tick[i].context,
			    tick[i].context[0] != '\0' ? ")" : "");
	return out;
}

static void
time_is(int64_t from, int64_t to, const char *narrow, const char *wide)
{
	struct axis_tick tick[AXIS_TICKS];
	size_t count = axis_time(from, to, tick);

	assert_string_equal(labels(tick, count, false), narrow);
	assert_string_equal(labels(tick, count, true), wide);
}

static void
steps_suit_the_stretch(void **state)
{
	(void)state;
	time_is(NOON, NOON + 10 * NS_PER_S, "12:00:00(2026-01-05 UTC) 12:00:05 12:00:10",
	    "12:00:02 12:00:03 12:00:04 12:00:06 12:00:07 12:00:08");
	time_is(NOON, NOON + HOUR, "12:00(2026-01-05 UTC) 12:15 12:30 12:45 13:00",
	    "12:05 12:10 12:20 12:25 12:35 12:40 12:50 12:55");
	time_is(NOON, NOON + DAY, "12:00(2026-01-05 UTC) 18:00 00:00(2026-01-06) 06:00 12:00",
	    "14:00 16:00 20:00 22:00 02:00 04:00 08:00 10:00");
	time_is(NOON, NOON + 7 * DAY, "7 Jan(2026 UTC) 9 Jan 11 Jan", "6 Jan 8 Jan 10 Jan 12 Jan");
	time_is(NOON, NOON + 30 * DAY, "12 Jan(2026 UTC) 19 Jan 26 Jan 2 Feb", "");
	time_is(NOON, NOON + 365 * DAY, "Apr(2026 UTC) Jul Oct Jan(2027)",
	    "Feb Mar May Jun Aug Sep Nov Dec");
	time_is(
	    NOON, NOON + 3660 * DAY, "2030(UTC) 2035", "2027 2028 2029 2031 2032 2033 2034 2036");
}

/* What a label says is the time at which its tick stands. */
static void
ticks_stand_where_their_labels_say(void **state)
{
	struct axis_tick tick[AXIS_TICKS];
	size_t count = axis_time(NOON, NOON + 2 * DAY, tick);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		int hour = atoi(tick[i].label);
		int64_t off = (int64_t)tick[i].share * 48 / 100; /* hundredths of an hour */

		assert_in_range((off + 1200 - hour * 100 + 2400 + 2) % 2400, 0, 4);
	}
}

static void
shares_have_no_overflow(void **state)
{
	(void)state;
	assert_int_equal(axis_share(5, 0, 10), SVG_WHOLE / 2);
	assert_int_equal(axis_share(-1, 0, 10), 0);
	assert_int_equal(axis_share(11, 0, 10), SVG_WHOLE);
	assert_int_equal(axis_share(5, 10, 0), 0);
	assert_int_equal(axis_share(5, 5, 5), 0);
	assert_in_range(axis_share(0, INT64_MIN, INT64_MAX), SVG_WHOLE / 2 - 1, SVG_WHOLE / 2);
	assert_in_range(axis_share(INT64_MAX - 1, INT64_MIN, INT64_MAX), SVG_WHOLE - 1, SVG_WHOLE);
}

/* Where a text of that many letters lies on a line of so many pixels, with 6 pixels to a letter: fewer than the code reckons with. */
static void
extent(const struct axis_tick *t, const char *text, int pixels, int *from, int *to)
{
	int at = (int)t->share * pixels / SVG_WHOLE, width = (int)strlen(text) * 6;
	unsigned edge = text == t->context ? AXIS_CONTEXT_EDGE : AXIS_EDGE;

	*from = t->share < edge ? at : t->share > SVG_WHOLE - edge ? at - width : at - width / 2;
	*to = *from + width;
}

static void
texts_are_apart(const struct axis_tick *tick, size_t count, int pixels, bool context)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k <= i; k++) {
			const char *a = context ? tick[i].context : tick[i].label;
			const char *b = context ? tick[k].context : tick[k].label;
			int from, to, other_from, other_to;

			if (a[0] == '\0' || b[0] == '\0' ||
			    (pixels == AXIS_NARROW && (tick[i].wide || tick[k].wide)))
				continue;
			extent(&tick[i], a, pixels, &from, &to);
			extent(&tick[k], b, pixels, &other_from, &other_to);
			assert_true(i == k || to < other_from || other_to < from);
			assert_true(from >= -1 && to <= pixels + 1);
		}
}

static uint64_t seed = 20260105;

static uint64_t
chance(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 16) % below;
}

static void
any_stretch_has_labels_that_are_apart(void **state)
{
	struct axis_tick tick[AXIS_TICKS];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t from = (int64_t)chance(UINT64_C(8000000000)) - INT64_C(4000000000);
		int64_t span = (int64_t)chance(UINT64_C(1) << chance(33)) + 1;
		size_t count, labelled = 0;

		from *= NS_PER_S;
		count = axis_time(from, from + span * NS_PER_S, tick);
		assert_in_range(count, 1, AXIS_TICKS);
		for (size_t n = 0; n < count; n++) {
			assert_true(tick[n].share <= SVG_WHOLE);
			labelled += !tick[n].wide && tick[n].label[0] != '\0';
		}
		assert_in_range(labelled, 1, 6);
		assert_non_null(strstr(labels(tick, count, false), "UTC"));
		texts_are_apart(tick, count, AXIS_NARROW, false);
		texts_are_apart(tick, count, AXIS_NARROW, true);
		texts_are_apart(tick, count, AXIS_WIDE, false);
	}
}

static void
hostile_stretches_end(void **state)
{
	struct axis_tick tick[AXIS_TICKS];

	(void)state;
	assert_int_equal(axis_time(5, 5, tick), 0);
	assert_int_equal(axis_time(9, 5, tick), 0);
	assert_in_range(axis_time(INT64_MIN, INT64_MAX, tick), 1, AXIS_TICKS);
	axis_time(INT64_MAX - 1, INT64_MAX, tick);
	axis_time(INT64_MIN, INT64_MIN + 1, tick);
	assert_in_range(axis_time(INT64_MIN, INT64_MIN + DAY, tick), 1, AXIS_TICKS);
	assert_in_range(axis_time(INT64_MAX - DAY, INT64_MAX, tick), 1, AXIS_TICKS);
}

/* Months and years begin when the C library says so. */
static void
calendar_is_right(void **state)
{
	struct axis_tick tick[AXIS_TICKS];

	(void)state;
	for (int year = 1700; year < 2250; year += 7) {
		struct tm t = {.tm_year = year - 1900, .tm_mon = 1, .tm_mday = 15};
		int64_t from = (int64_t)timegm(&t) * NS_PER_S;
		struct tm march = {.tm_year = year - 1900, .tm_mon = 2, .tm_mday = 1};
		int64_t first = (int64_t)timegm(&march) * NS_PER_S;
		size_t count = axis_time(from, from + 90 * DAY, tick);

		assert_true(count > 0);
		assert_string_equal(tick[0].label, "Mar");
		assert_int_equal(tick[0].share, axis_share(first, from, from + 90 * DAY));
	}
}

static void
ports_have_known_bounds(void **state)
{
	struct axis_tick tick[AXIS_TICKS];
	size_t count = axis_ports(tick);

	(void)state;
	assert_string_equal(labels(tick, count, false), "1024 65535 49152 20000 30000 40000");
	assert_string_equal(labels(tick, count, true), "5000  10000 60000");
	texts_are_apart(tick, count, AXIS_NARROW, false);
	texts_are_apart(tick, count, AXIS_WIDE, false);
	assert_int_equal(tick[0].share, 0);
	assert_int_equal(tick[1].share, SVG_WHOLE);
	assert_int_equal(tick[2].share, (49152 - 1024) * 10000 / (65535 - 1024));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_suit_the_stretch),
	    cmocka_unit_test(ticks_stand_where_their_labels_say),
	    cmocka_unit_test(shares_have_no_overflow),
	    cmocka_unit_test(any_stretch_has_labels_that_are_apart),
	    cmocka_unit_test(hostile_stretches_end),
	    cmocka_unit_test(calendar_is_right),
	    cmocka_unit_test(ports_have_known_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
