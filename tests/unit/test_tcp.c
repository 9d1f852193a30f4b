/* test_tcp.c - which connections stay followed, with real conversations on them: none that lies, and all that do not. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/framer.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/sieve.h"
#include "dissect/tcp.h"
#include "golden_pdus.h"
#include "tests/unit/wire.h"

enum {
	CLIENT = 9,
	SERVER = 4
};

static struct dissector *dissector;
static struct obs_queue *queue;
static uint64_t frame_number;
static unsigned client_port, server_port;
static uint32_t at[2]; /* next sequence numbers of client and server */

static int
set_up(void **state)
{
	(void)state;
	frame_number = 0;
	client_port = 1025;
	server_port = 135;
	at[0] = 101;
	at[1] = 501;
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

/* Into ${batch}, whose packets lie in ${w}. */
static void
add_at(struct batch *batch, struct wire *w, int from, uint32_t seq, unsigned flags,
    const void *payload, size_t len)
{
	struct packet *packet = &batch->packet[batch->count++];

	w->len = 0;
	wire_ethernet(w, 0x0800);
	wire_ipv4(
	    w, IPPROTO_TCP, from == 0 ? CLIENT : SERVER, from == 0 ? SERVER : CLIENT, 20 + len);
	wire_tcp(w, from == 0 ? client_port : server_port, from == 0 ? server_port : client_port,
	    seq, at[1 - from], flags);
	wire_add(w, payload, len);
	*packet = wire_packet(w, LINK_ETHERNET);
	packet->frame = ++frame_number;
}

static void
say_at(int from, uint32_t seq, unsigned flags, const void *payload, size_t len)
{
	static struct batch batch;
	struct wire w;
	struct sieve sieve;

	batch.count = 0;
	add_at(&batch, &w, from, seq, flags, payload, len);
	sieve_init(&sieve, 0);
	sieve.look(&sieve, &batch);
	dissector_batch(dissector, &batch, 0, 1, queue);
}

static void
say(int from, const void *payload, size_t len)
{
	say_at(from, at[from], TCP_ACK, payload, len);
	at[from] += (uint32_t)len;
}

static void
shake_hands(void)
{
	say_at(0, 100, TCP_SYN, NULL, 0);
	say_at(1, 500, TCP_SYN | TCP_ACK, NULL, 0);
}

/* The client binds, from its byte ${skip} on, and the server accepts. */
static void
bind_from(size_t skip)
{
	say(0, golden_bind + skip, sizeof(golden_bind) - skip);
	say(1, golden_bind_ack, sizeof(golden_bind_ack));
}

static void
expect_bind(void)
{
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs_queue_at(queue, 0)->kind, OBS_BIND);
	assert_int_equal(obs_queue_at(queue, 0)->bind.outcome, BIND_ACKNOWLEDGED);
	assert_int_equal(obs_queue_at(queue, 0)->server_port, server_port);
}

static void
expect_given_up(void)
{
	assert_int_equal(stats()->tcp.given_up, 1);
	assert_int_equal(stats()->buffered, 0);
	/* And what comes then is as good as on any other connection. */
	bind_from(0);
	expect_bind();
}

/* Before any PDU of the client, its SYN proves that nothing was asked. */
static void
test_an_answer_before_all_questions_is_proved_by_the_syn(void **state)
{
	(void)state;
	shake_hands();
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 1);
	assert_true(obs_queue_at(queue, 0)->epm.question.side_visible);
	client_port++;
	at[0] = 101;
	at[1] = 501;
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 2);
	assert_false(obs_queue_at(queue, 1)->epm.question.side_visible);
}

static void
test_bytes_that_are_no_pdu_are_given_up(void **state)
{
	(void)state;
	shake_hands();
	say(0, "GET / HTTP/1.0", 14);
	assert_int_equal(stats()->tcp.streams, 0);
	expect_given_up();
}

static void
test_what_only_begins_like_a_pdu_is_given_up(void **state)
{
	(void)state;
	shake_hands();
	say(0, golden_bind, 3);
	assert_int_equal(stats()->tcp.given_up, 0);
	say(0, "something else altogether", 25);
	expect_given_up();
}

