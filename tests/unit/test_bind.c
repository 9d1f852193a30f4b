/* test_bind.c - the bodies of bind, alter_context and their answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/bind.h"
#include "golden_pdus.h"
#include "rpc_build.h"

#define BODY(name) body_of(golden_##name, sizeof(golden_##name))

static struct message m;
static struct bind_offer offer;
static struct bind_answer answer;

static struct cursor
body_of(const uint8_t *octets, size_t len)
{
	struct pdu pdu;

	assert_int_equal(pdu_parse(octets, len, &pdu), ERR_OK);
	return pdu.body;
}

static struct cursor
body(void)
{
	return body_of(m.octets, m.len);
}

static void
assert_context(const struct obs_context *c, unsigned id, const char *iface, unsigned major,
    unsigned minor, enum rpc_syntax syntax)
{
	char text[UUID_TEXT];

	assert_int_equal(c->id, id);
	assert_string_equal(uuid_format(&c->iface.uuid, text), iface);
	assert_int_equal(c->iface.major, major);
	assert_int_equal(c->iface.minor, minor);
	assert_int_equal(c->syntax, syntax);
	assert_int_equal(c->result, CONTEXT_UNANSWERED);
}

static void
test_every_context_of_an_offer_is_read(void **state)
{
	struct cursor c = BODY(bind3);

	(void)state;
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 3);
	assert_context(&offer.context[0], 0, UUID_EPM, 3, 0, SYNTAX_NDR);
	assert_context(&offer.context[1], 1, UUID_EPM, 3, 0, SYNTAX_NDR64);
	assert_context(&offer.context[2], 2, UUID_EPM, 3, 0, SYNTAX_BTFN);
}

static void
trap_17_the_low_half_of_the_version_is_the_major_one(void **state)
{
	struct cursor c = BODY(bind_store);

	(void)state;
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 1);
	assert_context(&offer.context[0], 0, UUID_STORE, 0, 81, SYNTAX_NDR);
}

static void
trap_16_a_big_endian_offer_reads_the_same(void **state)
{
	struct cursor c = BODY(be_bind_store);

	(void)state;
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 1);
	assert_context(&offer.context[0], 0x0102, UUID_STORE, 0, 81, SYNTAX_NDR);
}

static void
test_a_context_may_offer_several_syntaxes_and_the_first_is_kept(void **state)
{
	struct cursor c = BODY(bind_syntaxes);

	(void)state;
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 2);
	assert_int_equal(offer.context[0].id, 7);
	assert_int_equal(offer.context[0].syntax, SYNTAX_NDR);
	assert_context(&offer.context[1], 9, UUID_EPM, 3, 0, SYNTAX_NDR64);
}

/* A context element up to its transfer syntaxes, of which it promises ${syntaxes}. */
static void
msg_context(unsigned id, unsigned syntaxes)
{
	msg_u16(&m, id);
	msg_u8(&m, syntaxes);
	msg_u8(&m, 0);
	msg_uuid(&m, UUID_EPM);
	msg_u32(&m, 3);
}

static void
msg_offer(unsigned contexts)
{
	msg_begin(&m, true, PDU_BIND, WHOLE, 1);
	msg_fill(&m, 0, 8);
	msg_u32(&m, contexts);
}

static void
test_a_context_without_a_syntax_is_no_reason_to_stop(void **state)
{
	struct cursor c;

	(void)state;
	msg_offer(2);
	msg_context(4, 0);
	msg_context(5, 1);
	msg_uuid(&m, UUID_NDR);
	msg_u32(&m, 2);
	msg_end(&m);
	c = body();
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 2);
	assert_context(&offer.context[0], 4, UUID_EPM, 3, 0, SYNTAX_OTHER);
	assert_context(&offer.context[1], 5, UUID_EPM, 3, 0, SYNTAX_NDR);
}

