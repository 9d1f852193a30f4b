/* test_dcom.c - the stubs of DCOM's resolver and activators. Those named stub_* are impacket's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/dcom.h"
#include "dissect/stub.h"
#include "golden_stubs.h"
#include "rpc_build.h"

#define OXID UINT64_C(0xb5c018689dc8086e)
#define ANSWER(operation, name) answer((operation), stub_##name, sizeof(stub_##name), true)

static struct message m;
static uint8_t *memory;
static struct dcom_answer got;
static struct dcom_question asked;

/* Memory of its exact size, which what was read points into. */
static struct rpc_stub
stub_of(const uint8_t *octets, size_t len, bool le)
{
	free(memory);
	memory = malloc(len != 0 ? len : 1);
	assert_non_null(memory);
	memcpy(memory, octets, len);
	return (struct rpc_stub){.data = memory, .len = len, .le = le};
}

static int
answer(enum oxid_operation operation, const uint8_t *octets, size_t len, bool le)
{
	struct rpc_stub stub = stub_of(octets, len, le);

	return dcom_parse_answer(operation, &stub, &got);
}

static int
question(enum oxid_operation operation, const uint8_t *octets, size_t len, bool le)
{
	struct rpc_stub stub = stub_of(octets, len, le);

	return dcom_parse_question(operation, &stub, &asked);
}

static void
assert_bindings(void)
{
	assert_true(got.has_bindings);
	assert_true(cur_left(&got.strings) > 4);
	assert_true(got.whole);
	assert_int_equal(got.status, 0);
}

static void
test_answers_of_the_resolver(void **state)
{
	(void)state;
	assert_int_equal(ANSWER(OXID_SERVER_ALIVE2, server_alive2), ERR_OK);
	assert_bindings();
	assert_false(got.has_oxid);
	assert_int_equal(ANSWER(OXID_RESOLVE, resolve_oxid), ERR_OK);
	assert_bindings();
	assert_int_equal(ANSWER(OXID_RESOLVE2, resolve_oxid2), ERR_OK);
	assert_bindings();
	assert_int_equal(ANSWER(OXID_RESOLVE2, resolve_oxid2_failed), ERR_OK);
	assert_false(got.has_bindings);
	assert_true(got.whole);
	assert_int_equal(got.status, 1910);
}

static void
test_answers_of_the_activators(void **state)
{
	(void)state;
	assert_int_equal(ANSWER(OXID_CREATE_INSTANCE, create_instance), ERR_OK);
	assert_bindings();
	assert_true(got.has_oxid && got.oxid == OXID);
	assert_int_equal(cur_left(&got.iids), 32);
	assert_int_equal(ANSWER(OXID_GET_CLASS_OBJECT, get_class_object), ERR_OK);
	assert_bindings();
	assert_int_equal(cur_left(&got.iids), 16);
	assert_int_equal(ANSWER(OXID_CREATE_INSTANCE, create_instance_failed), ERR_OK);
	assert_false(got.has_bindings || got.has_oxid);
	assert_int_equal(got.status, 0x80070005);
	assert_int_equal(ANSWER(OXID_REMOTE_ACTIVATION, remote_activation), ERR_OK);
	assert_bindings();
	assert_true(got.has_oxid && got.oxid == OXID);
	assert_int_equal(cur_left(&got.results), 8);
}

static void
test_extensions_are_passed_over(void **state)
{
	(void)state;
	assert_int_equal(ANSWER(OXID_CREATE_INSTANCE, create_instance_extended), ERR_OK);
	assert_bindings();
	assert_true(got.has_oxid && got.oxid == OXID);
}

/* phr, where the call itself went well. */
static void
test_an_activation_that_failed(void **state)
{
	static uint8_t octets[sizeof(stub_remote_activation)];
	size_t phr;

	(void)state;
	memcpy(octets, stub_remote_activation, sizeof(octets));
	octets[sizeof(octets) - 4] = 5;
	assert_int_equal(answer(OXID_REMOTE_ACTIVATION, octets, sizeof(octets), true), ERR_OK);
	assert_int_equal(got.status, 5);
	octets[sizeof(octets) - 4] = 0;
	for (phr = sizeof(octets); memcmp(octets + phr - 4, "\5\0\7\0", 4) != 0; phr--)
		;
	octets[phr] = 0x57;
	assert_int_equal(answer(OXID_REMOTE_ACTIVATION, octets, sizeof(octets), true), ERR_OK);
	assert_int_equal(got.status, 0x57);
}

