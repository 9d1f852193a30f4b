/* The bar: what it says, and when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/progress.h"
#include "base/clock.h"

static void
half_way_is_half_a_bar(void **state)
{
	char line[PROGRESS_LINE];

	(void)state;
	assert_string_equal(progress_format(line, 500000000, 1000000000, 2000000, 10 * NS_PER_S),
	    "[##########..........]  50 %, 500.0 MB, 200.0 kpackets/s, 10 s left");
}

static void
without_a_size_there_is_no_bar_but_a_count(void **state)
{
	char line[PROGRESS_LINE];

	(void)state;
	assert_string_equal(progress_format(line, 1500, 0, 10, NS_PER_S), "1.5 kB, 10 packets/s");
}

static void
no_numbers_break_it(void **state)
{
	char line[PROGRESS_LINE];

	(void)state;
	progress_format(line, UINT64_MAX, 1, UINT64_MAX, 0);
	assert_non_null(strstr(line, "100 %"));
	progress_format(line, 1, UINT64_MAX, 0, INT64_MAX);
	assert_non_null(strstr(line, "999999 s left"));
	progress_format(line, 0, 0, 0, 0);
	assert_string_equal(line, "0 B, 0 packets/s");
}

static void
no_bar_where_nobody_looks(void **state)
{
	struct progress p;
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	progress_init(&p, PROGRESS_AUTO, out);
	assert_null(p.out);
	progress_init(&p, PROGRESS_NEVER, out);
	assert_null(p.out);
	progress_init(&p, PROGRESS_ALWAYS, out);
	assert_ptr_equal(p.out, out);
	progress_clear(&p);
	assert_int_equal(ftell(out), 0);
	fclose(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(half_way_is_half_a_bar),
	    cmocka_unit_test(without_a_size_there_is_no_bar_but_a_count),
	    cmocka_unit_test(no_numbers_break_it),
	    cmocka_unit_test(no_bar_where_nobody_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
