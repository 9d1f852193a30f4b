/* test_track_line.c - lines are what a format would have written, and are cut where their room ends. */
#include "track/line.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void
pieces_follow_each_other(void **state)
{
	char out[64];
	struct line line = line_begin(out, sizeof(out));

	(void)state;
	assert_string_equal(out, "");
	line_text(&line, "ports ");
	line_number(&line, 0);
	line_text(&line, "");
	line_cut(&line, " to infinity", 3);
	line_text(&line, " ");
	line_number(&line, UINT64_MAX);
	assert_string_equal(out, "ports 0 to 18446744073709551615");
}

/* For each room and each cut, the same as snprintf() makes of it, and nothing behind it is touched. */
static void
what_does_not_fit_is_cut(void **state)
{
	char out[16], same[16];

	(void)state;
	for (size_t size = 1; size < sizeof(out); size++) {
		for (int most = 0; most < 8; most++) {
			struct line line = line_begin(out, size);

			memset(out + 1, 'x', sizeof(out) - 1);
			line_text(&line, "abc");
			line_cut(&line, "defghi", (size_t)most);
			line_number(&line, 1234);
			(void)snprintf(same, size, "abc%.*s%d", most, "defghi", 1234);
			assert_string_equal(out, same);
			assert_true(size == sizeof(out) - 1 || out[size] == 'x');
		}
	}
}

/* It need not end where nobody looks. */
static void
a_cut_text_needs_no_end(void **state)
{
	const char text[3] = {'a', 'b', 'c'};
	char out[8];
	struct line line = line_begin(out, sizeof(out));

	(void)state;
	line_cut(&line, text, sizeof(text));
	assert_string_equal(out, "abc");
}

static void
a_copy_stands_alone(void **state)
{
	char out[4] = "zzz";

	(void)state;
	line_copy(out, sizeof(out), "abcdef");
	assert_string_equal(out, "abc");
	line_copy(out, sizeof(out), "");
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_follow_each_other),
	    cmocka_unit_test(what_does_not_fit_is_cut),
	    cmocka_unit_test(a_cut_text_needs_no_end),
	    cmocka_unit_test(a_copy_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