static void
test_a_header_that_contradicts_itself_is_given_up(void **state)
{
	uint8_t header[sizeof(golden_bind)];

	(void)state;
	memcpy(header, golden_bind, sizeof(header));
	header[8] = 3; /* frag_length */
	header[9] = 0;
	shake_hands();
	say(0, header, sizeof(header));
	expect_given_up();
}

static void
test_a_server_that_is_none_is_given_up(void **state)
{
	(void)state;
	shake_hands();
	say(0, golden_bind, 2);
	say(1, "SSH-2.0-OpenSSH_9.2", 19);
	assert_int_equal(stats()->tcp.given_up, 1);
	assert_int_equal(stats()->buffered, 0);
}

static void
test_one_pdu_is_enough_to_stay(void **state)
{
	(void)state;
	shake_hands();
	bind_from(0);
	for (int i = 0; i < 100; i++)
		say(0, "nonsense all the way", 20);
	for (int i = 0; i < 100; i++)
		say_at(0, at[0] + 500, TCP_ACK, "ahead", 5);
	assert_int_equal(stats()->tcp.given_up, 0);
	assert_true(stats()->buffered > 0);
}

static void
test_a_banner_before_the_bind_costs_nothing(void **state)
{
	(void)state;
	server_port = 593;
	shake_hands();
	say(1, "ncacn_http/1.0", 14);
	bind_from(0);
	expect_bind();
}

static void
test_a_bind_in_single_bytes_is_put_together(void **state)
{
	(void)state;
	shake_hands();
	for (size_t i = 0; i < sizeof(golden_bind) - 1; i++)
		say(0, golden_bind + i, 1);
	bind_from(sizeof(golden_bind) - 1);
	expect_bind();
	assert_int_equal(stats()->tcp.given_up, 0);
}

/* All but the last of TCP_IDLE_SEGMENTS pieces come before the first. */
static void
test_a_bind_out_of_order_is_put_together(void **state)
{
	enum {
		PIECE = sizeof(golden_bind) / TCP_IDLE_SEGMENTS
	};

	(void)state;
	shake_hands();
	for (unsigned i = TCP_IDLE_SEGMENTS - 1; i > 0; i--)
		say_at(0, at[0] + i * PIECE, TCP_ACK, golden_bind + i * PIECE, PIECE);
	say(0, golden_bind, PIECE);
	at[0] += (TCP_IDLE_SEGMENTS - 1) * PIECE;
	bind_from(TCP_IDLE_SEGMENTS * (size_t)PIECE);
	expect_bind();
	assert_int_equal(stats()->tcp.given_up, 0);
}

static void
test_segments_behind_a_hole_that_stays_are_given_up(void **state)
{
	(void)state;
	shake_hands();
	at[0] += 10;
	for (int i = 0; i < TCP_IDLE_SEGMENTS - 1; i++)
		say(0, "nonsense", 8);
	assert_int_equal(stats()->tcp.given_up, 0);
	assert_true(stats()->buffered > 0);
	say(0, "nonsense", 8);
	expect_given_up();
}

static void
test_strays_are_given_up(void **state)
{
	(void)state;
	shake_hands();
	for (uint32_t i = 1; i <= TCP_IDLE_SEGMENTS; i++)
		say_at(0, i << 24, TCP_ACK, "nonsense", 8);
	expect_given_up();
}

/* Nothing of the first bytes is known, so a PDU is looked for, up to a limit. */
static void
test_after_a_hole_a_pdu_is_searched_for_in_vain_only_so_long(void **state)
{
	static uint8_t nonsense[1024];

	(void)state;
	memset(nonsense, 'x', sizeof(nonsense));
	shake_hands();
	at[0] += 10;
	say(0, nonsense, 1);
	say_at(1, at[1], TCP_ACK, NULL, 0); /* the hole was never captured */
	for (size_t n = 1; n + sizeof(nonsense) < FRAMER_SCAN; n += sizeof(nonsense))
		say(0, nonsense, sizeof(nonsense));
	assert_int_equal(stats()->tcp.gaps, 1);
	assert_int_equal(stats()->tcp.given_up, 0);
	say(0, nonsense, sizeof(nonsense));
	expect_given_up();
}

