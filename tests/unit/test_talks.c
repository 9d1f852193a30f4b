/* test_talks.c - the fixed table of what is looked at for a while. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissect/talks.h"

enum {
	MOST = 64
};

static struct flow_table flows;
static struct talks talks;

static int
set_up(void **state)
{
	(void)state;
	flow_table_init(&flows, 16, 4711);
	talks_init(&talks, MOST, &flows);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	talks_deinit(&talks);
	flow_table_deinit(&flows);
	return 0;
}

static struct flow_key
key_of(unsigned n)
{
	struct flow_key key = {.port = {1024, (uint16_t)n}};

	key.addr[0] = addr_from_v4((const uint8_t[]){10, 0, 0, 1});
	key.addr[1] = addr_from_v4((const uint8_t[]){10, 0, 0, 2});
	return key;
}

static struct talk *
find(unsigned n)
{
	struct flow_key key = key_of(n);

	return talks_find(&talks, &key, IPPROTO_UDP);
}

static struct talk *
add(unsigned n)
{
	struct flow_key key = key_of(n);

	return talks_add(&talks, &key, IPPROTO_UDP);
}

static void
test_an_empty_one_has_nothing(void **state)
{
	(void)state;
	assert_null(find(1));
	assert_null(talks_oldest(&talks));
	assert_null(talks.talk);
	assert_false(talks_is_full(&talks));
}

static void
test_entries_are_found_by_ends_and_protocol(void **state)
{
	struct flow_key key = key_of(1);
	struct talk *udp = add(1), *tcp;

	(void)state;
	assert_ptr_equal(find(1), udp);
	assert_null(find(2));
	assert_null(talks_find(&talks, &key, IPPROTO_TCP));
	tcp = talks_add(&talks, &key, IPPROTO_TCP);
	assert_ptr_not_equal(tcp, udp);
	assert_ptr_equal(talks_find(&talks, &key, IPPROTO_TCP), tcp);
	assert_ptr_equal(find(1), udp);
	key.realm = 1;
	assert_null(talks_find(&talks, &key, IPPROTO_TCP));
}

static void
test_the_oldest_is_what_was_idle_longest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		assert_non_null(add(i));
	assert_true(talks_is_full(&talks));
	assert_null(add(MOST));
	assert_ptr_equal(talks_oldest(&talks), find(0));
	talks_use(&talks, find(0));
	talks_use(&talks, find(2));
	assert_ptr_equal(talks_oldest(&talks), find(1));
	talks_remove(&talks, find(1));
	assert_ptr_equal(talks_oldest(&talks), find(3));
	assert_non_null(add(MOST));
	assert_true(talks_is_full(&talks));
}

/* Entries come and go in an order of their own; those that should be there always are. */
static void
test_removal_loses_no_other(void **state)
{
	bool there[256] = {false};
	uint32_t x = 1;
	size_t count = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned n;

		x = x * 1664525u + 1013904223u;
		n = x >> 24;
		if (there[n]) {
			talks_remove(&talks, find(n));
			there[n] = false;
			count--;
		} else if (count < MOST) {
			assert_non_null(add(n));
			there[n] = true;
			count++;
		}
		assert_int_equal(talks.count, count);
		for (unsigned i = 0; round % 64 == 0 && i < 256; i++)
			assert_int_equal(find(i) != NULL, there[i]);
	}
	while (talks_oldest(&talks) != NULL)
		talks_remove(&talks, talks_oldest(&talks));
	assert_int_equal(talks.count, 0);
}

static void
test_packets_of_those_that_are_watched_pass_the_filter(void **state)
{
	struct talk *a = add(1), *b = add(2);
	struct flow_key key = key_of(1);
	struct mark mark = flow_mark_of(&flows, &key);

	(void)state;
	assert_false(flow_filter_passes(&flows.filter, mark));
	talks_watch(&talks, a, true);
	talks_watch(&talks, a, true);
	assert_true(flow_filter_passes(&flows.filter, mark));
	talks_watch(&talks, b, false);
	talks_watch(&talks, a, false);
	assert_false(flow_filter_passes(&flows.filter, mark));
	talks_watch(&talks, a, true);
	talks_remove(&talks, a);
	assert_false(flow_filter_passes(&flows.filter, mark));
	assert_int_equal(flows.filter.entry[mark.flow], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_empty_one_has_nothing),
	    TEST(entries_are_found_by_ends_and_protocol),
	    TEST(the_oldest_is_what_was_idle_longest),
	    TEST(removal_loses_no_other),
	    TEST(packets_of_those_that_are_watched_pass_the_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
