/* test_conn.c - a connection with a real conversation on it: what large transfers cost, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/assoc.h"
#include "dissect/budget.h"
#include "dissect/conn.h"
#include "dissect/dissector.h"
#include "dissect/flow.h"
#include "dissect/obs_queue.h"
#include "golden_pdus.h"
#include "rpc_build.h"

enum {
	CLIENT = 0,
	SERVER = 1,
	SEGMENT = 1460,
	FRAGMENT = 5840,
	BULK = 1 << 20,
};

static struct budget budget;
static struct dissect_stats stats;
static struct where now;
static struct obs_queue *queue;
static struct assoc_env env;
static struct crossing_list crossings;
static struct conn *conn;
static uint32_t sent[2];
static size_t most; /* bytes charged at any time */

static int
set_up(void **state)
{
	const struct flow_key key = {.addr = {addr_from_v4((const uint8_t[]){10, 0, 0, 1}),
					 addr_from_v4((const uint8_t[]){10, 0, 0, 2})},
	    .port = {40000, 49152}};

	(void)state;
	budget = (struct budget){.cap = (size_t)1 << 24};
	stats = (struct dissect_stats){0};
	now = (struct where){0};
	crossings = (struct crossing_list){.now = &now};
	sent[CLIENT] = 1000;
	sent[SERVER] = 2000;
	assert_int_equal(obs_queue_new(&queue, 1 << 20), 0);
	env = (struct assoc_env){.budget = &budget, .stats = &stats, .out = queue, .now = &now};
	assert_int_equal(conn_new(&conn, &env, &crossings, &key, CLIENT, false), 0);
	for (int i = 0; i < 2; i++) {
		stream_start(&conn->side[i].stream, sent[i]);
		crossing_see(&conn->crossing, i);
	}
	most = 0;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	conn_free(&conn);
	obs_queue_free(&queue);
	return budget.used != 0 || crossings.first != NULL;
}

/* One packet, a microsecond later, that acknowledges all that was sent; or not, where it is lost. */
static void
send_packet(int from, const uint8_t *data, size_t len, bool lost)
{
	struct crossing_segment s = {.seq = sent[from],
	    .ack = sent[1 - from],
	    .acks = true,
	    .len = (uint32_t)len,
	    .wire = (uint32_t)len,
	    .data = data,
	    .at = &now};

	now.ts_ns += 1000;
	now.frame++;
	sent[from] += (uint32_t)len;
	if (lost)
		return;
	assert_null(crossing_expire(&crossings, &now));
	crossing_segment(&conn->crossing, from, &s);
	if (budget.used > most)
		most = budget.used;
}

#define SAY(from, name) send_packet(from, golden_##name, sizeof(golden_##name), false)

static uint8_t bulk[BULK + BULK / 8];
static size_t bulk_len;

/* An answer of BULK bytes in fragments, as a stream; with trailers if ${token}. */
static void
make_bulk(size_t token)
{
	static struct message m;
	size_t left = BULK;

	bulk_len = 0;
	while (left != 0) {
		size_t n = FRAGMENT - PDU_CALL_HEADER - (token != 0 ? PDU_SEC_TRAILER + token : 0);
		unsigned flags = left == BULK ? PDU_FIRST_FRAG : 0u;

		n = n < left ? n : left;
		msg_call(&m, true, PDU_RESPONSE, flags | (n == left ? PDU_LAST_FRAG : 0u), 9, 0, 0);
		msg_fill(&m, 5, n);
		if (token != 0)
			msg_auth(&m, 6, 0, 0, token);
		msg_end(&m);
		memcpy(bulk + bulk_len, m.octets, m.len);
		bulk_len += m.len;
		left -= n;
	}
}

/* The bulk in segments of which each ${nth} is lost, the client acknowledging each other one. */
static void
send_bulk(unsigned nth)
{
	unsigned i = 0;

	for (size_t at = 0; at < bulk_len; at += SEGMENT) {
		size_t n = bulk_len - at < SEGMENT ? bulk_len - at : SEGMENT;

		i++;
		send_packet(SERVER, bulk + at, n, nth != 0 && i % nth == 0);
		if (i % 2 == 0)
			send_packet(CLIENT, NULL, 0, false);
	}
	send_packet(CLIENT, NULL, 0, false);
}

static size_t
bind_first(void)
{
	SAY(CLIENT, bind_store);
	SAY(SERVER, bind_store_ack);
	return budget.used;
}