static void
test_questions(void **state)
{
	(void)state;
	assert_int_equal(question(OXID_RESOLVE2, stub_resolve_oxid2_request,
			     sizeof(stub_resolve_oxid2_request), true),
	    ERR_OK);
	assert_true(asked.has_oxid && asked.oxid == OXID);
	assert_int_equal(question(OXID_RESOLVE, stub_resolve_oxid_request,
			     sizeof(stub_resolve_oxid_request), true),
	    ERR_OK);
	assert_true(asked.has_oxid && asked.oxid == OXID);
	assert_int_equal(question(OXID_REMOTE_ACTIVATION, stub_remote_activation_request,
			     sizeof(stub_remote_activation_request), true),
	    ERR_OK);
	assert_false(asked.has_oxid);
	assert_int_equal(asked.iid_count, 2);
	assert_memory_equal(asked.iid[0].b, "\xf3\x09\xad\x18", 4);
	assert_int_equal(question(OXID_SERVER_ALIVE2, stub_challenge, 0, true), ERR_OK);
	assert_false(asked.has_oxid);
}

static void
test_an_oxid_that_is_cut_is_none(void **state)
{
	(void)state;
	for (size_t len = 0; len < 8; len++) {
		assert_int_equal(
		    question(OXID_RESOLVE2, stub_resolve_oxid2_request, len, true), ERR_MALFORMED);
		assert_false(asked.has_oxid);
	}
}

static void
test_of_many_interfaces_asked_for_the_first_are_kept(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	msg_fill(&m, 0, 28);
	msg_u32(&m, 0);
	msg_fill(&m, 0x55, 16);
	for (int i = 0; i < 5; i++)
		msg_u32(&m, 0);
	msg_u32(&m, 0x4711);
	msg_u32(&m, 20);
	for (unsigned i = 0; i < 20; i++)
		msg_fill(&m, (uint8_t)i, 16);
	assert_int_equal(question(OXID_REMOTE_ACTIVATION, m.octets, m.len, true), ERR_OK);
	assert_int_equal(asked.iid_count, DCOM_IIDS);
	assert_int_equal(asked.iid[DCOM_IIDS - 1].b[0], DCOM_IIDS - 1);
}

/* One TCP binding, `H[258]`. */
static void
build_bindings(void)
{
	static const uint16_t units[] = {7, 'H', '[', '2', '5', '8', ']', 0, 0, 0, 0};

	msg_u32(&m, 0x20000);
	msg_u32(&m, 11);
	msg_u16(&m, 11);
	msg_u16(&m, 9);
	for (size_t i = 0; i < 11; i++)
		msg_u16(&m, units[i]);
}

static void
build_resolve2(bool le)
{
	m.len = 0;
	m.le = le;
	build_bindings();
	msg_align(&m, 4);
	msg_fill(&m, 0x33, 16);
	msg_u32(&m, 5);
	msg_u16(&m, 5);
	msg_u16(&m, 7);
	msg_u32(&m, 0x102);
}

static void
trap_16_dcom_in_either_byte_order(void **state)
{
	(void)state;
	for (int le = 0; le < 2; le++) {
		build_resolve2(le != 0);
		assert_int_equal(answer(OXID_RESOLVE2, m.octets, m.len, le != 0), ERR_OK);
		assert_true(got.has_bindings && got.whole);
		assert_int_equal(cur_left(&got.strings), 18);
		assert_int_equal(got.status, 0x102);
		assert_int_equal(answer(OXID_RESOLVE2, m.octets, m.len, le == 0), ERR_MALFORMED);
	}
	m.len = 0;
	m.le = false;
	msg_u64(&m, OXID);
	assert_int_equal(question(OXID_RESOLVE2, m.octets, m.len, false), ERR_OK);
	assert_true(asked.oxid == OXID);
}

/* The object reference inside stays little-endian, whatever the call is. */
static void
trap_16_an_object_reference_is_little_endian(void **state)
{
	enum {
		OBJREF_AT = 20
	};
	const size_t len = sizeof(stub_create_instance) - OBJREF_AT - 4;

	(void)state;
	m.len = 0;
	m.le = false;
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_u32(&m, 0x20000);
	msg_u32(&m, (uint32_t)len);
	msg_u32(&m, (uint32_t)len);
	msg_bytes(&m, stub_create_instance + OBJREF_AT, len);
	msg_u32(&m, 0);
	assert_int_equal(answer(OXID_CREATE_INSTANCE, m.octets, m.len, false), ERR_OK);
	assert_bindings();
	assert_true(got.oxid == OXID);
	assert_true(got.strings.le);
}

