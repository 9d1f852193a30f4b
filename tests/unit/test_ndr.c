/* test_ndr.c - pointers, counts and handles in NDR32 and NDR64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/ndr.h"

static const uint8_t octets[40] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
    19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40};

static struct ndr
reader(size_t len, bool wide)
{
	return ndr_init(octets, len, true, wide);
}

static void
test_counts_are_four_bytes_in_ndr32_and_eight_in_ndr64(void **state)
{
	struct ndr narrow = reader(40, false), wide = reader(40, true);

	(void)state;
	assert_true(ndr_count(&narrow) == 0x04030201);
	assert_int_equal(cur_at(&narrow.c), 4);
	assert_true(ndr_count(&wide) == UINT64_C(0x0807060504030201));
	assert_int_equal(cur_at(&wide.c), 8);
}

static void
test_counts_are_read_in_the_stubs_byte_order(void **state)
{
	struct ndr narrow = ndr_init(octets, 40, false, false),
		   wide = ndr_init(octets, 40, false, true);

	(void)state;
	assert_true(ndr_count(&narrow) == 0x01020304);
	assert_true(ndr_count(&wide) == UINT64_C(0x0102030405060708));
}

static void
test_counts_are_aligned_to_their_size_from_the_start_of_the_stub(void **state)
{
	(void)state;
	for (size_t at = 0; at <= 16; at++) {
		struct ndr narrow = reader(40, false), wide = reader(40, true);

		cur_skip(&narrow.c, at);
		cur_skip(&wide.c, at);
		(void)ndr_count(&narrow);
		(void)ndr_count(&wide);
		assert_int_equal(cur_at(&narrow.c), (at + 3) / 4 * 4 + 4);
		assert_int_equal(cur_at(&wide.c), (at + 7) / 8 * 8 + 8);
	}
}

static void
test_plain_integers_are_aligned_to_four_in_both(void **state)
{
	for (int wide = 0; wide < 2; wide++) {
		struct ndr n = reader(40, wide != 0);

		(void)state;
		cur_skip(&n.c, 1);
		assert_true(ndr_u32(&n) == 0x08070605);
		assert_int_equal(cur_at(&n.c), 8);
		assert_true(ndr_u32(&n) == 0x0c0b0a09);
		assert_int_equal(cur_at(&n.c), 12);
	}
}

static void
test_a_pointer_is_null_only_if_all_of_it_is(void **state)
{
	static const uint8_t high[16] = {0, 0, 0, 0, 0, 0, 0, 1};
	struct ndr narrow = ndr_init(high, sizeof(high), true, false),
		   wide = ndr_init(high, sizeof(high), true, true);

	(void)state;
	assert_false(ndr_pointer(&narrow));
	assert_true(ndr_pointer(&narrow));
	assert_true(ndr_pointer(&wide));
	assert_false(ndr_pointer(&wide));
}

static void
test_a_handle_is_twenty_bytes_aligned_to_four_in_both(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		struct ndr n = reader(40, wide != 0);

		cur_skip(&n.c, 2);
		assert_true(ndr_handle(&n, NULL));
		assert_int_equal(cur_at(&n.c), 4 + NDR_HANDLE);
	}
}

static void
test_any_octet_makes_a_handle_live(void **state)
{
	(void)state;
	for (size_t i = 0; i < NDR_HANDLE; i++) {
		uint8_t handle[NDR_HANDLE] = {0};
		struct ndr n = ndr_init(handle, sizeof(handle), true, false);

		assert_false(ndr_handle(&n, NULL));
		handle[i] = 0x80;
		n = ndr_init(handle, sizeof(handle), true, false);
		assert_true(ndr_handle(&n, NULL));
	}
}

static void
test_what_is_cut_is_zero_null_and_dead(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		struct ndr n = reader(3, wide != 0);

		assert_true(ndr_count(&n) == 0);
		assert_false(cur_ok(&n.c));
		assert_false(ndr_pointer(&n));
		assert_int_equal(ndr_u32(&n), 0);
		n = reader(NDR_HANDLE - 1, wide != 0);
		assert_false(ndr_handle(&n, NULL));
		assert_false(cur_ok(&n.c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts_are_four_bytes_in_ndr32_and_eight_in_ndr64),
	    cmocka_unit_test(test_counts_are_read_in_the_stubs_byte_order),
	    cmocka_unit_test(test_counts_are_aligned_to_their_size_from_the_start_of_the_stub),
	    cmocka_unit_test(test_plain_integers_are_aligned_to_four_in_both),
	    cmocka_unit_test(test_a_pointer_is_null_only_if_all_of_it_is),
	    cmocka_unit_test(test_a_handle_is_twenty_bytes_aligned_to_four_in_both),
	    cmocka_unit_test(test_any_octet_makes_a_handle_live),
	    cmocka_unit_test(test_what_is_cut_is_zero_null_and_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
