/* test_tap.c - live interfaces: packets as they were sent, counters, waiting, trouble. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/unit/live_net.h"
#include "tests/unit/tap_rig.h"

/* Packets and their views */

LIVE_TEST(test_packets_come_as_they_were_sent)
{
	enum {
		COUNT = 2500 /* more than a queue takes at a time */
	};
	struct tap_options options = rig_options(rig_b0, 1);
	int64_t before = clock_now(), last = before, odd = 0;
	size_t count = 0;
	struct tap_stats stats;

	rig_open(&options);
	for (uint32_t id = 1; id <= COUNT; id++) {
		struct wire w;

		rig_segment(&w, RIG_HIGH, RIG_HIGHER, id, 60 + id * 7 % 4000);
		live_send(rig.sender, w.data, w.len);
	}
	while (count < COUNT) {
		struct batch *batch;

		assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
		assert_int_equal(batch->source, 0);
		for (size_t i = 0; i < batch->count; i++) {
			const struct packet *p = &batch->packet[i];
			struct wire w;

			count++;
			rig_segment(
			    &w, RIG_HIGH, RIG_HIGHER, (uint32_t)count, 60 + count * 7 % 4000);
			assert_int_equal(p->caplen, w.len);
			assert_int_equal(p->wirelen, w.len);
			assert_memory_equal(p->data, w.data, w.len);
			assert_int_equal(p->frame, count);
			assert_int_equal(p->link, LINK_ETHERNET);
			assert_int_equal(p->source, 0);
			assert_int_equal(batch->mark[i].kind, UINT8_MAX);
			assert_true(p->ts_ns >= last && p->ts_ns <= clock_now());
			last = p->ts_ns;
			odd += last % 1000 != 0;
		}
	}
	/* Full microseconds would be a coincidence. */
	assert_true(odd > COUNT / 2);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.packets, COUNT);
	assert_int_equal(stats.received, COUNT);
	assert_true(stats.newest_ns == last);
	assert_int_equal(stats.dropped_kernel + stats.dropped_interface + stats.late, 0);
}

LIVE_TEST(test_packets_are_cut_to_the_snap_length)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	struct tap_stats stats;

	for (int prefilter = 0; prefilter < 2; prefilter++) {
		struct wire w;

		options.snaplen = 96;
		options.prefilter = prefilter;
		rig_open(&options);
		rig_segment(&w, 135, RIG_HIGH, 1, 1500);
		live_send(rig.sender, w.data, w.len);
		assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
		assert_int_equal(batch->packet[0].caplen, 96);
		assert_int_equal(batch->packet[0].wirelen, 1500);
		assert_memory_equal(batch->packet[0].data, w.data, 96);
		tap_stats(rig.tap, &stats);
		assert_int_equal(stats.bytes, 96);
		tap_close(&rig.tap);
	}
}

/* Marks every third packet as of no use, and the others by their number. */
static void
look(const struct sieve *sieve, struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint32_t id = rig_id_of(&batch->packet[i]);

		batch->mark[i].kind = (uint8_t)(id % 3);
		batch->mark[i].flow = (uint16_t)(id * 5 + sieve->salt);
	}
}

enum {
	SIEVED = 3000
};

/* Send packets, and hold what comes of those on the first interface: each, or those that the sieve has a use for. */
static void
expect_sieved(struct tap_options *options, bool each)
{
	const struct sieve sieve = {.look = look, .salt = 9};
	size_t wanted = each ? SIEVED : SIEVED / 3 * 2;
	struct batch *batch;

	options->sieve = &sieve;
	rig_open(options);
	for (uint32_t id = 0; id < SIEVED; id++)
		rig_send_segment(RIG_HIGH, RIG_HIGHER, id);
	for (size_t count = 0; count < wanted;) {
		assert_int_equal(tap_next(rig.tap, 10000, &batch), 1);
		for (size_t i = 0; i < batch->count; i++, count++) {
			uint32_t id = rig_id_of(&batch->packet[i]);

			assert_int_equal(id, each ? count : count / 2 * 3 + 1 + count % 2);
			assert_int_equal(batch->packet[i].frame, id + 1);
			assert_int_equal(batch->mark[i].kind, id % 3);
			assert_int_equal(batch->mark[i].flow, id * 5 + 9);
		}
	}
	assert_int_equal(tap_next(rig.tap, RIG_QUIET_MS, &batch), 0);
}