static void
test_as_many_contexts_as_a_byte_counts_are_read(void **state)
{
	struct cursor c;

	(void)state;
	msg_offer(255);
	for (unsigned i = 0; i < 255; i++) {
		msg_context(i, 1);
		msg_uuid(&m, UUID_NDR);
		msg_u32(&m, 2);
	}
	msg_end(&m);
	c = body();
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, BIND_CONTEXTS);
	assert_context(&offer.context[254], 254, UUID_EPM, 3, 0, SYNTAX_NDR);
}

static void
test_an_offer_of_nothing_is_an_offer(void **state)
{
	struct cursor c;

	(void)state;
	msg_offer(0);
	msg_end(&m);
	c = body();
	assert_int_equal(bind_parse_offer(&c, &offer), ERR_OK);
	assert_int_equal(offer.count, 0);
}

static void
test_an_offer_that_is_cut_keeps_the_whole_contexts_before(void **state)
{
	(void)state;
	for (size_t len = 28; len < sizeof(golden_bind3); len++) {
		struct cursor c = cur_init(golden_bind3, len, true);

		cur_skip(&c, PDU_HEADER);
		assert_int_equal(bind_parse_offer(&c, &offer), ERR_MALFORMED);
		assert_int_equal(offer.count, (len - 28) / 44);
	}
}

static void
test_an_answer_tells_each_context_its_fate(void **state)
{
	struct cursor c = BODY(bind3_ack);

	(void)state;
	assert_int_equal(bind_parse_answer(&c, &answer), ERR_OK);
	assert_int_equal(answer.sec_addr_len, 4);
	assert_memory_equal(answer.sec_addr, "135", 4);
	assert_int_equal(answer.count, 3);
	assert_int_equal(answer.result[0].result, CONTEXT_PROVIDER_REJECTION);
	assert_int_equal(answer.result[0].reason, 2);
	assert_int_equal(answer.result[1].result, CONTEXT_ACCEPTANCE);
	assert_int_equal(answer.result[2].result, CONTEXT_NEGOTIATE_ACK);
	assert_int_equal(answer.result[2].reason, 3);
}

static void
test_the_results_are_aligned_from_the_start_of_the_pdu(void **state)
{
	static const struct verdict accepted = {CONTEXT_ACCEPTANCE, 0, UUID_NDR64};
	static const uint8_t name[12] = "\\PIPE\\lsass";

	(void)state;
	for (size_t len = 0; len <= sizeof(name); len++) {
		struct cursor c;
		char text[UUID_TEXT];

		build_verdict(&m, PDU_BIND_ACK, 1, name, len, &accepted, 1);
		c = body();
		assert_int_equal(bind_parse_answer(&c, &answer), ERR_OK);
		assert_int_equal(answer.sec_addr_len, len);
		assert_int_equal(answer.count, 1);
		assert_int_equal(answer.result[0].result, CONTEXT_ACCEPTANCE);
		assert_string_equal(uuid_format(&answer.result[0].syntax, text), UUID_NDR64);
	}
}

static void
trap_15_an_empty_secondary_address_is_followed_by_garbage(void **state)
{
	struct cursor c = BODY(alter_resp);

	(void)state;
	assert_int_equal(bind_parse_answer(&c, &answer), ERR_OK);
	assert_int_equal(answer.sec_addr_len, 0);
	assert_int_equal(answer.count, 1);
	assert_int_equal(answer.result[0].result, CONTEXT_ACCEPTANCE);
}

static void
test_a_secondary_address_that_is_cut_is_none(void **state)
{
	struct cursor c;

	(void)state;
	msg_begin(&m, true, PDU_BIND_ACK, WHOLE, 1);
	msg_fill(&m, 0, 8);
	msg_u16(&m, 65535);
	msg_bytes(&m, "135", 4);
	msg_end(&m);
	c = body();
	assert_int_equal(bind_parse_answer(&c, &answer), ERR_MALFORMED);
	assert_int_equal(answer.sec_addr_len, 0);
	assert_int_equal(answer.count, 0);
}

