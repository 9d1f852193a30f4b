/* test_flow.c - the connection table: found from both sides, bounded, the least worthy given up
 * first; and the filter before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/flow.h"
#include "dissect/observation.h"

enum {
	MANY = 5000,
	SALT = 4711
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
	(void)flow_key_of(&at, &key);
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

static struct flow_origin *
origin(const struct flow_table *t, uint32_t n)
{
	struct flow_key key = key_of(n);
	const struct flow *flow = flow_find(t, &key);

	assert_non_null(flow);
	return flow_origin_of(t, flow);
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
	assert_int_equal(flow_key_of(&there, &a), 1);
	assert_int_equal(flow_key_of(&back, &b), 0);
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
	assert_int_not_equal(flow_key_of(&there, &a), flow_key_of(&back, &b));
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
test_connections_of_other_realms_are_others(void **state)
{
	struct flow_table t;
	struct flow_key key[3];
	struct flow *flow[3];

	(void)state;
	flow_table_init(&t, 16, SALT);
	for (uint16_t i = 0; i < 3; i++) {
		key[i] = key_of(1);
		key[i].realm = i;
		assert_null(flow_find(&t, &key[i]));
		flow[i] = flow_add(&t, &key[i]);
	}
	for (uint16_t i = 0; i < 3; i++)
		assert_ptr_equal(flow_find(&t, &key[i]), flow[i]);
	/* A sieve knows of no realms. */
	assert_true(flow_filter_passes(&t.filter, flow_mark_of(&t, &key[0])));
	flow_remove(&t, flow[0]);
	assert_null(flow_find(&t, &key[0]));
	for (uint16_t i = 1; i < 3; i++)
		assert_ptr_equal(flow_find(&t, &key[i]), flow[i]);
	assert_true(flow_filter_passes(&t.filter, flow_mark_of(&t, &key[0])));
	flow_table_deinit(&t);
}

static void
test_the_realm_is_the_packets(void **state)
{
	struct where at = {.sport = 1025, .dport = 135, .realm = 3};
	struct flow_key key;

	(void)state;
	(void)flow_key_of(&at, &key);
	assert_int_equal(key.realm, 3);
}

static struct where
packet_of(uint32_t n, bool back)
{
	struct flow_key key = key_of(n);
	struct where at = {.realm = (uint8_t)key.realm};

	at.src = key.addr[back];
	at.dst = key.addr[!back];
	at.sport = key.port[back];
	at.dport = key.port[!back];
	return at;
}

static void
test_a_packet_recalls_the_entry_that_was_remembered(void **state)
{
	struct where there = packet_of(1, false), back = packet_of(1, true), other = there;
	struct flow_table t;
	struct flow *flow;
	int from = 7;

	(void)state;
	flow_table_init(&t, 16, SALT);
	assert_null(flow_recall(&t, &there, &from));
	flow = add(&t, 1);
	assert_null(flow_recall(&t, &there, &from));
	flow_remember(&t, &there, flow);
	assert_ptr_equal(flow_recall(&t, &there, &from), flow);
	assert_int_equal(from, 0);
	assert_ptr_equal(flow_recall(&t, &back, &from), flow);
	assert_int_equal(from, 1);
	other.realm = 1;
	assert_null(flow_recall(&t, &other, &from));
	flow_remove(&t, flow);
	assert_null(flow_recall(&t, &there, &from));
	flow_table_deinit(&t);
}

/* Whatever shares its place, a packet never gets the entry of another connection. */
static void
test_a_packet_recalls_no_other_connection(void **state)
{
	struct flow_table t;
	size_t recalled = 0;
	int from;

	(void)state;
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < MANY; i++) {
		struct where at = packet_of(i, (i & 1) != 0);

		flow_remember(&t, &at, add(&t, i));
	}
	for (uint32_t i = 0; i < MANY; i++) {
		struct where at = packet_of(i, (i & 2) != 0);
		struct flow *flow = flow_recall(&t, &at, &from);

		assert_true(flow == NULL || flow == find(&t, i));
		assert_true(flow == NULL || from == ((i & 2) != 0));
		recalled += flow != NULL;
	}
	assert_in_range(recalled, FLOW_RECENT / 2, FLOW_RECENT);
	flow_table_deinit(&t);
}

