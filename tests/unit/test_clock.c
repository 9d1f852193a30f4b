/* test_clock.c - packet time to and from text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"

#define NOW (INT64_C(1795311648) * NS_PER_S) /* 2026-11-22T01:40:48Z */

static void
assert_format(int64_t ts_ns, const char *expected)
{
	char out[CLOCK_TEXT];

	assert_string_equal(clock_format(ts_ns, out), expected);
}

static void
assert_parse(const char *text, int64_t expected)
{
	int64_t ts = -1;

	assert_int_equal(clock_parse(text, NOW, &ts), ERR_OK);
	assert_true(ts == expected);
}

static void
test_time_is_rfc_3339_with_six_digits(void **state)
{
	(void)state;
	assert_format(0, "1970-01-01T00:00:00.000000Z");
	assert_format(NOW, "2026-11-22T01:40:48.000000Z");
	assert_format(NOW + 123456789, "2026-11-22T01:40:48.123456Z");
	assert_format(951782400 * NS_PER_S, "2000-02-29T00:00:00.000000Z");
}

static void
test_time_before_1970_rounds_down(void **state)
{
	(void)state;
	assert_format(-1, "1969-12-31T23:59:59.999999Z");
	assert_format(-NS_PER_S, "1969-12-31T23:59:59.000000Z");
	assert_format(-NS_PER_S - 1000, "1969-12-31T23:59:58.999999Z");
}

static void
test_both_ends_of_int64_are_printable(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	assert_format(INT64_MAX, "2262-04-11T23:47:16.854775Z");
	assert_format(INT64_MIN, "1677-09-21T00:12:43.145224Z");
	assert_string_equal(clock_format_short(INT64_MIN, out), "1677-09-21 00:12:43");
}