static void
test_a_large_answer_costs_no_memory(void **state)
{
	size_t before = bind_first();

	(void)state;
	make_bulk(0);
	most = 0;
	send_bulk(0);
	assert_int_equal(most, before);
	assert_int_equal(stats.rpc.pdus, 2 + (BULK + 5815) / 5816);
	assert_int_equal(stats.tcp.gaps, 0);
}

static void
test_a_large_sealed_answer_costs_no_memory_and_is_counted(void **state)
{
	size_t before = bind_first();

	(void)state;
	make_bulk(16);
	most = 0;
	send_bulk(0);
	assert_int_equal(most, before);
	assert_int_equal(stats.rpc.sealed, stats.rpc.pdus - 2);
}

/* A hole in a body costs nothing; one that hides a header costs what comes until that is known to be lost. */
static void
test_a_large_answer_with_holes_costs_a_few_segments(void **state)
{
	size_t before = bind_first();

	(void)state;
	make_bulk(0);
	most = 0;
	send_bulk(21);
	assert_true(most - before > SEGMENT);
	assert_true(most - before < (CROSSING_PATIENCE + 2) * (SEGMENT + 128));
	assert_int_equal(budget.used, before);
	assert_true(stats.tcp.gaps >= 30);
	assert_int_equal(stats.capped, 0);
	SAY(CLIENT, bind);
	SAY(SERVER, bind_ack);
	assert_int_equal(obs_queue_count(queue), 2);
}

static void
test_a_large_question_in_another_order_costs_next_to_nothing(void **state)
{
	uint32_t start;
	size_t before = bind_first();

	(void)state;
	make_bulk(0);
	for (size_t at = 0; at < bulk_len; at += FRAGMENT) {
		bulk[at + 2] = PDU_REQUEST;
		bulk[at + PDU_CALL_HEADER - 2] = 2; /* opnum: of a call that nobody reads */
	}
	most = 0;
	start = sent[CLIENT];
	for (size_t at = 0; at + 2 * SEGMENT <= bulk_len; at += 2 * SEGMENT) {
		sent[CLIENT] = start + (uint32_t)at + SEGMENT;
		send_packet(CLIENT, bulk + at + SEGMENT, SEGMENT, false);
		sent[CLIENT] = start + (uint32_t)at;
		send_packet(CLIENT, bulk + at, SEGMENT, false);
	}
	assert_true(most - before < 2 * SEGMENT);
	assert_int_equal(stats.tcp.gaps, 0);
	assert_true(stats.rpc.pdus > 170);
}

/* What the stream went on without is a hole once the end shows that it does not come. */
static void
test_at_the_end_what_did_not_come_was_lost(void **state)
{
	(void)state;
	bind_first();
	make_bulk(0);
	send_packet(CLIENT, bulk, SEGMENT, false);
	send_packet(CLIENT, NULL, 100, true);
	send_packet(CLIENT, bulk + SEGMENT, SEGMENT, false);
	assert_int_equal(stats.tcp.gaps, 0);
	conn_end(conn);
	assert_int_equal(stats.tcp.gaps, 1);
}

static void
trap_10_it_has_ended_when_both_sides_have_and_nothing_is_awaited(void **state)
{
	(void)state;
	bind_first();
	for (int i = 0; i < 2; i++) {
		assert_false(conn_ended(conn));
		conn->side[i].stream.fin = true;
		conn->side[i].stream.fin_seq = sent[i] + (i == CLIENT ? 10 : 0);
	}
	assert_false(conn_ended(conn));
	sent[CLIENT] += 11;
	send_packet(SERVER, NULL, 0, false);
	assert_true(crossing_waits(&conn->crossing));
	assert_false(conn_ended(conn));
	conn_end(conn);
	assert_true(conn_ended(conn));
}

static void
test_a_reset_ends_it_once_nothing_is_awaited(void **state)
{
	(void)state;
	bind_first();
	conn->reset = true;
	assert_true(conn_ended(conn));
	sent[CLIENT] += 10;
	send_packet(SERVER, NULL, 0, false);
	assert_false(conn_ended(conn));
	assert_ptr_equal(conn_of(&conn->crossing), conn);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_large_answer_costs_no_memory),
	    TEST(test_a_large_sealed_answer_costs_no_memory_and_is_counted),
	    TEST(test_a_large_answer_with_holes_costs_a_few_segments),
	    TEST(test_a_large_question_in_another_order_costs_next_to_nothing),
	    TEST(test_at_the_end_what_did_not_come_was_lost),
	    TEST(trap_10_it_has_ended_when_both_sides_have_and_nothing_is_awaited),
	    TEST(test_a_reset_ends_it_once_nothing_is_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