/* In other places than the first, one address apart, each end counts. */
static void
test_each_end_of_a_packet_counts_when_it_is_recalled(void **state)
{
	struct where at = packet_of(1, false), other[4] = {at, at, at, at};
	struct flow_table t;
	int from;

	(void)state;
	flow_table_init(&t, 16, SALT);
	flow_remember(&t, &at, add(&t, 1));
	other[0].src.b[0] ^= 1;
	other[1].dst.b[0] ^= 1;
	other[2].sport ^= 0x55;
	other[3].dport ^= 0x55;
	for (size_t i = 0; i < 4; i++) {
		flow_remember(&t, &other[i], find(&t, 1)); /* at its place stands the same entry */
		assert_null(flow_recall(&t, &other[i], &from));
	}
	flow_table_deinit(&t);
}

static void
test_an_empty_table_finds_nothing_and_costs_nothing(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 16, SALT);
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
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < MANY; i++)
		add(&t, i)->next[0] = i;
	assert_true(flow_full(&t));
	for (uint32_t i = 0; i < MANY; i += 3)
		flow_remove(&t, find(&t, i));
	for (uint32_t i = 0; i < MANY; i++) {
		const struct flow *flow = find(&t, i);

		if (i % 3 == 0) {
			assert_null(flow);
		} else {
			assert_non_null(flow);
			assert_int_equal(flow->next[0], i);
		}
	}
	for (uint32_t i = 0; i < MANY; i += 3)
		add(&t, i);
	for (uint32_t i = 0; i < MANY; i++)
		assert_non_null(find(&t, i));
	assert_int_equal(t.count, MANY);
	flow_table_deinit(&t);
}

/* What is fetched ahead is what is needed later. */
static void
test_a_mark_tells_where_the_search_begins(void **state)
{
	struct flow_table t;
	size_t at_home = 0;

	(void)state;
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < MANY; i++)
		add(&t, i);
	for (uint32_t i = 0; i < MANY; i++) {
		struct flow_key key = key_of(i);
		const struct flow_slot *slot = flow_home(&t, flow_mark_of(&t, &key));

		assert_in_range(slot - t.slot, 0, t.slots - 1);
		at_home += slot->entry != 0 && &t.flow[slot->entry - 1] == find(&t, i);
	}
	assert_true(at_home > MANY / 2);
	flow_table_deinit(&t);
}

static void
test_a_full_table_takes_no_more(void **state)
{
	struct flow_key key = key_of(3);
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 2, SALT);
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
	flow_table_init(&t, 8, SALT);
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
	flow_table_init(&t, 8, SALT);
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
	flow_table_init(&t, 16, SALT);
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
	flow_table_init(&t, 4, SALT);
	flow = add(&t, 1);
	serial = origin(&t, 1)->serial;
	flow->closed = true;
	flow->next_known = 3;
	flow->idle_segments = 5;
	origin(&t, 1)->client = 1;
	origin(&t, 1)->isn_known = 3;
	flow_use(&t, flow, FLOW_RPC);
	flow_renew(&t, flow);
	assert_ptr_equal(find(&t, 1), flow);
	assert_int_equal(flow->rank, FLOW_EMPTY);
	assert_false(flow->closed);
	assert_int_equal(flow->next_known, 0);
	assert_int_equal(flow->idle_segments, 0);
	assert_int_equal(origin(&t, 1)->isn_known, 0);
	assert_int_equal(origin(&t, 1)->client, -1);
	assert_true(origin(&t, 1)->serial > serial);
	flow_table_deinit(&t);
}

static void
test_sorting_puts_the_living_in_the_order_of_their_beginning(void **state)
{
	static const uint32_t expected[] = {2, 3, 7, 0};
	struct flow_table t;

	(void)state;
	flow_table_init(&t, 8, SALT);
	for (uint32_t i = 0; i < 4; i++)
		add(&t, i);
	flow_remove(&t, find(&t, 1));
	add(&t, 7); /* into the freed entry */
	flow_renew(&t, find(&t, 0));
	flow_table_sort(&t);
	assert_int_equal(t.count, 4);
	for (size_t i = 0; i < 4; i++) {
		struct flow_key key = key_of(expected[i]);

		assert_memory_equal(&t.flow[t.origin[i].entry].key, &key, sizeof(key));
	}
	flow_table_deinit(&t);
}

static void
test_entries_are_lines_of_the_cache(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < MANY; i++) {
		add(&t, i);
		assert_int_equal((uintptr_t)t.flow % 64, 0);
	}
	flow_table_deinit(&t);
}

