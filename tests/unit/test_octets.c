/* test_octets.c - numbers and octets, written and read again; what is damaged says so. */
#include "track/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX,
    (UINT64_C(1) << 63) - 1, UINT64_C(1) << 63, UINT64_MAX};
static const int64_t signed_numbers[] = {
    0, 1, -1, 63, -64, 64, -65, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
numbers_come_back(void **state)
{
	struct octets o = {.data = NULL};
	struct octets_in in;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		octets_put(&o, numbers[i]);
	for (size_t i = 0; i < COUNT(signed_numbers); i++)
		octets_put_signed(&o, signed_numbers[i]);
	in = octets_in(o.data, o.len);
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_true(octets_get(&in) == numbers[i]);
	for (size_t i = 0; i < COUNT(signed_numbers); i++)
		assert_true(octets_get_signed(&in) == signed_numbers[i]);
	assert_true(octets_done(&in));
	octets_free(&o);
	assert_null(o.data);
}

/* Seven bits an octet, the lowest first; small numbers of either sign are short. */
static void
numbers_are_written_so(void **state)
{
	static const uint8_t wanted[] = {0x05, 0x80, 0x01, 0x01, 0x02};
	struct octets o = {.data = NULL};

	(void)state;
	octets_put(&o, 5);
	octets_put(&o, 128);
	octets_put_signed(&o, -1);
	octets_put_signed(&o, 1);
	assert_int_equal(o.len, sizeof(wanted));
	assert_memory_equal(o.data, wanted, sizeof(wanted));
	octets_free(&o);
}

static void
stretches_come_back(void **state)
{
	struct octets o = {.data = NULL};
	struct octets_in in;
	char text[8] = "";
	const uint8_t *view;

	(void)state;
	octets_put_bytes(&o, "four", 4);
	octets_put_bytes(&o, NULL, 0);
	octets_put_bytes(&o, "more", 4);
	in = octets_in(o.data, o.len);
	octets_get_bytes(&in, text, 4);
	assert_string_equal(text, "four");
	assert_false(octets_done(&in));
	view = octets_take(&in, 4);
	assert_ptr_equal(view, o.data + 4);
	assert_true(octets_done(&in));
	octets_free(&o);
}

static void
it_grows(void **state)
{
	struct octets o = {.data = NULL};
	uint8_t block[1000];

	(void)state;
	memset(block, 7, sizeof(block));
	for (int i = 0; i < 100; i++)
		octets_put_bytes(&o, block, sizeof(block));
	assert_int_equal(o.len, 100 * sizeof(block));
	assert_true(o.room >= o.len && !o.failed);
	assert_int_equal(o.data[o.len - 1], 7);
	octets_free(&o);
}

static void
nothing_is_read_behind_the_end(void **state)
{
	static const uint8_t cut[] = {0x80, 0x80};
	struct octets_in in = octets_in(cut, sizeof(cut));
	uint8_t out[4] = {1, 1, 1, 1};

	(void)state;
	assert_int_equal(octets_get(&in), 0);
	assert_false(octets_good(&in));
	assert_int_equal(octets_get_signed(&in), 0);
	octets_get_bytes(&in, out, sizeof(out));
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_null(octets_take(&in, 1));
	assert_false(octets_done(&in));
	in = octets_in(NULL, 0);
	assert_true(octets_done(&in));
	assert_int_equal(octets_get(&in), 0);
	assert_false(octets_good(&in));
}

/* The first damage spoils all that follows. */
static void
what_is_too_short_or_too_large_is_damaged(void **state)
{
	static const uint8_t data[] = {9, 1, 2, 3};
	struct octets_in in = octets_in(data, sizeof(data));
	uint8_t out[4];

	(void)state;
	assert_int_equal(octets_get_most(&in, 9), 9);
	assert_true(octets_good(&in));
	in = octets_in(data, sizeof(data));
	assert_int_equal(octets_get_most(&in, 8), 0);
	assert_false(octets_good(&in));
	assert_int_equal(octets_get(&in), 0);
	in = octets_in(data, sizeof(data));
	octets_get_bytes(&in, out, 4);
	assert_true(octets_done(&in));
	in = octets_in(data, 3);
	octets_get_bytes(&in, out, 4);
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_false(octets_good(&in));
	in = octets_in(data, 3);
	assert_null(octets_take(&in, SIZE_MAX));
	assert_false(octets_good(&in));
}

/* A number has 64 bits, in at most ten octets. */
static void
a_number_that_does_not_end_is_none(void **state)
{
	uint8_t data[16];
	struct octets_in in;

	(void)state;
	memset(data, 0x80, sizeof(data));
	data[sizeof(data) - 1] = 0;
	in = octets_in(data, sizeof(data));
	assert_int_equal(octets_get(&in), 0);
	assert_false(octets_good(&in));
	memset(data, 0xff, 9);
	data[9] = 2; /* the 65th bit */
	in = octets_in(data, 10);
	(void)octets_get(&in);
	assert_false(octets_good(&in));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_come_back),
	    cmocka_unit_test(numbers_are_written_so),
	    cmocka_unit_test(stretches_come_back),
	    cmocka_unit_test(it_grows),
	    cmocka_unit_test(nothing_is_read_behind_the_end),
	    cmocka_unit_test(what_is_too_short_or_too_large_is_damaged),
	    cmocka_unit_test(a_number_that_does_not_end_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
