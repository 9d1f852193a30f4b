/* test_ng_clock.c - ticks of every length against arithmetic that has bits to spare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "capture/ng_clock.h"

__extension__ typedef __int128 wide;

static const uint64_t ticks[] = {0, 1, 2, 999, 999999, 1000000, UINT64_C(1795311648123456),
    UINT64_C(1795311648123456789), UINT64_C(0x123456789abcdef0), INT64_MAX, (uint64_t)INT64_MAX + 1,
    UINT64_MAX - 1, UINT64_MAX};
static const int64_t offsets[] = {
    0, 1, -1, 1795311648, -1795311648, 9223372036, -9223372037, INT64_MAX, INT64_MIN};

/* Seconds are counted modulo 2^64, then read as signed, which is all that a time_t holds; those that
 * are too many, with or without their fraction, stop at the end. */
static int64_t
expected(wide per_second, int64_t offset, uint64_t t)
{
	int64_t seconds = (int64_t)((uint64_t)(t / per_second) + (uint64_t)offset);
	wide whole = (wide)seconds * NS_PER_S;
	wide ns = whole + (wide)(t % per_second) * NS_PER_S / per_second;

	if (ns > INT64_MAX || whole < INT64_MIN)
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return (int64_t)ns;
}

static void
test_times_are_exact(void **state)
{
	(void)state;
	for (unsigned r = 0; r < 256; r++) {
		for (size_t o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
			bool binary = r >= 0x80;
			struct ng_clock c;
			wide per_second = 1;

			assert_int_equal(ng_clock_set(&c, (uint8_t)r, offsets[o]),
			    binary ? r - 0x80 <= 63 : r <= 19);
			if (binary ? r - 0x80 > 63 : r > 19)
				continue;
			for (unsigned i = 0; i < (r & 0x7f); i++)
				per_second *= binary ? 2 : 10;
			for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++)
				assert_true(ng_clock_ns(&c, ticks[i]) ==
					    expected(per_second, offsets[o], ticks[i]));
		}
	}
}

/* The short way is taken where times are plain, and is no other. */
static void
test_the_short_way_ends_where_it_must(void **state)
{
	struct ng_clock c;

	(void)state;
	for (uint8_t r = 0; r <= 9; r++) {
		assert_true(ng_clock_set(&c, r, 0));
		assert_true(c.plain_below > 0);
		for (uint64_t t = c.plain_below - 2; t < c.plain_below + 2; t++)
			assert_true(ng_clock_ns(&c, t) == ng_clock_slow_ns(&c, t));
	}
	assert_true(ng_clock_set(&c, 6, 1));
	assert_true(ng_clock_ns(&c, 0) == NS_PER_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times_are_exact),
	    cmocka_unit_test(test_the_short_way_ends_where_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
