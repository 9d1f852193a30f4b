/* test_stream.c - segments in, bytes out: in order, each once, holes told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"
#include "dissect/stream.h"

/* What came out: data as it is, a hole as its size in brackets. */
struct record {
	char text[1024];
	size_t len;
	size_t delivered;
	uint64_t last_frame;
};

static struct record record;
static struct dissect_stats stats;
static struct budget budget;
static struct stream stream;
static unsigned doubts;
static uint32_t indifference, indifference_after; /* the latter from the next data on */

static void
on_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	struct record *r = ctx;

	indifference = indifference_after != 0 ? indifference_after : indifference;
	r->delivered += len;
	r->last_frame = at->frame;
	if (len > sizeof(r->text) - r->len - 1)
		return;
	memcpy(r->text + r->len, data, len);
	r->len += len;
	r->text[r->len] = '\0';
}

static void
on_gap(void *ctx, const struct where *at, uint32_t missing)
{
	struct record *r = ctx;

	r->last_frame = at->frame;
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len, "[%u]", missing);
}

static void
on_doubt(void *ctx)
{
	(void)ctx;
	doubts++;
}

static uint32_t
on_indifference(void *ctx)
{
	(void)ctx;
	return indifference;
}

static const struct stream_sink sink = {on_data, on_gap, on_doubt, on_indifference};

static int
set_up(void **state)
{
	(void)state;
	record = (struct record){0};
	doubts = 0;
	indifference = indifference_after = 0;
	stats = (struct dissect_stats){0};
	budget = (struct budget){.cap = 1 << 20};
	stream_init(&stream, &sink, &record, &budget, &stats);
	return 0;
}

/* Whatever a test did, nothing may stay charged. */
static int
tear_down(void **state)
{
	(void)state;
	stream_deinit(&stream);
	return budget.used != 0;
}

/* ${text} at ${seq}, of a segment of ${wire} bytes, in frame ${frame}. */
static void
give_cut(uint32_t seq, const char *text, uint32_t wire, uint64_t frame)
{
	struct where at = {.frame = frame};
	uint32_t len = (uint32_t)strlen(text);
	uint8_t *copy = malloc(len + 1); /* exactly as long, so that sanitizers see the end */

	assert_non_null(copy);
	memcpy(copy, text, len);
	stream_segment(&stream, seq, copy, len, wire, &at);
	free(copy);
}

static void
give(uint32_t seq, const char *text)
{
	give_cut(seq, text, (uint32_t)strlen(text), 0);
}

static void
expect(const char *text)
{
	assert_string_equal(record.text, text);
}

static void
test_nothing_comes_before_the_start(void **state)
{
	(void)state;
	give(100, "abc");
	stream_flush(&stream);
	expect("");
	stream_start(&stream, 100);
	stream_start(&stream, 5); /* no effect */
	give(100, "def");
	expect("def");
}

static void
test_segments_in_order_pass(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100, "abc");
	give(103, "de");
	expect("abcde");
	assert_int_equal(stats.tcp.out_of_order, 0);
}

static void
trap_10_segments_out_of_order_are_sorted(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(106, "ghi");
	give(103, "def");
	give(112, "m");
	give(109, "jkl");
	expect("");
	give(100, "abc");
	expect("abcdefghijklm");
	assert_int_equal(stats.tcp.out_of_order, 4);
	assert_int_equal(stats.tcp.gaps, 0);
}

static void
trap_10_sequence_numbers_wrap(void **state)
{
	(void)state;
	stream_start(&stream, 0xfffffffe);
	give(0x00000004, "ghi");
	give(0x00000001, "def");
	give(0xfffffffe, "abc");
	expect("abcdefghi");
}

static void
trap_10_a_retransmission_comes_once(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100, "abc");
	give(100, "abc");
	give(101, "bc");
	give(102, "cde");
	give(100, "abcdef");
	expect("abcdef");
}

static void
trap_10_the_first_copy_of_delivered_bytes_wins(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100, "abc");
	give(100, "XYZdef");
	expect("abcdef");
}

static void
trap_10_the_first_copy_of_held_bytes_wins_and_the_difference_counts(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(103, "def");
	give(102, "XdeYYY"); /* one before, three over, two after */
	give(104, "efYY");
	assert_int_equal(stats.tcp.overlaps, 1);
	give(100, "abZZZ");
	expect("abXdefYY");
	assert_int_equal(stats.tcp.overlaps, 1 + 3);
}

