/* test_pdu.c - the common header, the trailer, and the parts of a PDU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/pdu.h"
#include "golden_pdus.h"
#include "rpc_build.h"

static struct message m;
static struct pdu pdu;
static struct pdu_header head;

static void
test_the_header_is_read_in_both_byte_orders(void **state)
{
	(void)state;
	assert_int_equal(
	    pdu_header_parse(golden_map64_request, sizeof(golden_map64_request), &head), ERR_OK);
	assert_int_equal(head.type, PDU_REQUEST);
	assert_int_equal(head.flags, WHOLE);
	assert_true(head.le);
	assert_int_equal(head.frag_len, 168);
	assert_int_equal(head.auth_len, 0);
	assert_int_equal(head.call_id, 2);
	assert_int_equal(pdu_header_parse(golden_be_bind_ack, PDU_HEADER, &head), ERR_OK);
	assert_int_equal(head.type, PDU_BIND_ACK);
	assert_false(head.le);
	assert_int_equal(head.frag_len, sizeof(golden_be_bind_ack));
	assert_int_equal(head.call_id, 7);
}

static void
test_a_header_needs_sixteen_bytes(void **state)
{
	(void)state;
	for (size_t len = 0; len < PDU_HEADER; len++)
		assert_int_equal(pdu_header_parse(golden_bind, len, &head), ERR_TRUNC);
}

static int
parse_with(size_t at, uint8_t value)
{
	uint8_t copy[PDU_HEADER];

	memcpy(copy, golden_map_request, sizeof(copy));
	copy[at] = value;
	return pdu_header_parse(copy, sizeof(copy), &head);
}

static void
test_headers_that_cannot_be_are_malformed(void **state)
{
	static const uint8_t types[] = {1, 4, 5, 6, 7, 8, 9, 10, 21, 31, 32, 64, 255};

	(void)state;
	assert_int_equal(parse_with(0, 4), ERR_MALFORMED);
	assert_int_equal(parse_with(1, 2), ERR_MALFORMED);
	assert_int_equal(parse_with(3, 0x0b), ERR_MALFORMED);
	assert_int_equal(parse_with(4, 0x20), ERR_MALFORMED);
	assert_int_equal(parse_with(5, 1), ERR_MALFORMED);
	assert_int_equal(parse_with(6, 1), ERR_MALFORMED);
	assert_int_equal(parse_with(7, 1), ERR_MALFORMED);
	for (size_t i = 0; i < sizeof(types); i++)
		assert_int_equal(parse_with(2, types[i]), ERR_MALFORMED);
}

static void
test_minor_version_one_is_a_version(void **state)
{
	(void)state;
	assert_int_equal(parse_with(1, 1), ERR_OK);
}

static void
test_each_type_has_its_smallest_length(void **state)
{
	static const struct {
		enum pdu_type type;
		size_t len;
	} rows[] = {
	    {PDU_REQUEST, 24},
	    {PDU_RESPONSE, 24},
	    {PDU_FAULT, 24},
	    {PDU_BIND, 28},
	    {PDU_BIND_ACK, 26},
	    {PDU_BIND_NAK, 18},
	    {PDU_ALTER_CONTEXT, 28},
	    {PDU_ALTER_CONTEXT_RESP, 26},
	    {PDU_AUTH3, 16},
	    {PDU_SHUTDOWN, 16},
	    {PDU_CO_CANCEL, 16},
	    {PDU_ORPHANED, 16},
	    {PDU_RTS, 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		msg_begin(&m, true, rows[i].type, WHOLE, 1);
		msg_patch16(&m, 8, rows[i].len);
		assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_OK);
		msg_patch16(&m, 8, rows[i].len - 1);
		assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_MALFORMED);
	}
}

static void
test_credentials_must_fit_with_their_trailer(void **state)
{
	(void)state;
	msg_begin(&m, true, PDU_AUTH3, WHOLE, 1);
	msg_patch16(&m, 10, 100);
	msg_patch16(&m, 8, 124);
	assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_OK);
	msg_patch16(&m, 8, 123);
	assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_MALFORMED);
	msg_patch16(&m, 8, 65535);
	msg_patch16(&m, 10, 65535);
	assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_MALFORMED);
}

static void
test_the_stub_of_a_request_follows_its_header(void **state)
{
	(void)state;
	assert_int_equal(
	    pdu_parse(golden_map64_request, sizeof(golden_map64_request), &pdu), ERR_OK);
	assert_ptr_equal(pdu.stub, golden_map64_request + STUB_AT);
	assert_int_equal(pdu.stub_len, sizeof(golden_map64_request) - STUB_AT);
	assert_int_equal(pdu.context_id, 1);
	assert_int_equal(pdu.opnum, 3);
	assert_false(pdu.auth.present);
}

static void
test_an_object_stands_before_the_stub(void **state)
{
	(void)state;
	msg_call(&m, true, PDU_REQUEST, WHOLE | PDU_OBJECT_UUID, 1, 0, 3);
	msg_uuid(&m, UUID_NSPI);
	msg_fill(&m, 0xee, 5);
	msg_end(&m);
	assert_int_equal(pdu_parse(m.octets, m.len, &pdu), ERR_OK);
	assert_ptr_equal(pdu.stub, m.octets + STUB_AT + 16);
	assert_int_equal(pdu.stub_len, 5);
}

static void
test_an_object_that_is_cut_is_malformed(void **state)
{
	(void)state;
	msg_call(&m, true, PDU_REQUEST, WHOLE | PDU_OBJECT_UUID, 1, 0, 3);
	msg_fill(&m, 0, 15);
	msg_end(&m);
	assert_int_equal(pdu_parse(m.octets, m.len, &pdu), ERR_MALFORMED);
}

/* The same bit means something else, or nothing, in what servers send. */
static void
test_only_requests_carry_an_object(void **state)
{
	(void)state;
	msg_call(&m, true, PDU_RESPONSE, WHOLE | PDU_OBJECT_UUID, 1, 0, 0);
	msg_fill(&m, 0xee, 5);
	msg_end(&m);
	assert_int_equal(pdu_parse(m.octets, m.len, &pdu), ERR_OK);
	assert_int_equal(pdu.stub_len, 5);
}