/* Every day of the years that there are, and random moments of them. */
static void
test_the_calendar_is_that_of_the_library(void **state)
{
	int64_t day_ns = 86400 * NS_PER_S;

	(void)state;
	srandom(1);
	for (int64_t day = INT64_MIN / day_ns; day <= INT64_MAX / day_ns; day++) {
		int64_t second = day * 86400 + random() % 86400;
		time_t t = (time_t)second;
		struct tm tm;
		char expected[CLOCK_TEXT], out[CLOCK_TEXT];

		if (second > INT64_MAX / NS_PER_S || second < INT64_MIN / NS_PER_S)
			continue;
		assert_non_null(gmtime_r(&t, &tm));
		assert_true(
		    strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000000Z", &tm) > 0);
		assert_string_equal(clock_format(second * NS_PER_S, out), expected);
	}
}

static void
test_short_time_is_for_people(void **state)
{
	char out[CLOCK_TEXT];

	(void)state;
	assert_string_equal(clock_format_short(NOW + 999999999, out), "2026-11-22 01:40:48");
}

static void
test_rfc_3339_is_read(void **state)
{
	(void)state;
	assert_parse("2026-11-22T01:40:48Z", NOW);
	assert_parse("2026-11-22t01:40:48z", NOW);
	assert_parse("2026-11-22 01:40:48Z", NOW);
	assert_parse("2026-11-22T01:40:48.5Z", NOW + 500000000);
	assert_parse("2026-11-22T01:40:48.123456789999Z", NOW + 123456789);
	assert_parse("2026-11-22T03:10:48+01:30", NOW);
	assert_parse("2026-11-21T20:40:48-05:00", NOW);
	assert_parse("1969-12-31T23:59:59.999999999Z", -1);
	assert_parse("2016-12-31T23:59:60Z", 1483228800 * NS_PER_S);
}

static void
test_a_date_is_its_midnight(void **state)
{
	(void)state;
	assert_parse("2026-11-22", NOW - 6048 * NS_PER_S);
	assert_parse("2000-02-29", 951782400 * NS_PER_S);
}

static void
test_a_span_counts_back_from_now(void **state)
{
	(void)state;
	assert_parse("90s", NOW - 90 * NS_PER_S);
	assert_parse("15m", NOW - 900 * NS_PER_S);
	assert_parse("24h", NOW - 86400 * NS_PER_S);
	assert_parse("7d", NOW - 7 * 86400 * NS_PER_S);
	assert_parse("2w", NOW - 14 * 86400 * NS_PER_S);
	assert_parse("0s", NOW);
}

static void
test_text_that_is_no_time_is_malformed(void **state)
{
	static const char *const bad[] = {"", "now", "7", "d", "-7d", "7dd", "7 d", "1.5h", "7y",
	    "2026", "2026-11", "2026-11-2", "2026-13-01", "2026-00-01", "2026-11-00", "2026-11-31",
	    "2026-02-29", "1900-02-29", "2026-11-22T", "2026-11-22T01:40", "2026-11-22T01:40:48",
	    "2026-11-22T24:00:00Z", "2026-11-22T01:60:00Z", "2026-11-22T01:40:61Z",
	    "2026-11-22T01:40:48.Z", "2026-11-22T01:40:48+0130", "2026-11-22T01:40:48+24:00",
	    "2026-11-22T01:40:48+01:60", "2026-11-22T01:40:48ZZ", "2026-11-22Z", " 2026-11-22",
	    "2026-11-22 ", "10000-01-01", "9999-13-01", "99999999999999999999",
	    "99999999999999999999y"};
	int64_t ts;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(clock_parse(bad[i], NOW, &ts), ERR_MALFORMED);
}

static void
test_times_that_do_not_fit_stop_at_the_ends(void **state)
{
	static const char *const early[] = {"0000-01-01", "0001-01-01", "1677-09-21",
	    "1677-09-21T00:12:43.145224191Z", "9223372036854775807s", "9223372036854775808s",
	    "99999999999999999999w", "16000000000s"};
	static const char *const late[] = {
	    "2262-04-12", "9999-12-31", "9999-12-31T23:59:59Z", "2262-04-11T23:47:16.854775808Z"};

	(void)state;
	for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++)
		assert_parse(early[i], INT64_MIN);
	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++)
		assert_parse(late[i], INT64_MAX);
	assert_parse("2262-04-11T23:47:16.854775807Z", INT64_MAX);
	assert_parse("2262-04-11T23:47:16.854775806Z", INT64_MAX - 1);
	assert_parse("1677-09-21T00:12:43.145224192Z", INT64_MIN);
	assert_parse("1677-09-21T00:12:43.145224193Z", INT64_MIN + 1);
}

static void
test_now_lies_after_this_test_was_written(void **state)
{
	(void)state;
	assert_true(clock_now() > 1700000000 * NS_PER_S);
}

static void
test_microseconds_have_six_digits(void **state)
{
	static const unsigned values[] = {0, 9, 10, 99, 100, 9999, 10000, 123456, 999999};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char expected[16], out[8] = "......x";

		clock_put_microseconds(out, values[i]);
		(void)snprintf(expected, sizeof(expected), "%06ux", values[i]);
		assert_string_equal(out, expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_microseconds_have_six_digits),
	    cmocka_unit_test(test_time_is_rfc_3339_with_six_digits),
	    cmocka_unit_test(test_time_before_1970_rounds_down),
	    cmocka_unit_test(test_both_ends_of_int64_are_printable),
	    cmocka_unit_test(test_the_calendar_is_that_of_the_library),
	    cmocka_unit_test(test_short_time_is_for_people),
	    cmocka_unit_test(test_rfc_3339_is_read),
	    cmocka_unit_test(test_a_date_is_its_midnight),
	    cmocka_unit_test(test_a_span_counts_back_from_now),
	    cmocka_unit_test(test_text_that_is_no_time_is_malformed),
	    cmocka_unit_test(test_times_that_do_not_fit_stop_at_the_ends),
	    cmocka_unit_test(test_now_lies_after_this_test_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