/* Nobody has an address of thousands of bytes; what follows it is still found. */
static void
test_of_a_long_secondary_address_the_start_is_kept(void **state)
{
	static const struct verdict accepted = {CONTEXT_ACCEPTANCE, 0, UUID_NDR};
	static uint8_t name[5000];
	struct cursor c;

	(void)state;
	memset(name, 'x', sizeof(name));
	build_verdict(&m, PDU_BIND_ACK, 1, name, sizeof(name), &accepted, 1);
	c = body();
	assert_int_equal(bind_parse_answer(&c, &answer), ERR_OK);
	assert_int_equal(answer.sec_addr_len, BIND_SEC_ADDR);
	assert_int_equal(answer.count, 1);
}

static void
test_an_answer_that_is_cut_keeps_the_whole_results_before(void **state)
{
	(void)state;
	for (size_t len = 26; len < sizeof(golden_bind3_ack); len++) {
		struct cursor c = cur_init(golden_bind3_ack, len, true);

		cur_skip(&c, PDU_HEADER);
		assert_int_equal(bind_parse_answer(&c, &answer), ERR_MALFORMED);
		assert_int_equal(answer.count, len < 36 ? 0 : (len - 36) / 24);
	}
}

static void
trap_16_a_big_endian_answer_reads_the_same(void **state)
{
	struct cursor c = BODY(be_bind_ack);
	char text[UUID_TEXT];

	(void)state;
	assert_int_equal(bind_parse_answer(&c, &answer), ERR_OK);
	assert_int_equal(answer.sec_addr_len, 4);
	assert_int_equal(answer.count, 1);
	assert_string_equal(uuid_format(&answer.result[0].syntax, text), UUID_NDR);
}

static void
test_a_nak_has_a_reason(void **state)
{
	struct cursor c = BODY(bind_nak);
	uint16_t reason;

	(void)state;
	assert_int_equal(bind_parse_nak(&c, &reason), ERR_OK);
	assert_int_equal(reason, 4);
}

typedef size_t extent(const struct pdu_header *, const uint8_t *, size_t);

/* For every prefix the answer is right: more until ${whole} bytes are there, and then no more than
 * that. Each prefix lies in memory of its size. Returns how often one has to ask. */
static unsigned
check_extents(extent *of, const uint8_t *octets, size_t len, size_t whole)
{
	struct pdu_header head;
	size_t at = PDU_CALL_HEADER, before = 0;
	unsigned asked = 0;

	assert_int_equal(pdu_header_parse(octets, len, &head), ERR_OK);
	for (size_t have = PDU_CALL_HEADER; have <= len; have++) {
		uint8_t *copy = malloc(have);
		size_t now;

		assert_non_null(copy);
		memcpy(copy, octets, have);
		now = of(&head, copy, have);
		assert_true(now >= before && now <= pdu_body_end(&head));
		if (have < whole)
			assert_true(now > have && now <= whole);
		else
			assert_int_equal(now, whole);
		if (have == at) {
			asked++;
			at = now;
		}
		before = now;
		free(copy);
	}
	return asked;
}

