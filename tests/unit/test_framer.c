/* test_framer.c - a byte stream cut into PDUs, wherever its pieces and holes are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/framer.h"
#include "golden_pdus.h"
#include "rpc_build.h"

/* What a framer did. */
struct log {
	struct framer framer;
	struct budget budget;
	struct dissect_stats stats;
	struct message got; /* all that was delivered, one after the other */
	size_t wanted, passed, lost;
	struct pdu_header last_passed;
	bool last_whole;
	struct pdu_auth last_auth;
	const uint8_t *last_data;
	bool refuse;  /* want nothing */
	size_t first; /* where not 0: of each PDU, want only that many bytes */
	size_t step;  /* and learn of so many at a time; 0: all at once */
	size_t token_wanted;
	struct message token; /* all credentials that were delivered */
	size_t asked;         /* times that it was asked whether they are wanted */
};

static bool
has_start(const struct pdu_header *head, size_t have)
{
	return have >= (head->frag_len < PDU_CALL_HEADER ? head->frag_len : PDU_CALL_HEADER);
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
on_want(void *ctx, const struct pdu_header *head, const uint8_t *start, size_t have)
{
	struct log *log = ctx;
	struct pdu_header again;

	/* All that the contract promises is there to be read. */
	assert_int_equal(pdu_header_parse(start, PDU_HEADER, &again), ERR_OK);
	assert_int_equal(again.frag_len, head->frag_len);
	assert_true(has_start(head, have) && have <= head->frag_len);
	if (head->frag_len >= PDU_CALL_HEADER)
		(void)pdu_context_id(head, start);
	log->wanted++;
	if (log->refuse)
		return 0;
	if (log->first == 0)
		return head->frag_len;
	return smaller(
	    log->step != 0 && have < log->first ? have + log->step : log->first, head->frag_len);
}

static void
on_pdu(void *ctx, const struct pdu_header *head, const uint8_t *data, size_t len)
{
	struct log *log = ctx;

	assert_true(len <= head->frag_len && len >= smaller(log->first, head->frag_len));
	log->last_data = data;
	msg_bytes(&log->got, data, len);
}

static void
on_passed(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth, bool whole)
{
	struct log *log = ctx;

	log->passed++;
	log->last_passed = *head;
	log->last_auth = *auth;
	log->last_whole = whole;
}

static void
on_lost(void *ctx)
{
	struct log *log = ctx;

	log->lost++;
}

static size_t
on_want_token(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth)
{
	struct log *log = ctx;

	assert_true(auth->present);
	assert_int_equal(head->auth_len, 16);
	log->asked++;
	return log->token_wanted;
}

static void
on_token(void *ctx, const struct pdu_header *head, const struct pdu_auth *auth, const uint8_t *data,
    size_t len)
{
	struct log *log = ctx;

	assert_true(auth->present);
	assert_int_equal(len, smaller(log->token_wanted, head->auth_len));
	msg_bytes(&log->token, data, len);
}

static const struct framer_sink sink = {
    on_want, on_pdu, on_passed, on_lost, on_want_token, on_token};
static struct log log_;

static struct log *
start(void)
{
	memset(&log_, 0, offsetof(struct log, got));
	log_.got.len = 0;
	log_.wanted = log_.passed = log_.lost = 0;
	log_.last_data = NULL;
	log_.refuse = false;
	log_.first = log_.step = 0;
	log_.token_wanted = log_.token.len = log_.asked = 0;
	log_.budget.cap = (size_t)1 << 20;
	framer_init(&log_.framer, &sink, &log_, &log_.budget, &log_.stats);
	return &log_;
}

static void
stop(struct log *log)
{
	framer_deinit(&log->framer);
	assert_int_equal(log->budget.used, 0);
}

/* A piece in memory of its exact size. */
static void
feed(struct log *log, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	framer_data(&log->framer, copy, len);
	free(copy);
}

static void
assert_got(const struct log *log, const void *octets, size_t len)
{
	assert_int_equal(log->got.len, len);
	assert_memory_equal(log->got.octets, octets, len);
}

/* Three PDUs one after the other: request, short auth3, signed answer. */
static struct message talk;
static size_t bound[4];

static int
make_talk(void **state)
{
	(void)state;
	talk.len = 0;
	msg_bytes(&talk, golden_map_request, sizeof(golden_map_request));
	bound[1] = talk.len;
	msg_bytes(&talk, golden_auth3, sizeof(golden_auth3));
	bound[2] = talk.len;
	msg_bytes(&talk, golden_signed_answer, sizeof(golden_signed_answer));
	bound[3] = talk.len;
	return 0;
}

static void
test_a_pdu_that_lies_in_one_piece_is_not_copied(void **state)
{
	struct log *log = start();

	(void)state;
	framer_data(&log->framer, talk.octets, bound[1]);
	assert_ptr_equal(log->last_data, talk.octets);
	assert_int_equal(log->budget.used, 0);
	assert_int_equal(log->stats.rpc.pdus, 1);
	stop(log);
}

static void
trap_14_several_pdus_in_a_piece_come_out_one_by_one(void **state)
{
	struct log *log = start();

	(void)state;
	feed(log, talk.octets, talk.len);
	assert_got(log, talk.octets, talk.len);
	assert_int_equal(log->stats.rpc.pdus, 3);
	assert_int_equal(log->wanted, 3);
	stop(log);
}

static void
trap_14_two_pieces_cut_anywhere_give_the_same_pdus(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= talk.len; cut++) {
		struct log *log = start();

		feed(log, talk.octets, cut);
		feed(log, talk.octets + cut, talk.len - cut);
		assert_got(log, talk.octets, talk.len);
		assert_int_equal(log->stats.rpc.pdus, 3);
		assert_int_equal(log->wanted, 3);
		assert_int_equal(log->lost, 0);
		stop(log);
	}
}

