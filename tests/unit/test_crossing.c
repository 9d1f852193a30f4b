/* test_crossing.c - the segments of two directions, however they were captured, in the order in which
 * they were sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/crossing.h"
#include "dissect/dissector.h"
#include "dissect/observation.h"
#include "dissect/stream.h"

enum {
	LOG = 8192,
	PACKETS = 512,
	SECOND = 1000000000,
};

/* One connection: what came out of both streams, as it came. The client's data is in capitals, a hole
 * its size in brackets, with the sign of its side. */
struct scene {
	struct stream stream[2];
	struct crossing crossing;
	char log[LOG];
	size_t len;
	uint64_t last_frame;
	uint32_t indifference;
};

static struct crossing_list list;
static struct dissect_stats stats;
static struct budget budget;
static struct scene scene, other;
static struct where packet_at_hand;
static uint64_t frame;

static void
note(struct scene *s, const char *text, size_t len)
{
	assert_true(len < LOG - s->len);
	memcpy(s->log + s->len, text, len);
	s->len += len;
	s->log[s->len] = '\0';
}

static void
on_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	struct scene *s = ctx;

	s->last_frame = at->frame;
	note(s, (const char *)data, len);
}

static void
on_gap(void *ctx, const struct where *at, uint32_t missing)
{
	char text[16];

	(void)at;
	note(ctx, text, (size_t)snprintf(text, sizeof(text), "[%u]", missing));
}

static uint32_t
on_indifference(void *ctx)
{
	const struct scene *s = ctx;

	return s->indifference;
}

static const struct stream_sink sink = {on_data, on_gap, NULL, on_indifference};

/* Both streams begin at 1000 and 2000, unless a test begins them later. */
static void
begin(struct scene *s)
{
	*s = (struct scene){0};
	for (int i = 0; i < 2; i++) {
		stream_init(&s->stream[i], &sink, s, &budget, &stats);
		stream_start(&s->stream[i], i == 0 ? 1000 : 2000);
	}
	crossing_init(&s->crossing, &s->stream[0], &s->stream[1], &list, &budget);
}

static void
end(struct scene *s)
{
	crossing_deinit(&s->crossing);
	stream_deinit(&s->stream[0]);
	stream_deinit(&s->stream[1]);
}

static int
set_up(void **state)
{
	(void)state;
	packet_at_hand = (struct where){0};
	list = (struct crossing_list){.now = &packet_at_hand};
	stats = (struct dissect_stats){0};
	budget = (struct budget){.cap = 1 << 20};
	frame = 0;
	begin(&scene);
	begin(&other);
	for (int i = 0; i < 2; i++) {
		crossing_see(&scene.crossing, i);
		crossing_see(&other.crossing, i);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	end(&scene);
	end(&other);
	return budget.used != 0 || list.first != NULL || list.last != NULL;
}

/* A packet of side ${from}, in memory of its own size. ${seq} and ${ack} count from where the streams begin. */
static void
give_to(struct scene *s, int from, uint32_t seq, uint32_t ack, const char *text)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len + 1);
	struct where at = {.frame = ++frame};
	struct crossing_segment segment = {.seq = (from == 0 ? 1000 : 2000) + seq,
	    .ack = (from == 0 ? 2000 : 1000) + ack,
	    .len = (uint32_t)len,
	    .wire = (uint32_t)len,
	    .acks = true,
	    .data = copy,
	    .at = &at};

	assert_non_null(copy);
	memcpy(copy, text, len);
	crossing_segment(&s->crossing, from, &segment);
	free(copy);
}

static void
client(uint32_t seq, uint32_t ack, const char *text)
{
	give_to(&scene, 0, seq, ack, text);
}

static void
server(uint32_t seq, uint32_t ack, const char *text)
{
	give_to(&scene, 1, seq, ack, text);
}

static void
expect(const char *log)
{
	assert_string_equal(scene.log, log);
}

static void
at_time(int64_t now_ns)
{
	packet_at_hand.ts_ns = now_ns;
	while (crossing_expire(&list, &packet_at_hand) != NULL)
		;
}

static void
test_what_comes_in_order_is_never_held(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		client(4 * i, 4 * i, "ASK,");
		server(4 * i, 4 * i, "");
		server(4 * i, 4 * i + 4, "say,");
		client(4 * i + 4, 4 * i + 4, "");
		assert_int_equal(budget.used, 0);
		assert_null(list.first);
	}
	assert_int_equal(scene.len, 80);
	assert_int_equal(strncmp(scene.log, "ASK,say,ASK,", 12), 0);
}

