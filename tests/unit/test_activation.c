/* test_activation.c - activation properties: what they say, and lies in them. They are impacket's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/uuid.h"
#include "dissect/activation.h"
#include "dissect/dcom.h"

#include "golden_stubs.h"
#include "rpc_build.h"

enum {
	OBJREF_AT = 20, /* in the stub: behind ORPCTHAT, a referent and two counts */
	STATUS = 4,     /* behind it */
	FLAGS = 4,
	IID = 8,
	CLSID = 24,
	BLOB = 48,
	TYPE_HEADER = 56,
	HEADER_SIZE = 76,
	COUNT = 88,
	CLSIDS = 124,
};

static uint8_t octets[sizeof(stub_create_instance)];
static size_t len;
static struct dcom_answer answer;

static void
take(void)
{
	len = sizeof(stub_create_instance) - OBJREF_AT - STATUS;
	memcpy(octets, stub_create_instance + OBJREF_AT, len);
}

/* In memory of its exact size. */
static int
parse(size_t n)
{
	uint8_t *copy = malloc(n != 0 ? n : 1);
	struct cursor c;
	int r;

	assert_non_null(copy);
	memcpy(copy, octets, n);
	c = cur_init(copy, n, true);
	answer = (struct dcom_answer){0};
	r = activation_parse(&c, &answer);
	free(copy);
	return r;
}

static uint32_t
u32_at(size_t at)
{
	return (uint32_t)octets[at] | (uint32_t)octets[at + 1] << 8;
}

static void
test_exporter_and_interfaces(void **state)
{
	(void)state;
	take();
	assert_int_equal(parse(len), ERR_OK);
	assert_true(answer.has_oxid);
	assert_true(answer.oxid == UINT64_C(0xb5c018689dc8086e));
	assert_true(answer.has_bindings);
	assert_int_equal(cur_left(&answer.iids), 2 * 16);
	assert_int_equal(cur_left(&answer.results), 2 * 4);
}

/* All that tells what it is has to be right. */
static void
test_another_signature_flags_iid_clsid_or_header(void **state)
{
	static const struct {
		size_t from, to;
	} fixed[] = {{0, 4}, {FLAGS, FLAGS + 4}, {IID, IID + 16}, {CLSID, CLSID + 16},
	    {TYPE_HEADER, TYPE_HEADER + 8}};

	(void)state;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		for (size_t at = fixed[i].from; at < fixed[i].to; at++) {
			take();
			octets[at] ^= 0x40;
			assert_int_equal(parse(len), ERR_MALFORMED);
		}
	}
}

static void
test_each_property_has_its_header(void **state)
{
	size_t at;

	(void)state;
	take();
	at = TYPE_HEADER + u32_at(HEADER_SIZE); /* of the first property */
	for (size_t i = 0; i < 8; i++) {
		take();
		octets[at + i] ^= 1;
		assert_int_equal(parse(len), ERR_MALFORMED);
	}
}

static void
test_the_number_of_properties_is_bounded_and_agrees(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		take();
		octets[COUNT] = (uint8_t)n;
		assert_int_equal(parse(len), n == 2 ? ERR_OK : ERR_MALFORMED);
	}
	take();
	octets[CLSIDS - 4]++; /* max_count of the array */
	assert_int_equal(parse(len), ERR_MALFORMED);
}

static void
test_sizes_stay_inside_of_what_holds_them(void **state)
{
	size_t sizes = CLSIDS + 2 * 16 + 4;

	(void)state;
	take();
	octets[BLOB + 2] = 1;
	assert_int_equal(parse(len), ERR_MALFORMED);
	take();
	octets[HEADER_SIZE + 1] = 0xff;
	assert_int_equal(parse(len), ERR_MALFORMED);
	take();
	octets[HEADER_SIZE] = 8; /* into itself */
	assert_int_equal(parse(len), ERR_MALFORMED);
	take();
	octets[sizes + 1] = 0xff;
	assert_int_equal(parse(len), ERR_MALFORMED);
	take();
	octets[sizes] = 8; /* the second would begin inside of the first */
	octets[sizes + 1] = 0;
	assert_int_equal(parse(len), ERR_MALFORMED);
	take();
	octets[TYPE_HEADER + 9] = 0xff; /* length of the type */
	assert_int_equal(parse(len), ERR_MALFORMED);
}

