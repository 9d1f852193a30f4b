/* test_epm.c - the stubs of ept_map and ept_lookup, in both syntaxes and both byte orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/epm.h"
#include "dissect/obs_queue.h"
#include "golden_pdus.h"
#include "rpc_build.h"

#define STUB(name, wide) stub_of(golden_##name, sizeof(golden_##name), (wide))

enum {
	NOT_REGISTERED = 0x16C9A0D6,
};

static struct obs_queue *queue;
static struct message m;
static struct obs_epm answer;
static struct obs_epm_question question;
static uint8_t *copy;

static int
make_queue(void **state)
{
	(void)state;
	return obs_queue_new(&queue, (size_t)4 << 20);
}

static int
free_queue(void **state)
{
	(void)state;
	obs_queue_free(&queue);
	free(copy);
	return 0;
}

/* Memory of exactly that size, until the next one. */
static const uint8_t *
exact(const uint8_t *octets, size_t len)
{
	free(copy);
	copy = malloc(len != 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, octets, len);
	return copy;
}

static struct rpc_stub
stub_of(const uint8_t *pdu, size_t len, bool wide)
{
	return (struct rpc_stub){.data = exact(pdu + STUB_AT, len - STUB_AT),
	    .len = len - STUB_AT,
	    .le = pdu[4] != 0,
	    .ndr64 = wide};
}

static struct rpc_stub
stub_of_message(bool wide)
{
	return (struct rpc_stub){
	    .data = exact(m.octets, m.len), .len = m.len, .le = m.le, .ndr64 = wide};
}

static int
parse_answer(enum epm_operation operation, struct rpc_stub stub)
{
	obs_queue_reset(queue);
	answer = (struct obs_epm){0};
	return epm_parse_answer(operation, &stub, queue, &answer);
}

static int
parse_question(enum epm_operation operation, struct rpc_stub stub)
{
	obs_queue_reset(queue);
	question = (struct obs_epm_question){0};
	return epm_parse_question(operation, &stub, queue, &question);
}

static void
assert_iface(const struct if_id *iface, const char *uuid, unsigned major, unsigned minor)
{
	char text[UUID_TEXT];

	assert_string_equal(uuid_format(&iface->uuid, text), uuid);
	assert_int_equal(iface->major, major);
	assert_int_equal(iface->minor, minor);
}

static void
assert_tower(size_t i, enum protseq protseq, uint16_t port)
{
	assert_true(i < answer.tower_count);
	assert_int_equal(answer.tower[i].protseq, protseq);
	assert_int_equal(answer.tower[i].port, port);
}

/* A stub of an answer, field by field. */

static void
put_count(uint64_t value, bool wide)
{
	msg_align(&m, wide ? 8 : 4);
	msg_int(&m, value, wide ? 8 : 4);
}

static void
put_head(bool wide, uint32_t number, uint64_t max_count, uint64_t offset, uint64_t actual)
{
	m.len = 0;
	m.le = true;
	msg_fill(&m, 0, 20);
	msg_u32(&m, number);
	put_count(max_count, wide);
	put_count(offset, wide);
	put_count(actual, wide);
}

static void
put_tower(bool wide, uint16_t port)
{
	static const uint8_t *tcp = golden_map_answer + STUB_AT + 48;

	put_count(75, wide);
	msg_u32(&m, 75);
	msg_bytes(&m, tcp, 64);
	msg_u8(&m, port >> 8);
	msg_u8(&m, port & 0xff);
	msg_bytes(&m, tcp + 66, 9);
}

static void
put_entry(bool wide, uint32_t referent, const char *annotation, size_t len)
{
	msg_align(&m, wide ? 8 : 4);
	msg_uuid(&m, UUID_NONE);
	put_count(referent, wide);
	put_count(0, wide);
	put_count(len, wide);
	msg_bytes(&m, annotation, len);
}

static void
put_status(uint32_t status)
{
	msg_align(&m, 4);
	msg_u32(&m, status);
}

static void
test_a_map_question_names_what_it_asks_for(void **state)
{
	(void)state;
	assert_int_equal(parse_question(EPM_MAP, STUB(map_request, false)), ERR_OK);
	assert_true(question.names_interface);
	assert_iface(&question.iface, UUID_NSPI, 56, 0);
	assert_int_equal(question.protseq, PROTSEQ_TCP);
	assert_int_equal(question.max_towers, 4);
	assert_false(question.with_object);
	assert_false(question.continues);
}

