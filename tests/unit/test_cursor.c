/* test_cursor.c - the bounds of the reader that everything else relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cursor.h"

static const uint8_t octets[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void
test_the_last_byte_can_be_read(void **state)
{
	struct cursor c = cur_init(octets, 1, true);

	(void)state;
	assert_int_equal(cur_u8(&c), 1);
	assert_true(cur_ok(&c));
	assert_int_equal(cur_left(&c), 0);
	assert_int_equal(cur_at(&c), 1);
}

static void
test_one_past_the_last_byte_fails(void **state)
{
	struct cursor c = cur_init(octets, 1, true);

	(void)state;
	cur_skip(&c, 1);
	assert_int_equal(cur_u8(&c), 0);
	assert_int_equal(c.status, ERR_TRUNC);
}

/* Each reader at its exact size, and with one byte less. */
static void
test_every_reader_needs_all_its_bytes(void **state)
{
	static const size_t sizes[] = {1, 2, 4, 8};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t cut = 0; cut < 2; cut++) {
			struct cursor c = cur_init(octets, sizes[i] - cut, true);
			uint64_t value = i == 0   ? cur_u8(&c)
					 : i == 1 ? cur_u16(&c)
					 : i == 2 ? cur_u32(&c)
						  : cur_u64(&c);

			assert_int_equal(cur_ok(&c), cut == 0);
			if (cut == 1)
				assert_true(value == 0 || i == 3);
			assert_int_equal(cur_left(&c), 0);
		}
	}
}

static void
test_reads_after_a_failure_give_zero_and_keep_the_first_error(void **state)
{
	uint8_t copy[4] = {9, 9, 9, 9};
	struct cursor c = cur_init(octets, sizeof(octets), true);

	(void)state;
	cur_fail(&c, ERR_MALFORMED);
	assert_int_equal(cur_left(&c), 0);
	assert_int_equal(cur_u8(&c), 0);
	assert_int_equal(cur_u16_be(&c), 0);
	assert_int_equal(cur_u32_le(&c), 0);
	assert_null(cur_take(&c, 0));
	cur_copy(&c, copy, sizeof(copy));
	assert_memory_equal(copy, "\0\0\0\0", 4);
	cur_fail(&c, ERR_CAP);
	assert_int_equal(c.status, ERR_MALFORMED);
}

static void
test_a_read_that_fails_takes_nothing_of_what_is_there(void **state)
{
	struct cursor c = cur_init(octets, 3, true);

	(void)state;
	assert_int_equal(cur_u32(&c), 0);
	assert_int_equal(cur_u8(&c), 0);
	assert_int_equal(c.status, ERR_TRUNC);
}

static void
test_huge_lengths_do_not_wrap(void **state)
{
	struct cursor c = cur_init(octets, sizeof(octets), true);

	(void)state;
	cur_skip(&c, 1);
	assert_null(cur_take(&c, SIZE_MAX));
	c = cur_init(octets, sizeof(octets), true);
	cur_skip(&c, 1);
	struct cursor sub = cur_sub(&c, SIZE_MAX - 1);
	assert_false(cur_ok(&sub));
	assert_int_equal(cur_left(&sub), 0);
}

static void
test_byte_order_is_that_of_the_cursor(void **state)
{
	struct cursor le = cur_init(octets, sizeof(octets), true),
		      be = cur_init(octets, sizeof(octets), false);

	(void)state;
	assert_int_equal(cur_u16(&le), 0x0201);
	assert_int_equal(cur_u32(&le), 0x06050403);
	assert_true(cur_u64(&le) == UINT64_C(0x0e0d0c0b0a090807));
	assert_int_equal(cur_u16(&be), 0x0102);
	assert_int_equal(cur_u32(&be), 0x03040506);
	assert_true(cur_u64(&be) == UINT64_C(0x0708090a0b0c0d0e));
}

static void
test_readers_that_name_an_order_ignore_the_cursor(void **state)
{
	(void)state;
	for (int le = 0; le < 2; le++) {
		struct cursor c = cur_init(octets, sizeof(octets), le != 0);

		assert_int_equal(cur_u16_be(&c), 0x0102);
		assert_int_equal(cur_u16_le(&c), 0x0403);
		assert_int_equal(cur_u32_be(&c), 0x05060708);
		assert_int_equal(cur_u32_le(&c), 0x0c0b0a09);
		c = cur_init(octets, sizeof(octets), le != 0);
		assert_true(cur_u64_le(&c) == UINT64_C(0x0807060504030201));
	}
}

static void
test_high_bits_survive(void **state)
{
	static const uint8_t ones[8] = {0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8};
	struct cursor c = cur_init(ones, sizeof(ones), true);

	(void)state;
	assert_true(cur_u64(&c) == UINT64_C(0xf8f9fafbfcfdfeff));
	c = cur_init(ones, sizeof(ones), false);
	assert_true(cur_u32(&c) == UINT32_C(0xfffefdfc));
}