static void
test_three_pieces_cut_anywhere_give_the_same_pdus(void **state)
{
	(void)state;
	for (size_t first = 0; first <= talk.len; first += 3) {
		for (size_t second = first; second <= talk.len; second++) {
			struct log *log = start();

			feed(log, talk.octets, first);
			feed(log, talk.octets + first, second - first);
			feed(log, talk.octets + second, talk.len - second);
			assert_got(log, talk.octets, talk.len);
			stop(log);
		}
	}
}

static void
test_pieces_of_any_size_give_the_same_pdus(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= 64; piece++) {
		struct log *log = start();

		for (size_t at = 0; at < talk.len; at += piece)
			feed(log, talk.octets + at, talk.len - at < piece ? talk.len - at : piece);
		assert_got(log, talk.octets, talk.len);
		stop(log);
	}
}

/* Every length that a PDU can have around the header and the call header. */
static void
test_short_pdus_are_framed_too(void **state)
{
	static struct message m;

	(void)state;
	for (size_t len = PDU_HEADER; len <= PDU_CALL_HEADER + 1; len++) {
		for (size_t piece = 1; piece <= len; piece++) {
			struct log *log = start();

			msg_begin(&m, true, PDU_CO_CANCEL, WHOLE, 1);
			msg_fill(&m, 0x11, len - PDU_HEADER);
			msg_end(&m);
			for (size_t at = 0; at < len; at += piece)
				feed(log, m.octets + at, len - at < piece ? len - at : piece);
			assert_got(log, m.octets, len);
			stop(log);
		}
	}
}

static void
test_the_longest_pdu_there_can_be_is_gathered(void **state)
{
	static struct message m;
	struct log *log = start();

	(void)state;
	msg_call(&m, true, PDU_RESPONSE, WHOLE, 1, 0, 0);
	msg_fill(&m, 0x42, 65535 - m.len);
	msg_end(&m);
	for (size_t at = 0; at < m.len; at += 1460)
		feed(log, m.octets + at, m.len - at < 1460 ? m.len - at : 1460);
	assert_got(log, m.octets, 65535);
	stop(log);
}

static void
test_what_is_not_wanted_goes_by_without_a_buffer(void **state)
{
	struct log *log = start();

	(void)state;
	log->refuse = true;
	log->budget.cap = 0;
	for (size_t at = 0; at < talk.len; at++)
		feed(log, talk.octets + at, 1);
	assert_int_equal(log->passed, 3);
	assert_int_equal(log->got.len, 0);
	assert_int_equal(log->lost, 0);
	assert_int_equal(log->budget.refused, 0);
	assert_int_equal(log->stats.rpc.pdus, 3);
	stop(log);
}