static void
test_after_a_hole_a_pdu_is_found_within_a_segment(void **state)
{
	uint8_t both[10 + sizeof(golden_bind)] = {0};

	(void)state;
	memcpy(both + 10, golden_bind, sizeof(golden_bind));
	shake_hands();
	at[0] += 10;
	say(0, "rest", 4);
	say_at(1, at[1], TCP_ACK, NULL, 0);
	say(0, both, sizeof(both));
	say(1, golden_bind_ack, sizeof(golden_bind_ack));
	dissector_finish(dissector, queue); /* now what is missing is known to be lost */
	expect_bind();
}

/* What waits for its question is no sign of a lie, in however many segments it comes. */
static void
test_an_answer_before_its_question_is_not_given_up(void **state)
{
	(void)state;
	shake_hands();
	at[0] += sizeof(golden_bind);
	for (size_t i = 0; i < sizeof(golden_bind_ack); i += 4)
		say(1, golden_bind_ack + i, 4);
	assert_int_equal(stats()->tcp.given_up, 0);
	at[1] = 501; /* as far as the client knew then */
	say_at(0, 101, TCP_ACK, golden_bind, sizeof(golden_bind));
	expect_bind();
}

/* What the first bind teaches must be known before the next packet is looked at. */
static void
test_a_batch_is_left_after_each_packet_that_completes_something(void **state)
{
	static struct wire w[9];
	static struct batch batch;
	const uint32_t begin = at[0] - (uint32_t)sizeof(golden_bind);
	struct sieve sieve;

	(void)state;
	batch.count = 0;
	sieve_init(&sieve, 0);
	for (int i = 0; i < 3; i++) {
		client_port++;
		add_at(&batch, &w[3 * i], 0, begin, TCP_ACK, golden_bind, sizeof(golden_bind));
		add_at(&batch, &w[3 * i + 1], 1, at[1], TCP_ACK, golden_bind_ack,
		    sizeof(golden_bind_ack));
		add_at(&batch, &w[3 * i + 2], 0, at[0], TCP_ACK, NULL, 0);
	}
	sieve.look(&sieve, &batch);
	assert_int_equal(dissector_batch(dissector, &batch, 0, 9, queue), 2);
	expect_bind();
	obs_queue_reset(queue);
	assert_int_equal(dissector_batch(dissector, &batch, 2, 9, queue), 5);
	expect_bind();
	assert_int_equal(dissector_batch(dissector, &batch, 5, 8, queue), 8);
	assert_int_equal(obs_queue_count(queue), 2);
	assert_int_equal(dissector_batch(dissector, &batch, 8, 9, queue), 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The answer comes twice, as after a lost acknowledgement: with all of its bytes, with more, in parts. */
static void
trap_12_a_retransmitted_answer_counts_once(void **state)
{
	const size_t len = sizeof(golden_map_answer);
	uint32_t first;

	(void)state;
	shake_hands();
	bind_from(0);
	obs_queue_reset(queue);
	say(0, golden_map_request, sizeof(golden_map_request));
	first = at[1];
	say(1, golden_map_answer, len);
	assert_int_equal(obs_queue_count(queue), 1);
	say_at(1, first, TCP_ACK, golden_map_answer, len);
	say_at(1, first + 20, TCP_ACK, golden_map_answer + 20, len - 20);
	say_at(1, first, TCP_ACK, golden_map_answer, len - 20);
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs_queue_at(queue, 0)->kind, OBS_EPM);
	say(0, golden_map_request, sizeof(golden_map_request));
	say(1, golden_map_answer, len); /* another one counts */
	assert_int_equal(obs_queue_count(queue), 2);
	assert_int_equal(stats()->rpc.malformed, 0);
}

/* Everyone begins with call 1: an answer on one connection is none to a question on another. */
static void
trap_20_the_same_call_id_on_two_connections(void **state)
{
	uint32_t other[2];

	(void)state;
	shake_hands();
	bind_from(0);
	say(0, golden_map_request, sizeof(golden_map_request));
	memcpy(other, at, sizeof(at));
	client_port++;
	at[0] = 101;
	at[1] = 501;
	shake_hands();
	bind_from(0);
	obs_queue_reset(queue);
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 1);
	assert_false(obs_queue_at(queue, 0)->epm.question.seen);
	client_port--;
	memcpy(at, other, sizeof(at));
	say(1, golden_map_answer, sizeof(golden_map_answer));
	assert_int_equal(obs_queue_count(queue), 2);
	assert_true(obs_queue_at(queue, 1)->epm.question.seen);
}