static void
test_a_map_question_reads_the_same_in_ndr64_and_big_endian(void **state)
{
	(void)state;
	assert_int_equal(parse_question(EPM_MAP, STUB(map64_request, true)), ERR_OK);
	assert_iface(&question.iface, "e3514235-4b06-11d1-ab04-00c04fc2dcd2", 4, 0);
	assert_int_equal(question.max_towers, 4);
	assert_int_equal(parse_question(EPM_MAP, STUB(be_map_request, false)), ERR_OK);
	assert_iface(&question.iface, UUID_NSPI, 56, 0);
	assert_int_equal(question.max_towers, 4);
}

static void
test_a_map_question_without_an_object_pointer_has_no_uuid(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		m.len = 0;
		m.le = true;
		put_count(0, wide != 0);
		put_count(2, wide != 0);
		put_tower(wide != 0, 135);
		msg_align(&m, 4);
		msg_fill(&m, 0, 20);
		msg_u32(&m, 9);
		assert_int_equal(parse_question(EPM_MAP, stub_of_message(wide != 0)), ERR_OK);
		assert_true(question.names_interface);
		assert_false(question.with_object);
		assert_int_equal(question.max_towers, 9);
	}
}

static void
trap_25_a_map_question_with_an_object_and_a_handle_says_so(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	put_count(1, false);
	msg_uuid(&m, UUID_STORE);
	put_count(2, false);
	put_tower(false, 135);
	msg_align(&m, 4);
	msg_fill(&m, 0x10, 20);
	msg_u32(&m, 500);
	assert_int_equal(parse_question(EPM_MAP, stub_of_message(false)), ERR_OK);
	assert_true(question.with_object);
	assert_true(question.continues);
	assert_int_equal(question.max_towers, 500);
}

static void
test_a_lookup_question_names_what_it_asks_for(void **state)
{
	(void)state;
	assert_int_equal(parse_question(EPM_LOOKUP, STUB(lookup_request, false)), ERR_OK);
	assert_int_equal(question.inquiry_type, 1);
	assert_true(question.names_interface);
	assert_iface(&question.iface, UUID_NSPI, 56, 0);
	assert_int_equal(question.max_towers, 1);
	assert_false(question.with_object); /* there is one, and it is to be ignored */
	assert_int_equal(parse_question(EPM_LOOKUP, STUB(lookup64_request, true)), ERR_OK);
	assert_int_equal(question.inquiry_type, 0);
	assert_false(question.names_interface);
	assert_int_equal(question.max_towers, 500);
}

static void
test_the_inquiry_type_decides_what_of_a_lookup_question_counts(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 4; type++) {
		m.len = 0;
		m.le = false;
		msg_u32(&m, type);
		msg_u32(&m, 1);
		msg_uuid(&m, UUID_NETLOGON);
		msg_u32(&m, 2);
		msg_uuid(&m, UUID_STORE);
		msg_u16(&m, 0);
		msg_u16(&m, 81);
		msg_u32(&m, 3);
		msg_fill(&m, 0, 20);
		msg_u32(&m, 77);
		assert_int_equal(parse_question(EPM_LOOKUP, stub_of_message(false)), ERR_OK);
		assert_int_equal(question.inquiry_type, type);
		assert_int_equal(question.version_option, 3);
		assert_int_equal(question.with_object, type >= 2);
		assert_int_equal(question.names_interface, type == 1 || type == 3);
		if (question.names_interface)
			assert_iface(&question.iface, UUID_STORE, 0, 81);
		assert_int_equal(question.max_towers, 77);
	}
}

static void
test_a_question_that_is_cut_is_malformed(void **state)
{
	struct rpc_stub cut = {.le = true, .ndr64 = true};

	(void)state;
	for (cut.len = 0; cut.len < sizeof(golden_map64_request) - STUB_AT; cut.len++) {
		cut.data = exact(golden_map64_request + STUB_AT, cut.len);
		assert_int_equal(parse_question(EPM_MAP, cut), ERR_MALFORMED);
	}
	for (cut.len = 0; cut.len < sizeof(golden_lookup64_request) - STUB_AT; cut.len++) {
		cut.data = exact(golden_lookup64_request + STUB_AT, cut.len);
		assert_int_equal(parse_question(EPM_LOOKUP, cut), ERR_MALFORMED);
	}
}