static void
test_the_trailer_of_what_goes_by_is_caught_wherever_it_is_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= sizeof(golden_sealed_answer); cut++) {
		struct log *log = start();

		log->refuse = true;
		feed(log, golden_sealed_answer, cut);
		feed(log, golden_sealed_answer + cut, sizeof(golden_sealed_answer) - cut);
		assert_int_equal(log->passed, 1);
		assert_true(log->last_whole);
		assert_true(log->last_auth.present);
		assert_int_equal(log->last_auth.type, 9);
		assert_int_equal(log->last_auth.level, 6);
		stop(log);
	}
}

static void
test_the_trailer_of_what_goes_by_is_caught_byte_by_byte(void **state)
{
	struct log *log = start();

	(void)state;
	log->refuse = true;
	for (size_t at = 0; at < talk.len; at++) {
		feed(log, talk.octets + at, 1);
		if (at + 1 == bound[1])
			assert_false(log->last_auth.present);
	}
	assert_true(log->last_auth.present);
	assert_int_equal(log->last_auth.level, 5);
	stop(log);
}

/* A trailer that begins inside the bytes that are gathered before it is known what to do. */
static void
test_a_trailer_right_behind_the_header_is_caught(void **state)
{
	static struct message m;

	(void)state;
	for (size_t cut = 0; cut <= PDU_HEADER + PDU_SEC_TRAILER + 4; cut++) {
		struct log *log = start();

		log->refuse = true;
		msg_begin(&m, true, PDU_AUTH3, WHOLE, 1);
		msg_auth(&m, 6, 0, 0, 4);
		msg_end(&m);
		feed(log, m.octets, cut);
		feed(log, m.octets + cut, m.len - cut);
		assert_true(log->last_auth.present);
		assert_int_equal(log->last_auth.level, 6);
		stop(log);
	}
}

static void
test_a_trailer_with_a_hole_in_it_is_not_believed(void **state)
{
	size_t trailer = sizeof(golden_sealed_answer) - 16 - PDU_SEC_TRAILER;

	(void)state;
	for (size_t at = trailer; at < trailer + PDU_SEC_TRAILER; at++) {
		struct log *log = start();

		log->refuse = true;
		feed(log, golden_sealed_answer, at);
		framer_gap(&log->framer, 1);
		feed(log, golden_sealed_answer + at + 1, sizeof(golden_sealed_answer) - at - 1);
		assert_int_equal(log->passed, 1);
		assert_false(log->last_whole);
		assert_false(log->last_auth.present);
		feed(log, golden_sealed_answer, sizeof(golden_sealed_answer));
		assert_true(log->last_whole);
		stop(log);
	}
}

/* Feed the talk with a hole at ${at} of ${missing} bytes; what is left comes in two pieces, the
 * second at a boundary. */
static void
feed_with_hole(struct log *log, size_t at, size_t missing)
{
	size_t after = at + missing, boundary = 0;

	while (bound[boundary] < after)
		boundary++;
	feed(log, talk.octets, at);
	framer_gap(&log->framer, (uint32_t)missing);
	feed(log, talk.octets + after, bound[boundary] - after);
	feed(log, talk.octets + bound[boundary], talk.len - bound[boundary]);
}

/* Every hole there can be: all PDUs before it and all after it come out, and nothing else. */
static void
test_a_hole_costs_only_the_pdus_that_it_touches(void **state)
{
	static struct message expected;

	(void)state;
	for (size_t at = 0; at < talk.len; at++) {
		for (size_t missing = 1; missing <= talk.len - at; missing++) {
			struct log *log = start();

			expected.len = 0;
			for (size_t i = 0; i < 3; i++) {
				if (bound[i + 1] <= at || bound[i] >= at + missing)
					msg_bytes(&expected, talk.octets + bound[i],
					    bound[i + 1] - bound[i]);
			}
			feed_with_hole(log, at, missing);
			assert_got(log, expected.octets, expected.len);
			assert_true(log->lost > 0);
			stop(log);
		}
	}
}