static void
test_a_segment_that_spans_held_ones_fills_what_is_between(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(102, "C");
	give(104, "E");
	give(106, "G");
	give(101, "bcdefgh");
	expect("");
	assert_int_equal(stats.tcp.overlaps, 3);
	give(100, "a");
	expect("abCdEfGh");
}

static void
test_an_in_order_segment_that_spans_held_ones_lets_them_win(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(102, "C");
	give(104, "EF");
	give(100, "abcdefgh");
	expect("abCdEFgh");
	assert_int_equal(stats.tcp.overlaps, 3);
}

static void
trap_09_an_acknowledgement_of_held_data_gives_up_the_hole_at_once(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(105, "fg", 2, 41);
	give_cut(120, "xyz", 3, 42);
	stream_acked(&stream, 105);
	expect("");
	stream_acked(&stream, 107);
	expect("[5]fg");
	assert_int_equal(record.last_frame, 41);
	stream_acked(&stream, 106); /* old */
	stream_acked(&stream, 123);
	expect("[5]fg[13]xyz");
	assert_int_equal(record.last_frame, 42);
	assert_int_equal(stats.tcp.gaps, 2);
}

static void
test_a_hole_acknowledged_up_to_its_end_waits(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	stream_acked(&stream, 105);
	for (uint32_t i = 0; i < 10; i++)
		give(105 + i, "f");
	expect("");
	give(100, "abcde");
	expect("abcdeffffffffff");
}

/* What is doubted is not waited for, but taken where it comes after all. */
static void
test_a_hole_that_is_doubted_is_one_when_data_follow(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(110, "k");
	give(112, "m");
	stream_doubt(&stream, 110);
	assert_int_equal(doubts, 1);
	assert_int_equal(stream_edge(&stream), 110);
	expect("");
	give(100, "abc");
	expect("abc[7]k");
	stream_doubt(&stream, 112);
	expect("abc[7]k");
	stream_resume(&stream);
	expect("abc[7]k[1]m");
	assert_int_equal(stats.tcp.gaps, 2);
}

static void
test_doubt_gives_up_the_holes_before_data(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(105, "f");
	give(110, "k");
	stream_doubt(&stream, 108);
	expect("[5]f");
	stream_resume(&stream);
	expect("[5]f");
	give(108, "i");
	expect("[5]f[2]i");
	assert_int_equal(stream_edge(&stream), 109);
}

static void
test_doubt_gives_up_holes_although_more_was_acknowledged_before(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	stream_acked(&stream, 1000);
	give(110, "k");
	stream_doubt(&stream, 120);
	expect("[10]k");
	give(115, "p");
	expect("[10]k[4]p");
}

static void
test_the_edge_is_behind_what_came_what_was_cut_and_the_fin(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	assert_int_equal(stream_edge(&stream), 100);
	give(105, "f");
	assert_int_equal(stream_edge(&stream), 100);
	give_cut(100, "ab", 5, 0);
	assert_int_equal(stream_edge(&stream), 106);
	give_cut(106, "g", 4, 0);
	assert_int_equal(stream_edge(&stream), 110);
	stream.fin = true;
	stream.fin_seq = 110;
	assert_int_equal(stream_edge(&stream), 111);
	stream.fin_seq = 111;
	assert_int_equal(stream_edge(&stream), 110);
}

static void
test_what_has_not_come_is_awaited_within_the_window(void **state)
{
	(void)state;
	assert_false(stream_awaits(&stream, 5));
	stream_start(&stream, 100);
	give_cut(100, "ab", 5, 0);
	assert_false(stream_awaits(&stream, 90));
	assert_false(stream_awaits(&stream, 105));
	assert_true(stream_awaits(&stream, 106));
	assert_true(stream_awaits(&stream, 105 + STREAM_WINDOW));
	assert_false(stream_awaits(&stream, 105 + STREAM_WINDOW + 1));
	indifference = 10;
	assert_false(stream_awaits(&stream, 112));
	assert_true(stream_awaits(&stream, 113));
	stream.fin = true;
	stream.fin_seq = 112;
	assert_false(stream_awaits(&stream, 113));
}