static void
expect_counted(void)
{
	struct tap_stats stats;

	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.packets, SIEVED);
	assert_int_equal(stats.bytes, SIEVED * 60);
	assert_true(stats.newest_ns > 0);
	assert_true(tap_newest_ns(rig.tap) == stats.newest_ns);
}

LIVE_TEST(test_packets_are_marked)
{
	struct tap_options options = rig_options(rig_b0, 1);

	expect_sieved(&options, true);
	expect_counted();
}

LIVE_TEST(test_of_several_what_the_sieve_has_no_use_for_is_only_counted)
{
	struct tap_options options = rig_options(rig_both, 2);

	expect_sieved(&options, false);
	expect_counted();
}

/* The kernel takes a tag out, and hides it from filters; it has to be there again. */
LIVE_TEST(test_tags_are_where_they_were)
{
	const size_t kinds = sizeof(rig_tags) / sizeof(rig_tags[0]);
	struct tap_options options = rig_options(rig_b0, 1);

	for (int prefilter = 0; prefilter < 2; prefilter++) {
		options.prefilter = prefilter;
		rig_open(&options);
		for (size_t kind = 0; kind < kinds; kind++) {
			struct wire w, noise;
			struct batch *batch;

			rig_tagged(&noise, kind, RIG_HIGHER, 1);
			rig_tagged(&w, kind, 135, 2);
			live_send(rig.sender, noise.data, noise.len);
			live_send(rig.sender, w.data, w.len);
			for (int i = prefilter; i < 2; i++) {
				const struct wire *sent = i == 0 ? &noise : &w;

				/* They may come in one batch, or in two. */
				if (i == prefilter)
					assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
				else if (batch->count == 1)
					assert_int_equal(tap_next(rig.tap, 2000, &batch), 1);
				else
					batch->packet[0] = batch->packet[1];
				if (batch->packet[0].caplen != sent->len ||
				    batch->packet[0].wirelen != sent->len ||
				    memcmp(batch->packet[0].data, sent->data, sent->len) != 0)
					fail_msg("%s", rig_tags[kind].name);
			}
		}
		assert_int_equal(rig_drain(rig.tap, 0), 0);
		tap_close(&rig.tap);
	}
}

/* Waiting */

LIVE_TEST(test_waiting_ends_in_time)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	int64_t start;

	rig_open(&options);
	start = rig_now();
	assert_int_equal(tap_next(rig.tap, 0, &batch), 0);
	assert_in_range((rig_now() - start) / 1000000, 0, 100);
	start = rig_now();
	assert_int_equal(tap_next(rig.tap, 200, &batch), 0);
	assert_in_range((rig_now() - start) / 1000000, 199, 1000);
}

static void *
wake_soon(void *context)
{
	usleep(100000);
	tap_wake(context);
	return NULL;
}

static void
wake_on_alarm(int signal)
{
	(void)signal;
	tap_wake(rig.tap);
}

static void
expect_woken(void)
{
	struct batch *batch;
	int64_t start = rig_now();

	assert_int_equal(tap_next(rig.tap, 20000, &batch), 0);
	assert_in_range((rig_now() - start) / 1000000, 0, 5000);
}

LIVE_TEST(test_a_call_ends_waiting)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 100000}};
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	int64_t start;
	pthread_t thread;

	rig_open(&options);
	assert_int_equal(pthread_create(&thread, NULL, wake_soon, rig.tap), 0);
	expect_woken();
	pthread_join(thread, NULL);
	signal(SIGALRM, wake_on_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
	expect_woken();
	/* Calls before the wait count, and only once. */
	tap_wake(rig.tap);
	tap_wake(rig.tap);
	expect_woken();
	start = rig_now();
	assert_int_equal(tap_next(rig.tap, 200, &batch), 0);
	assert_in_range((rig_now() - start) / 1000000, 199, 2000);
}

