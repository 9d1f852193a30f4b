/* test_tick.c - time goes by and no packet comes: what has waited too long is given out, all else is not. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"
#include "golden_pdus.h"
#include "tests/unit/wire.h"

enum {
	CLIENT = 9,
	SERVER = 4,
	PORT = 135,
	FIRST_PORT = 1025,
	FIRST_FRAG = 1,
	LAST_FRAG = 2,
};

static struct dissector *dissector;
static struct obs_queue *queue;
static uint64_t frame_number;
static int64_t now_ns;
static unsigned client_port;
static uint32_t at[2]; /* next sequence numbers of client and server */

static void
begin(const struct dissect_limits *limits)
{
	dissector_free(&dissector);
	assert_int_equal(dissector_new(&dissector, limits, NULL), 0);
}

static int
set_up(void **state)
{
	(void)state;
	frame_number = 0;
	now_ns = 1000 * NS_PER_S;
	client_port = FIRST_PORT;
	assert_int_equal(obs_queue_new(&queue, 1 << 20), 0);
	return dissector_new(&dissector, NULL, NULL);
}

static int
tear_down(void **state)
{
	(void)state;
	dissector_free(&dissector);
	obs_queue_free(&queue);
	return 0;
}

static const struct dissect_stats *
stats(void)
{
	return dissector_stats(dissector);
}

static void
say_at(int from, uint32_t seq, uint32_t ack, unsigned flags, const void *payload, size_t len)
{
	static struct batch batch;
	struct wire w = {0};

	wire_ethernet(&w, 0x0800);
	wire_ipv4(
	    &w, IPPROTO_TCP, from == 0 ? CLIENT : SERVER, from == 0 ? SERVER : CLIENT, 20 + len);
	wire_tcp(
	    &w, from == 0 ? client_port : PORT, from == 0 ? PORT : client_port, seq, ack, flags);
	wire_add(&w, payload, len);
	batch.count = 1;
	batch.packet[0] = wire_packet(&w, LINK_ETHERNET);
	batch.packet[0].frame = ++frame_number;
	batch.packet[0].ts_ns = now_ns;
	batch.mark[0] = (struct mark){.kind = MARK_ALWAYS};
	assert_int_equal(dissector_batch(dissector, &batch, 0, 1, queue), 1);
}

static void
say(int from, const void *payload, size_t len)
{
	say_at(from, at[from], at[1 - from], TCP_ACK, payload, len);
	at[from] += (uint32_t)len;
}

static void
shake_hands(void)
{
	say_at(0, 100, 0, TCP_SYN, NULL, 0);
	say_at(1, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	at[0] = 101;
	at[1] = 501;
}

static void
ask_to_bind(void)
{
	shake_hands();
	say(0, golden_bind, sizeof(golden_bind));
}

static void
bind_to_mapper(void)
{
	ask_to_bind();
	say(1, golden_bind_ack, sizeof(golden_bind_ack));
	assert_int_equal(obs_queue_count(queue), 1);
	obs_queue_reset(queue);
}

/* All connections have had their turn ${seconds} from now. */
static void
pass(int64_t seconds)
{
	now_ns += seconds * NS_PER_S;
	for (int i = 0; i < TCP_ROUND; i++)
		dissector_tick(dissector, now_ns, queue);
}

static void
test_a_bind_without_an_answer_comes_out(void **state)
{
	const struct obs *o;
	int64_t bound_ns = now_ns;

	(void)state;
	ask_to_bind();
	pass(59);
	assert_int_equal(obs_queue_count(queue), 0);
	pass(2);
	assert_int_equal(obs_queue_count(queue), 1);
	o = obs_queue_at(queue, 0);
	assert_int_equal(o->kind, OBS_BIND);
	assert_int_equal(o->bind.outcome, BIND_UNANSWERED);
	assert_int_equal(o->bind.context_count, 1);
	assert_true(o->at.ts_ns == bound_ns);
	assert_int_equal(o->at.frame, 3);
	assert_int_equal(o->server_port, PORT);
	assert_int_equal(stats()->rpc.unanswered, 1);
	/* Once. */
	pass(100);
	say(1, golden_bind_ack, sizeof(golden_bind_ack));
	dissector_finish(dissector, queue);
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(stats()->rpc.unanswered, 1);
}

static void
test_a_bind_with_an_answer_has_come_out(void **state)
{
	(void)state;
	bind_to_mapper();
	pass(100);
	assert_int_equal(obs_queue_count(queue), 0);
	assert_int_equal(stats()->rpc.unanswered, 0);
}

static void
test_an_answer_in_time_is_one(void **state)
{
	(void)state;
	ask_to_bind();
	pass(59);
	say(1, golden_bind_ack, sizeof(golden_bind_ack));
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs_queue_at(queue, 0)->bind.outcome, BIND_ACKNOWLEDGED);
}