/* An empty list of extensions leaves the OXID unaligned. */
static void
test_an_oxid_is_aligned_from_the_start_of_the_stub(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	msg_u32(&m, 0);
	msg_u32(&m, 1);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_align(&m, 8);
	msg_u64(&m, OXID);
	build_bindings();
	msg_align(&m, 4);
	msg_fill(&m, 0x33, 16);
	msg_u32(&m, 5);
	msg_u32(&m, 0x70005);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	assert_int_equal(answer(OXID_REMOTE_ACTIVATION, m.octets, m.len, true), ERR_OK);
	assert_true(got.oxid == OXID && got.has_bindings && got.whole);
}

static void
test_what_is_left_behind_the_status_shows(void **state)
{
	(void)state;
	build_resolve2(true);
	msg_fill(&m, 0, 1);
	assert_int_equal(answer(OXID_RESOLVE2, m.octets, m.len, true), ERR_OK);
	assert_false(got.whole);
}

/* Of an answer that is cut anywhere nothing is used. */
static void
test_cut_anywhere(void **state)
{
	static const struct {
		enum oxid_operation operation;
		const uint8_t *octets;
		size_t len;
	} stubs[] = {
	    {OXID_SERVER_ALIVE2, stub_server_alive2, sizeof(stub_server_alive2)},
	    {OXID_RESOLVE, stub_resolve_oxid, sizeof(stub_resolve_oxid)},
	    {OXID_RESOLVE2, stub_resolve_oxid2, sizeof(stub_resolve_oxid2)},
	    {OXID_CREATE_INSTANCE, stub_create_instance, sizeof(stub_create_instance)},
	    {OXID_CREATE_INSTANCE, stub_create_instance_extended,
		sizeof(stub_create_instance_extended)},
	    {OXID_REMOTE_ACTIVATION, stub_remote_activation, sizeof(stub_remote_activation)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
		for (size_t len = 0; len < stubs[i].len; len++)
			assert_int_equal(
			    answer(stubs[i].operation, stubs[i].octets, len, true), ERR_MALFORMED);
		assert_int_equal(
		    answer(stubs[i].operation, stubs[i].octets, stubs[i].len, true), ERR_OK);
	}
}

static void
test_counts_that_lie(void **state)
{
	static uint8_t octets[sizeof(stub_create_instance)];

	(void)state;
	memcpy(octets, stub_create_instance, sizeof(octets));
	octets[12]--; /* of the interface pointer's two counts one */
	assert_int_equal(answer(OXID_CREATE_INSTANCE, octets, sizeof(octets), true), ERR_MALFORMED);
	m.len = 0;
	m.le = true;
	msg_u32(&m, 0);
	msg_u32(&m, 1); /* extensions */
	msg_u32(&m, 2);
	msg_u32(&m, 0);
	msg_u32(&m, 1);
	msg_u32(&m, UINT32_MAX); /* many of them */
	msg_fill(&m, 1, 64);
	assert_int_equal(answer(OXID_CREATE_INSTANCE, m.octets, m.len, true), ERR_MALFORMED);
	m.len = 20;
	msg_u32(&m, 1);
	msg_u32(&m, 2);
	msg_u32(&m, 8); /* an extent whose size is more than its array */
	msg_fill(&m, 1, 16);
	msg_u32(&m, 9);
	msg_fill(&m, 0, 8);
	msg_u32(&m, 0);
	msg_u32(&m, 0);
	assert_int_equal(answer(OXID_CREATE_INSTANCE, m.octets, m.len, true), ERR_MALFORMED);
	m.octets[m.len - 8 - 8 - 4] = 8;
	assert_int_equal(answer(OXID_CREATE_INSTANCE, m.octets, m.len, true), ERR_OK);
}

static int
teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers_of_the_resolver),
	    cmocka_unit_test(test_answers_of_the_activators),
	    cmocka_unit_test(test_extensions_are_passed_over),
	    cmocka_unit_test(test_an_activation_that_failed),
	    cmocka_unit_test(test_questions),
	    cmocka_unit_test(test_an_oxid_that_is_cut_is_none),
	    cmocka_unit_test(test_of_many_interfaces_asked_for_the_first_are_kept),
	    cmocka_unit_test(trap_16_dcom_in_either_byte_order),
	    cmocka_unit_test(trap_16_an_object_reference_is_little_endian),
	    cmocka_unit_test(test_an_oxid_is_aligned_from_the_start_of_the_stub),
	    cmocka_unit_test(test_what_is_left_behind_the_status_shows),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_counts_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