/* A link that is full of what nobody wants must not keep the caller. */
static void
look_away(const struct sieve *sieve, struct batch *batch)
{
	int64_t end = rig_now() + 15000;

	(void)sieve;
	/* Slower than they come. */
	while (rig_now() < end)
		continue;
	memset(batch->mark, 0, batch->count * sizeof(batch->mark[0]));
}

LIVE_TEST(test_useless_packets_do_not_hold_up_the_caller)
{
	const struct sieve sieve = {.look = look_away};
	struct tap_options options = rig_options(rig_both, 2);
	struct batch *batch;
	struct tap_stream s;
	int64_t start;
	pthread_t thread;
	struct tap_stats stats;

	options.sieve = &sieve;
	rig_open(&options);
	rig_start_stream(&s, 500);
	start = rig_now();
	assert_int_equal(tap_next(rig.tap, 200, &batch), 0);
	assert_in_range((rig_now() - start) / 1000000, 199, 1000);
	assert_int_equal(pthread_create(&thread, NULL, wake_soon, rig.tap), 0);
	expect_woken();
	pthread_join(thread, NULL);
	rig_stop_stream(&s);
	tap_stats(rig.tap, &stats);
	assert_in_range(stats.packets, 1, RIG_IDS);
}

/* A batch lies in the kernel's ring, and stays what it is while that overflows. */
LIVE_TEST(test_a_batch_outlives_a_ring_that_is_full)
{
	enum {
		FLOOD = 8000
	};
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	struct tap_stats stats;
	size_t count;

	options.ring_bytes = 512 * 1024;
	rig_open(&options);
	for (uint32_t id = 0; id < 100; id++)
		rig_send_segment(RIG_HIGH, RIG_HIGHER, id);
	assert_int_equal(tap_next(rig.tap, 5000, &batch), 1);
	count = batch->count;
	for (uint32_t id = 0; id < FLOOD; id++)
		rig_send_segment(RIG_HIGH, RIG_HIGHER, 1000 + id % 1000);
	tap_stats(rig.tap, &stats);
	assert_true(stats.dropped_kernel > 0);
	assert_int_equal(batch->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rig_id_of(&batch->packet[i]), i);
	/* And then there is room again. */
	while (tap_next(rig.tap, RIG_QUIET_MS, &batch) == 1)
		count += batch->count;
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.received, FLOOD + 100);
	assert_int_equal(count, stats.received - stats.dropped_kernel);
}

/* Other threads may ask and teach while one reads. */
static void *
ask_and_teach(void *context)
{
	struct tap_stream *s = context;
	struct tap_stats stats = {0};
	uint16_t port = 1;

	while (!s->stop) {
		tap_stats(rig.tap, &stats);
		tap_learn(rig.tap, &port, 1);
		port++;
	}
	return NULL;
}

LIVE_TEST(test_other_threads_may_ask_and_teach)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stream s;
	pthread_t thread;
	int64_t end;
	size_t count = 0;
	uint32_t sent;
	struct tap_stats stats;

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	rig_start_stream(&s, 500);
	assert_int_equal(pthread_create(&thread, NULL, ask_and_teach, &s), 0);
	for (end = rig_now() + NS_PER_S / 2; rig_now() < end;) {
		struct batch *batch;

		if (tap_next(rig.tap, 10, &batch) == 1)
			count += rig_note(batch);
	}
	sent = rig_stop_stream(&s);
	pthread_join(thread, NULL);
	count += rig_drain(rig.tap, sent - count);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.dropped_kernel, 0);
	rig_expect_seen(0, sent, 1);
	assert_int_equal(stats.packets, count);
	assert_int_equal(stats.received, sent);
}

/* Trouble */

