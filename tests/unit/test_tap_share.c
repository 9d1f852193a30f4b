/* test_tap_share.c - live interfaces: several taps of one, and several of one tap. */
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

/* Fan-out */

struct reader {
	struct tap *tap;
	pthread_t thread;
	atomic_bool stop;
	uint8_t seen[RIG_IDS];
};

/* Until it is to stop, and has all that the kernel has for it. No assertion here: only the first thread may
 * make one. */
static void *
keep_reading(void *context)
{
	struct reader *r = context;
	struct tap_stats stats;
	struct batch *batch;
	int more;

	do {
		more = tap_next(r->tap, RIG_QUIET_MS, &batch);
		for (size_t i = 0; more == 1 && i < batch->count; i++)
			r->seen[rig_id_of(&batch->packet[i]) % RIG_IDS]++;
		tap_stats(r->tap, &stats);
	} while (more == 1 || (more == 0 && (!r->stop || stats.packets + stats.dropped_kernel <
							     stats.received)));
	return NULL;
}

static void
start_reader(struct reader *r, const struct tap_options *options)
{
	memset(r->seen, 0, sizeof(r->seen));
	r->stop = false;
	assert_int_equal(tap_open(&r->tap, options), 0);
	assert_int_equal(pthread_create(&r->thread, NULL, keep_reading, r), 0);
}

static void
stop_reader(struct reader *r, struct tap_stats *stats)
{
	r->stop = true;
	pthread_join(r->thread, NULL);
	tap_stats(r->tap, stats);
	tap_close(&r->tap);
}

LIVE_TEST(test_taps_of_a_group_share_the_connections)
{
	enum {
		FLOWS = 401, /* odd, so that turns are told from hashes */
		ROUNDS = 10
	};
	static struct reader reader[2];
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stats stats[2];
	unsigned flows[2] = {0};

	options.fanout = 4242;
	for (int i = 0; i < 2; i++)
		start_reader(&reader[i], &options);
	/* Numbers of a flow: its own, and steps of FLOWS; every other packet goes the other way. */
	for (uint32_t n = 0; n < FLOWS * ROUNDS; n++) {
		unsigned client = 1024 + n % FLOWS;
		struct wire w = {0};

		wire_ethernet(&w, 0x0800);
		wire_ipv4(&w, IPPROTO_TCP, n / FLOWS % 2 == 0 ? 1 : 2, n / FLOWS % 2 == 0 ? 2 : 1,
		    RIG_TCP_LEN + 6);
		wire_tcp(&w, n / FLOWS % 2 == 0 ? client : 135, n / FLOWS % 2 == 0 ? 135 : client,
		    1, 1, RIG_TCP_ACK);
		wire_u16(&w, 0);
		wire_u32(&w, n);
		live_send(rig.sender, w.data, w.len);
	}
	for (int i = 0; i < 2; i++)
		stop_reader(&reader[i], &stats[i]);
	for (uint32_t flow = 0; flow < FLOWS; flow++) {
		int owner = reader[1].seen[flow];

		flows[owner]++;
		for (uint32_t n = flow; n < FLOWS * ROUNDS; n += FLOWS) {
			assert_int_equal(reader[owner].seen[n], 1);
			assert_int_equal(reader[1 - owner].seen[n], 0);
		}
	}
	assert_in_range(flows[0], FLOWS / 4, FLOWS * 3 / 4);
	assert_int_equal(stats[0].packets + stats[1].packets, FLOWS * ROUNDS);
	assert_int_equal(stats[0].received + stats[1].received, FLOWS * ROUNDS);
	assert_int_equal(stats[0].packets, flows[0] * ROUNDS);
}