static void
test_an_answer_waits_for_its_question(void **state)
{
	(void)state;
	server(0, 3, "yes");
	expect("");
	assert_true(crossing_waits(&scene.crossing));
	client(0, 0, "ASK");
	expect("ASKyes");
	assert_false(crossing_waits(&scene.crossing));
	assert_int_equal(scene.last_frame, 1);
	assert_int_equal(stats.tcp.gaps, 0);
}

static void
test_an_answer_waits_for_all_of_its_question(void **state)
{
	(void)state;
	client(3, 0, "KED");
	server(0, 6, "yes");
	expect("");
	client(0, 0, "AS");
	expect("AS");
	client(2, 0, "_");
	expect("AS_KEDyes");
}

static void
test_one_that_waits_does_not_hold_up_what_needs_not_wait(void **state)
{
	(void)state;
	server(3, 3, "late");
	server(0, 0, "hi ");
	expect("hi ");
	client(0, 3, "ASK");
	expect("hi ASKlate");
}

/* A bare acknowledgement that comes early is no proof of a loss. */
static void
test_an_early_acknowledgement_gives_up_no_hole(void **state)
{
	(void)state;
	client(3, 0, "KED");
	server(0, 6, "");
	expect("");
	assert_true(crossing_waits(&scene.crossing));
	client(0, 0, "AS_");
	expect("AS_KED");
	assert_false(crossing_waits(&scene.crossing));
	assert_int_equal(stats.tcp.gaps, 0);
	assert_true(scene.stream[0].ack_seen);
	assert_int_equal(scene.stream[0].acked, 1006);
}

static void
test_bare_acknowledgements_are_not_held(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 200; i++)
		server(0, i, "");
	assert_int_equal(budget.used, 0);
	assert_true(crossing_waits(&scene.crossing));
}

static void
test_both_sides_can_wait_for_each_other_in_turn(void **state)
{
	(void)state;
	server(3, 6, "two");
	client(3, 3, "TWO");
	server(0, 3, "one");
	expect("");
	client(0, 0, "ONE");
	expect("ONEoneTWOtwo");
	assert_int_equal(budget.used, 0);
}

/* A talk of calls, each a question and an answer of some segments, with bare acknowledgements, as it was sent. */
struct packet {
	int from;
	uint32_t seq, ack;
	char text[8];
	int key; /* where it is captured */
};

static struct packet talk[PACKETS];
static unsigned talk_len;
static char talk_log[LOG];

static unsigned
any(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % below;
}

static void
say(unsigned *seed, int from, uint32_t sent[2], bool data)
{
	struct packet *p = &talk[talk_len++];
	unsigned len = data ? 1 + any(seed, 6) : 0;

	*p = (struct packet){.from = from, .seq = sent[from], .ack = sent[1 - from]};
	for (unsigned i = 0; i < len; i++)
		p->text[i] = (char)((from == 0 ? 'A' : 'a') + any(seed, 26));
	sent[from] += len;
	strcat(talk_log, p->text);
}

static void
make_talk(unsigned seed, unsigned calls)
{
	uint32_t sent[2] = {0};

	talk_len = 0;
	talk_log[0] = '\0';
	for (unsigned i = 0; i < calls; i++) {
		for (int from = 0; from < 2; from++) {
			for (unsigned n = 1 + any(&seed, 3); n > 0; n--)
				say(&seed, from, sent, true);
			if (any(&seed, 2) == 0)
				say(&seed, 1 - from, sent, false);
		}
	}
	for (unsigned i = 0; i < talk_len; i++)
		talk[i].key = (int)i * 2;
}

static int
by_key(const void *a, const void *b)
{
	const struct packet *left = a, *right = b;

	return left->key - right->key;
}

/* The talk in the order of its keys, without packet ${lost}. */
static void
play(unsigned lost)
{
	if (lost < talk_len)
		talk[lost].key = -1;
	qsort(talk, talk_len, sizeof(talk[0]), by_key);
	for (unsigned i = lost < talk_len; i < talk_len; i++)
		give_to(&scene, talk[i].from, talk[i].seq, talk[i].ack, talk[i].text);
}

