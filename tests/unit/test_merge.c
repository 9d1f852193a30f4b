/* test_merge.c - packets of several inputs in one order, with a clock that stands still unless
 * told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/packet.h"
#include "capture/merge.h"

enum {
	HOLD = 250,
	INPUTS_MOST = 4,
};

static struct merge *m;
static struct batch batch;
static int64_t now; /* of the clock */

static void
begin(size_t inputs)
{
	assert_int_equal(merge_new(&m, inputs, MERGE_QUEUE_LEAST, HOLD), 0);
	now = 1000000;
}

static int
end(void **state)
{
	(void)state;
	merge_free(&m);
	merge_free(&m);
	return m != NULL;
}

/* Byte ${at} of packet ${frame} of ${input}. */
static uint8_t
pattern(size_t input, uint64_t frame, size_t at)
{
	return (uint8_t)(input * 89 + frame * 31 + at * 7 + at / 251);
}

static void
put_sized(size_t input, int64_t ts_ns, uint64_t frame, size_t len)
{
	static uint8_t data[MERGE_PACKET + 100];
	struct mark mark = {.flow = (uint16_t)(frame * 3), .kind = (uint8_t)(1 + frame % 255)};
	struct packet packet = {
	    .data = data,
	    .ts_ns = ts_ns,
	    .frame = frame,
	    .caplen = (uint32_t)len,
	    .wirelen = (uint32_t)len + 5,
	    .source = (uint32_t)input,
	    .link = LINK_RAW,
	};

	for (size_t i = 0; i < len; i++)
		data[i] = pattern(input, frame, i);
	assert_true(merge_has_room(m, input));
	merge_put(m, input, &packet, &mark, now);
	/* What was handed in is no longer looked at. */
	memset(data, 0xbd, len);
}

static void
put(size_t input, int64_t ts_ns)
{
	put_sized(input, ts_ns, (uint64_t)ts_ns, 60);
}

/* All that was put in comes out: views, marks, sums. */
static void
check_batch(void)
{
	uint64_t bytes = 0;
	int64_t first = INT64_MAX, last = INT64_MIN;
	bool mixed = false;

	for (size_t i = 0; i < batch.count; i++) {
		const struct packet *p = &batch.packet[i];

		assert_int_equal(batch.mark[i].flow, (uint16_t)(p->frame * 3));
		assert_int_equal(batch.mark[i].kind, (uint8_t)(1 + p->frame % 255));
		assert_int_equal(p->link, LINK_RAW);
		assert_true(p->wirelen == p->caplen + 5 || p->caplen == MERGE_PACKET);
		for (size_t at = 0; at < p->caplen; at++) {
			if (p->data[at] != pattern(p->source, p->frame, at))
				fail_msg("byte %zu of frame %d", at, (int)p->frame);
		}
		bytes += p->caplen;
		first = p->ts_ns < first ? p->ts_ns : first;
		last = p->ts_ns > last ? p->ts_ns : last;
		mixed = mixed || p->source != batch.packet[0].source;
	}
	assert_int_equal(batch.bytes, bytes);
	if (batch.count == 0)
		return;
	assert_true(batch.first_ns == first && batch.last_ns == last);
	assert_int_equal(batch.source, mixed ? BATCH_MIXED : batch.packet[0].source);
}

/* What comes out now are packets of these times, as a string. */
static void
expect(const char *times)
{
	char found[4096] = "";
	size_t used = 0;

	merge_take(m, now, &batch);
	check_batch();
	assert_int_equal(merge_next_ns(m) == INT64_MAX, merge_waiting(m) == 0);
	for (size_t i = 0; i < batch.count; i++)
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%d",
		    i > 0 ? " " : "", (int)batch.packet[i].ts_ns);
	assert_string_equal(found, times);
}

/* One input */

static void
test_one_input_does_not_wait(void **state)
{
	(void)state;
	begin(1);
	expect("");
	assert_true(merge_due(m) == INT64_MAX);
	put(0, 7);
	put(0, 5);
	put(0, 9);
	assert_int_equal(merge_waiting(m), 3);
	expect("7 5 9");
	assert_int_equal(merge_waiting(m), 0);
	expect("");
	assert_int_equal(merge_late(m), 0);
}

static void
test_a_batch_takes_what_it_holds(void **state)
{
	(void)state;
	begin(1);
	for (int64_t i = 1; i <= BATCH_PACKETS + 10; i++)
		put(0, i);
	assert_int_equal(merge_take(m, now, &batch), BATCH_PACKETS);
	check_batch();
	assert_int_equal(merge_take(m, now, &batch), 10);
	check_batch();
	assert_true(batch.packet[0].ts_ns == BATCH_PACKETS + 1);
}