static void
test_how_long_is_a_setting(void **state)
{
	(void)state;
	begin(&(struct dissect_limits){.answer_ns = 5 * NS_PER_S});
	ask_to_bind();
	pass(5);
	assert_int_equal(obs_queue_count(queue), 0);
	pass(1);
	assert_int_equal(obs_queue_count(queue), 1);
}

/* A little is disorder among packets. */
static void
trap_08_a_clock_that_is_set_back_ends_the_wait(void **state)
{
	(void)state;
	ask_to_bind();
	pass(-59);
	assert_int_equal(obs_queue_count(queue), 0);
	pass(-2);
	assert_int_equal(obs_queue_count(queue), 1);
}

static void
test_each_call_looks_at_a_part_and_all_have_their_turn(void **state)
{
	enum {
		CONNECTIONS = 128,
	};
	size_t before = 0;

	(void)state;
	for (int i = 0; i < CONNECTIONS; i++, client_port++)
		ask_to_bind();
	now_ns += 61 * NS_PER_S;
	for (int i = 0; i < TCP_ROUND; i++) {
		size_t count;

		dissector_tick(dissector, now_ns, queue);
		count = obs_queue_count(queue);
		assert_int_equal(count - before, CONNECTIONS / TCP_ROUND);
		before = count;
	}
	assert_int_equal(before, CONNECTIONS);
	for (size_t i = 0; i < before; i++)
		assert_int_equal(obs_queue_at(queue, i)->client_port, FIRST_PORT + i);
}

static void
test_connections_that_have_gone_are_passed_over(void **state)
{
	(void)state;
	ask_to_bind();
	client_port++;
	ask_to_bind();
	say_at(0, at[0], at[1], TCP_RST | TCP_ACK, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 1);
	pass(61);
	assert_int_equal(obs_queue_count(queue), 2);
	assert_int_equal(obs_queue_at(queue, 1)->client_port, FIRST_PORT);
	dissector_finish(dissector, queue);
	pass(61);
	assert_int_equal(obs_queue_count(queue), 2);
}

/* Counted when it has waited too long; and still known for what it was. */
static void
test_a_question_without_an_answer_is_counted_and_kept(void **state)
{
	const struct obs *o;

	(void)state;
	bind_to_mapper();
	say(0, golden_map_request, sizeof(golden_map_request));
	pass(59);
	assert_int_equal(stats()->rpc.unanswered, 0);
	pass(2);
	assert_int_equal(stats()->rpc.unanswered, 1);
	pass(100);
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 2);
	assert_int_equal(obs_queue_at(queue, 0)->kind, OBS_USE); /* its bind was long ago */
	o = obs_queue_at(queue, 1);
	assert_int_equal(o->kind, OBS_EPM);
	assert_true(o->epm.question.seen);
	dissector_finish(dissector, queue);
	assert_int_equal(stats()->rpc.unanswered, 1);
}

/* ${pdu} in two fragments of which each has the whole: what is put together of it is no question. */
static void
say_fragment(int from, const uint8_t *pdu, size_t len, uint8_t flags)
{
	uint8_t fragment[512];

	memcpy(fragment, pdu, len);
	fragment[3] = flags;
	say(from, fragment, len);
}

static void
test_half_a_question_is_let_go_of(void **state)
{
	size_t before;

	(void)state;
	bind_to_mapper();
	before = stats()->buffered;
	say_fragment(0, golden_map_request, sizeof(golden_map_request), FIRST_FRAG);
	assert_true(stats()->buffered > before + sizeof(golden_map_request) / 2);
	before = stats()->buffered;
	pass(61);
	assert_true(stats()->buffered < before - sizeof(golden_map_request) / 2);
	assert_int_equal(stats()->rpc.unanswered, 0);
	/* Something was asked; nobody can say that it was not. */
	say_fragment(0, golden_map_request, sizeof(golden_map_request), LAST_FRAG);
	say(1, golden_map_answer, sizeof(golden_map_answer));
	for (size_t i = 0; i < obs_queue_count(queue); i++) {
		const struct obs *o = obs_queue_at(queue, i);

		assert_false(o->kind == OBS_EPM && o->epm.question.side_visible);
	}
}