#define OFFER(name, whole)                                                                         \
	check_extents(bind_offer_extent, golden_##name, sizeof(golden_##name), whole)
#define ANSWER(name, whole)                                                                        \
	check_extents(bind_answer_extent, golden_##name, sizeof(golden_##name), whole)

static void
test_an_offer_extends_to_its_last_syntax(void **state)
{
	(void)state;
	OFFER(bind3, 28 + 3 * 44);
	OFFER(bind_store, 28 + 44);
	OFFER(be_bind_store, 28 + 44);
	OFFER(bind_syntaxes, sizeof(golden_bind_syntaxes));
}

static void
test_an_answer_extends_to_its_last_result(void **state)
{
	static const struct verdict accepted[2] = {
	    {CONTEXT_ACCEPTANCE, 0, UUID_NDR64}, {CONTEXT_PROVIDER_REJECTION, 1, UUID_NONE}};

	(void)state;
	ANSWER(bind3_ack, 36 + 3 * 24);
	ANSWER(be_bind_ack, sizeof(golden_be_bind_ack));
	ANSWER(bind_store_ack, 26 + 5 + 1 + 4 + 24);
	for (size_t len = 0; len < 9; len++) {
		build_verdict(&m, PDU_BIND_ACK, 1, "\\PIPE\\ls", len, accepted, 2);
		check_extents(bind_answer_extent, m.octets, m.len, m.len);
	}
}

/* However many contexts there are, few questions tell how much they take. */
static void
test_the_extent_of_many_contexts_is_found_in_a_few_steps(void **state)
{
	(void)state;
	msg_offer(255);
	for (unsigned i = 0; i < 255; i++) {
		msg_context(i, i % 7);
		for (unsigned j = 0; j < i % 7; j++) {
			msg_uuid(&m, UUID_NDR);
			msg_u32(&m, 2);
		}
	}
	msg_auth(&m, 6, 0, 0, 4000);
	msg_end(&m);
	assert_true(
	    check_extents(bind_offer_extent, m.octets, m.len, m.len - 4000 - PDU_SEC_TRAILER) < 32);
}

static void
test_what_promises_more_than_the_body_extends_to_its_end(void **state)
{
	(void)state;
	msg_offer(255);
	msg_context(0, 255);
	msg_auth(&m, 6, 3, 3, 100);
	msg_end(&m);
	check_extents(bind_offer_extent, m.octets, m.len, m.len - 108);
	msg_begin(&m, true, PDU_BIND_ACK, WHOLE, 1);
	msg_fill(&m, 0, 8);
	msg_u16(&m, 65535);
	msg_fill(&m, 0xff, 100);
	msg_auth(&m, 6, 3, 3, 100);
	msg_end(&m);
	check_extents(bind_answer_extent, m.octets, m.len, m.len - 108);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_context_of_an_offer_is_read),
	    cmocka_unit_test(trap_17_the_low_half_of_the_version_is_the_major_one),
	    cmocka_unit_test(trap_16_a_big_endian_offer_reads_the_same),
	    cmocka_unit_test(test_a_context_may_offer_several_syntaxes_and_the_first_is_kept),
	    cmocka_unit_test(test_a_context_without_a_syntax_is_no_reason_to_stop),
	    cmocka_unit_test(test_as_many_contexts_as_a_byte_counts_are_read),
	    cmocka_unit_test(test_an_offer_of_nothing_is_an_offer),
	    cmocka_unit_test(test_an_offer_that_is_cut_keeps_the_whole_contexts_before),
	    cmocka_unit_test(test_an_answer_tells_each_context_its_fate),
	    cmocka_unit_test(test_the_results_are_aligned_from_the_start_of_the_pdu),
	    cmocka_unit_test(trap_15_an_empty_secondary_address_is_followed_by_garbage),
	    cmocka_unit_test(test_a_secondary_address_that_is_cut_is_none),
	    cmocka_unit_test(test_of_a_long_secondary_address_the_start_is_kept),
	    cmocka_unit_test(test_an_answer_that_is_cut_keeps_the_whole_results_before),
	    cmocka_unit_test(trap_16_a_big_endian_answer_reads_the_same),
	    cmocka_unit_test(test_a_nak_has_a_reason),
	    cmocka_unit_test(test_an_offer_extends_to_its_last_syntax),
	    cmocka_unit_test(test_an_answer_extends_to_its_last_result),
	    cmocka_unit_test(test_the_extent_of_many_contexts_is_found_in_a_few_steps),
	    cmocka_unit_test(test_what_promises_more_than_the_body_extends_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