/* Where the length is known, the next PDU is found even if it does not start a piece. */
static void
test_a_hole_inside_a_pdu_of_known_length_loses_no_boundary(void **state)
{
	(void)state;
	for (size_t at = PDU_HEADER; at < bound[1]; at++) {
		for (size_t missing = 1; missing <= bound[1] - at; missing++) {
			struct log *log = start();

			feed(log, talk.octets, at);
			framer_gap(&log->framer, (uint32_t)missing);
			feed(log, talk.octets + at + missing, talk.len - at - missing);
			assert_got(log, talk.octets + bound[1], talk.len - bound[1]);
			assert_int_equal(log->passed, 1);
			assert_int_equal(log->stats.rpc.resync, 0);
			stop(log);
		}
	}
}

static void
test_a_hole_in_what_goes_by_is_no_loss(void **state)
{
	struct log *log = start();

	(void)state;
	log->refuse = true;
	feed(log, talk.octets, 100);
	framer_gap(&log->framer, (uint32_t)(bound[1] - 100));
	assert_int_equal(log->lost, 0);
	assert_int_equal(log->passed, 1);
	feed(log, talk.octets + bound[1], talk.len - bound[1]);
	assert_int_equal(log->passed, 3);
	stop(log);
}

static void
test_a_hole_while_lost_stays_lost_and_counts_once(void **state)
{
	struct log *log = start();

	(void)state;
	framer_gap(&log->framer, 10);
	framer_gap(&log->framer, UINT32_MAX);
	assert_int_equal(log->stats.rpc.resync, 1);
	feed(log, talk.octets, talk.len);
	assert_got(log, talk.octets, talk.len);
	stop(log);
}

static void
test_garbage_before_the_first_pdu_is_passed_over(void **state)
{
	static const char garbage[] = "GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n";

	(void)state;
	for (size_t len = PDU_HEADER; len < sizeof(garbage); len++) {
		struct log *log = start();

		feed(log, (const uint8_t *)garbage, len);
		assert_int_equal(log->stats.rpc.resync, 1);
		feed(log, talk.octets, talk.len);
		assert_got(log, talk.octets, talk.len);
		stop(log);
	}
}

/* Less than a header of garbage is noticed only when the rest of a header has come. */
static void
test_a_few_bytes_of_garbage_before_a_piece_are_passed_over(void **state)
{
	(void)state;
	for (size_t len = 1; len < PDU_HEADER; len++) {
		struct log *log = start();

		feed(log, (const uint8_t *)"\x17\x03\x03\x11\x22\x33\x44\x55\x66\x77\x88\x99xyz!",
		    len);
		feed(log, talk.octets, talk.len);
		assert_got(log, talk.octets, talk.len);
		stop(log);
	}
}

/* ${before} bytes of garbage and then ${octets} in one piece. */
static void
feed_behind_garbage(
    struct log *log, size_t before, uint8_t garbage, const uint8_t *octets, size_t len)
{
	uint8_t *piece = malloc(before + len);

	assert_non_null(piece);
	memset(piece, garbage, before);
	memcpy(piece + before, octets, len);
	feed(log, piece, before + len);
	free(piece);
}

static void
test_inside_a_piece_a_chain_of_headers_is_a_boundary(void **state)
{
	(void)state;
	for (size_t before = 16; before < 80; before++) {
		for (int garbage = 0; garbage < 256; garbage += 5) {
			struct log *log = start();

			feed_behind_garbage(log, before, (uint8_t)garbage, talk.octets, talk.len);
			assert_got(log, talk.octets, talk.len);
			stop(log);
		}
	}
}

static void
test_inside_a_piece_a_pdu_that_ends_it_is_a_boundary(void **state)
{
	struct log *log = start();

	(void)state;
	feed_behind_garbage(log, 33, 0xaa, golden_map_answer, sizeof(golden_map_answer));
	assert_got(log, golden_map_answer, sizeof(golden_map_answer));
	stop(log);
}