static void
test_a_question_with_a_senseless_tower_names_nothing(void **state)
{
	(void)state;
	m.len = 0;
	m.le = true;
	put_count(0, false);
	put_count(2, false);
	msg_u32(&m, 4);
	msg_u32(&m, 4);
	msg_fill(&m, 0xff, 4);
	msg_fill(&m, 0, 20);
	msg_u32(&m, 4);
	assert_int_equal(parse_question(EPM_MAP, stub_of_message(false)), ERR_OK);
	assert_false(question.names_interface);
	assert_int_equal(question.max_towers, 4);
}

static void
test_a_map_answer_lists_where_the_interface_answers(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(map_answer, false)), ERR_OK);
	assert_int_equal(answer.operation, EPM_MAP);
	assert_false(answer.ndr64);
	assert_false(answer.handle_live);
	assert_false(answer.damaged);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.tower_count, 1);
	assert_tower(0, PROTSEQ_TCP, 4997);
	assert_iface(&answer.tower[0].iface, UUID_NSPI, 56, 0);
	assert_true(uuid_is_nil(&answer.tower[0].object));
	assert_null(answer.tower[0].annotation);
}

static void
test_a_map_answer_reads_the_same_in_ndr64_and_big_endian(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(map64_answer, true)), ERR_OK);
	assert_true(answer.ndr64);
	assert_int_equal(answer.tower_count, 1);
	assert_tower(0, PROTSEQ_TCP, 49667);
	assert_int_equal(parse_answer(EPM_MAP, STUB(be_map_answer, false)), ERR_OK);
	assert_int_equal(answer.tower_count, 1);
	assert_tower(0, PROTSEQ_TCP, 4997);
}

static void
test_towers_keep_their_order_and_their_pads_are_garbage(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(two_answer, false)), ERR_OK);
	assert_int_equal(answer.tower_count, 2);
	assert_tower(0, PROTSEQ_TCP, 49676);
	assert_tower(1, PROTSEQ_TCP, 49667);
	assert_iface(&answer.tower[1].iface, UUID_NETLOGON, 1, 0);
}

static void
test_towers_of_many_kinds_stand_in_one_answer(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(kinds_answer, false)), ERR_OK);
	assert_int_equal(answer.tower_count, 6);
	assert_tower(0, PROTSEQ_TCP, 49200);
	assert_tower(1, PROTSEQ_UDP, 1029);
	assert_tower(2, PROTSEQ_HTTP, 6001);
	assert_tower(3, PROTSEQ_NP, 0);
	assert_string_equal(answer.tower[3].endpoint, "\\PIPE\\lsass");
	assert_tower(4, PROTSEQ_LRPC, 0);
	assert_string_equal(answer.tower[4].endpoint, "samss lpc");
	assert_tower(5, PROTSEQ_TCP, 49201);
	assert_true(answer.tower[5].host_known);
}

static void
test_a_live_handle_says_that_more_may_follow(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(one_answer, false)), ERR_OK);
	assert_true(answer.handle_live);
	assert_tower(0, PROTSEQ_TCP, 49668);
}

static void
test_not_registered_is_an_answer_without_towers(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_MAP, STUB(gone_answer, false)), ERR_OK);
	assert_int_equal(answer.tower_count, 0);
	assert_int_equal(answer.status, NOT_REGISTERED);
	assert_false(answer.damaged);
	put_head(true, 0, 4, 0, 0);
	put_status(NOT_REGISTERED);
	assert_int_equal(parse_answer(EPM_MAP, stub_of_message(true)), ERR_OK);
	assert_int_equal(answer.status, NOT_REGISTERED);
}

static void
test_a_lookup_answer_is_annotated(void **state)
{
	(void)state;
	assert_int_equal(parse_answer(EPM_LOOKUP, STUB(lookup_answer, false)), ERR_OK);
	assert_int_equal(answer.operation, EPM_LOOKUP);
	assert_true(answer.handle_live);
	assert_int_equal(answer.tower_count, 1);
	assert_tower(0, PROTSEQ_HTTP, 5000);
	assert_string_equal(answer.tower[0].annotation, "MS Exchange Directory NSP Interface");
	assert_true(uuid_is_nil(&answer.tower[0].object));
}

