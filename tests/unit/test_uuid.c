/* test_uuid.c - identifiers from the wire and from text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/uuid.h"

#define EPM "e1af8308-5d1f-11c9-91a4-08002b14a0fa"

static const uint8_t wire_le[16] = {
    0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa};
static const uint8_t wire_be[16] = {
    0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa};

static void
test_both_byte_orders_give_the_same_id(void **state)
{
	struct cursor le = cur_init(wire_le, 16, true), be = cur_init(wire_be, 16, false);
	struct uuid a = uuid_read(&le), b = uuid_read(&be);
	char out[UUID_TEXT];

	(void)state;
	assert_true(cur_ok(&le) && cur_left(&le) == 0);
	assert_true(cur_ok(&be));
	assert_string_equal(uuid_format(&a, out), EPM);
	assert_true(uuid_equal(&a, &b));
	assert_memory_equal(a.b, wire_be, 16);
}

static void
test_towers_are_little_endian_in_a_big_endian_pdu(void **state)
{
	struct cursor c = cur_init(wire_le, 16, false);
	struct uuid u = uuid_read_le(&c);
	char out[UUID_TEXT];

	(void)state;
	assert_string_equal(uuid_format(&u, out), EPM);
	assert_false(c.le);
}

static void
test_an_id_that_is_cut_off_is_nil(void **state)
{
	(void)state;
	for (size_t len = 0; len < 16; len++) {
		struct cursor c = cur_init(wire_le, len, true);
		struct uuid u = uuid_read(&c);

		assert_true(uuid_is_nil(&u));
		assert_int_equal(c.status, ERR_TRUNC);
	}
}

static void
test_text_is_read_in_either_case(void **state)
{
	struct uuid a, b;

	(void)state;
	assert_int_equal(uuid_parse(EPM, &a), ERR_OK);
	assert_int_equal(uuid_parse("E1AF8308-5D1F-11C9-91A4-08002B14A0FA", &b), ERR_OK);
	assert_memory_equal(a.b, wire_be, 16);
	assert_true(uuid_equal(&a, &b));
}

static void
test_text_that_is_no_id_is_malformed_and_leaves_the_result_alone(void **state)
{
	static const char *const bad[] = {"", "e1af8308", EPM "0", EPM " ", " " EPM, "{" EPM "}",
	    "e1af8308-5d1f-11c9-91a4-08002b14a0f", "e1af83085d1f11c991a408002b14a0fa",
	    "e1af8308-5d1f-11c9-91a408-002b14a0fa", "g1af8308-5d1f-11c9-91a4-08002b14a0fa",
	    "e1af8308-5d1f-11c9-91a4-08002b14a0f-", "-1af8308-5d1f-11c9-91a4-08002b14a0fa",
	    "e1af8308_5d1f_11c9_91a4_08002b14a0fa"};
	struct uuid u, before;

	(void)state;
	memset(&u, 0x55, sizeof(u));
	before = u;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(uuid_parse(bad[i], &u), ERR_MALFORMED);
		assert_true(uuid_equal(&u, &before));
	}
}

static void
test_nil_is_all_zeros(void **state)
{
	struct uuid u = {{0}};
	char out[UUID_TEXT];

	(void)state;
	assert_true(uuid_is_nil(&u));
	assert_string_equal(uuid_format(&u, out), "00000000-0000-0000-0000-000000000000");
	u.b[15] = 1;
	assert_false(uuid_is_nil(&u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_byte_orders_give_the_same_id),
	    cmocka_unit_test(test_towers_are_little_endian_in_a_big_endian_pdu),
	    cmocka_unit_test(test_an_id_that_is_cut_off_is_nil),
	    cmocka_unit_test(test_text_is_read_in_either_case),
	    cmocka_unit_test(test_text_that_is_no_id_is_malformed_and_leaves_the_result_alone),
	    cmocka_unit_test(test_nil_is_all_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