/* The mark that a sieve gives the packets of connection ${n}: computed here from octets. */
static struct mark
mark_of(uint64_t salt, uint32_t n)
{
	struct flow_secret secret = flow_secret_of(salt);
	struct flow_key key = key_of(n);
	uint8_t port[2][2];

	for (int i = 0; i < 2; i++) {
		port[i][0] = (uint8_t)(key.port[i] >> 8);
		port[i][1] = (uint8_t)key.port[i];
	}
	return flow_hash_mark(flow_hash_of(&secret, flow_end_v6(&secret, key.addr[1].b, port[1]),
				  flow_end_v6(&secret, key.addr[0].b, port[0])),
	    MARK_FLOW);
}

static bool
passes(const struct flow_table *t, uint32_t n)
{
	return flow_filter_passes(&t->filter, mark_of(SALT, n));
}

static size_t
count_passing(const struct flow_table *t, uint32_t from, uint32_t to)
{
	size_t count = 0;

	for (uint32_t i = from; i < to; i++)
		count += passes(t, i);
	return count;
}

static void
test_the_filter_passes_what_is_in_the_table_and_little_else(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < MANY; i++)
		add(&t, i);
	assert_int_equal(count_passing(&t, 0, MANY), MANY);
	/* Of 50,000 others about (5000/65536)^2/2 + 5000/2^24, which is 160. */
	assert_in_range(count_passing(&t, MANY, MANY + 50000), 50, 400);
	for (uint32_t i = 0; i < MANY; i += 2)
		flow_remove(&t, find(&t, i));
	for (uint32_t i = 1; i < MANY; i += 2)
		assert_true(passes(&t, i));
	assert_in_range(count_passing(&t, MANY, MANY + 50000), 10, 150);
	for (uint32_t i = 1; i < MANY; i += 2)
		flow_remove(&t, find(&t, i));
	for (size_t i = 0; i < FLOW_FILTER_ENTRIES; i++)
		assert_int_equal(t.filter.entry[i], 0);
	flow_table_deinit(&t);
}

static void
test_a_table_that_was_emptied_forgets_its_filter(void **state)
{
	struct flow_table t;

	(void)state;
	flow_table_init(&t, MANY, SALT);
	for (uint32_t i = 0; i < 100; i++)
		add(&t, i);
	flow_table_deinit(&t);
	assert_int_equal(count_passing(&t, 0, 100), 0);
	assert_null(find(&t, 1));
	add(&t, 1);
	assert_true(passes(&t, 1));
	assert_int_equal(t.count, 1);
	flow_table_deinit(&t);
}

static void
test_the_filter_tells_by_the_tag_where_it_counts_one(void **state)
{
	static struct flow_filter f;
	struct mark a = {.flow = 9, .kind = MARK_FLOW, .tag = 0x5a}, b = a, c = a;

	(void)state;
	memset(&f, 0, sizeof(f));
	b.tag = 0;
	c.tag = 0xa5;
	assert_false(flow_filter_passes(&f, a));
	flow_filter_add(&f, a);
	assert_true(flow_filter_passes(&f, a));
	assert_false(flow_filter_passes(&f, b));
	flow_filter_add(&f, b);
	assert_true(flow_filter_passes(&f, c));
	flow_filter_remove(&f, a);
	assert_true(flow_filter_passes(&f, b));
	assert_false(flow_filter_passes(&f, a));
	assert_false(flow_filter_passes(&f, c));
	flow_filter_remove(&f, b);
	assert_false(flow_filter_passes(&f, b));
	/* twice the same */
	flow_filter_add(&f, a);
	flow_filter_add(&f, a);
	flow_filter_remove(&f, a);
	assert_true(flow_filter_passes(&f, a));
	flow_filter_remove(&f, a);
	assert_int_equal(f.entry[9], 0);
}

static void
test_a_filter_entry_that_was_full_passes_for_good(void **state)
{
	static struct flow_filter f;
	struct mark a = {.flow = 7, .kind = MARK_FLOW, .tag = 1}, other = {.flow = 7, .tag = 2};

	(void)state;
	memset(&f, 0, sizeof(f));
	for (int i = 0; i < 600; i++) {
		flow_filter_add(&f, a);
		assert_true(flow_filter_passes(&f, a));
	}
	for (int i = 0; i < 600; i++) {
		assert_true(flow_filter_passes(&f, a));
		flow_filter_remove(&f, a);
	}
	assert_true(flow_filter_passes(&f, a));
	assert_true(flow_filter_passes(&f, other));
	assert_int_equal(f.entry[6], 0);
	assert_int_equal(f.entry[8], 0);
	/* 254 are counted */
	a.flow = 8;
	for (int i = 0; i < 254; i++)
		flow_filter_add(&f, a);
	for (int i = 0; i < 254; i++)
		flow_filter_remove(&f, a);
	assert_int_equal(f.entry[8], 0);
}