static void
test_a_lookup_answer_in_ndr64_keeps_entries_and_towers_together(void **state)
{
	char text[UUID_TEXT];

	(void)state;
	assert_int_equal(parse_answer(EPM_LOOKUP, STUB(lookup64_answer, true)), ERR_OK);
	assert_int_equal(answer.tower_count, 2);
	assert_tower(0, PROTSEQ_TCP, 4997);
	assert_string_equal(answer.tower[0].annotation, "AB");
	assert_tower(1, PROTSEQ_TCP, 1032);
	assert_iface(&answer.tower[1].iface, UUID_STORE, 0, 81);
	assert_string_equal(answer.tower[1].annotation, "store");
	assert_string_equal(
	    uuid_format(&answer.tower[1].object, text), "11223344-5566-7788-99aa-bbccddeeff00");
	assert_int_equal(answer.status, NOT_REGISTERED);
}

/* Alignment of entries and towers must hold for every length of the annotations. */
static void
test_annotations_of_any_length_shift_nothing(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz";

	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		for (size_t len = 1; len <= 17; len++) {
			put_head(wide != 0, 3, 500, 0, 3);
			put_entry(wide != 0, 3, text, len);
			put_entry(wide != 0, 4, "", 0);
			put_entry(wide != 0, 5, text, len + 1);
			msg_align(&m, wide != 0 ? 8 : 4);
			put_tower(wide != 0, 1001);
			put_tower(wide != 0, 1002);
			put_tower(wide != 0, 1003);
			put_status(7);
			assert_int_equal(
			    parse_answer(EPM_LOOKUP, stub_of_message(wide != 0)), ERR_OK);
			assert_int_equal(answer.tower_count, 3);
			assert_tower(0, PROTSEQ_TCP, 1001);
			assert_tower(2, PROTSEQ_TCP, 1003);
			assert_int_equal(strlen(answer.tower[0].annotation), len);
			assert_null(answer.tower[1].annotation);
			assert_int_equal(strlen(answer.tower[2].annotation), len + 1);
			assert_int_equal(answer.status, 7);
		}
	}
}

/* An entry without a tower gives none, and its neighbours keep theirs. */
static void
test_null_towers_are_left_out(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		put_head(wide != 0, 3, 3, 0, 3);
		put_entry(wide != 0, 3, "one", 4);
		put_entry(wide != 0, 0, "two", 4);
		put_entry(wide != 0, 5, "three", 6);
		msg_align(&m, wide != 0 ? 8 : 4);
		put_tower(wide != 0, 1001);
		put_tower(wide != 0, 1003);
		put_status(0);
		assert_int_equal(parse_answer(EPM_LOOKUP, stub_of_message(wide != 0)), ERR_OK);
		assert_int_equal(answer.tower_count, 2);
		assert_tower(1, PROTSEQ_TCP, 1003);
		assert_string_equal(answer.tower[1].annotation, "three");
		put_head(wide != 0, 2, 2, 0, 2);
		put_count(0, wide != 0);
		put_count(9, wide != 0);
		put_tower(wide != 0, 1004);
		put_status(0);
		assert_int_equal(parse_answer(EPM_MAP, stub_of_message(wide != 0)), ERR_OK);
		assert_int_equal(answer.tower_count, 1);
		assert_tower(0, PROTSEQ_TCP, 1004);
	}
}

/* In NDR64 the array is padded to its alignment, even where nothing of that alignment follows. */
static void
test_the_status_stands_behind_the_pad_of_the_entries(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		for (size_t len = 0; len <= 8; len++) {
			put_head(wide != 0, 1, 1, 0, 1);
			put_entry(wide != 0, 0, "abcdefg", len);
			msg_align(&m, wide != 0 ? 8 : 4);
			put_status(NOT_REGISTERED);
			assert_int_equal(
			    parse_answer(EPM_LOOKUP, stub_of_message(wide != 0)), ERR_OK);
			assert_int_equal(answer.status, NOT_REGISTERED);
		}
	}
}