LIVE_TEST(test_what_cannot_be_opened_is_named)
{
	static const char *const none[] = {"nothing0"}, *const second[] = {"b0", "nothing0"};
	struct tap_options options = rig_options(none, 1);

	rig_expect_refused(&options, -ENODEV, "nothing0: no such interface");
	options = rig_options(second, 2);
	rig_expect_refused(&options, -ENODEV, "nothing0: no such interface");
	options = rig_options(rig_b0, 1);
	options.filter = "port of call";
	rig_expect_refused(&options, ERR_USAGE, "b0: filter: ");
	options = rig_options(rig_b0, 0);
	rig_expect_refused(&options, ERR_USAGE, "1 to 16");
	options = rig_options(rig_b0, TAP_DEVICES + 1);
	rig_expect_refused(&options, ERR_USAGE, "1 to 16");
	options = rig_options(second, 2);
	options.fanout = 1;
	rig_expect_refused(&options, ERR_USAGE, "several interfaces");
	assert_true(live_run("ip link set b0 down"));
	options = rig_options(rig_b0, 1);
	rig_expect_refused(&options, -ENETDOWN, "b0: the interface is down");
}

/* Without the privilege, in a process that can give it up. */
LIVE_TEST(test_the_privilege_that_is_missing_is_named)
{
	struct tap_options options = rig_options(rig_b0, 1);
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
		struct __user_cap_data_struct none[2] = {{0}};

		if (syscall(SYS_capset, &header, none) != 0)
			_exit(2);
		if (tap_open(&rig.tap, &options) != -EPERM)
			_exit(3);
		_exit(strstr(tap_problem(rig.tap), "b0: no permission") != NULL &&
			      strstr(tap_problem(rig.tap), "CAP_NET_RAW") != NULL
			  ? 0
			  : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

LIVE_TEST(test_an_interface_that_is_removed_ends_the_capture)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	int64_t start;

	rig_forget();
	/* The kernel has not handed over the block by then. */
	options.timeout_ms = 500;
	rig_open(&options);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	live_remove("a0");
	start = rig_now();
	/* What had come before is not lost. */
	assert_int_equal(tap_next(rig.tap, 5000, &batch), 1);
	rig_note(batch);
	assert_int_equal(rig.seen[1], 1);
	assert_int_equal(tap_next(rig.tap, 5000, &batch), -ENETDOWN);
	assert_in_range((rig_now() - start) / 1000000, 0, 4000);
	assert_string_equal(tap_problem(rig.tap), "b0: the interface is gone");
	assert_int_equal(tap_next(rig.tap, 5000, &batch), -ENETDOWN);
}

/* Take what comes until packet ${id} has. */
static void
expect_id(uint32_t id, int within_ms)
{
	int64_t end = rig_now() + within_ms * (NS_PER_S / 1000);
	struct batch *batch;

	while (rig.seen[id] == 0 && rig_now() < end)
		if (tap_next(rig.tap, 100, &batch) == 1)
			rig_note(batch);
	assert_int_equal(rig.seen[id], 1);
}

static size_t
interfaces_away(void)
{
	struct tap_stats stats;

	tap_stats(rig.tap, &stats);
	return stats.away;
}

/* What is enough for a small block is not for a large one, and the kernel has much time. */
LIVE_TEST(test_a_block_is_as_large_as_was_asked_for)
{
	static const struct {
		size_t block;
		int expected;
	} row[] = {{128 * 1024, 1}, {0, 0}, {2 * 1024 * 1024, 0}, {(size_t)1 << 40, 0}};
	struct batch *batch;
	struct wire w;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct tap_options options = rig_options(rig_b0, 1);

		options.ring_bytes = 4 * 1024 * 1024;
		options.block_bytes = row[i].block;
		options.timeout_ms = 5000;
		rig_open(&options);
		for (uint32_t id = 0; id < 110; id++) {
			rig_segment(&w, RIG_HIGH, RIG_HIGHER, id, 1400);
			live_send(rig.sender, w.data, w.len);
		}
		assert_int_equal(tap_next(rig.tap, 300, &batch), row[i].expected);
		tap_close(&rig.tap);
	}
}

