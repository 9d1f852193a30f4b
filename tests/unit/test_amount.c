/* Numbers and sizes: digits, one letter at most, and nothing that overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/amount.h"

static void
numbers_are_digits_only(void **state)
{
	(void)state;
	assert_true(amount_number("1", 10) == 1);
	assert_true(amount_number("10", 10) == 10);
	assert_true(amount_number("11", 10) == 0);
	assert_true(amount_number("18446744073709551615", UINT64_MAX) == UINT64_MAX);
	assert_true(amount_number("18446744073709551616", UINT64_MAX) == 0);
	static const char *const none[] = {
	    "", "0", "-1", "+1", " 1", "1 ", "0x10", "1k", "1.5", "one"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(amount_number(none[i], UINT64_MAX) == 0);
}

static void
sizes_may_have_a_letter(void **state)
{
	(void)state;
	assert_true(amount_size("1", UINT64_MAX) == 1);
	assert_true(amount_size("3k", UINT64_MAX) == 3072);
	assert_true(amount_size("64M", UINT64_MAX) == UINT64_C(64) << 20);
	assert_true(amount_size("2g", UINT64_MAX) == UINT64_C(2) << 30);
	static const char *const none[] = {
	    "", "0", "0M", "M", "1MB", "1Mi", "1T", "1 M", "-1M", "1.5G", "1KK"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(amount_size(none[i], UINT64_MAX) == 0);
}

static void
sizes_beyond_the_most_are_none(void **state)
{
	(void)state;
	assert_true(amount_size("4K", 4096) == 4096);
	assert_true(amount_size("5K", 4096) == 0);
	assert_true(amount_size("4097", 4096) == 0);
	/* 2^64 and a bit, shifted */
	assert_true(amount_size("17179869185G", UINT64_MAX) == 0);
	assert_true(amount_size("17179869183G", UINT64_MAX) == UINT64_C(17179869183) << 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_digits_only),
	    cmocka_unit_test(sizes_may_have_a_letter),
	    cmocka_unit_test(sizes_beyond_the_most_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