static void
test_inside_a_piece_a_header_without_a_successor_is_not_believed(void **state)
{
	static struct message m;
	struct log *log = start();

	(void)state;
	m.len = 0;
	msg_bytes(&m, golden_map_answer, sizeof(golden_map_answer));
	msg_fill(&m, 0x77, 40);
	feed_behind_garbage(log, 33, 0xaa, m.octets, m.len);
	assert_int_equal(log->got.len, 0);
	feed_behind_garbage(log, 33, 0xaa, golden_map_answer, sizeof(golden_map_answer) - 1);
	assert_int_equal(log->got.len, 0);
	stop(log);
}

static void
test_after_a_bad_header_between_pdus_the_rest_of_the_piece_is_searched(void **state)
{
	static struct message m;
	struct log *log = start();

	(void)state;
	m.len = 0;
	msg_bytes(&m, talk.octets, bound[1]);
	msg_fill(&m, 0x77, 25);
	msg_bytes(&m, talk.octets + bound[1], talk.len - bound[1]);
	feed(log, m.octets, m.len);
	assert_got(log, talk.octets, talk.len);
	assert_int_equal(log->stats.rpc.resync, 1);
	stop(log);
}

/* Where no boundary is known, big-endian has to look better: small integers look like it. */
static void
test_small_integers_are_no_big_endian_header(void **state)
{
	static const uint8_t integers[] = {5, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 10, 0,
	    0, 0, 11, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0};
	struct log *log = start();

	(void)state;
	framer_gap(&log->framer, 1);
	feed(log, integers, sizeof(integers));
	assert_int_equal(log->got.len, 0);
	feed(log, golden_be_map_request, sizeof(golden_be_map_request));
	assert_got(log, golden_be_map_request, sizeof(golden_be_map_request));
	stop(log);
}

/* No more than FRAMER_SCAN bytes are searched through; what starts a piece is still found. */
static void
test_the_search_inside_pieces_has_an_end(void **state)
{
	static uint8_t noise[4096];
	struct log *log = start();

	(void)state;
	memset(noise, 5, sizeof(noise));
	for (size_t fed = 0; fed < FRAMER_SCAN; fed += sizeof(noise))
		feed(log, noise, sizeof(noise));
	feed_behind_garbage(log, 20, 0xaa, talk.octets, talk.len);
	assert_int_equal(log->got.len, 0);
	feed(log, talk.octets, talk.len);
	assert_got(log, talk.octets, talk.len);
	stop(log);
}

static void
test_a_pdu_that_the_budget_refuses_goes_by(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < bound[1]; cut++) {
		struct log *log = start();

		log->budget.cap = 100;
		feed(log, talk.octets, cut);
		feed(log, talk.octets + cut, talk.len - cut);
		assert_got(log, talk.octets + bound[1], talk.len - bound[1]);
		assert_int_equal(log->passed, 1);
		assert_int_equal(log->lost, 1);
		assert_int_equal(log->stats.capped, 1);
		stop(log);
	}
}

/* The first part fits and the next does not. */
static void
test_a_pdu_that_outgrows_the_budget_goes_by(void **state)
{
	static struct message m;
	struct log *log = start();

	(void)state;
	log->budget.cap = 1500;
	msg_call(&m, true, PDU_RESPONSE, WHOLE, 1, 0, 0);
	msg_fill(&m, 0x42, 3000);
	msg_auth(&m, 6, 0, 0, 16);
	msg_end(&m);
	for (size_t at = 0; at < m.len; at += 100)
		feed(log, m.octets + at, m.len - at < 100 ? m.len - at : 100);
	assert_int_equal(log->passed, 1);
	assert_true(log->last_auth.present);
	assert_int_equal(log->lost, 1);
	assert_int_equal(log->stats.capped, 1);
	feed(log, talk.octets, talk.len);
	assert_got(log, talk.octets, talk.len);
	stop(log);
}

static void
test_what_was_half_gathered_is_given_back(void **state)
{
	struct log *log = start();

	(void)state;
	feed(log, talk.octets, 100);
	assert_true(log->budget.used > 0);
	stop(log);
}

/* A signed answer of which only the start is wanted, in pieces of any size: the rest is not buffered,
 * and its trailer is told at the end. */