static void
test_a_packet_is_cut_to_the_largest(void **state)
{
	(void)state;
	begin(1);
	put_sized(0, 1, 1, MERGE_PACKET + 1);
	put_sized(0, 2, 2, 0);
	assert_int_equal(merge_take(m, now, &batch), 2);
	assert_int_equal(batch.packet[0].caplen, MERGE_PACKET);
	assert_int_equal(batch.packet[0].wirelen, MERGE_PACKET + 6);
	assert_int_equal(batch.packet[1].caplen, 0);
	check_batch();
}

/* Two inputs, and more */

static void
test_two_inputs_are_put_in_order(void **state)
{
	(void)state;
	begin(2);
	put(0, 1);
	put(0, 4);
	put(0, 5);
	put(1, 2);
	put(1, 3);
	put(1, 6);
	assert_true(merge_next_ns(m) == 1);
	/* Something before 6 may still come from input 0. */
	expect("1 2 3 4 5");
	assert_true(merge_next_ns(m) == 6);
	put(0, 7);
	expect("6");
	assert_int_equal(merge_late(m), 0);
}

static void
test_equal_times_do_not_wait_for_each_other(void **state)
{
	(void)state;
	begin(2);
	put(1, 5);
	put(0, 5);
	expect("5 5");
	assert_int_equal(batch.packet[0].source, 0);
	assert_int_equal(batch.source, BATCH_MIXED);
	put(1, 5);
	expect("5");
	assert_int_equal(merge_late(m), 0);
}

static void
test_a_packet_waits_for_the_hold_and_no_longer(void **state)
{
	(void)state;
	begin(2);
	put(0, 10);
	now += 100;
	put(0, 20);
	expect("");
	assert_true(merge_due(m) == now - 100 + HOLD);
	now += HOLD - 101;
	expect("");
	now += 1;
	expect("10");
	assert_true(merge_due(m) == now + 100);
	now += 99;
	expect("");
	now += 1;
	expect("20");
	assert_true(merge_due(m) == INT64_MAX);
}

/* What is earlier than a packet whose time is up goes before it, though its own is not. */
static void
test_order_goes_before_the_hold(void **state)
{
	(void)state;
	begin(3);
	put(0, 20);
	now += HOLD - 1;
	put(1, 10);
	expect("");
	now += 1;
	expect("10 20");
	assert_int_equal(merge_late(m), 0);
}

static void
test_packets_that_nobody_wants_show_the_time(void **state)
{
	(void)state;
	begin(3);
	put(0, 10);
	merge_show(m, 1, 9);
	merge_show(m, 2, 10);
	expect("");
	merge_show(m, 1, 10);
	expect("10");
	put(0, 11);
	merge_show(m, 1, 30);
	merge_show(m, 2, 30);
	expect("11");
	/* A clock that was set back: what it shows now is what counts. */
	merge_show(m, 1, 5);
	put(0, 12);
	expect("");
	merge_show(m, 1, 12);
	expect("12");
}

static void
test_what_comes_after_its_turn_is_counted(void **state)
{
	(void)state;
	begin(2);
	put(0, 10);
	now += HOLD;
	expect("10");
	put(1, 8);
	put(1, 9);
	put(1, 10);
	now += HOLD;
	expect("8 9 10");
	assert_int_equal(merge_late(m), 2);
	/* An input that is out of order by itself is its own business. */
	put(1, 7);
	put(0, 11);
	expect("7");
	assert_int_equal(merge_late(m), 3);
	put(1, 12);
	put(1, 11);
	now += HOLD;
	expect("11 12 11");
	assert_int_equal(merge_late(m), 3);
}

static void
test_all_goes_at_the_end(void **state)
{
	(void)state;
	begin(4);
	put(3, 1);
	put(2, 2);
	put(1, 3);
	now = INT64_MAX;
	expect("1 2 3");
}

/* Bounds */

/* A queue without room lets go what is oldest, wherever it is, until there is room again; and no more. */
static void
test_a_full_queue_does_not_wait(void **state)
{
	int64_t ts = 10;
	size_t taken = 0;

	(void)state;
	begin(2);
	put(1, 5);
	put(0, 6);
	expect("5");
	while (merge_has_room(m, 0))
		put_sized(0, ts, (uint64_t)ts, 1400), ts++;
	assert_in_range(ts, MERGE_QUEUE_LEAST / 1500 / 4, MERGE_QUEUE_LEAST / 1400);
	while (merge_take(m, now, &batch) > 0) {
		check_batch();
		taken += batch.count;
	}
	assert_in_range(taken, 1, MERGE_QUEUE_LEAST / 1400 / 2);
	assert_true(merge_has_room(m, 0));
	assert_int_equal(merge_waiting(m) + taken, ts - 9);
}