/* From here on the owner says how much makes no difference to it. */
static void
test_where_it_makes_no_difference_nothing_is_held(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	indifference = 8;
	give(109, "j");
	expect("");
	give(108, "i");
	expect("[8]ij");
	assert_int_equal(stats.tcp.out_of_order, 2);
	assert_int_equal(stats.tcp.gaps, 0);
	assert_int_equal(budget.used, 0);
}

static void
test_what_was_gone_on_without_and_comes_was_no_loss(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	indifference = 8;
	give(108, "i");
	give(100, "abc");
	give(103, "defgh");
	give(109, "j");
	expect("[8]ij");
	stream_flush(&stream);
	assert_int_equal(stats.tcp.gaps, 0);
	assert_int_equal(stats.tcp.out_of_order, 1);
}

static void
test_what_was_gone_on_without_and_does_not_come_was_lost(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	indifference = 8;
	give(108, "i");
	give(100, "abc");
	give(104, "efgh");
	stream_flush(&stream);
	assert_int_equal(stats.tcp.gaps, 1);
	stream_flush(&stream);
	assert_int_equal(stats.tcp.gaps, 1);
}

static void
test_a_loss_is_known_once_it_is_acknowledged_or_followed_by_another(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	indifference = 8;
	give(105, "f");
	stream_acked(&stream, 104);
	assert_int_equal(stats.tcp.gaps, 0);
	stream_acked(&stream, 105);
	assert_int_equal(stats.tcp.gaps, 1);
	give(108, "i");
	give(112, "m");
	assert_int_equal(stats.tcp.gaps, 2);
	stream_acked(&stream, 113);
	assert_int_equal(stats.tcp.gaps, 3);
	expect("[5]f[2]i[3]m");
}

static void
test_held_data_come_once_the_hole_makes_no_difference(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(110, "k");
	expect("");
	indifference_after = 7;
	give(100, "abc");
	expect("abc[7]k");
	assert_int_equal(stats.tcp.gaps, 0);
	stream_flush(&stream);
	assert_int_equal(stats.tcp.gaps, 1);
}

static void
test_a_hole_that_nobody_acknowledged_waits(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	stream_acked(&stream, 104);
	for (uint32_t i = 0; i < 10; i++)
		give(105 + i, "f");
	expect("");
	stream_flush(&stream);
	expect("[5]ffffffffff");
}

static void
test_flush_tells_every_hole_and_the_packets_of_the_data(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(110, "k", 1, 12);
	give_cut(102, "c", 1, 11);
	assert_int_equal(stream_waiting(&stream)->frame, 11);
	stream_give_up(&stream);
	expect("[2]c");
	assert_int_equal(record.last_frame, 11);
	stream_flush(&stream);
	expect("[2]c[7]k");
	assert_int_equal(record.last_frame, 12);
	assert_null(stream_waiting(&stream));
	stream_give_up(&stream); /* nothing left */
	expect("[2]c[7]k");
}

static void
test_held_data_come_with_the_packet_that_filled_the_hole(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(101, "b", 1, 8);
	give_cut(100, "a", 1, 9);
	expect("ab");
	assert_int_equal(record.last_frame, 9);
}

static void
test_too_many_held_segments_give_up_the_hole(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	for (uint32_t i = 0; i < STREAM_HELD_SEGMENTS; i++)
		give(110 + 2 * i, "x");
	expect("");
	assert_int_equal(stats.capped, 0);
	give(110 + 2 * STREAM_HELD_SEGMENTS, "y");
	expect("[10]x");
	assert_int_equal(stats.capped, 1);
	stream_flush(&stream);
	assert_int_equal(record.delivered, STREAM_HELD_SEGMENTS + 1);
}

static void
test_too_many_held_bytes_give_up_the_hole(void **state)
{
	static uint8_t block[STREAM_HELD_BYTES];
	struct where at = {0};

	(void)state;
	stream_start(&stream, 0);
	stream_segment(&stream, 10, block, sizeof(block), sizeof(block), &at);
	assert_int_equal(record.delivered, 0);
	give(10 + sizeof(block) + 10, "x");
	assert_int_equal(record.delivered, sizeof(block));
	assert_int_equal(stream.held_bytes, 1);
	stream_flush(&stream);
	assert_int_equal(record.delivered, sizeof(block) + 1);
	assert_string_equal(record.text, "[10][10]x");
}