static void
again(void)
{
	end(&scene);
	begin(&scene);
	assert_int_equal(budget.used, 0);
}

static void
test_a_skew_of_up_to_fifty_packets_changes_nothing(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		for (int skew = 1; skew <= 50; skew++) {
			again();
			make_talk((unsigned)skew, 40);
			for (unsigned i = 0; i < talk_len; i++)
				talk[i].key += talk[i].from == late ? 2 * skew + 1 : 0;
			play(PACKETS);
			expect(talk_log);
			assert_false(crossing_waits(&scene.crossing));
			assert_int_equal(budget.used, 0);
		}
	}
	assert_int_equal(stats.tcp.gaps, 0);
	assert_int_equal(stats.capped, 0);
}

static void
test_packets_that_come_a_few_places_late_change_nothing(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed < 300; seed++) {
		unsigned draw = seed;

		again();
		make_talk(seed, 40);
		for (unsigned i = 0; i < talk_len; i++)
			talk[i].key += (int)any(&draw, 9);
		play(PACKETS);
		expect(talk_log);
		assert_false(crossing_waits(&scene.crossing));
		assert_int_equal(budget.used, 0);
	}
	assert_int_equal(stats.tcp.gaps, 0);
}

/* The talk as it comes out where packet ${lost} is, with a hole before the next data of that side. */
static void
log_without(unsigned lost, char *out)
{
	size_t missing = strlen(talk[lost].text);

	*out = '\0';
	for (unsigned i = 0; i < talk_len; i++) {
		if (i == lost)
			continue;
		if (i > lost && missing != 0 && talk[i].from == talk[lost].from &&
		    talk[i].text[0] != '\0') {
			out += sprintf(out, "[%zu]", missing);
			missing = 0;
		}
		out += sprintf(out, "%s", talk[i].text);
	}
}

/* One segment is lost, and one direction comes late: all else comes out as it was sent. */
static void
test_a_loss_costs_what_was_lost_and_no_order(void **state)
{
	(void)state;
	for (unsigned lost = 0; lost < 60; lost++) {
		for (int skew = 0; skew <= 50; skew += 10) {
			char text[LOG];

			again();
			make_talk(lost, 40);
			log_without(lost, text);
			for (unsigned i = 0; i < talk_len; i++)
				talk[i].key += talk[i].from == (int)(lost % 2) ? 2 * skew + 1 : 0;
			play(lost);
			crossing_finish(&scene.crossing);
			stream_flush(&scene.stream[0]);
			stream_flush(&scene.stream[1]);
			expect(text);
			assert_int_equal(budget.used, 0);
		}
	}
}

/* Packets of the side that lacks something, from behind that. */
static void
test_packets_from_behind_tell_a_loss(void **state)
{
	(void)state;
	server(0, 3, "yes");
	for (uint32_t i = 0; i < CROSSING_PATIENCE - 1; i++) {
		client(0, 0, ""); /* from before it: that says nothing */
		client(3, 0, "");
	}
	expect("");
	client(3, 0, "NEXT");
	expect("yes[3]NEXT");
	assert_int_equal(stats.tcp.gaps, 1);
}

static void
test_what_comes_nearer_is_waited_for_anew(void **state)
{
	(void)state;
	server(0, 6, "yes");
	for (uint32_t round = 0; round < 5; round++) {
		for (uint32_t i = 0; i < CROSSING_PATIENCE - 1; i++)
			client(6, 0, "");
		client(round, 0, "X");
	}
	expect("XXXXX");
	client(5, 0, "X");
	expect("XXXXXXyes");
}

/* Of what waits itself for its turn nothing follows about a loss. */
static void
test_held_packets_of_the_lacking_side_are_no_holes(void **state)
{
	(void)state;
	server(3, 6, "two");
	for (uint32_t i = 0; i < 20; i++)
		client(i, 3, "X");
	expect("");
	server(0, 0, "one");
	assert_int_equal(strncmp(scene.log, "oneXXXXXX", 9), 0);
	assert_non_null(strstr(scene.log, "two"));
	assert_int_equal(scene.len, 26);
	assert_int_equal(stats.tcp.gaps, 0);
}