/* More than a queue holds, of one interface, while the other is silent. */
LIVE_TEST(test_what_finds_no_room_in_a_queue_waits)
{
	enum {
		COUNT = 6000
	};
	struct tap_options options = rig_options(rig_both, 2);
	struct batch *batch;
	struct wire w;
	uint32_t next = 0;

	options.hold_ms = 1500;
	rig_open(&options);
	for (uint32_t id = 0; id < COUNT; id++) {
		rig_segment(&w, RIG_HIGH, RIG_HIGHER, id, 1400);
		live_send(rig.sender, w.data, w.len);
	}
	while (next < COUNT) {
		assert_int_equal(tap_next(rig.tap, 10000, &batch), 1);
		for (size_t i = 0; i < batch->count; i++)
			assert_int_equal(rig_id_of(&batch->packet[i]), next++);
	}
}

LIVE_TEST(test_one_of_several_that_is_removed_is_not_waited_for)
{
	struct tap_options options = rig_options(rig_both, 2);
	char problem[TAP_PROBLEM] = "";
	struct batch *batch;
	struct tap_stats stats;

	rig_forget();
	options.hold_ms = 20000;
	rig_open(&options);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	assert_int_equal(tap_next(rig.tap, 100, &batch), 0);
	assert_false(tap_is_away(rig.tap, 1, problem));
	live_remove("a1");
	expect_id(1, 5000);
	assert_int_equal(interfaces_away(), 1);
	assert_true(tap_is_away(rig.tap, 1, problem));
	assert_string_equal(problem, "b1: the interface is gone");
	assert_false(tap_is_away(rig.tap, 0, problem));
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 2);
	expect_id(2, 5000);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.received, 2);
}

LIVE_TEST(test_one_of_several_that_comes_back_is_read_again)
{
	struct tap_options options = rig_options(rig_both, 2);
	const uint16_t learned = RIG_HIGHER;
	char problem[TAP_PROBLEM];
	struct tap_stats stats;
	struct wire w;
	int other = live_sender("a1");

	rig_forget();
	options.prefilter = true;
	rig_open(&options);
	assert_int_equal(tap_learn(rig.tap, &learned, 1), 0);
	rig_segment(&w, RIG_HIGH, RIG_HIGHER, 1, 60);
	live_send(other, w.data, w.len);
	close(other);
	expect_id(1, 5000);
	live_remove("a1");
	while (interfaces_away() == 0)
		(void)tap_next(rig.tap, 50, &(struct batch *){NULL});
	live_pair("a1", "b1");
	while (interfaces_away() != 0)
		(void)tap_next(rig.tap, 50, &(struct batch *){NULL});
	assert_false(tap_is_away(rig.tap, 1, problem));
	/* It knows what was learned before, and counts on. */
	other = live_sender("a1");
	rig_segment(&w, RIG_HIGH, RIG_HIGHER, 2, 60);
	live_send(other, w.data, w.len);
	close(other);
	expect_id(2, 5000);
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.received, 2);
}

LIVE_TEST(test_the_last_of_several_that_is_removed_ends_the_capture)
{
	struct tap_options options = rig_options(rig_both, 2);
	struct batch *batch;

	rig_forget();
	rig_open(&options);
	live_remove("a1");
	while (interfaces_away() == 0)
		assert_int_equal(tap_next(rig.tap, 50, &batch), 0);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	live_remove("a0");
	assert_int_equal(tap_next(rig.tap, 5000, &batch), 1);
	rig_note(batch);
	assert_int_equal(rig.seen[1], 1);
	assert_int_equal(tap_next(rig.tap, 5000, &batch), -ENETDOWN);
	assert_string_equal(tap_problem(rig.tap), "b0: the interface is gone");
	assert_int_equal(tap_next(rig.tap, 5000, &batch), -ENETDOWN);
}