static void
test_bytes_after_the_fragment_are_not_its_own(void **state)
{
	uint8_t two[2 * sizeof(golden_map_answer)];

	(void)state;
	memcpy(two, golden_map_answer, sizeof(golden_map_answer));
	memcpy(two + sizeof(golden_map_answer), golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(pdu_parse(two, sizeof(two), &pdu), ERR_OK);
	assert_int_equal(pdu.stub_len, sizeof(golden_map_answer) - STUB_AT);
}

static void
test_a_fragment_that_is_not_all_there_is_cut(void **state)
{
	(void)state;
	for (size_t len = PDU_HEADER; len < sizeof(golden_map_answer); len++)
		assert_int_equal(pdu_parse(golden_map_answer, len, &pdu), ERR_TRUNC);
}

static void
test_pad_and_trailer_are_cut_off_the_stub(void **state)
{
	(void)state;
	assert_int_equal(
	    pdu_parse(golden_signed_request, sizeof(golden_signed_request), &pdu), ERR_OK);
	assert_int_equal(pdu.stub_len, sizeof(golden_map_request) - STUB_AT);
	assert_memory_equal(pdu.stub, golden_map_request + STUB_AT, pdu.stub_len);
	assert_true(pdu.auth.present);
	assert_int_equal(pdu.auth.type, 10);
	assert_int_equal(pdu.auth.level, 5);
	assert_int_equal(pdu.auth.pad, 4);
}

static void
test_the_body_of_a_bind_ends_before_its_credentials(void **state)
{
	(void)state;
	assert_int_equal(pdu_parse(golden_bind_store, sizeof(golden_bind_store), &pdu), ERR_OK);
	assert_int_equal(cur_at(&pdu.body), PDU_HEADER);
	assert_int_equal(
	    cur_left(&pdu.body), sizeof(golden_bind_store) - PDU_HEADER - PDU_SEC_TRAILER - 16);
	assert_int_equal(pdu.auth.level, 2);
}

/* ${stub} bytes of stub, ${pad} of pad, and a trailer that claims ${claimed} bytes of pad. */
static size_t
stub_left(enum pdu_type type, unsigned flags, size_t stub, size_t pad, unsigned claimed)
{
	msg_call(&m, true, type, flags, 1, 0, 3);
	if ((flags & PDU_OBJECT_UUID) != 0)
		msg_uuid(&m, UUID_NSPI);
	msg_fill(&m, 0xee, stub);
	msg_auth(&m, 6, pad, claimed, 16);
	msg_end(&m);
	assert_int_equal(pdu_parse(m.octets, m.len, &pdu), ERR_OK);
	assert_true(pdu.auth.present);
	assert_int_equal(pdu.auth.level, 6);
	return pdu.stub_len;
}

static void
trap_15_a_pad_longer_than_the_stub_is_clamped_to_it(void **state)
{
	(void)state;
	assert_int_equal(stub_left(PDU_REQUEST, WHOLE, 4, 0, 4), 0);
	assert_int_equal(stub_left(PDU_REQUEST, WHOLE, 4, 0, 5), 0);
	assert_int_equal(stub_left(PDU_REQUEST, WHOLE, 0, 0, 255), 0);
	assert_int_equal(stub_left(PDU_RESPONSE, WHOLE, 7, 0, 8), 0);
	assert_int_equal(stub_left(PDU_RESPONSE, WHOLE, 200, 3, 255), 0);
	assert_int_equal(stub_left(PDU_REQUEST, WHOLE | PDU_OBJECT_UUID, 4, 0, 5), 0);
	assert_int_equal(stub_left(PDU_REQUEST, WHOLE | PDU_OBJECT_UUID, 4, 0, 3), 1);
}

/* Of the start of a bind, what is there is body, and the trailer counts once it is whole. */
static void
test_the_start_of_a_bind_has_the_body_that_is_there(void **state)
{
	const size_t len = sizeof(golden_bind_store), end = len - 16 - PDU_SEC_TRAILER;

	(void)state;
	for (size_t have = PDU_HEADER; have <= len; have++) {
		assert_int_equal(pdu_parse_start(golden_bind_store, have, &pdu), ERR_OK);
		assert_int_equal(cur_at(&pdu.body), PDU_HEADER);
		assert_int_equal(cur_left(&pdu.body), (have < end ? have : end) - PDU_HEADER);
		assert_int_equal(pdu.auth.present, have >= end + PDU_SEC_TRAILER);
		assert_int_equal(pdu.auth.level, have >= end + PDU_SEC_TRAILER ? 2 : 0);
	}
	assert_int_equal(pdu_parse_start(golden_bind_store, PDU_HEADER - 1, &pdu), ERR_TRUNC);
}

static void
test_the_start_of_a_call_is_of_no_use(void **state)
{
	(void)state;
	for (size_t len = PDU_HEADER; len < sizeof(golden_map_answer); len++)
		assert_int_equal(pdu_parse_start(golden_map_answer, len, &pdu), ERR_TRUNC);
	assert_int_equal(
	    pdu_parse_start(golden_map_answer, sizeof(golden_map_answer), &pdu), ERR_OK);
}

static void
test_the_body_ends_where_pad_and_trailer_begin(void **state)
{
	(void)state;
	assert_int_equal(pdu_header_parse(golden_bind, sizeof(golden_bind), &head), ERR_OK);
	assert_int_equal(pdu_body_end(&head), sizeof(golden_bind));
	assert_int_equal(
	    pdu_header_parse(golden_bind_store, sizeof(golden_bind_store), &head), ERR_OK);
	assert_int_equal(pdu_body_end(&head), sizeof(golden_bind_store) - 16 - PDU_SEC_TRAILER);
}

static void
test_a_trailer_inside_the_call_header_is_malformed(void **state)
{
	(void)state;
	for (size_t header = PDU_HEADER; header < PDU_CALL_HEADER; header++) {
		msg_begin(&m, true, PDU_REQUEST, WHOLE, 1);
		msg_fill(&m, 0, header - PDU_HEADER);
		msg_auth(&m, 5, 0, 0, 16);
		msg_end(&m);
		assert_int_equal(pdu_parse(m.octets, m.len, &pdu), ERR_MALFORMED);
	}
}

static void
test_a_trailer_is_read_in_the_order_of_its_pdu(void **state)
{
	static const uint8_t octets[PDU_SEC_TRAILER] = {68, 6, 12, 0, 1, 2, 3, 4};
	struct pdu_auth auth;

	(void)state;
	pdu_trailer_parse(octets, true, &auth);
	assert_true(auth.present);
	assert_int_equal(auth.type, 68);
	assert_int_equal(auth.level, 6);
	assert_int_equal(auth.pad, 12);
	assert_int_equal(auth.context_id, 0x04030201);
	pdu_trailer_parse(octets, false, &auth);
	assert_int_equal(auth.context_id, 0x01020304);
}

static void
test_context_id_and_opnum_are_read_in_the_order_of_their_pdu(void **state)
{
	(void)state;
	for (int le = 0; le < 2; le++) {
		msg_call(&m, le != 0, PDU_RESPONSE, WHOLE, 1, 0x0102, 0);
		msg_end(&m);
		assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_OK);
		assert_int_equal(pdu_context_id(&head, m.octets), 0x0102);
		msg_call(&m, le != 0, PDU_REQUEST, WHOLE, 1, 0x0102, 0x0304);
		msg_end(&m);
		assert_int_equal(pdu_header_parse(m.octets, m.len, &head), ERR_OK);
		assert_int_equal(pdu_opnum(&head, m.octets), 0x0304);
	}
}