/* The same where the server speaks first. */
static void
test_what_the_server_lacks_is_given_up_and_no_more(void **state)
{
	(void)state;
	server(3, 3, "two");
	client(3, 6, "TWO");
	client(0, 3, "ONE");
	expect("");
	crossing_finish(&scene.crossing);
	expect("ONE[3]twoTWO");
}

/* The question of the second call is there, but waits for the answer of the first, which waits for its question. */
static void
test_what_is_really_missing_is_given_up_and_no_more(void **state)
{
	(void)state;
	client(3, 3, "TWO");
	server(3, 6, "two");
	server(0, 3, "one");
	expect("");
	crossing_finish(&scene.crossing);
	expect("one[3]TWOtwo");
	assert_int_equal(stats.tcp.gaps, 1);
}

static void
test_no_more_than_some_segments_are_held(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < CROSSING_SEGMENTS; i++)
		server(i, 3, "x");
	expect("");
	assert_int_equal(scene.crossing.held_segments, CROSSING_SEGMENTS);
	assert_int_equal(stats.capped, 0);
	server(CROSSING_SEGMENTS, 3, "y");
	assert_int_equal(scene.len, CROSSING_SEGMENTS + 1);
	assert_int_equal(scene.log[CROSSING_SEGMENTS], 'y');
	assert_int_equal(stats.capped, 1);
	client(0, 0, "ASK"); /* too late to be in order */
	assert_string_equal(scene.log + CROSSING_SEGMENTS, "yASK");
}

/* ${len} bytes of the server at ${seq}, in answer to what has not come. */
static void
give_block(uint32_t seq, uint32_t len)
{
	static const uint8_t block[CROSSING_BYTES + 1];
	struct where at = {0};
	struct crossing_segment s = {.seq = 2000 + seq,
	    .ack = 1003,
	    .acks = true,
	    .len = len,
	    .wire = len,
	    .data = block,
	    .at = &at};

	crossing_segment(&scene.crossing, 1, &s);
}

static void
drop_data(void *ctx, const struct where *at, const uint8_t *data, size_t len)
{
	(void)ctx;
	(void)at;
	(void)data;
	(void)len;
}

static void
test_no_more_than_some_bytes_are_held(void **state)
{
	static const struct stream_sink silent = {drop_data, on_gap, NULL, NULL};

	(void)state;
	scene.stream[1].sink = &silent;
	give_block(0, CROSSING_BYTES);
	assert_int_equal(scene.crossing.held_bytes, CROSSING_BYTES);
	assert_int_equal(scene.stream[1].next, 2000);
	give_block(CROSSING_BYTES, 1);
	assert_int_equal(scene.crossing.held_bytes, 0);
	assert_int_equal(scene.stream[1].next, 2000 + CROSSING_BYTES + 1);
	assert_false(crossing_waits(&scene.crossing));
}

static void
test_a_tight_budget_holds_nothing(void **state)
{
	(void)state;
	budget.cap = 50;
	server(0, 3, "yes");
	expect("yes");
	assert_false(crossing_waits(&scene.crossing));
	assert_int_equal(budget.refused, 1);
	client(0, 3, "ASK");
	expect("yesASK");
}

static void
test_nothing_is_awaited_for_longer_than_a_while(void **state)
{
	(void)state;
	at_time(5 * (int64_t)SECOND);
	server(0, 3, "yes");
	at_time(6 * (int64_t)SECOND);
	expect("");
	at_time(6 * (int64_t)SECOND + 1);
	expect("yes");
	assert_null(list.first);
}

static void
test_a_clock_that_goes_back_ends_the_wait(void **state)
{
	(void)state;
	at_time(5 * (int64_t)SECOND);
	server(0, 3, "yes");
	at_time(4 * (int64_t)SECOND - 1);
	expect("yes");
}

static void
test_each_waits_for_its_own_time(void **state)
{
	(void)state;
	at_time(1);
	server(0, 9, "yes");
	at_time(2);
	give_to(&other, 1, 0, 3, "yes");
	at_time(3);
	client(0, 0, "ASK"); /* nearer */
	assert_ptr_equal(list.first, &other.crossing);
	at_time(2 + (int64_t)SECOND + 1);
	assert_string_equal(other.log, "yes");
	expect("ASK");
	at_time(3 + (int64_t)SECOND + 1);
	expect("ASKyes");
}