static void
test_the_hint_asks_the_filter_for_flows_only(void **state)
{
	static struct flow_filter f;
	struct mark nothing = {.flow = 3, .kind = MARK_NOTHING},
		    flow = {.flow = 3, .kind = MARK_FLOW};
	struct mark syn = {.flow = 3, .kind = MARK_SYN}, always = {.flow = 3, .kind = MARK_ALWAYS};

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(flow_filter_hint(&f, nothing), 0);
	assert_int_equal(flow_filter_hint(&f, flow), 0);
	assert_int_not_equal(flow_filter_hint(&f, syn), 0);
	assert_int_not_equal(flow_filter_hint(&f, always), 0);
	flow_filter_add(&f, flow);
	assert_int_equal(flow_filter_hint(&f, nothing), 0);
	assert_int_not_equal(flow_filter_hint(&f, flow), 0);
	assert_int_not_equal(flow_filter_hint(&f, syn), 0);
	assert_int_not_equal(flow_filter_hint(&f, always), 0);
}

/* Connections that differ in little have marks that differ in everything, with whatever salt, none included. */
static void
test_marks_are_spread_evenly(void **state)
{
	static const uint64_t salts[] = {0, 1, UINT64_MAX, UINT64_C(0x8000000000000000), 4711};
	enum {
		BUCKETS = 256,
		COUNT = 65536
	};

	(void)state;
	for (size_t s = 0; s < sizeof(salts) / sizeof(salts[0]); s++) {
		uint32_t by_flow[BUCKETS] = {0}, by_tag[BUCKETS] = {0};

		for (uint32_t i = 0; i < COUNT; i++) {
			struct mark m = mark_of(salts[s], i);

			by_flow[m.flow % BUCKETS]++;
			by_flow[m.flow / BUCKETS]++;
			by_tag[m.tag]++;
		}
		/* Six times the standard deviation of a fair throw. */
		for (size_t i = 0; i < BUCKETS; i++) {
			assert_in_range(by_flow[i], 512 - 6 * 23, 512 + 6 * 23);
			assert_in_range(by_tag[i], 256 - 6 * 16, 256 + 6 * 16);
		}
	}
}

static void
test_another_salt_gives_other_marks(void **state)
{
	size_t same = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		same += mark_of(1, i).flow == mark_of(2, i).flow;
	assert_in_range(same, 0, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_directions_have_one_key),
	    cmocka_unit_test(test_a_host_that_talks_to_itself_is_told_apart_by_ports),
	    cmocka_unit_test(test_connections_of_other_realms_are_others),
	    cmocka_unit_test(test_the_realm_is_the_packets),
	    cmocka_unit_test(test_a_packet_recalls_the_entry_that_was_remembered),
	    cmocka_unit_test(test_a_packet_recalls_no_other_connection),
	    cmocka_unit_test(test_each_end_of_a_packet_counts_when_it_is_recalled),
	    cmocka_unit_test(test_an_empty_table_finds_nothing_and_costs_nothing),
	    cmocka_unit_test(test_entries_are_found_while_others_come_and_go),
	    cmocka_unit_test(test_a_mark_tells_where_the_search_begins),
	    cmocka_unit_test(test_a_full_table_takes_no_more),
	    cmocka_unit_test(test_the_idlest_is_the_victim),
	    cmocka_unit_test(test_the_lowest_rank_is_the_victim_however_fresh),
	    cmocka_unit_test(test_proven_flows_leave_an_eighth_of_the_table),
	    cmocka_unit_test(test_a_renewed_entry_is_as_fresh_as_a_new_one),
	    cmocka_unit_test(test_sorting_puts_the_living_in_the_order_of_their_beginning),
	    cmocka_unit_test(test_entries_are_lines_of_the_cache),
	    cmocka_unit_test(test_the_filter_passes_what_is_in_the_table_and_little_else),
	    cmocka_unit_test(test_a_table_that_was_emptied_forgets_its_filter),
	    cmocka_unit_test(test_the_filter_tells_by_the_tag_where_it_counts_one),
	    cmocka_unit_test(test_a_filter_entry_that_was_full_passes_for_good),
	    cmocka_unit_test(test_the_hint_asks_the_filter_for_flows_only),
	    cmocka_unit_test(test_marks_are_spread_evenly),
	    cmocka_unit_test(test_another_salt_gives_other_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
