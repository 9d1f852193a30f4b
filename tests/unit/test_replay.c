/* test_replay.c - the program that replays captures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/live_net.h"
#include "tests/unit/tap_rig.h"
#include "tests/unit/temp_dir.h"

static struct temp_dir temp;

static const char *
build_dir(void)
{
	const char *build = getenv("TOP_BUILDDIR");

	return build != NULL ? build : ".";
}

/* What comes of ${count} packets of noise, with these options: how many, and in how many milliseconds.
 * ${wanted} is what stands in each behind the addresses. */
static int64_t
replay(const char *options, unsigned count, unsigned times, const char *wanted, size_t len)
{
	struct tap_options o = rig_options(rig_b0, 1);
	const char *path = temp_dir_file(&temp, "noise");
	int64_t start, took;
	struct batch *batch;
	size_t got = 0;

	assert_true(live_run("'%s/tests/gen/flood' noise %u 10 >%s", build_dir(), count, path));
	/* Each block that is handed over half empty takes its room in the ring. */
	o.timeout_ms = 100;
	rig_open(&o);
	start = rig_now();
	assert_true(
	    live_run("'%s/tests/gen/replay' %s a0 %s 2>/dev/null", build_dir(), options, path));
	took = (rig_now() - start) / 1000000;
	while (got < (size_t)count * times) {
		assert_int_equal(tap_next(rig.tap, 10000, &batch), 1);
		got += batch->count;
		for (size_t i = 0; i < batch->count; i++) {
			assert_int_equal(batch->packet[i].caplen, 60 + len);
			assert_memory_equal(batch->packet[i].data + 12, wanted, len);
			assert_memory_equal(
			    batch->packet[i].data + 12 + len, "\x08\x00\x45\x00", 4);
		}
	}
	assert_int_equal(tap_next(rig.tap, RIG_QUIET_MS, &batch), 0);
	tap_close(&rig.tap);
	return took;
}

static int
make_temp(void **state)
{
	(void)state;
	return temp_dir_make(&temp);
}

static int
remove_temp(void **state)
{
	(void)state;
	temp_dir_remove(&temp);
	return 0;
}

LIVE_TEST(test_captures_are_replayed)
{
	replay("", 5000, 1, "", 0);
	replay("-l 3", 1000, 3, "", 0);
	replay("-v 5", 1000, 1, "\x81\x00\x00\x05", 4);
	replay("-v 88a8:4095 -v 1", 1000, 1, "\x88\xa8\x0f\xff\x81\x00\x00\x01", 8);
	/* 1000 packets are 5 ms of noise. */
	assert_in_range(replay("-p 2000", 1000, 1, "", 0), 490, 2000);
	assert_in_range(replay("-t -x 0.01", 1000, 1, "", 0), 490, 2000);
	assert_in_range(replay("-t", 40000, 1, "", 0), 195, 1500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(test_captures_are_replayed),
	};

	rig_enter();
	return cmocka_run_group_tests_name("replay", tests, make_temp, remove_temp);
}