/* An acknowledgement of what will never come costs a bounded wait; one further ahead costs none. */
static void
test_forged_acknowledgements_cost_little(void **state)
{
	(void)state;
	server(0, STREAM_WINDOW + 1, "far");
	expect("far");
	assert_false(crossing_waits(&scene.crossing));
	server(3, STREAM_WINDOW, "near");
	expect("far");
	client(0, 3, "ASK");
	server(7, 3, "right");
	expect("farASK");
	at_time(2 * (int64_t)SECOND);
	expect("farASKnearright");
	client(3, 12, "ON");
	expect("farASKnearrightON");
	assert_int_equal(stats.tcp.gaps, 0);
}

/* A side whose stream jumps behind what was promised of it cannot keep the others waiting. */
static void
test_a_promise_out_of_reach_is_none(void **state)
{
	(void)state;
	server(0, STREAM_WINDOW, "yes");
	for (uint32_t i = 0; i < STREAM_STRAYS; i++)
		client(0x80000000u + i, 0, "X");
	assert_int_equal(scene.stream[0].next, 1000 + 0x80000000u + STREAM_STRAYS);
	assert_false(crossing_waits(&scene.crossing));
	assert_non_null(strstr(scene.log, "yes"));
}

static void
test_who_waits_in_vain_too_often_waits_no_more(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < CROSSING_VAIN; i++) {
		server(i, 3 * i + 3, "x");
		assert_true(crossing_waits(&scene.crossing));
		at_time((i + 1) * 2 * (int64_t)SECOND);
	}
	expect("xxxx");
	server(CROSSING_VAIN, 3 * CROSSING_VAIN + 3, "y");
	expect("xxxxy");
	client(3 * CROSSING_VAIN + 3, CROSSING_VAIN + 1, "ON");
	expect("xxxxy[15]ON");
}

/* Who waits no more gets what lies behind a loss at once. */
static void
test_without_waiting_a_loss_is_one_at_once(void **state)
{
	(void)state;
	scene.crossing.vain = CROSSING_VAIN;
	client(3, 0, "KED");
	server(0, 3, "yes");
	expect("yes[3]KED");
}

/* However many pieces are given up of it, that was one wait. */
static void
test_a_wait_is_in_vain_once(void **state)
{
	(void)state;
	server(0, 3, "one");
	client(3, 3, "TWO");
	server(3, 9, "two");
	client(9, 6, "THREE");
	server(6, 14, "three");
	crossing_finish(&scene.crossing);
	expect("one[3]TWOtwo[3]THREEthree");
	assert_int_equal(scene.crossing.vain, 1);
}

static void
test_who_does_not_wait_in_vain_goes_on_waiting(void **state)
{
	uint32_t sent = 0;

	(void)state;
	for (uint32_t i = 0; i < 5 * CROSSING_VAIN; i++) {
		server(i, sent + 3, "x");
		assert_true(crossing_waits(&scene.crossing));
		if (i % CROSSING_VAIN == 0)
			client(sent, i, "ASK");
		else
			at_time((i + 1) * 2 * (int64_t)SECOND);
		sent += 3;
		assert_false(crossing_waits(&scene.crossing));
	}
}

/* Captures of one direction: some connections wait in vain for the other, then none does, until it shows. */
static void
test_for_a_side_that_is_never_seen_nobody_waits_for_ever(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < CROSSING_VAIN; i++) {
		again();
		server(0, 3, "x");
		assert_true(crossing_waits(&scene.crossing));
		at_time((i + 1) * 2 * (int64_t)SECOND);
		expect("x");
	}
	again();
	server(0, 3, "x");
	expect("x");
	assert_false(crossing_waits(&scene.crossing));
	client(3, 1, "");
	again();
	server(0, 3, "x");
	expect("");
	client(0, 0, "ASK");
	expect("ASKx");
}

static void
test_what_makes_no_difference_is_not_awaited(void **state)
{
	(void)state;
	scene.indifference = 10;
	server(0, 10, "yes");
	expect("yes");
	server(3, 11, "no");
	expect("yes");
	scene.indifference = 0;
	client(0, 0, "0123456789");
	expect("yes0123456789");
	client(10, 0, "X");
	expect("yes0123456789Xno");
}

static void
test_what_the_snap_length_cut_off_has_come(void **state)
{
	struct where at = {0};
	struct crossing_segment s = {
	    .seq = 1000, .len = 3, .wire = 10, .data = (const uint8_t *)"ASK", .at = &at};

	(void)state;
	crossing_segment(&scene.crossing, 0, &s);
	server(0, 10, "yes");
	expect("ASKyes");
	server(3, 11, "no");
	expect("ASKyes");
}