static void
test_a_segment_larger_than_can_be_held_is_delivered_at_once(void **state)
{
	static uint8_t block[STREAM_HELD_BYTES + 1];
	struct where at = {0};

	(void)state;
	stream_start(&stream, 0);
	stream_segment(&stream, 10, block, sizeof(block), sizeof(block), &at);
	assert_int_equal(record.delivered, sizeof(block));
	expect("[10]");
}

static void
test_an_exhausted_budget_gives_up_the_hole(void **state)
{
	(void)state;
	budget.cap = 0;
	stream_start(&stream, 100);
	give(105, "fgh");
	expect("[5]fgh");
	assert_int_equal(stats.capped, 1);
	assert_int_equal(budget.refused, 1);
}

static void
test_what_the_snap_length_cut_off_is_a_gap_when_data_follow(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "abc", 10, 0);
	expect("abc");
	give(110, "xyz");
	expect("abc[7]xyz");
	assert_int_equal(stats.tcp.out_of_order, 0);
	give_cut(113, "de", 5, 0);
	stream_flush(&stream);
	expect("abc[7]xyzde");
}

static void
test_a_hole_after_a_cut_one_is_waited_for_however_short(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "abc", 10, 0);
	give(110, "x");
	give(113, "z");
	expect("abc[7]x");
	give(111, "yy");
	expect("abc[7]xyyz");
}

static void
test_segments_without_any_captured_payload_make_one_gap(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "", 10, 0);
	give_cut(110, "", 10, 0);
	expect("");
	give(120, "x");
	expect("[20]x");
}

static void
test_a_retransmission_fills_what_was_cut_off(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "abc", 10, 0);
	give(103, "defghij");
	give(110, "k");
	expect("abcdefghijk");
}

static void
test_a_cut_filled_in_part_reaches_no_further_than_before(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "abc", 10, 0);
	give(103, "d");
	give(111, "l");
	expect("abcd");
	give(110, "k");
	expect("abcd[6]kl");
}

static void
test_cut_segments_out_of_order_keep_their_holes(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(110, "kl", 10, 0);
	give(120, "u");
	expect("");
	give_cut(100, "ab", 10, 0);
	expect("ab[8]kl[8]u");
}

static void
test_a_hole_behind_a_cut_one_is_waited_for(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "ab", 5, 0);
	give(106, "g");
	expect("ab");
	give(105, "f");
	expect("ab[3]fg");
}

static void
trap_10_a_keep_alive_probe_is_not_data(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100, "abc");
	give(102, "X");
	give(103, "d");
	expect("abcd");
}

static void
test_a_keep_alive_probe_behind_a_hole_is_not_data(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	stream_acked(&stream, 110); /* 100 to 109 were not captured */
	give(109, "X");
	give(110, "k");
	stream_flush(&stream);
	expect("[10]k");
}

static void
trap_10_a_zero_window_probe_is_the_next_byte(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100, "a");
	give(101, "b");
	give(101, "b");
	give(101, "bcd");
	expect("abcd");
}

static void
test_a_stray_is_passed_over(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100 + STREAM_WINDOW + 1, "far");
	give(100u - STREAM_WINDOW - 1, "behind");
	give(100, "abc");
	stream_flush(&stream);
	expect("abc");
	assert_int_equal(stats.tcp.strays, 2);
}

static void
test_a_segment_at_the_edge_of_the_window_is_held(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(100 + STREAM_WINDOW, "x");
	stream_flush(&stream);
	expect("[1048576]x");
}

static void
test_strays_that_go_on_move_the_stream(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give(102, "c");
	give(0x40000000, "a");
	give(0x40000001, "b");
	give(0x40000001, "b"); /* a copy goes on nowhere */
	give(0x50000001, "X"); /* nor does this */
	give(0x60000000, "p");
	give(0x60000001, "q");
	give(0x60000002, "r");
	expect("");
	give(0x60000003, "s");
	expect("[2]c[1610612636]s");
	give(0x60000004, "t");
	expect("[2]c[1610612636]st");
}

static void
test_strays_do_not_add_up_while_the_stream_goes_on(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	for (uint32_t i = 0; i < 20; i++) {
		give(0x40000000 + i, "X");
		give(100 + i, "a");
	}
	expect("aaaaaaaaaaaaaaaaaaaa");
}

