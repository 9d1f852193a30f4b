/* test_tap_filter.c - live interfaces: what the kernel keeps back, the user's filter beside it, and ports
 * that are learned. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/unit/live_net.h"
#include "tests/unit/tap_rig.h"

/* Filters */

LIVE_TEST(test_the_prefilter_keeps_noise_in_the_kernel)
{
	enum {
		COUNT = 1000
	};
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stats stats;

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	for (uint32_t id = 0; id < COUNT; id++)
		rig_send_segment(RIG_HIGH, RIG_HIGHER, id);
	for (uint32_t id = COUNT; id < COUNT + 10; id++)
		rig_send_segment(RIG_HIGH, 135, id);
	assert_int_equal(rig_drain(rig.tap, 10), 10);
	rig_expect_seen(COUNT, COUNT + 10, 1);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.packets, 10);
	assert_int_equal(stats.received, 10);
}

LIVE_TEST(test_a_filter_of_the_users_holds_beside_ours)
{
	struct tap_options options = rig_options(rig_b0, 1);

	for (int prefilter = 0; prefilter < 2; prefilter++) {
		rig_forget();
		options.prefilter = prefilter;
		options.filter = "port 135 or port 50002";
		rig_open(&options);
		rig_send_segment(RIG_HIGH, 135, 0);
		rig_send_segment(RIG_HIGH, 445, 1);
		rig_send_segment(RIG_HIGH, 50002, 2);
		assert_int_equal(rig_drain(rig.tap, prefilter ? 1 : 2), prefilter ? 1 : 2);
		assert_int_equal(rig.seen[0], 1);
		assert_int_equal(rig.seen[1], 0);
		assert_int_equal(rig.seen[2], !prefilter);
		/* What is learned is let through ours, not through the user's. */
		assert_int_equal(tap_learn(rig.tap, (const uint16_t[]){50002, 50003}, 2), 0);
		rig_send_segment(RIG_HIGH, 50002, 3);
		rig_send_segment(RIG_HIGH, 50003, 4);
		assert_int_equal(rig_drain(rig.tap, 1), 1);
		assert_int_equal(rig.seen[3], 1);
		tap_close(&rig.tap);
	}
}

/* The word "vlan" means the tag that the kernel has taken out, whoever runs the filter. */
LIVE_TEST(test_a_filter_for_vlans_finds_them)
{
	struct tap_options options = rig_options(rig_b0, 1);

	for (int prefilter = 0; prefilter < 2; prefilter++) {
		struct wire w;

		rig_forget();
		options.prefilter = prefilter;
		options.filter = "vlan 100 and port 135";
		rig_open(&options);
		for (uint32_t kind = 0; kind < 2; kind++) {
			rig_tagged(&w, kind, 135, kind);
			live_send(rig.sender, w.data, w.len);
			rig_tagged(&w, kind, 136, 10 + kind);
			live_send(rig.sender, w.data, w.len);
		}
		assert_int_equal(rig_drain(rig.tap, 1), 1);
		assert_int_equal(rig.seen[1], 1);
		tap_close(&rig.tap);
	}
}

LIVE_TEST(test_learned_ports_pass_from_then_on)
{
	struct tap_options options = rig_options(rig_b0, 1);

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 0);
	assert_int_equal(tap_learn(rig.tap, (const uint16_t[]){RIG_HIGHER}, 1), 0);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	rig_send_segment(RIG_HIGHER, RIG_HIGH, 2);
	rig_send_segment(RIG_HIGH, RIG_HIGH, 3);
	assert_int_equal(tap_learn(rig.tap, (const uint16_t[]){RIG_HIGH}, 1), 0);
	rig_send_segment(RIG_HIGH, RIG_HIGH, 4);
	rig_send_segment(RIG_HIGHER, RIG_HIGHER, 5);
	assert_int_equal(tap_learn(rig.tap, NULL, 0), 0);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 6);
	rig_drain(rig.tap, 3);
	assert_memory_equal(rig.seen, ((const uint8_t[]){0, 1, 1, 0, 1, 0, 0}), 7);
}

static void
learn_many(void)
{
	uint16_t port[4000];

	for (size_t i = 0; i < 4000; i++)
		port[i] = (uint16_t)(2 * i);
	assert_int_equal(tap_learn(rig.tap, port, 4000), 0);
}

LIVE_TEST(test_more_ports_than_fit_let_all_tcp_pass)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct wire w = {0};

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	learn_many();
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	/* Nothing else, though. */
	wire_ethernet(&w, 0x0806);
	wire_zeros(&w, 46);
	live_send(rig.sender, w.data, w.len);
	assert_int_equal(rig_drain(rig.tap, 1), 1);
	assert_int_equal(rig.seen[1], 1);
}

