/* test_reach.c - whether clients get through to the ports that were learned. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/dissector.h"
#include "dissect/frame.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "dissect/reach.h"
#include "dissect/sieve.h"
#include "golden_pdus.h"
#include "tests/unit/wire.h"

enum {
	CLIENT = 9,
	SERVER = 4,
	PORT = 49200
};

static struct dissector *dissector;
static struct hints *hints;
static struct obs_queue *queue;
static unsigned client_port, server_port;
static int64_t now_ns;

static int
set_up(void **state)
{
	struct addr server = addr_from_v4((const uint8_t[]){10, 0, 0, SERVER});

	(void)state;
	client_port = 1025;
	server_port = PORT;
	now_ns = 1000000000;
	assert_int_equal(obs_queue_new(&queue, 1 << 20), 0);
	assert_int_equal(hints_new(&hints), 0);
	hints_learn(hints, &server, PORT);
	return dissector_new(&dissector, NULL, hints);
}

static int
tear_down(void **state)
{
	(void)state;
	dissector_free(&dissector);
	hints_free(&hints);
	obs_queue_free(&queue);
	return 0;
}

/* Client 0 or server 1 sends. */
static void
say(int from, uint32_t seq, uint32_t ack, unsigned flags, const void *payload, size_t len)
{
	static struct batch batch;
	struct wire w;
	struct sieve sieve;

	w.len = 0;
	wire_ethernet(&w, 0x0800);
	wire_ipv4(
	    &w, IPPROTO_TCP, from == 0 ? CLIENT : SERVER, from == 0 ? SERVER : CLIENT, 20 + len);
	wire_tcp(&w, from == 0 ? client_port : server_port, from == 0 ? server_port : client_port,
	    seq, ack, flags);
	wire_add(&w, payload, len);
	batch.packet[0] = wire_packet(&w, LINK_ETHERNET);
	batch.packet[0].ts_ns = now_ns;
	batch.count = 1;
	sieve_init(&sieve, 0);
	sieve.look(&sieve, &batch);
	dissector_batch(dissector, &batch, 0, 1, queue);
}

static void
syn(void)
{
	say(0, 100, 0, TCP_SYN, NULL, 0);
}

/* What was said last, of so many in all. */
static void
expect(size_t count, enum reach_how how)
{
	const struct obs *o;

	assert_int_equal(obs_queue_count(queue), count);
	o = obs_queue_at(queue, count - 1);
	assert_int_equal(o->kind, OBS_REACH);
	assert_int_equal(o->reach.how, how);
	assert_int_equal(o->server_port, server_port);
	assert_int_equal(o->client_port, client_port);
	assert_int_equal(o->server.b[15], SERVER);
	assert_int_equal(o->client.b[15], CLIENT);
	assert_int_equal(o->at.ts_ns, now_ns);
	assert_int_equal(o->transport, TRANSPORT_TCP);
}

static void
test_a_syn_and_its_answer_are_told_once(void **state)
{
	(void)state;
	syn();
	expect(1, REACH_TRIED);
	syn();
	say(0, 100, 501, TCP_SYN | TCP_ACK, NULL, 0); /* the client answers nothing */
	assert_int_equal(obs_queue_count(queue), 1);
	say(1, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	expect(2, REACH_ANSWERED);
	say(1, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	say(1, 501, 101, TCP_RST, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 2);
}

static void
test_a_reset_refuses(void **state)
{
	(void)state;
	syn();
	say(1, 0, 101, TCP_RST | TCP_ACK, NULL, 0);
	expect(2, REACH_REFUSED);
	/* The client tries again, from the same port. */
	now_ns += 500000000;
	syn();
	expect(3, REACH_TRIED);
	say(1, 0, 101, TCP_RST | TCP_ACK, NULL, 0);
	expect(4, REACH_REFUSED);
}

static void
test_a_client_that_gives_up_is_not_refused(void **state)
{
	(void)state;
	syn();
	say(0, 101, 0, TCP_RST, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 1);
}

/* A reset that answers nothing that was sent is none. */
static void
test_a_reset_that_does_not_fit_is_ignored(void **state)
{
	(void)state;
	syn();
	say(1, 0, 4711, TCP_RST | TCP_ACK, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 1);
	say(1, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	expect(2, REACH_ANSWERED);
}

/* The server's SYN was not captured, but the client goes on. */
static void
test_who_sends_data_got_through(void **state)
{
	(void)state;
	syn();
	say(0, 101, 501, TCP_ACK, golden_bind, sizeof(golden_bind));
	expect(2, REACH_ANSWERED);
}

static void
test_another_connection_from_the_same_port_is_another_try(void **state)
{
	(void)state;
	syn();
	say(1, 500, 101, TCP_SYN | TCP_ACK, NULL, 0);
	say(0, 7100, 0, TCP_SYN, NULL, 0);
	expect(3, REACH_TRIED);
}

static void
test_of_other_ports_nothing_is_said(void **state)
{
	struct addr other = addr_from_v4((const uint8_t[]){10, 0, 0, SERVER + 1});

	struct addr server = addr_from_v4((const uint8_t[]){10, 0, 0, SERVER});

	(void)state;
	hints_learn(hints, &other, 6001);
	server_port = 6001;
	syn();
	hints_learn(hints, &server, 135);
	server_port = 135;
	syn();
	server_port = PORT + 1;
	syn();
	assert_int_equal(obs_queue_count(queue), 0);
	/* What goes out from a port that was learned tries none. */
	server_port = PORT;
	say(1, 500, 0, TCP_SYN, NULL, 0);
	say(0, 100, 501, TCP_SYN | TCP_ACK, NULL, 0);
	assert_int_equal(obs_queue_count(queue), 0);
}

/* Live, what is learned takes effect late: the SYN that is sent again is then the first. */
static void
test_a_port_that_is_learned_late_is_tried_with_the_next_syn(void **state)
{
	struct addr server = addr_from_v4((const uint8_t[]){10, 0, 0, SERVER});

	(void)state;
	server_port = 6001; /* followed for its own sake */
	syn();
	assert_int_equal(obs_queue_count(queue), 0);
	hints_learn(hints, &server, 6001);
	now_ns += 3000000000;
	syn();
	expect(1, REACH_TRIED);
}

static void
test_a_flood_is_told_in_part(void **state)
{
	(void)state;
	for (client_port = 2000; client_port < 2000 + 2 * REACH_MOST; client_port++)
		syn();
	assert_int_equal(obs_queue_count(queue), REACH_MOST);
	assert_int_equal(dissector_stats(dissector)->capped, REACH_MOST);
	now_ns += 1000000000;
	client_port = 5000;
	syn();
	expect(REACH_MOST + 1, REACH_TRIED);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
	    TEST(test_a_syn_and_its_answer_are_told_once),
	    TEST(test_a_reset_refuses),
	    TEST(test_a_client_that_gives_up_is_not_refused),
	    TEST(test_a_reset_that_does_not_fit_is_ignored),
	    TEST(test_who_sends_data_got_through),
	    TEST(test_another_connection_from_the_same_port_is_another_try),
	    TEST(test_of_other_ports_nothing_is_said),
	    TEST(test_a_port_that_is_learned_late_is_tried_with_the_next_syn),
	    TEST(test_a_flood_is_told_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