static void
test_the_start_of_a_pdu_comes_as_soon_as_it_is_there(void **state)
{
	const size_t want = 60, len = sizeof(golden_signed_answer);

	(void)state;
	for (size_t piece = 1; piece <= len; piece++) {
		struct log *log = start();
		size_t at = 0;

		log->first = want;
		while (at < len) {
			size_t n = smaller(piece, len - at);

			feed(log, golden_signed_answer + at, n);
			at += n;
			assert_int_equal(log->got.len != 0, at >= want);
			assert_int_equal(log->budget.used != 0, at < want && at >= PDU_CALL_HEADER);
			assert_int_equal(log->passed, at == len && log->got.len < len);
		}
		assert_memory_equal(log->got.octets, golden_signed_answer, log->got.len);
		assert_int_equal(log->stats.rpc.pdus, 1);
		if (log->passed != 0) {
			assert_int_equal(log->last_passed.frag_len, len);
			assert_true(log->last_auth.present);
			assert_int_equal(log->last_auth.level, 5);
		}
		stop(log);
	}
}

static void
test_in_place_as_much_is_handed_over_as_is_there(void **state)
{
	struct log *log = start();

	(void)state;
	log->first = 40;
	framer_data(&log->framer, talk.octets, 50);
	assert_ptr_equal(log->last_data, talk.octets);
	assert_got(log, talk.octets, 50);
	assert_int_equal(log->budget.used, 0);
	feed(log, talk.octets + 50, talk.len - 50);
	assert_int_equal(log->stats.rpc.pdus, 3);
	assert_int_equal(log->passed, 1); /* the others came whole */
	stop(log);
}

/* How much is wanted turns out only on the way. */
static void
test_an_owner_may_want_more_the_more_it_sees(void **state)
{
	(void)state;
	for (size_t step = 1; step < 30; step++) {
		for (size_t piece = 1; piece <= bound[1]; piece += 7) {
			struct log *log = start();

			log->first = 99;
			log->step = step;
			for (size_t at = 0; at < bound[1]; at += piece)
				feed(log, talk.octets + at, smaller(piece, bound[1] - at));
			assert_true(log->got.len >= 99);
			assert_memory_equal(log->got.octets, talk.octets, log->got.len);
			assert_int_equal(log->stats.rpc.pdus, 1);
			assert_int_equal(log->lost, 0);
			stop(log);
		}
	}
}

/* Once its start was used, a hole in the rest of a PDU costs nothing; one in the start costs it. */
static void
test_a_hole_behind_what_was_wanted_is_no_loss(void **state)
{
	(void)state;
	for (size_t at = 0; at < bound[1]; at++) {
		struct log *log = start();

		log->first = 70;
		feed(log, talk.octets, at);
		framer_gap(&log->framer, (uint32_t)(bound[1] - at));
		feed(log, talk.octets + bound[1], bound[2] - bound[1]);
		feed(log, talk.octets + bound[2], talk.len - bound[2]);
		assert_int_equal(log->lost, at < 70);
		assert_int_equal(log->got.len, (at >= 70 ? at : 0) + talk.len - bound[1]);
		stop(log);
	}
}

static void
test_indifference_reaches_to_the_next_byte_that_counts(void **state)
{
	const size_t len = sizeof(golden_sealed_answer), trailer = len - 16 - PDU_SEC_TRAILER;

	(void)state;
	for (size_t at = 0; at < len; at++) {
		struct log *log = start();
		uint32_t expected = 0;

		log->refuse = true;
		feed(log, golden_sealed_answer, at);
		if (at >= PDU_CALL_HEADER && at <= trailer)
			expected = (uint32_t)(trailer - at);
		else if (at >= trailer + PDU_SEC_TRAILER)
			expected = (uint32_t)(len - at);
		assert_int_equal(framer_indifference(&log->framer), expected);
		stop(log);
	}
}