static void
test_a_tower_that_makes_no_sense_is_left_out_and_the_rest_read(void **state)
{
	(void)state;
	put_head(false, 3, 3, 0, 3);
	put_count(3, false);
	put_count(4, false);
	put_count(5, false);
	put_tower(false, 1001);
	put_count(10, false);
	msg_u32(&m, 10);
	msg_fill(&m, 0xff, 10);
	put_tower(false, 1003);
	put_status(0);
	assert_int_equal(parse_answer(EPM_MAP, stub_of_message(false)), ERR_MALFORMED);
	assert_true(answer.damaged);
	assert_int_equal(answer.tower_count, 2);
	assert_tower(0, PROTSEQ_TCP, 1001);
	assert_tower(1, PROTSEQ_TCP, 1003);
}

static void
test_of_two_lengths_of_a_tower_the_smaller_is_believed(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		put_head(wide != 0, 1, 1, 0, 1);
		put_count(3, wide != 0);
		put_tower(wide != 0, 1001);
		put_status(0);
		/* max_count, which stands right before the length, grows beyond the stub */
		m.octets[wide != 0 ? 56 + 3 : 40 + 3] = 0x7f;
		assert_int_equal(parse_answer(EPM_MAP, stub_of_message(wide != 0)), ERR_OK);
		assert_tower(0, PROTSEQ_TCP, 1001);
		/* and now the length, which stands right behind it */
		m.octets[wide != 0 ? 56 + 3 : 40 + 3] = 0;
		m.octets[wide != 0 ? 64 + 3 : 44 + 3] = 0x7f;
		assert_int_equal(parse_answer(EPM_MAP, stub_of_message(wide != 0)), ERR_OK);
		assert_tower(0, PROTSEQ_TCP, 1001);
	}
}

static void
test_an_answer_that_is_cut_keeps_the_whole_towers_before(void **state)
{
	struct rpc_stub whole = STUB(two_answer, false);
	uint8_t octets[256];

	(void)state;
	memcpy(octets, whole.data, whole.len);
	for (size_t len = 0; len < whole.len; len++) {
		struct rpc_stub cut = {.data = exact(octets, len), .len = len, .le = true};
		int r = parse_answer(EPM_MAP, cut);

		assert_int_equal(r, len < 36 ? ERR_TRUNC : ERR_MALFORMED);
		assert_int_equal(answer.tower_count, len < 52 + 75 ? 0 : len < 136 + 75 ? 1 : 2);
		assert_int_equal(answer.damaged, len >= 36);
	}
}

static void
test_counts_that_contradict_each_other_are_damage(void **state)
{
	(void)state;
	put_head(false, 2, 4, 0, 1);
	put_count(3, false);
	put_tower(false, 1001);
	put_status(0);
	assert_int_equal(parse_answer(EPM_MAP, stub_of_message(false)), ERR_MALFORMED);
	assert_true(answer.damaged);
	assert_int_equal(answer.tower_count, 1);
}

static void
test_huge_counts_cost_no_more_than_the_stub(void **state)
{
	static const uint64_t counts[] = {
	    1025, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 2, UINT64_MAX / 8 + 1, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (int wide = 0; wide < 2; wide++) {
			put_head(wide != 0, (uint32_t)counts[i], counts[i], 0, counts[i]);
			if (!wide && counts[i] > UINT32_MAX)
				continue;
			msg_fill(&m, 1, 400);
			assert_int_equal(
			    parse_answer(EPM_MAP, stub_of_message(wide != 0)), ERR_MALFORMED);
			assert_int_equal(answer.tower_count, 0);
			assert_int_equal(
			    parse_answer(EPM_LOOKUP, stub_of_message(wide != 0)), ERR_MALFORMED);
			assert_int_equal(answer.tower_count, 0);
		}
	}
}

static void
put_long_answer(bool wide, size_t towers)
{
	put_head(wide, (uint32_t)towers, towers, 0, towers);
	for (size_t i = 0; i < towers; i++)
		put_count(3 + i, wide);
	for (size_t i = 0; i < towers; i++)
		put_tower(wide, (uint16_t)(1000 + i));
	put_status(0);
}

static void
test_as_many_towers_as_the_interface_allows_are_read(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		put_long_answer(wide != 0, 500);
		assert_int_equal(parse_answer(EPM_MAP, stub_of_message(wide != 0)), ERR_OK);
		assert_int_equal(answer.tower_count, 500);
		assert_tower(499, PROTSEQ_TCP, 1499);
		assert_true(epm_looks_like_answer(
		    EPM_MAP, &(struct rpc_stub){m.octets, m.len, true, wide != 0}));
	}
}