static void
test_a_sub_cursor_cannot_reach_its_neighbour(void **state)
{
	struct cursor c = cur_init(octets, sizeof(octets), false);
	struct cursor sub = cur_sub(&c, 3);

	(void)state;
	assert_int_equal(cur_u32(&sub), 0);
	assert_false(cur_ok(&sub));
	assert_true(cur_ok(&c));
	assert_int_equal(cur_u8(&c), 4);
	assert_false(sub.le);
}

static void
test_a_sub_cursor_longer_than_its_parent_fails_both(void **state)
{
	struct cursor c = cur_init(octets, 4, true);
	struct cursor sub = cur_sub(&c, 5);

	(void)state;
	assert_int_equal(sub.status, ERR_TRUNC);
	assert_int_equal(c.status, ERR_TRUNC);
	assert_int_equal(cur_left(&sub), 0);
	assert_int_equal(cur_u8(&sub), 0);
}

static void
test_a_sub_cursor_of_a_failed_cursor_has_its_error(void **state)
{
	struct cursor c = cur_init(octets, 4, true);

	(void)state;
	cur_fail(&c, ERR_CAP);
	struct cursor sub = cur_sub(&c, 0);
	assert_int_equal(sub.status, ERR_CAP);
}

static void
test_an_empty_sub_cursor_is_good_until_read(void **state)
{
	struct cursor c = cur_init(octets, 4, true);
	struct cursor sub = cur_sub(&c, 0);

	(void)state;
	assert_true(cur_ok(&sub));
	assert_int_equal(cur_u8(&sub), 0);
	assert_false(cur_ok(&sub));
	assert_int_equal(cur_left(&c), 4);
}

static void
test_alignment_counts_from_the_base(void **state)
{
	struct cursor c = cur_init(octets, sizeof(octets), true);

	(void)state;
	cur_align(&c, 8);
	assert_int_equal(cur_at(&c), 0);
	cur_skip(&c, 1);
	cur_align(&c, 2);
	assert_int_equal(cur_at(&c), 2);
	cur_skip(&c, 1);
	cur_align(&c, 4);
	assert_int_equal(cur_at(&c), 4);
	cur_align(&c, 4);
	assert_int_equal(cur_at(&c), 4);
	cur_skip(&c, 1);
	cur_align(&c, 8);
	assert_int_equal(cur_at(&c), 8);
	assert_true(cur_ok(&c));
}

static void
test_a_sub_cursor_aligns_from_its_own_start(void **state)
{
	struct cursor c = cur_init(octets, sizeof(octets), true);

	(void)state;
	cur_skip(&c, 3);
	struct cursor sub = cur_sub(&c, 8);
	cur_skip(&sub, 1);
	cur_align(&sub, 4);
	assert_int_equal(cur_at(&sub), 4);
	assert_int_equal(cur_u8(&sub), 8);
}

static void
test_a_pad_that_is_cut_off_fails(void **state)
{
	struct cursor c = cur_init(octets, 5, true);

	(void)state;
	cur_skip(&c, 5);
	cur_align(&c, 4);
	assert_int_equal(c.status, ERR_TRUNC);
}

static void
test_no_data_at_all_is_an_empty_cursor(void **state)
{
	struct cursor c = cur_init(NULL, 7, true);

	(void)state;
	assert_int_equal(cur_left(&c), 0);
	assert_non_null(cur_take(&c, 0));
	assert_int_equal(cur_u8(&c), 0);
	assert_int_equal(c.status, ERR_TRUNC);
}

static void
test_copies_are_whole_or_zero(void **state)
{
	uint8_t out[4];
	struct cursor c = cur_init(octets, 6, true);

	(void)state;
	cur_copy(&c, out, 4);
	assert_memory_equal(out, octets, 4);
	cur_copy(&c, out, 4);
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_false(cur_ok(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_last_byte_can_be_read),
	    cmocka_unit_test(test_one_past_the_last_byte_fails),
	    cmocka_unit_test(test_every_reader_needs_all_its_bytes),
	    cmocka_unit_test(test_reads_after_a_failure_give_zero_and_keep_the_first_error),
	    cmocka_unit_test(test_a_read_that_fails_takes_nothing_of_what_is_there),
	    cmocka_unit_test(test_huge_lengths_do_not_wrap),
	    cmocka_unit_test(test_byte_order_is_that_of_the_cursor),
	    cmocka_unit_test(test_readers_that_name_an_order_ignore_the_cursor),
	    cmocka_unit_test(test_high_bits_survive),
	    cmocka_unit_test(test_a_sub_cursor_cannot_reach_its_neighbour),
	    cmocka_unit_test(test_a_sub_cursor_longer_than_its_parent_fails_both),
	    cmocka_unit_test(test_a_sub_cursor_of_a_failed_cursor_has_its_error),
	    cmocka_unit_test(test_an_empty_sub_cursor_is_good_until_read),
	    cmocka_unit_test(test_alignment_counts_from_the_base),
	    cmocka_unit_test(test_a_sub_cursor_aligns_from_its_own_start),
	    cmocka_unit_test(test_a_pad_that_is_cut_off_fails),
	    cmocka_unit_test(test_no_data_at_all_is_an_empty_cursor),
	    cmocka_unit_test(test_copies_are_whole_or_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