static void
test_fragments_that_come_and_come_are_waited_for(void **state)
{
	size_t before;

	(void)state;
	bind_to_mapper();
	say_fragment(0, golden_map_request, sizeof(golden_map_request), FIRST_FRAG);
	pass(40);
	say_fragment(0, golden_map_request, sizeof(golden_map_request), 0);
	before = stats()->buffered;
	pass(40);
	assert_int_equal(stats()->buffered, before);
	pass(61);
	assert_true(stats()->buffered < before);
}

/* A bind that lacks its last byte, and one behind it. */
static void
bind_behind_hole(void)
{
	shake_hands();
	say(0, golden_bind, sizeof(golden_bind) - 1);
	at[0] += 1;
	say_at(0, at[0], 501, TCP_ACK, golden_bind3, sizeof(golden_bind3));
	at[0] += (uint32_t)sizeof(golden_bind3);
}

static void
test_a_hole_that_nothing_fills_is_passed_over(void **state)
{
	(void)state;
	begin(&(struct dissect_limits){.answer_ns = 20 * NS_PER_S});
	bind_behind_hole();
	pass(9);
	assert_int_equal(stats()->tcp.gaps, 0);
	pass(2);
	assert_int_equal(stats()->tcp.gaps, 1);
	pass(10);
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs_queue_at(queue, 0)->bind.context_count, 3);
	assert_int_equal(obs_queue_at(queue, 0)->at.frame, 4);
}

static void
test_a_hole_that_is_filled_in_time_is_none(void **state)
{
	(void)state;
	bind_behind_hole();
	pass(9);
	say_at(0, 101 + (uint32_t)sizeof(golden_bind) - 1, 501, TCP_ACK,
	    golden_bind + sizeof(golden_bind) - 1, 1);
	pass(5);
	assert_int_equal(stats()->tcp.gaps, 0);
}

static void
test_a_connection_that_only_a_hole_kept_is_over(void **state)
{
	(void)state;
	bind_behind_hole();
	say_at(0, at[0], 501, TCP_ACK | TCP_FIN, NULL, 0);
	say_at(1, 501, 101, TCP_ACK | TCP_FIN, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 0);
	pass(11);
	/* The end settles the bind. */
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(stats()->buffered, 0);
}

/* Without another packet of any connection. */
static void
test_an_answer_whose_question_was_lost_comes_out(void **state)
{
	(void)state;
	bind_to_mapper();
	at[0] += (uint32_t)sizeof(golden_map_request);
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 0);
	pass(2);
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs_queue_at(queue, 0)->kind, OBS_EPM);
	assert_int_equal(obs_queue_at(queue, 0)->at.frame, frame_number);
	assert_false(obs_queue_at(queue, 0)->epm.question.side_visible);
}

static void
test_without_a_packet_nothing_happens(void **state)
{
	(void)state;
	pass(100);
	now_ns = INT64_MIN;
	pass(0);
	now_ns = INT64_MAX;
	pass(0);
	assert_int_equal(obs_queue_count(queue), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_bind_without_an_answer_comes_out),
	    TEST(test_a_bind_with_an_answer_has_come_out),
	    TEST(test_an_answer_in_time_is_one),
	    TEST(test_how_long_is_a_setting),
	    TEST(trap_08_a_clock_that_is_set_back_ends_the_wait),
	    TEST(test_each_call_looks_at_a_part_and_all_have_their_turn),
	    TEST(test_connections_that_have_gone_are_passed_over),
	    TEST(test_a_question_without_an_answer_is_counted_and_kept),
	    TEST(test_half_a_question_is_let_go_of),
	    TEST(test_fragments_that_come_and_come_are_waited_for),
	    TEST(test_a_hole_that_nothing_fills_is_passed_over),
	    TEST(test_a_hole_that_is_filled_in_time_is_none),
	    TEST(test_a_connection_that_only_a_hole_kept_is_over),
	    TEST(test_an_answer_whose_question_was_lost_comes_out),
	    TEST(test_without_a_packet_nothing_happens),
	};

	return cmocka_run_group_tests_name("tick", tests, NULL, NULL);
}