/* Towers of 8 octets, so that more of them than are read fit into what is put together. */
static void
test_more_towers_than_are_read_are_damage(void **state)
{
	struct rpc_stub stub;

	(void)state;
	put_head(false, EPM_ENTRIES + 1, EPM_ENTRIES + 1, 0, EPM_ENTRIES + 1);
	for (size_t i = 0; i <= EPM_ENTRIES; i++)
		put_count(3, false);
	for (size_t i = 0; i <= EPM_ENTRIES; i++) {
		put_count(0, false);
		msg_u32(&m, 0);
	}
	put_status(0);
	stub = stub_of_message(false);
	assert_int_equal(parse_answer(EPM_MAP, stub), ERR_MALFORMED);
	assert_true(answer.tower_count <= EPM_ENTRIES);
	assert_false(epm_looks_like_answer(EPM_MAP, &stub));
}

static void
test_an_annotation_longer_than_the_stub_ends_the_entries(void **state)
{
	(void)state;
	put_head(true, 1, 1, 0, 1);
	put_entry(true, 3, "x", 2);
	m.octets[48 + 32 + 7] = 0x80; /* the top octet of the annotation's length */
	put_status(0);
	assert_int_equal(parse_answer(EPM_LOOKUP, stub_of_message(true)), ERR_MALFORMED);
	assert_int_equal(answer.tower_count, 0);
}

static void
test_without_room_for_towers_there_is_no_answer(void **state)
{
	struct obs_queue *small;
	struct rpc_stub stub = STUB(map_answer, false);

	(void)state;
	assert_int_equal(obs_queue_new(&small, 64), 0);
	assert_int_equal(epm_parse_answer(EPM_MAP, &stub, small, &answer), ERR_CAP);
	obs_queue_free(&small);
}

/* What each stub is, for the tests of resemblance. */
static const struct {
	const uint8_t *pdu;
	size_t len;
	bool asks, wide;
	enum epm_operation operation;
} stubs[] = {
    {golden_map_request, sizeof(golden_map_request), true, false, EPM_MAP},
    {golden_map_answer, sizeof(golden_map_answer), false, false, EPM_MAP},
    {golden_map64_request, sizeof(golden_map64_request), true, true, EPM_MAP},
    {golden_map64_answer, sizeof(golden_map64_answer), false, true, EPM_MAP},
    {golden_two_request, sizeof(golden_two_request), true, false, EPM_MAP},
    {golden_two_answer, sizeof(golden_two_answer), false, false, EPM_MAP},
    {golden_one_answer, sizeof(golden_one_answer), false, false, EPM_MAP},
    {golden_kinds_answer, sizeof(golden_kinds_answer), false, false, EPM_MAP},
    {golden_lookup_request, sizeof(golden_lookup_request), true, false, EPM_LOOKUP},
    {golden_lookup_answer, sizeof(golden_lookup_answer), false, false, EPM_LOOKUP},
    {golden_lookup64_request, sizeof(golden_lookup64_request), true, true, EPM_LOOKUP},
    {golden_lookup64_answer, sizeof(golden_lookup64_answer), false, true, EPM_LOOKUP},
    {golden_be_map_request, sizeof(golden_be_map_request), true, false, EPM_MAP},
    {golden_be_map_answer, sizeof(golden_be_map_answer), false, false, EPM_MAP},
};

static void
test_each_stub_looks_like_what_it_is_and_like_nothing_else(void **state)
{
	static const enum epm_operation operations[] = {EPM_MAP, EPM_LOOKUP};

	(void)state;
	for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
		for (int wide = 0; wide < 2; wide++) {
			struct rpc_stub stub = stub_of(stubs[i].pdu, stubs[i].len, wide != 0);

			for (size_t j = 0; j < 2; j++) {
				bool fits = stubs[i].operation == operations[j] &&
					    stubs[i].wide == (wide != 0);

				assert_int_equal(epm_looks_like_question(operations[j], &stub),
				    fits && stubs[i].asks);
				assert_int_equal(epm_looks_like_answer(operations[j], &stub),
				    fits && !stubs[i].asks);
			}
		}
	}
}