/* Whatever the sizes, queues never give what they were not given, nor lose anything. */
static void
run_at_random(size_t inputs, size_t rounds, size_t largest)
{
	uint64_t put_in[INPUTS_MOST] = {0}, out[INPUTS_MOST] = {0}, waiting = 0;

	begin(inputs);
	for (size_t i = 0; i < rounds; i++) {
		size_t input = (size_t)rand() % inputs;

		now += rand() % 3;
		if (merge_has_room(m, input) && rand() % 8 != 0) {
			put_sized(input, now - rand() % 50, ++put_in[input],
			    (size_t)rand() % (largest + 1));
			waiting++;
			continue;
		}
		merge_take(m, now, &batch);
		check_batch();
		for (size_t k = 0; k < batch.count; k++)
			assert_int_equal(batch.packet[k].frame, ++out[batch.packet[k].source]);
		waiting -= batch.count;
		assert_int_equal(merge_waiting(m), waiting);
	}
	while (merge_take(m, INT64_MAX, &batch) > 0) {
		check_batch();
		waiting -= batch.count;
	}
	assert_int_equal(waiting, 0);
	merge_free(&m);
}

static void
test_nothing_is_lost_or_spoiled(void **state)
{
	(void)state;
	srand(1);
	for (size_t inputs = 1; inputs <= INPUTS_MOST; inputs++) {
		run_at_random(inputs, 300, MERGE_PACKET);
		run_at_random(inputs, 4000, 9000);
		run_at_random(inputs, 60000, 100);
	}
}

/* Going round leaves no trace: a queue that is nearly empty stays so. */
static void
go_round(int64_t packets, size_t len)
{
	begin(2);
	put_sized(0, 1, 1, len);
	for (int64_t i = 2; i < packets; i++) {
		put_sized(0, i, (uint64_t)i, len);
		expect("");
		merge_show(m, 1, i - 1);
		assert_int_equal(merge_take(m, now, &batch), 1);
		check_batch();
		assert_true(batch.packet[0].ts_ns == i - 1);
	}
	merge_free(&m);
}

static void
test_a_queue_goes_round(void **state)
{
	(void)state;
	go_round(2000, 3000);
	go_round(100, 200000);
}

/* The largest packets, one after the other, at every offset. */
static void
test_a_queue_that_has_room_takes_the_largest(void **state)
{
	(void)state;
	begin(1);
	for (uint64_t i = 1; i < 60; i++) {
		put_sized(0, 1, 3 * i, (size_t)i * 2500);
		if (merge_has_room(m, 0))
			put_sized(0, 2, 3 * i + 1, MERGE_PACKET);
		if (merge_has_room(m, 0))
			put_sized(0, 3, 3 * i + 2, MERGE_PACKET);
		while (!merge_has_room(m, 0) && merge_take(m, now, &batch) > 0)
			check_batch();
		assert_true(merge_has_room(m, 0));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_one_input_does_not_wait, end),
	    cmocka_unit_test_teardown(test_a_batch_takes_what_it_holds, end),
	    cmocka_unit_test_teardown(test_a_packet_is_cut_to_the_largest, end),
	    cmocka_unit_test_teardown(test_two_inputs_are_put_in_order, end),
	    cmocka_unit_test_teardown(test_equal_times_do_not_wait_for_each_other, end),
	    cmocka_unit_test_teardown(test_a_packet_waits_for_the_hold_and_no_longer, end),
	    cmocka_unit_test_teardown(test_order_goes_before_the_hold, end),
	    cmocka_unit_test_teardown(test_packets_that_nobody_wants_show_the_time, end),
	    cmocka_unit_test_teardown(test_what_comes_after_its_turn_is_counted, end),
	    cmocka_unit_test_teardown(test_all_goes_at_the_end, end),
	    cmocka_unit_test_teardown(test_a_full_queue_does_not_wait, end),
	    cmocka_unit_test_teardown(test_nothing_is_lost_or_spoiled, end),
	    cmocka_unit_test_teardown(test_a_queue_goes_round, end),
	    cmocka_unit_test_teardown(test_a_queue_that_has_room_takes_the_largest, end),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
