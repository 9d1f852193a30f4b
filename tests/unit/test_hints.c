/* test_hints.c - learned endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"
#include "dissect/hints.h"

static struct addr
addr_of(uint32_t n)
{
	const uint8_t octets[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

	return addr_from_v4(octets);
}

static void
test_what_was_learned_is_known_and_nothing_else(void **state)
{
	struct hints *h;
	struct addr a = addr_of(1), b = addr_of(2);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	assert_false(hints_is_endpoint(h, &a, 49152));
	hints_learn(h, &a, 49152);
	assert_true(hints_is_endpoint(h, &a, 49152));
	assert_false(hints_is_endpoint(h, &a, 49153));
	assert_false(hints_is_endpoint(h, &b, 49152));
	hints_learn(h, &a, 49152);
	assert_int_equal(hints_count(h), 1);
	hints_free(&h);
	assert_null(h);
	hints_free(&h);
}

static void
test_port_0_is_not_learned(void **state)
{
	struct hints *h;
	struct addr a = addr_of(1);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	hints_learn(h, &a, 0);
	assert_int_equal(hints_count(h), 0);
	assert_false(hints_is_endpoint(h, &a, 0));
	hints_free(&h);
}

static void
test_no_table_knows_nothing(void **state)
{
	struct addr a = addr_of(1);

	(void)state;
	assert_false(hints_is_endpoint(NULL, &a, 135));
}

static void
test_a_full_table_counts_what_it_refuses(void **state)
{
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < HINTS_MAX + 10; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, (uint16_t)(1 + i % 7));
	}
	assert_int_equal(hints_count(h), HINTS_MAX);
	assert_int_equal(hints_refused(h), 10);
	for (uint32_t i = 0; i < HINTS_MAX + 10; i++) {
		struct addr a = addr_of(i);

		assert_int_equal(hints_is_endpoint(h, &a, (uint16_t)(1 + i % 7)), i < HINTS_MAX);
	}
	hints_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_was_learned_is_known_and_nothing_else),
	    cmocka_unit_test(test_port_0_is_not_learned),
	    cmocka_unit_test(test_no_table_knows_nothing),
	    cmocka_unit_test(test_a_full_table_counts_what_it_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