static void
test_after_a_hole_in_the_trailer_nothing_of_the_pdu_counts(void **state)
{
	const size_t len = sizeof(golden_sealed_answer), trailer = len - 16 - PDU_SEC_TRAILER;
	struct log *log = start();

	(void)state;
	log->refuse = true;
	feed(log, golden_sealed_answer, trailer + 3);
	assert_int_equal(framer_indifference(&log->framer), 0);
	framer_gap(&log->framer, 1);
	assert_int_equal(framer_indifference(&log->framer), len - trailer - 4);
	framer_gap(&log->framer, (uint32_t)(len - trailer - 4));
	assert_int_equal(framer_indifference(&log->framer), 0);
	assert_int_equal(log->passed, 1);
	stop(log);
}

static void
test_what_is_wanted_or_sought_makes_a_difference(void **state)
{
	struct log *log = start();

	(void)state;
	assert_int_equal(framer_indifference(&log->framer), 0);
	feed(log, talk.octets, 100);
	assert_int_equal(framer_indifference(&log->framer), 0);
	framer_gap(&log->framer, UINT32_MAX);
	assert_int_equal(framer_indifference(&log->framer), 0);
	stop(log);
}

/* A signed answer whose credentials are 01 to 10, and of which ${first} bytes are wanted. */
static struct message signed_;

static void
build_signed(void)
{
	signed_.len = 0;
	msg_bytes(&signed_, golden_sealed_answer, sizeof(golden_sealed_answer) - 16);
	for (uint8_t i = 1; i <= 16; i++)
		msg_fill(&signed_, i, 1);
}

static void
test_credentials_that_are_wanted_come_wherever_they_are_cut(void **state)
{
	(void)state;
	build_signed();
	for (size_t wanted = 1; wanted < 20; wanted++) {
		for (size_t piece = 1; piece < signed_.len; piece++) {
			struct log *log = start();

			log->first = 40;
			log->token_wanted = wanted;
			for (size_t at = 0; at < signed_.len; at += piece)
				feed(log, signed_.octets + at, smaller(piece, signed_.len - at));
			assert_int_equal(log->asked, 1);
			assert_int_equal(log->token.len, smaller(wanted, 16));
			assert_memory_equal(log->token.octets,
			    signed_.octets + signed_.len - 16, log->token.len);
			assert_int_equal(log->passed, 1);
			feed(log, signed_.octets, 100); /* and the next PDU is found */
			assert_int_equal(log->stats.rpc.resync, 0);
			stop(log);
		}
	}
}

static void
test_credentials_are_asked_for_only_where_a_pdu_was_handed_over_in_part(void **state)
{
	struct log *log = start();

	(void)state;
	build_signed();
	log->refuse = true;
	log->token_wanted = 16;
	feed(log, signed_.octets, signed_.len);
	feed(log, signed_.octets, 70);
	feed(log, signed_.octets + 70, signed_.len - 70);
	log->refuse = false;
	feed(log, signed_.octets, signed_.len); /* whole: it has them */
	assert_int_equal(log->asked, 0);
	log->first = 40;
	log->token_wanted = 0;
	feed(log, signed_.octets, signed_.len - 1);
	assert_int_equal(log->asked, 1);
	assert_int_equal(framer_indifference(&log->framer), 1);
	feed(log, signed_.octets + signed_.len - 1, 1);
	assert_int_equal(log->token.len, 0);
	assert_int_equal(log->passed, 3);
	stop(log);
}

static void
test_credentials_with_a_hole_are_not_given(void **state)
{
	(void)state;
	build_signed();
	for (size_t at = signed_.len - 24; at < signed_.len; at++) {
		struct log *log = start();

		log->first = 40;
		log->token_wanted = 16;
		feed(log, signed_.octets, at);
		framer_gap(&log->framer, 1);
		feed(log, signed_.octets + at + 1, signed_.len - at - 1);
		assert_int_equal(log->token.len, 0);
		assert_int_equal(log->lost, 0);
		assert_int_equal(log->passed, 1);
		log->refuse = true; /* nor those of a later PDU in their place */
		feed(log, signed_.octets, 60);
		feed(log, signed_.octets + 60, signed_.len - 60);
		assert_int_equal(log->token.len, 0);
		assert_int_equal(log->passed, 2);
		stop(log);
	}
}