/* What a second tap got before it had joined, the first one got, too. */
LIVE_TEST(test_joining_a_group_brings_nothing_twice)
{
	static struct reader reader[2];
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stream s;
	struct tap_stats stats;
	uint32_t sent;

	options.fanout = 4243;
	for (int turn = 0; turn < 5; turn++) {
		uint32_t missing = 0, first = 0;

		rig_start_stream(&s, 20);
		for (int i = 0; i < 2; i++) {
			usleep(20000);
			start_reader(&reader[i], &options);
		}
		usleep(50000);
		sent = rig_stop_stream(&s);
		for (int i = 0; i < 2; i++)
			stop_reader(&reader[i], &stats);
		while (first < sent && reader[0].seen[first] == 0)
			first++;
		for (uint32_t n = first; n < sent; n++) {
			assert_in_range(reader[0].seen[n] + reader[1].seen[n], 0, 1);
			missing += reader[0].seen[n] + reader[1].seen[n] == 0;
		}
		/* Those in the moment between joining and opening the filter. */
		assert_in_range(sent - first, 1000, RIG_IDS);
		assert_in_range(missing, 0, (sent - first) / 4);
	}
}

LIVE_TEST(test_a_group_of_another_interface_cannot_be_joined)
{
	static const char *const a0[] = {"a0"};
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap *other;

	options.fanout = 4244;
	rig_open(&options);
	options.device = a0;
	assert_in_range(-tap_open(&other, &options), 1, 999);
	assert_non_null(strstr(tap_problem(other), "a0: "));
	assert_non_null(strstr(tap_problem(other), "group 4244"));
	tap_close(&other);
}

/* Several interfaces */

LIVE_TEST(test_two_interfaces_are_merged_by_time)
{
	enum {
		COUNT = 4000
	};
	struct tap_options options = rig_options(rig_both, 2);
	int other = live_sender("a1");
	int64_t last = 0;
	size_t count = 0, from[2] = {0};
	struct batch *batch;
	struct tap_stats stats;

	rig_forget();
	rig_open(&options);
	for (uint32_t id = 0; id < COUNT; id++) {
		struct wire w;

		rig_segment(&w, RIG_HIGH, RIG_HIGHER, id, 60);
		live_send(id % 3 == 0 ? other : rig.sender, w.data, w.len);
	}
	while (count < COUNT) {
		assert_int_equal(tap_next(rig.tap, 10000, &batch), 1);
		count += rig_note(batch);
		for (size_t i = 0; i < batch->count; i++) {
			const struct packet *p = &batch->packet[i];

			assert_int_equal(p->source, rig_id_of(p) % 3 == 0);
			assert_int_equal(p->frame, ++from[p->source]);
			assert_true(p->ts_ns >= last);
			last = p->ts_ns;
		}
		assert_true(
		    batch->source == BATCH_MIXED || batch->source == batch->packet[0].source);
	}
	assert_int_equal(tap_next(rig.tap, RIG_QUIET_MS, &batch), 0);
	rig_expect_seen(0, COUNT, 1);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.late, 0);
	assert_int_equal(stats.received, COUNT);
	close(other);
}

static bool
id_is_not(const struct batch *batch, uint32_t id)
{
	return rig_id_of(&batch->packet[batch->count - 1]) != id;
}

LIVE_TEST(test_an_idle_interface_delays_and_does_not_block)
{
	struct tap_options options = rig_options(rig_both, 2);
	struct batch *batch;
	int64_t start, waiting_ns;
	struct tap_stats stats;

	options.hold_ms = 200;
	rig_open(&options);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 2);
	start = rig_now();
	assert_int_equal(tap_next(rig.tap, 50, &batch), 0);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.packets, 2);
	waiting_ns = stats.newest_ns;
	assert_int_equal(tap_next(rig.tap, 5000, &batch), 1);
	/* Nobody was told that the first had been handed out. */
	assert_true(waiting_ns <= batch->packet[0].ts_ns);
	while (id_is_not(batch, 2))
		assert_int_equal(tap_next(rig.tap, 5000, &batch), 1);
	tap_stats(rig.tap, &stats);
	assert_true(stats.newest_ns == batch->last_ns);
	assert_in_range((rig_now() - start) / 1000000, 150, 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(test_taps_of_a_group_share_the_connections),
	    WITH_PAIR(test_joining_a_group_brings_nothing_twice),
	    WITH_PAIR(test_a_group_of_another_interface_cannot_be_joined),
	    WITH_PAIRS(test_two_interfaces_are_merged_by_time),
	    WITH_PAIRS(test_an_idle_interface_delays_and_does_not_block),
	};

	rig_enter();
	return cmocka_run_group_tests_name("tap_share", tests, NULL, NULL);
}
