/* test_buffer.c - bytes that grow within a budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/buffer.h"

static void
test_pieces_come_out_as_one(void **state)
{
	struct budget budget = {.cap = 100000};
	struct buffer b = {0};
	uint8_t piece[7];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		memset(piece, (int)(i % 251), sizeof(piece));
		assert_true(buffer_add(&b, &budget, piece, sizeof(piece)));
		assert_true(b.len <= b.cap);
		assert_int_equal(budget.used, b.cap);
	}
	assert_int_equal(b.len, 7000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], i / 7 % 251);
	buffer_free(&b, &budget);
	assert_int_equal(budget.used, 0);
}

static void
test_what_the_budget_refuses_leaves_the_buffer_as_it_was(void **state)
{
	struct budget budget = {.cap = 512};
	struct buffer b = {0};
	uint8_t piece[512] = {1, 2, 3};

	(void)state;
	assert_true(buffer_add(&b, &budget, piece, 512));
	assert_false(buffer_add(&b, &budget, piece, 1));
	assert_int_equal(b.len, 512);
	assert_memory_equal(b.data, piece, 512);
	assert_int_equal(budget.used, 512);
	assert_int_equal(budget.refused, 1);
	buffer_free(&b, &budget);
	assert_int_equal(budget.used, 0);
}

static void
test_no_bytes_fit_into_no_budget(void **state)
{
	struct budget budget = {.cap = 0};
	struct buffer b = {0};

	(void)state;
	assert_true(buffer_add(&b, &budget, NULL, 0));
	assert_int_equal(b.len, 0);
	buffer_free(&b, &budget);
	assert_int_equal(budget.refused, 0);
}

static void
test_a_buffer_that_was_freed_can_be_used_again(void **state)
{
	struct budget budget = {.cap = 4096};
	struct buffer b = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(buffer_add(&b, &budget, (const uint8_t *)"abc", 3));
		assert_int_equal(b.len, 3);
		buffer_free(&b, &budget);
		buffer_free(&b, &budget);
		assert_int_equal(budget.used, 0);
	}
}

static void
test_lengths_that_would_wrap_are_refused(void **state)
{
	struct budget budget = {.cap = SIZE_MAX};
	struct buffer b = {0};

	(void)state;
	assert_true(buffer_add(&b, &budget, (const uint8_t *)"abc", 3));
	assert_false(buffer_add(&b, &budget, (const uint8_t *)"abc", SIZE_MAX - 2));
	assert_int_equal(b.len, 3);
	buffer_free(&b, &budget);
}

static void
test_a_budget_counts_what_it_refuses(void **state)
{
	struct budget budget = {.cap = 10};

	(void)state;
	assert_true(budget_take(&budget, 10));
	assert_false(budget_take(&budget, 1));
	assert_false(budget_take(&budget, SIZE_MAX));
	assert_true(budget_take(&budget, 0));
	assert_int_equal(budget.refused, 2);
	budget_give(&budget, 10);
	assert_int_equal(budget.used, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces_come_out_as_one),
	    cmocka_unit_test(test_what_the_budget_refuses_leaves_the_buffer_as_it_was),
	    cmocka_unit_test(test_no_bytes_fit_into_no_budget),
	    cmocka_unit_test(test_a_buffer_that_was_freed_can_be_used_again),
	    cmocka_unit_test(test_lengths_that_would_wrap_are_refused),
	    cmocka_unit_test(test_a_budget_counts_what_it_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