/* A connection to Exchange's store, bound; nothing is in the queue. */
static void
open_mailbox(void)
{
	server_port = 1032;
	at[0] = 101;
	at[1] = 501;
	shake_hands();
	say(0, golden_bind_store, sizeof(golden_bind_store));
	say(1, golden_bind_store_ack, sizeof(golden_bind_store_ack));
	obs_queue_reset(queue);
}

/* It is over now, and that was said once. */
static void
expect_closed(void)
{
	const struct obs *obs = obs_queue_at(queue, 0);

	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs->kind, OBS_MAILBOX);
	assert_int_equal(obs->mailbox.how, MAILBOX_CLOSED);
	assert_int_equal(obs->at.frame, frame_number);
	assert_int_equal(obs->client_port, client_port);
	obs_queue_reset(queue);
}

static void
test_the_end_of_a_connection_with_a_mailbox_is_told_once(void **state)
{
	(void)state;
	open_mailbox();
	say_at(0, at[0]++, TCP_ACK | TCP_FIN, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 0);
	say_at(1, at[1]++, TCP_ACK | TCP_FIN, NULL, 0);
	expect_closed();
	say_at(0, at[0], TCP_ACK, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 0);
	client_port++;
	open_mailbox();
	say_at(1, at[1], TCP_RST, NULL, 0);
	expect_closed();
	client_port++;
	open_mailbox(); /* the ports are used again, and its end was not seen */
	at[0] = 70101;
	at[1] = 90501;
	say_at(0, 70100, TCP_SYN, NULL, 0);
	expect_closed();
	dissector_finish(dissector, queue);
	assert_int_equal(obs_queue_count(queue), 0);
}

/* With the capture no connection ends; what waited for an answer is told all the same. */
static void
test_the_end_of_the_capture_closes_no_mailbox(void **state)
{
	(void)state;
	open_mailbox();
	dissector_finish(dissector, queue);
	assert_int_equal(obs_queue_count(queue), 0);
}

static void
test_who_makes_room_has_its_mailbox_closed(void **state)
{
	const struct dissect_limits limits = {.flows = 1};
	const struct obs *obs;

	(void)state;
	dissector_free(&dissector);
	assert_int_equal(dissector_new(&dissector, &limits, NULL), 0);
	open_mailbox();
	client_port++;
	server_port = 135;
	at[0] = 101;
	at[1] = 501;
	shake_hands();
	obs = obs_queue_at(queue, 0);
	assert_int_equal(obs_queue_count(queue), 1);
	assert_int_equal(obs->mailbox.how, MAILBOX_CLOSED);
	assert_int_equal(obs->client_port, client_port - 1);
	assert_int_equal(obs->at.sport, 1032); /* a packet of its own: of the answer to its bind */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(trap_12_a_retransmitted_answer_counts_once),
	    TEST(trap_20_the_same_call_id_on_two_connections),
	    TEST(test_the_end_of_a_connection_with_a_mailbox_is_told_once),
	    TEST(test_the_end_of_the_capture_closes_no_mailbox),
	    TEST(test_who_makes_room_has_its_mailbox_closed),
	    TEST(test_an_answer_before_all_questions_is_proved_by_the_syn),
	    TEST(test_bytes_that_are_no_pdu_are_given_up),
	    TEST(test_what_only_begins_like_a_pdu_is_given_up),
	    TEST(test_a_header_that_contradicts_itself_is_given_up),
	    TEST(test_a_server_that_is_none_is_given_up),
	    TEST(test_one_pdu_is_enough_to_stay),
	    TEST(test_a_banner_before_the_bind_costs_nothing),
	    TEST(test_a_bind_in_single_bytes_is_put_together),
	    TEST(test_a_bind_out_of_order_is_put_together),
	    TEST(test_segments_behind_a_hole_that_stays_are_given_up),
	    TEST(test_strays_are_given_up),
	    TEST(test_after_a_hole_a_pdu_is_searched_for_in_vain_only_so_long),
	    TEST(test_after_a_hole_a_pdu_is_found_within_a_segment),
	    TEST(test_an_answer_before_its_question_is_not_given_up),
	    TEST(test_a_batch_is_left_after_each_packet_that_completes_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