static void
test_properties_of_other_kinds_are_passed_over(void **state)
{
	(void)state;
	take();
	octets[CLSIDS] ^= 0xff;
	assert_int_equal(parse(len), ERR_OK);
	assert_int_equal(cur_left(&answer.iids), 0);
	assert_true(answer.has_bindings);
	octets[CLSIDS + 16] ^= 0xff;
	assert_int_equal(parse(len), ERR_OK);
	assert_false(answer.has_bindings);
	assert_false(answer.has_oxid);
}

static void
test_cut_anywhere(void **state)
{
	(void)state;
	take();
	for (size_t n = 0; n < len; n++)
		assert_int_equal(parse(n), ERR_MALFORMED);
}

/* One with ${count} empty properties of a kind that nobody knows, behind a header that claims ${header} octets, or what it has. */
static int
parse_unknown(uint32_t count, uint32_t header)
{
	static struct message m;
	size_t real = 16 + 20 + 16 + 12 + 4 + 16 * (size_t)count + 4 + 4 * (size_t)count;
	struct cursor c;

	m.len = 0;
	m.le = true;
	msg_bytes(&m, stub_create_instance + OBJREF_AT, BLOB);
	msg_u32(&m, (uint32_t)real);
	msg_u32(&m, 0);
	msg_bytes(&m, stub_create_instance + OBJREF_AT + TYPE_HEADER, 8);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_u32(&m, (uint32_t)real);
	msg_u32(&m, header != 0 ? header : (uint32_t)real);
	msg_u32(&m, 0);
	msg_u32(&m, 2);
	msg_u32(&m, count);
	msg_fill(&m, 0, 16);
	msg_u32(&m, 0x20000);
	msg_u32(&m, 0x20004);
	msg_u32(&m, 0);
	msg_u32(&m, count);
	msg_fill(&m, 0x77, 16 * count);
	msg_u32(&m, count);
	msg_fill(&m, 0, 4 * count);
	assert_int_equal(m.len, BLOB + 8 + real);
	c = cur_init(m.octets, m.len, true);
	answer = (struct dcom_answer){0};
	return activation_parse(&c, &answer);
}

static void
test_no_more_properties_than_there_may_be(void **state)
{
	(void)state;
	assert_int_equal(parse_unknown(0, 0), ERR_MALFORMED);
	for (uint32_t n = 1; n < 20; n++)
		assert_int_equal(parse_unknown(n, 0), n <= 10 ? ERR_OK : ERR_MALFORMED);
}

static void
test_a_header_is_at_least_what_it_has(void **state)
{
	(void)state;
	assert_int_equal(parse_unknown(1, 92), ERR_OK);
	assert_int_equal(parse_unknown(1, 91), ERR_MALFORMED);
	assert_int_equal(parse_unknown(1, 93), ERR_MALFORMED);
	assert_int_equal(parse_unknown(1, 1), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exporter_and_interfaces),
	    cmocka_unit_test(test_another_signature_flags_iid_clsid_or_header),
	    cmocka_unit_test(test_each_property_has_its_header),
	    cmocka_unit_test(test_the_number_of_properties_is_bounded_and_agrees),
	    cmocka_unit_test(test_sizes_stay_inside_of_what_holds_them),
	    cmocka_unit_test(test_properties_of_other_kinds_are_passed_over),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_no_more_properties_than_there_may_be),
	    cmocka_unit_test(test_a_header_is_at_least_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
