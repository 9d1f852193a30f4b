/* test_duplicates.c - which datagrams are copies. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/duplicates.h"
#include "dissect/frame.h"

#define WINDOW_NS (NS_PER_S / 100)

static struct duplicates table;

static int
begin(void **state)
{
	(void)state;
	table = (struct duplicates){.window_ns = WINDOW_NS, .salt = 4711};
	return 0;
}

static struct frame
datagram(int64_t ts_ns)
{
	struct frame f = {.at = {.ts_ns = ts_ns, .sport = 1025, .dport = 135, .proto = IPPROTO_UDP},
	    .ip_id = 99,
	    .payload = (const uint8_t *)"twelve bytes",
	    .payload_len = 12,
	    .payload_wire = 12};

	f.at.src.b[15] = 1;
	f.at.dst.b[15] = 2;
	return f;
}

static bool
has(struct frame f)
{
	return duplicates_has(&table, &f);
}

static void
test_trap_01_a_copy_is_known_within_the_window(void **state)
{
	(void)state;
	assert_false(has(datagram(NS_PER_S)));
	assert_true(has(datagram(NS_PER_S)));
	assert_true(has(datagram(NS_PER_S + WINDOW_NS)));
	assert_true(has(datagram(NS_PER_S - WINDOW_NS)));
	assert_false(has(datagram(NS_PER_S + WINDOW_NS + 1)));
	assert_false(has(datagram(NS_PER_S - WINDOW_NS - 1)));
	assert_int_equal(table.found, 3);
}

static void
test_trap_01_tags_and_tunnels_may_differ(void **state)
{
	struct frame f = datagram(0);

	(void)state;
	assert_false(has(datagram(0)));
	f.at.vlan_count = 1;
	f.at.vlan[0] = 7;
	f.at.frame = 8;
	f.at.source = 1;
	f.at.tunnel = (const struct tunnel_path *)(const void *)&table;
	assert_true(has(f));
}

static void
test_another_datagram_is_no_copy(void **state)
{
	struct frame other[9];

	(void)state;
	assert_false(has(datagram(0)));
	for (size_t i = 0; i < 9; i++)
		other[i] = datagram(0);
	other[0].at.src.b[15] = 3;
	other[1].at.dst.b[0] = 3;
	other[2].at.sport = 1026;
	other[3].at.dport = 136;
	other[4].ip_id = 100;
	other[5].at.realm = 1;
	other[6].payload = (const uint8_t *)"twelve bytez";
	other[7].payload_len = 11;
	other[8].payload_wire = 13;
	for (size_t i = 0; i < 9; i++)
		assert_false(has(other[i]));
	for (size_t i = 0; i < 9; i++)
		assert_true(has(other[i]));
}

static void
test_empty_datagrams_are_told_apart_too(void **state)
{
	struct frame f = datagram(0);

	(void)state;
	f.payload_len = f.payload_wire = 0;
	assert_false(has(f));
	assert_true(has(f));
}

static void
test_without_a_window_nothing_is_a_copy(void **state)
{
	(void)state;
	for (int64_t window = -1; window <= 0; window++) {
		table.window_ns = window;
		assert_false(has(datagram(0)));
		assert_false(has(datagram(0)));
	}
}

/* A copy is found if as many as a SPAN port buffers lie between. */
static void
test_many_others_may_lie_between(void **state)
{
	size_t lost = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct frame f = datagram(i);

		f.at.sport = (uint16_t)i;
		assert_false(has(f));
		if (i >= 500) {
			f = datagram(i);
			f.at.sport = (uint16_t)(i - 500);
			lost += !has(f);
		}
	}
	assert_in_range(lost, 0, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_trap_01_a_copy_is_known_within_the_window, begin),
	    cmocka_unit_test_setup(test_trap_01_tags_and_tunnels_may_differ, begin),
	    cmocka_unit_test_setup(test_another_datagram_is_no_copy, begin),
	    cmocka_unit_test_setup(test_empty_datagrams_are_told_apart_too, begin),
	    cmocka_unit_test_setup(test_without_a_window_nothing_is_a_copy, begin),
	    cmocka_unit_test_setup(test_many_others_may_lie_between, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