LIVE_TEST(test_an_interface_that_comes_back_up_goes_on)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;

	rig_forget();
	rig_open(&options);
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 1);
	assert_int_equal(rig_drain(rig.tap, 1), 1);
	assert_true(live_run("ip link set b0 down"));
	assert_int_equal(tap_next(rig.tap, 300, &batch), 0);
	assert_true(live_run("ip link set b0 up"));
	live_await_link("a0");
	rig_send_segment(RIG_HIGH, RIG_HIGHER, 2);
	assert_int_equal(rig_drain(rig.tap, 1), 1);
	assert_int_equal(rig.seen[2], 1);
	live_remove("a0");
	assert_int_equal(tap_next(rig.tap, 2000, &batch), -ENETDOWN);
}

/* First it is down, and nobody says so when it is removed. */
LIVE_TEST(test_an_interface_that_is_down_is_watched)
{
	struct tap_options options = rig_options(rig_b0, 1);
	struct batch *batch;
	int64_t start;

	rig_open(&options);
	assert_true(live_run("ip link set b0 down"));
	assert_int_equal(tap_next(rig.tap, 100, &batch), 0);
	start = rig_now();
	assert_true(live_run("(sleep 0.5; ip link del a0) &"));
	assert_int_equal(tap_next(rig.tap, 10000, &batch), -ENETDOWN);
	assert_in_range((rig_now() - start) / 1000000, 400, 4000);
}

LIVE_TEST(test_what_the_ring_had_no_room_for_is_counted)
{
	enum {
		COUNT = 5000
	};
	struct tap_options options = rig_options(rig_b0, 1);
	struct tap_stats stats;
	size_t count;

	rig_forget();
	options.ring_bytes = 1 << 20;
	rig_open(&options);
	for (uint32_t id = 0; id < COUNT; id++) {
		struct wire w;

		rig_segment(&w, RIG_HIGH, RIG_HIGHER, id, 1500);
		live_send(rig.sender, w.data, w.len);
	}
	count = rig_drain(rig.tap, 1);
	tap_stats(rig.tap, &stats);
	assert_in_range(stats.dropped_kernel, 1, COUNT - 1);
	assert_int_equal(stats.received, COUNT);
	assert_int_equal(stats.packets, count);
	assert_int_equal(stats.dropped_kernel, COUNT - count);
	/* Asking again adds nothing. */
	tap_stats(rig.tap, &stats);
	assert_int_equal(stats.received, COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(test_a_block_is_as_large_as_was_asked_for),
	    WITH_PAIR(test_packets_come_as_they_were_sent),
	    WITH_PAIR(test_packets_are_cut_to_the_snap_length),
	    WITH_PAIR(test_packets_are_marked),
	    WITH_PAIRS(test_of_several_what_the_sieve_has_no_use_for_is_only_counted),
	    WITH_PAIR(test_tags_are_where_they_were),
	    WITH_PAIR(test_waiting_ends_in_time),
	    WITH_PAIR(test_a_call_ends_waiting),
	    WITH_PAIRS(test_useless_packets_do_not_hold_up_the_caller),
	    WITH_PAIR(test_a_batch_outlives_a_ring_that_is_full),
	    WITH_PAIR(test_other_threads_may_ask_and_teach),
	    WITH_PAIR(test_what_cannot_be_opened_is_named),
	    WITH_PAIR(test_the_privilege_that_is_missing_is_named),
	    WITH_PAIR(test_an_interface_that_is_removed_ends_the_capture),
	    WITH_PAIRS(test_what_finds_no_room_in_a_queue_waits),
	    WITH_PAIRS(test_one_of_several_that_is_removed_is_not_waited_for),
	    WITH_PAIRS(test_one_of_several_that_comes_back_is_read_again),
	    WITH_PAIRS(test_the_last_of_several_that_is_removed_ends_the_capture),
	    WITH_PAIR(test_an_interface_that_comes_back_up_goes_on),
	    WITH_PAIR(test_an_interface_that_is_down_is_watched),
	    WITH_PAIR(test_what_the_ring_had_no_room_for_is_counted),
	};

	rig_enter();
	return cmocka_run_group_tests_name("tap", tests, NULL, NULL);
}