static void
test_credentials_that_were_lost_with_their_pdu_are_those_of_no_other(void **state)
{
	struct log *log = start();

	(void)state;
	build_signed();
	log->first = 40;
	log->token_wanted = 16;
	feed(log, signed_.octets, signed_.len - 10);
	assert_int_equal(log->asked, 1);
	framer_gap(&log->framer, 5000);
	log->refuse = true;
	feed(log, signed_.octets, 60);
	feed(log, signed_.octets + 60, signed_.len - 60);
	assert_int_equal(log->token.len, 0);
	assert_int_equal(log->passed, 1);
	stop(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_credentials_that_were_lost_with_their_pdu_are_those_of_no_other),
	    cmocka_unit_test(test_credentials_that_are_wanted_come_wherever_they_are_cut),
	    cmocka_unit_test(
		test_credentials_are_asked_for_only_where_a_pdu_was_handed_over_in_part),
	    cmocka_unit_test(test_credentials_with_a_hole_are_not_given),
	    cmocka_unit_test(test_a_pdu_that_lies_in_one_piece_is_not_copied),
	    cmocka_unit_test(trap_14_several_pdus_in_a_piece_come_out_one_by_one),
	    cmocka_unit_test(trap_14_two_pieces_cut_anywhere_give_the_same_pdus),
	    cmocka_unit_test(test_three_pieces_cut_anywhere_give_the_same_pdus),
	    cmocka_unit_test(test_pieces_of_any_size_give_the_same_pdus),
	    cmocka_unit_test(test_short_pdus_are_framed_too),
	    cmocka_unit_test(test_the_longest_pdu_there_can_be_is_gathered),
	    cmocka_unit_test(test_what_is_not_wanted_goes_by_without_a_buffer),
	    cmocka_unit_test(test_the_trailer_of_what_goes_by_is_caught_wherever_it_is_cut),
	    cmocka_unit_test(test_the_trailer_of_what_goes_by_is_caught_byte_by_byte),
	    cmocka_unit_test(test_a_trailer_right_behind_the_header_is_caught),
	    cmocka_unit_test(test_a_trailer_with_a_hole_in_it_is_not_believed),
	    cmocka_unit_test(test_a_hole_costs_only_the_pdus_that_it_touches),
	    cmocka_unit_test(test_a_hole_inside_a_pdu_of_known_length_loses_no_boundary),
	    cmocka_unit_test(test_a_hole_in_what_goes_by_is_no_loss),
	    cmocka_unit_test(test_a_hole_while_lost_stays_lost_and_counts_once),
	    cmocka_unit_test(test_garbage_before_the_first_pdu_is_passed_over),
	    cmocka_unit_test(test_a_few_bytes_of_garbage_before_a_piece_are_passed_over),
	    cmocka_unit_test(test_inside_a_piece_a_chain_of_headers_is_a_boundary),
	    cmocka_unit_test(test_inside_a_piece_a_pdu_that_ends_it_is_a_boundary),
	    cmocka_unit_test(test_inside_a_piece_a_header_without_a_successor_is_not_believed),
	    cmocka_unit_test(
		test_after_a_bad_header_between_pdus_the_rest_of_the_piece_is_searched),
	    cmocka_unit_test(test_small_integers_are_no_big_endian_header),
	    cmocka_unit_test(test_the_search_inside_pieces_has_an_end),
	    cmocka_unit_test(test_a_pdu_that_the_budget_refuses_goes_by),
	    cmocka_unit_test(test_a_pdu_that_outgrows_the_budget_goes_by),
	    cmocka_unit_test(test_what_was_half_gathered_is_given_back),
	    cmocka_unit_test(test_the_start_of_a_pdu_comes_as_soon_as_it_is_there),
	    cmocka_unit_test(test_in_place_as_much_is_handed_over_as_is_there),
	    cmocka_unit_test(test_an_owner_may_want_more_the_more_it_sees),
	    cmocka_unit_test(test_a_hole_behind_what_was_wanted_is_no_loss),
	    cmocka_unit_test(test_indifference_reaches_to_the_next_byte_that_counts),
	    cmocka_unit_test(test_after_a_hole_in_the_trailer_nothing_of_the_pdu_counts),
	    cmocka_unit_test(test_what_is_wanted_or_sought_makes_a_difference),
	};

	return cmocka_run_group_tests(tests, make_talk, NULL);
}
