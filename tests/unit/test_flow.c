/* test_flow.c - the connection table: found from both sides, bounded, the least worthy given up
 * first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissect/flow.h"
#include "dissect/observation.h"

enum {
	MANY = 5000
};

static struct flow_key
key_of(uint32_t n)
{
	struct where at = {.sport = (uint16_t)(1024 + n % 60000), .dport = 135};
	struct flow_key key;

	at.src.b[12] = (uint8_t)(n >> 24);
	at.src.b[13] = (uint8_t)(n >> 16);
	at.src.b[14] = (uint8_t)(n >> 8);
	at.src.b[15] = (uint8_t)n;
	(void)flow_key_of(&at, 0, &key);
	return key;
}

static struct flow *
add(struct flow_table *t, uint32_t n)
{
	struct flow_key key = key_of(n);
	struct flow *flow = flow_add(t, &key);

	assert_non_null(flow);
	return flow;
}

static struct flow *
find(const struct flow_table *t, uint32_t n)
{
	struct flow_key key = key_of(n);

	return flow_find(t, &key);
}

static void
test_both_directions_have_one_key(void **state)
{
	struct where there = {.sport = 1025, .dport = 135}, back = {.sport = 135, .dport = 1025};
	struct flow_key a, b;

	(void)state;
	there.src.b[15] = back.dst.b[15] = 9;
	there.dst.b[15] = back.src.b[15] = 4;
	assert_int_equal(flow_key_of(&there, 0, &a), 1);
	assert_int_equal(flow_key_of(&back, 0, &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(a.port[0], 135);
	assert_int_equal(a.addr[0].b[15], 4);
}

static void
test_a_host_that_talks_to_itself_is_told_apart_by_ports(void **state)
{
	struct where there = {.sport = 1025, .dport = 135}, back = {.sport = 135, .dport = 1025};
	struct flow_key a, b;

	(void)state;
	assert_int_not_equal(flow_key_of(&there, 0, &a), flow_key_of(&back, 0, &b));
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
test_an_empty_table_finds_nothing_and_costs_nothing(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 16);
	assert_null(find(&t, 1));
	assert_null(flow_victim(&t));
	assert_null(t.flow);
	assert_null(t.slot);
	flow_table_deinit(&t);
}

static void
test_entries_are_found_while_others_come_and_go(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		add(&t, i)->isn[0] = i;
	assert_true(flow_full(&t));
	for (uint32_t i = 0; i < MANY; i += 3)
		flow_remove(&t, find(&t, i));
	for (uint32_t i = 0; i < MANY; i++) {
		const struct flow *flow = find(&t, i);

		if (i % 3 == 0) {
			assert_null(flow);
		} else {
			assert_non_null(flow);
			assert_int_equal(flow->isn[0], i);
		}
	}
	for (uint32_t i = 0; i < MANY; i += 3)
		add(&t, i);
	for (uint32_t i = 0; i < MANY; i++)
		assert_non_null(find(&t, i));
	assert_int_equal(t.count, MANY);
	flow_table_deinit(&t);
}

static void
test_a_full_table_takes_no_more(void **state)
{
	struct flow_key key = key_of(3);
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 2);
	add(&t, 1);
	add(&t, 2);
	assert_null(flow_add(&t, &key));
	flow_remove(&t, find(&t, 1));
	assert_non_null(flow_add(&t, &key));
	flow_table_deinit(&t);
}

static void
test_the_idlest_is_the_victim(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 8);
	for (uint32_t i = 0; i < 4; i++)
		add(&t, i);
	flow_use(&t, find(&t, 0), FLOW_EMPTY);
	flow_use(&t, find(&t, 2), FLOW_EMPTY);
	assert_ptr_equal(flow_victim(&t), find(&t, 1));
	flow_remove(&t, find(&t, 1));
	assert_ptr_equal(flow_victim(&t), find(&t, 3));
	flow_remove(&t, find(&t, 3));
	assert_ptr_equal(flow_victim(&t), find(&t, 0));
	flow_table_deinit(&t);
}

static void
test_the_lowest_rank_is_the_victim_however_fresh(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 8);
	for (uint32_t i = 0; i < 3; i++)
		add(&t, i);
	flow_use(&t, find(&t, 0), FLOW_RPC);
	flow_use(&t, find(&t, 1), FLOW_PAYLOAD);
	flow_use(&t, find(&t, 2), FLOW_EMPTY);
	assert_ptr_equal(flow_victim(&t), find(&t, 2));
	assert_ptr_equal(flow_victim_with_conn(&t), find(&t, 1));
	flow_remove(&t, find(&t, 2));
	assert_ptr_equal(flow_victim(&t), find(&t, 1));
	flow_remove(&t, find(&t, 1));
	assert_ptr_equal(flow_victim(&t), find(&t, 0));
	flow_table_deinit(&t);
}

static void
test_proven_flows_leave_an_eighth_of_the_table(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 16);
	for (uint32_t i = 0; i < 16; i++)
		add(&t, i);
	for (uint32_t i = 0; i < 14; i++)
		flow_use(&t, find(&t, i), FLOW_RPC);
	assert_ptr_equal(flow_victim(&t), find(&t, 14));
	flow_use(&t, find(&t, 14), FLOW_RPC);
	assert_ptr_equal(flow_victim(&t), find(&t, 0));
	flow_table_deinit(&t);
}

static void
test_a_renewed_entry_is_as_fresh_as_a_new_one(void **state)
{
	struct flow_table t;
	struct flow *flow;
	uint64_t serial;

	(void)state;
	flow_table_init(&t, 4);
	flow = add(&t, 1);
	serial = flow->serial;
	flow->closed = true;
	flow->client = 1;
	flow->isn_known = 3;
	flow_use(&t, flow, FLOW_RPC);
	flow_renew(&t, flow);
	assert_ptr_equal(find(&t, 1), flow);
	assert_int_equal(flow->rank, FLOW_EMPTY);
	assert_false(flow->closed);
	assert_int_equal(flow->isn_known, 0);
	assert_int_equal(flow->client, -1);
	assert_true(flow->serial > serial);
	flow_table_deinit(&t);
}

static void
test_sorting_puts_the_living_in_the_order_of_their_beginning(void **state)
{
	struct flow_key renewed = key_of(0);
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 8);
	for (uint32_t i = 0; i < 4; i++)
		add(&t, i)->isn[0] = i;
	flow_remove(&t, find(&t, 1));
	add(&t, 7)->isn[0] = 7; /* into the freed entry */
	flow_renew(&t, find(&t, 0));
	flow_table_sort(&t);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.flow[0].isn[0], 2);
	assert_int_equal(t.flow[1].isn[0], 3);
	assert_int_equal(t.flow[2].isn[0], 7);
	assert_memory_equal(&t.flow[3].key, &renewed, sizeof(renewed));
	flow_table_deinit(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_directions_have_one_key),
	    cmocka_unit_test(test_a_host_that_talks_to_itself_is_told_apart_by_ports),
	    cmocka_unit_test(test_an_empty_table_finds_nothing_and_costs_nothing),
	    cmocka_unit_test(test_entries_are_found_while_others_come_and_go),
	    cmocka_unit_test(test_a_full_table_takes_no_more),
	    cmocka_unit_test(test_the_idlest_is_the_victim),
	    cmocka_unit_test(test_the_lowest_rank_is_the_victim_however_fresh),
	    cmocka_unit_test(test_proven_flows_leave_an_eighth_of_the_table),
	    cmocka_unit_test(test_a_renewed_entry_is_as_fresh_as_a_new_one),
	    cmocka_unit_test(test_sorting_puts_the_living_in_the_order_of_their_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