static void
test_strays_move_the_stream_back_too(void **state)
{
	(void)state;
	stream_start(&stream, 0x40000000);
	for (uint32_t i = 0; i < STREAM_STRAYS; i++)
		give(100 + i, "a");
	assert_int_equal(record.delivered, 1);
	assert_int_equal(stream.next, 100 + STREAM_STRAYS);
}

static void
test_what_is_close_to_the_acknowledged_is_no_stray(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	stream_acked(&stream, 0x40000000);
	give(0x40000000, "x");
	stream_acked(&stream, 0x40000001);
	expect("[1073741724]x");
	assert_int_equal(stats.tcp.strays, 0);
}

static void
test_a_length_that_no_segment_has_is_bounded(void **state)
{
	(void)state;
	stream_start(&stream, 100);
	give_cut(100, "abc", UINT32_MAX, 0);
	give(100 + STREAM_WINDOW, "x");
	expect("abc[1048573]x");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing_comes_before_the_start),
	    TEST(test_segments_in_order_pass),
	    TEST(trap_10_segments_out_of_order_are_sorted),
	    TEST(trap_10_sequence_numbers_wrap),
	    TEST(trap_10_a_retransmission_comes_once),
	    TEST(trap_10_the_first_copy_of_delivered_bytes_wins),
	    TEST(trap_10_the_first_copy_of_held_bytes_wins_and_the_difference_counts),
	    TEST(test_a_segment_that_spans_held_ones_fills_what_is_between),
	    TEST(test_an_in_order_segment_that_spans_held_ones_lets_them_win),
	    TEST(trap_09_an_acknowledgement_of_held_data_gives_up_the_hole_at_once),
	    TEST(test_a_hole_acknowledged_up_to_its_end_waits),
	    TEST(test_a_hole_that_is_doubted_is_one_when_data_follow),
	    TEST(test_doubt_gives_up_the_holes_before_data),
	    TEST(test_doubt_gives_up_holes_although_more_was_acknowledged_before),
	    TEST(test_the_edge_is_behind_what_came_what_was_cut_and_the_fin),
	    TEST(test_what_has_not_come_is_awaited_within_the_window),
	    TEST(test_where_it_makes_no_difference_nothing_is_held),
	    TEST(test_what_was_gone_on_without_and_comes_was_no_loss),
	    TEST(test_what_was_gone_on_without_and_does_not_come_was_lost),
	    TEST(test_a_loss_is_known_once_it_is_acknowledged_or_followed_by_another),
	    TEST(test_held_data_come_once_the_hole_makes_no_difference),
	    TEST(test_a_hole_that_nobody_acknowledged_waits),
	    TEST(test_flush_tells_every_hole_and_the_packets_of_the_data),
	    TEST(test_held_data_come_with_the_packet_that_filled_the_hole),
	    TEST(test_too_many_held_segments_give_up_the_hole),
	    TEST(test_too_many_held_bytes_give_up_the_hole),
	    TEST(test_a_segment_larger_than_can_be_held_is_delivered_at_once),
	    TEST(test_an_exhausted_budget_gives_up_the_hole),
	    TEST(test_what_the_snap_length_cut_off_is_a_gap_when_data_follow),
	    TEST(test_a_hole_after_a_cut_one_is_waited_for_however_short),
	    TEST(test_segments_without_any_captured_payload_make_one_gap),
	    TEST(test_a_retransmission_fills_what_was_cut_off),
	    TEST(test_a_cut_filled_in_part_reaches_no_further_than_before),
	    TEST(test_cut_segments_out_of_order_keep_their_holes),
	    TEST(test_a_hole_behind_a_cut_one_is_waited_for),
	    TEST(trap_10_a_keep_alive_probe_is_not_data),
	    TEST(test_a_keep_alive_probe_behind_a_hole_is_not_data),
	    TEST(trap_10_a_zero_window_probe_is_the_next_byte),
	    TEST(test_a_stray_is_passed_over),
	    TEST(test_a_segment_at_the_edge_of_the_window_is_held),
	    TEST(test_strays_that_go_on_move_the_stream),
	    TEST(test_strays_do_not_add_up_while_the_stream_goes_on),
	    TEST(test_strays_move_the_stream_back_too),
	    TEST(test_what_is_close_to_the_acknowledged_is_no_stray),
	    TEST(test_a_length_that_no_segment_has_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