static void
test_a_stub_that_is_cut_or_too_long_does_not_look_like_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
		for (size_t len = 0; len <= stubs[i].len - STUB_AT + 4; len++) {
			struct rpc_stub stub = {
			    .le = stubs[i].pdu[4] != 0, .len = len, .ndr64 = stubs[i].wide};

			if (len == stubs[i].len - STUB_AT)
				continue;
			m.len = 0;
			msg_bytes(&m, stubs[i].pdu + STUB_AT, stubs[i].len - STUB_AT);
			msg_fill(&m, 0, 4);
			stub.data = exact(m.octets, len);
			assert_false(stubs[i].asks
					 ? epm_looks_like_question(stubs[i].operation, &stub)
					 : epm_looks_like_answer(stubs[i].operation, &stub));
		}
	}
}

static void
test_zeros_look_like_no_answer_with_towers(void **state)
{
	(void)state;
	for (size_t len = 0; len < 600; len++) {
		m.len = 0;
		m.le = true;
		msg_fill(&m, 0, len);
		for (int wide = 0; wide < 2; wide++) {
			struct rpc_stub stub = stub_of_message(wide != 0);

			if (epm_looks_like_answer(EPM_MAP, &stub))
				assert_int_equal(len, wide ? 52 : 40);
			if (epm_looks_like_answer(EPM_LOOKUP, &stub))
				assert_int_equal(len, wide ? 52 : 40);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_map_question_names_what_it_asks_for),
	    cmocka_unit_test(test_a_map_question_reads_the_same_in_ndr64_and_big_endian),
	    cmocka_unit_test(test_a_map_question_without_an_object_pointer_has_no_uuid),
	    cmocka_unit_test(trap_25_a_map_question_with_an_object_and_a_handle_says_so),
	    cmocka_unit_test(test_a_lookup_question_names_what_it_asks_for),
	    cmocka_unit_test(test_the_inquiry_type_decides_what_of_a_lookup_question_counts),
	    cmocka_unit_test(test_a_question_that_is_cut_is_malformed),
	    cmocka_unit_test(test_a_question_with_a_senseless_tower_names_nothing),
	    cmocka_unit_test(test_a_map_answer_lists_where_the_interface_answers),
	    cmocka_unit_test(test_a_map_answer_reads_the_same_in_ndr64_and_big_endian),
	    cmocka_unit_test(test_towers_keep_their_order_and_their_pads_are_garbage),
	    cmocka_unit_test(test_towers_of_many_kinds_stand_in_one_answer),
	    cmocka_unit_test(test_a_live_handle_says_that_more_may_follow),
	    cmocka_unit_test(test_not_registered_is_an_answer_without_towers),
	    cmocka_unit_test(test_a_lookup_answer_is_annotated),
	    cmocka_unit_test(test_a_lookup_answer_in_ndr64_keeps_entries_and_towers_together),
	    cmocka_unit_test(test_annotations_of_any_length_shift_nothing),
	    cmocka_unit_test(test_null_towers_are_left_out),
	    cmocka_unit_test(test_the_status_stands_behind_the_pad_of_the_entries),
	    cmocka_unit_test(test_a_tower_that_makes_no_sense_is_left_out_and_the_rest_read),
	    cmocka_unit_test(test_of_two_lengths_of_a_tower_the_smaller_is_believed),
	    cmocka_unit_test(test_an_answer_that_is_cut_keeps_the_whole_towers_before),
	    cmocka_unit_test(test_counts_that_contradict_each_other_are_damage),
	    cmocka_unit_test(test_huge_counts_cost_no_more_than_the_stub),
	    cmocka_unit_test(test_as_many_towers_as_the_interface_allows_are_read),
	    cmocka_unit_test(test_more_towers_than_are_read_are_damage),
	    cmocka_unit_test(test_an_annotation_longer_than_the_stub_ends_the_entries),
	    cmocka_unit_test(test_without_room_for_towers_there_is_no_answer),
	    cmocka_unit_test(test_each_stub_looks_like_what_it_is_and_like_nothing_else),
	    cmocka_unit_test(test_a_stub_that_is_cut_or_too_long_does_not_look_like_itself),
	    cmocka_unit_test(test_zeros_look_like_no_answer_with_towers),
	};

	return cmocka_run_group_tests(tests, make_queue, free_queue);
}