static void
test_each_type_has_its_sender(void **state)
{
	(void)state;
	assert_int_equal(pdu_sender(PDU_REQUEST), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_BIND), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_ALTER_CONTEXT), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_AUTH3), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_CO_CANCEL), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_ORPHANED), PDU_FROM_CLIENT);
	assert_int_equal(pdu_sender(PDU_RESPONSE), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_FAULT), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_BIND_ACK), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_BIND_NAK), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_ALTER_CONTEXT_RESP), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_SHUTDOWN), PDU_FROM_SERVER);
	assert_int_equal(pdu_sender(PDU_RTS), PDU_FROM_BOTH);
	assert_int_equal(pdu_sender(1), PDU_FROM_NOBODY);
	assert_int_equal(pdu_sender(PDU_TYPES), PDU_FROM_NOBODY);
	assert_int_equal(pdu_sender(255), PDU_FROM_NOBODY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_header_is_read_in_both_byte_orders),
	    cmocka_unit_test(test_a_header_needs_sixteen_bytes),
	    cmocka_unit_test(test_headers_that_cannot_be_are_malformed),
	    cmocka_unit_test(test_minor_version_one_is_a_version),
	    cmocka_unit_test(test_each_type_has_its_smallest_length),
	    cmocka_unit_test(test_credentials_must_fit_with_their_trailer),
	    cmocka_unit_test(test_the_stub_of_a_request_follows_its_header),
	    cmocka_unit_test(test_an_object_stands_before_the_stub),
	    cmocka_unit_test(test_an_object_that_is_cut_is_malformed),
	    cmocka_unit_test(test_only_requests_carry_an_object),
	    cmocka_unit_test(test_bytes_after_the_fragment_are_not_its_own),
	    cmocka_unit_test(test_a_fragment_that_is_not_all_there_is_cut),
	    cmocka_unit_test(test_pad_and_trailer_are_cut_off_the_stub),
	    cmocka_unit_test(test_the_body_of_a_bind_ends_before_its_credentials),
	    cmocka_unit_test(trap_15_a_pad_longer_than_the_stub_is_clamped_to_it),
	    cmocka_unit_test(test_the_start_of_a_bind_has_the_body_that_is_there),
	    cmocka_unit_test(test_the_start_of_a_call_is_of_no_use),
	    cmocka_unit_test(test_the_body_ends_where_pad_and_trailer_begin),
	    cmocka_unit_test(test_a_trailer_inside_the_call_header_is_malformed),
	    cmocka_unit_test(test_a_trailer_is_read_in_the_order_of_its_pdu),
	    cmocka_unit_test(test_context_id_and_opnum_are_read_in_the_order_of_their_pdu),
	    cmocka_unit_test(test_each_type_has_its_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
