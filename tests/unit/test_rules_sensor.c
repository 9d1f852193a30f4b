/* test_rules_sensor.c - SYS-001 to SYS-006: what a sensor says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "track/track.h"
#include "tests/unit/rules_desk.h"

enum {
	SETTLE = 900
};

static int
setup(void **state)
{
	*state = desk_make();
	return 0;
}

static int
teardown(void **state)
{
	desk_throw_away(*state);
	return 0;
}

static const char *
judge(struct rules_desk *d, int64_t seconds, struct sensor_facts f)
{
	(void)desk_pass(d, seconds);
	f.now_ns = desk_ns(seconds);
	assert_int_equal(rules_sensor_judge(&d->rules, &f), 0);
	return desk_read(d);
}

static void
a_sensor_in_health_says_nothing(void **state)
{
	struct rules_desk *d = *state;

	for (uint64_t i = 1; i < 5; i++)
		assert_string_equal(
		    judge(d, (int64_t)i * 60, (struct sensor_facts){.packets = i * 1000}), "");
	assert_null(d->rules.sensor);
}

static void
loss_above_the_threshold(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(judge(d, 60, (struct sensor_facts){.packets = 9990, .lost = 9}), "");
	assert_string_equal(
	    judge(d, 120, (struct sensor_facts){.packets = 19980, .lost = 20}), "SYS-001 open");
	assert_int_equal(desk_alert(d)->severity, SEVERITY_MEDIUM);
	assert_true(addr_is_unspecified(&desk_alert(d)->key.server));
	assert_string_equal(
	    judge(d, 180, (struct sensor_facts){.packets = 29000, .lost = 200}), "");
	desk_restart(d);
	assert_string_equal(judge(d, 240, (struct sensor_facts){.packets = 100}), "");
	desk_restart(d);
	assert_string_equal(desk_pass(d, 180 + SETTLE), "SYS-001 closed");
}

static void
each_silent_interface_has_its_own(void **state)
{
	struct rules_desk *d = *state;
	const char *both[] = {"eth1", "eth2"};

	assert_string_equal(judge(d, 60, (struct sensor_facts){.silent_count = 2, .silent = both}),
	    "SYS-002 open, SYS-002 open");
	assert_string_equal(desk_alert(d)->about, "eth2");
	assert_string_equal(desk_pass(d, 2 * SETTLE), "");
	assert_string_equal(
	    judge(d, 2 * SETTLE, (struct sensor_facts){.silent_count = 1, .silent = both}), "");
	assert_string_equal(desk_pass(d, 2 * SETTLE + 60), "SYS-002 closed");
	assert_string_equal(desk_alert(d)->about, "eth2");
}

static void
a_store_that_is_behind_or_fails(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(judge(d, 60, (struct sensor_facts){.behind = true}), "SYS-003 open");
	assert_string_equal(
	    judge(d, 120, (struct sensor_facts){.store_fails = true, .store_says = "full"}),
	    "SYS-005 open");
	assert_string_equal(desk_alert(d)->observed, "full");
	assert_string_equal(judge(d, 180, (struct sensor_facts){.packets = 0}), "");
	assert_string_equal(desk_pass(d, 120 + SETTLE), "SYS-003 closed, SYS-005 closed");
}

static void
what_finds_no_room(void **state)
{
	struct rules_desk *d = *state;

	assert_string_equal(judge(d, 60, (struct sensor_facts){.refused = 1}), "SYS-004 open");
	assert_string_equal(judge(d, 120, (struct sensor_facts){.refused = 1}), "");
	assert_string_equal(desk_pass(d, 60 + SETTLE), "SYS-004 closed");
}

static void
a_clock_that_is_set_back(void **state)
{
	struct rules_desk *d = *state;
	struct obs o = {.kind = OBS_NAMES};

	(void)desk_pass(d, 7200);
	clock_walk(&d->clock, desk_ns(7195));
	assert_int_equal(rules_observe(&d->rules, &o), 0);
	assert_string_equal(desk_read(d), ""); /* disorder */
	clock_walk(&d->clock, desk_ns(3600));
	assert_int_equal(rules_observe(&d->rules, &o), 0);
	assert_string_equal(desk_read(d), "SYS-006 open");
	assert_string_equal(desk_alert(d)->signature, "the clock went back by 3600 s");
	output_clear(&d->out);
	assert_int_equal(rules_observe(&d->rules, &o), 0);
	assert_string_equal(desk_read(d), "");
	desk_restart(d);
	assert_int_equal(rules_observe(&d->rules, &o), 0);
	assert_string_equal(desk_read(d), "");
	assert_string_equal(desk_pass(d, 7200 + 2 * SETTLE), "SYS-006 closed");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(a_sensor_in_health_says_nothing),
	    TEST(loss_above_the_threshold),
	    TEST(each_silent_interface_has_its_own),
	    TEST(a_store_that_is_behind_or_fails),
	    TEST(what_finds_no_room),
	    TEST(a_clock_that_is_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