static void
test_before_a_stream_begins_nothing_is_awaited(void **state)
{
	(void)state;
	scene.stream[0].started = false;
	server(0, 300, "yes");
	expect("yes");
}

static void
test_the_acknowledgement_of_a_fin_waits_for_it(void **state)
{
	(void)state;
	client(0, 0, "ASK");
	server(0, 4, "bye");
	expect("ASK");
	scene.stream[0].fin = true;
	scene.stream[0].fin_seq = 1003;
	client(3, 0, "");
	expect("ASKbye");
}

static void
test_the_end_waits_for_what_was_sent_before_it(void **state)
{
	struct where at = {0};
	struct crossing_segment reset = {.seq = 1003, .ack = 2003, .acks = true, .at = &at};

	(void)state;
	assert_false(crossing_ends(&scene.crossing, 0, &reset));
	client(0, 0, "ASK");
	assert_true(crossing_waits(&scene.crossing));
	server(0, 3, "yes");
	assert_false(crossing_waits(&scene.crossing));
	expect("ASKyes");
	assert_true(crossing_ends(&scene.crossing, 0, &reset));
	reset.acks = false;
	reset.seq = 1004;
	assert_false(crossing_ends(&scene.crossing, 0, &reset));
	at_time(2 * (int64_t)SECOND);
	assert_false(crossing_waits(&scene.crossing));
}

static void
test_forgotten_nothing_comes_out_and_all_is_given_back(void **state)
{
	(void)state;
	server(0, 3, "yes");
	server(3, 3, "no");
	assert_true(budget.used > 0);
	crossing_deinit(&scene.crossing);
	expect("");
	assert_int_equal(budget.used, 0);
	assert_null(list.first);
	begin(&scene);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_what_comes_in_order_is_never_held),
	    TEST(test_an_answer_waits_for_its_question),
	    TEST(test_an_answer_waits_for_all_of_its_question),
	    TEST(test_one_that_waits_does_not_hold_up_what_needs_not_wait),
	    TEST(test_an_early_acknowledgement_gives_up_no_hole),
	    TEST(test_both_sides_can_wait_for_each_other_in_turn),
	    TEST(test_a_skew_of_up_to_fifty_packets_changes_nothing),
	    TEST(test_packets_that_come_a_few_places_late_change_nothing),
	    TEST(test_a_loss_costs_what_was_lost_and_no_order),
	    TEST(test_packets_from_behind_tell_a_loss),
	    TEST(test_what_comes_nearer_is_waited_for_anew),
	    TEST(test_held_packets_of_the_lacking_side_are_no_holes),
	    TEST(test_what_the_server_lacks_is_given_up_and_no_more),
	    TEST(test_bare_acknowledgements_are_not_held),
	    TEST(test_what_is_really_missing_is_given_up_and_no_more),
	    TEST(test_no_more_than_some_segments_are_held),
	    TEST(test_no_more_than_some_bytes_are_held),
	    TEST(test_a_tight_budget_holds_nothing),
	    TEST(test_nothing_is_awaited_for_longer_than_a_while),
	    TEST(test_a_clock_that_goes_back_ends_the_wait),
	    TEST(test_each_waits_for_its_own_time),
	    TEST(test_forged_acknowledgements_cost_little),
	    TEST(test_a_promise_out_of_reach_is_none),
	    TEST(test_who_waits_in_vain_too_often_waits_no_more),
	    TEST(test_without_waiting_a_loss_is_one_at_once),
	    TEST(test_a_wait_is_in_vain_once),
	    TEST(test_who_does_not_wait_in_vain_goes_on_waiting),
	    TEST(test_for_a_side_that_is_never_seen_nobody_waits_for_ever),
	    TEST(test_what_makes_no_difference_is_not_awaited),
	    TEST(test_what_the_snap_length_cut_off_has_come),
	    TEST(test_before_a_stream_begins_nothing_is_awaited),
	    TEST(test_the_acknowledgement_of_a_fin_waits_for_it),
	    TEST(test_the_end_waits_for_what_was_sent_before_it),
	    TEST(test_forgotten_nothing_comes_out_and_all_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