/* The kernel counts both filters while one replaces the other. */
LIVE_TEST(test_a_kernel_that_spares_little_for_filters_is_enough)
{
	static const char *const limits[] = {"12000", "6000", "3000", "1000"};
	struct tap_options options = rig_options(rig_b0, 1);
	uint16_t port[500];

	for (uint32_t i = 0; i < 500; i++)
		port[i] = (uint16_t)(40000 + 3 * i);
	if (access(RIG_OPTMEM, W_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		rig_forget();
		assert_true(live_write(RIG_OPTMEM, limits[i]));
		options.prefilter = true;
		options.filter = "tcp";
		rig_open(&options);
		for (int turn = 0; turn < 3; turn++) {
			assert_int_equal(tap_learn(rig.tap, port, 500), 0);
			rig_send_segment(RIG_HIGH, 40003, 10);
			rig_send_segment(RIG_HIGH, 135, 11);
		}
		rig_drain(rig.tap, 6);
		assert_int_equal(rig.seen[10], 3);
		assert_int_equal(rig.seen[11], 3);
		tap_close(&rig.tap);
	}
}

/* Does a segment that means nothing pass? */
static bool
noise_passes(void)
{
	rig_forget();
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	rig_send_segment(RIG_HIGH, 135, 2);
	rig_drain(rig.tap, 1);
	assert_int_equal(rig.seen[2], 1);
	return rig.seen[1] > 0;
}

/* What there is room for once can be replaced by another of its size. */
LIVE_TEST(test_room_for_one_filter_is_enough)
{
	struct tap_options options = rig_options(rig_b0, 1);
	int selective = 0, limits = 0;

	if (access(RIG_OPTMEM, W_OK) != 0)
		skip();
	options.prefilter = true;
	for (int limit = 1000; limit < 30000; limit += limit / 4, limits++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", limit);
		assert_true(live_write(RIG_OPTMEM, text));
		rig_open(&options);
		if (!noise_passes()) {
			selective++;
			assert_int_equal(tap_learn(rig.tap, NULL, 0), 0);
			assert_false(noise_passes());
		}
		tap_close(&rig.tap);
	}
	assert_in_range(selective, 1, limits - 1);
}

LIVE_TEST(test_no_packet_is_lost_when_the_filter_changes)
{
	struct tap_options options = rig_options(rig_b0, 1);
	uint16_t port[100];
	int64_t end;
	struct tap_stream s;
	size_t count = 0;
	uint32_t sent;
	unsigned swaps = 0;

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	for (uint16_t i = 0; i < 100; i++)
		port[i] = (uint16_t)(60000 + i);
	rig_start_stream(&s, 500);
	for (end = rig_now() + NS_PER_S; rig_now() < end; swaps++) {
		struct batch *batch;

		assert_int_equal(tap_learn(rig.tap, port, swaps % 100), 0);
		while (tap_next(rig.tap, 0, &batch) == 1)
			count += rig_note(batch);
	}
	sent = rig_stop_stream(&s);
	count += rig_drain(rig.tap, sent - count);
	assert_in_range(swaps, 100, UINT_MAX);
	assert_int_equal(count, sent);
	rig_expect_seen(0, sent, 1);
}

/* Packets that come while the filter is set must not slip by it. It takes a while: there is much to compile. */
LIVE_TEST(test_nothing_slips_by_at_the_start)
{
	char filter[4096] = "not port 135";
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stream s;

	for (unsigned i = 0; i < 80; i++)
		snprintf(filter + strlen(filter), 32, " and not port %u", 20000 + 3 * i);
	options.prefilter = true;
	options.filter = filter;
	rig_start_stream(&s, 0);
	for (int turn = 0; turn < 10; turn++) {
		struct batch *batch;
		struct tap_stats stats;

		rig_open(&options);
		assert_int_equal(tap_next(rig.tap, 30, &batch), 0);
		tap_stats(rig.tap, &stats);
		assert_int_equal(stats.packets, 0);
		assert_int_equal(stats.received, 0);
		tap_close(&rig.tap);
	}
	assert_in_range(rig_stop_stream(&s), 1000, RIG_IDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(test_the_prefilter_keeps_noise_in_the_kernel),
	    WITH_PAIR(test_a_filter_of_the_users_holds_beside_ours),
	    WITH_PAIR(test_a_filter_for_vlans_finds_them),
	    WITH_PAIR(test_learned_ports_pass_from_then_on),
	    WITH_PAIR(test_more_ports_than_fit_let_all_tcp_pass),
	    WITH_PAIR(test_a_kernel_that_spares_little_for_filters_is_enough),
	    WITH_PAIR(test_room_for_one_filter_is_enough),
	    WITH_PAIR(test_no_packet_is_lost_when_the_filter_changes),
	    WITH_PAIR(test_nothing_slips_by_at_the_start),
	};

	rig_enter();
	return cmocka_run_group_tests_name("tap_filter", tests, NULL, NULL);
}
