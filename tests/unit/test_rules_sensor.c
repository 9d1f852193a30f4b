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

/* What is remembered is read before realms have their names. */
static void
an_alert_keeps_its_id_over_a_restart(void **state)
{
	struct rules_desk *d = *state;
	char id[HASH_ID_TEXT];
	uint64_t named = ident_realm("branch");

	d->realm[0] = named;
	assert_string_equal(judge(d, 60, (struct sensor_facts){.behind = true}), "SYS-003 open");
	memcpy(id, desk_alert(d)->id, sizeof(id));
	d->realm[0] = ident_realm("default");
	desk_restart(d);
	d->realm[0] = named;
	assert_string_equal(judge(d, 120, (struct sensor_facts){.behind = false}), "");
	assert_string_equal(desk_pass(d, 60 + SETTLE + 60), "SYS-003 closed");
	assert_string_equal(desk_alert(d)->id, id);
}

static void
octets_without_ids_are_read_still(void **state)
{
	struct rules_desk *d = *state;
	struct octets o = {.data = NULL};

	octets_put(&o, 1); /* the format */
	octets_put(&o, 0); /* forgeries */
	octets_put(&o, 0); /* steps of the clock */
	octets_put(&o, 1);
	for (int i = 0; i < 5; i++) {
		static const char *const text[] = {"SYS-003", "", "slow", "fast", "behind"};

		octets_put(&o, strlen(text[i]));
		octets_put_bytes(&o, text[i], strlen(text[i]));
	}
	for (int i = 0; i < 3; i++)
		octets_put_signed(&o, i < 2 ? desk_ns(60) : 0);
	octets_put(&o, 0); /* no pinholes */
	assert_true(rules_state_decode(&d->rules, o.data, o.len));
	octets_free(&o);
	assert_int_equal(d->rules.sensor->count, 1);
	assert_int_equal(strlen(d->rules.sensor->entry[0].alert.id), HASH_ID_TEXT - 1);
}

/* Ten days ahead when it was found wrong: it closes when it is right, and not ten days later. */
static void
an_alert_of_a_clock_that_was_ahead_closes(void **state)
{
	struct rules_desk *d = *state;

	(void)desk_pass(d, 60);
	clock_walk(&d->clock, desk_ns(864000));
	assert_int_equal(rules_sensor_judge(&d->rules,
			     &(struct sensor_facts){.now_ns = desk_ns(864000), .behind = true}),
	    0);
	clock_walk(&d->clock, desk_ns(70));
	output_clear(&d->out);
	assert_string_equal(judge(d, 120, (struct sensor_facts){.behind = false}), "");
	assert_string_equal(desk_pass(d, 120 + SETTLE), "SYS-003 closed");
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
	    TEST(an_alert_keeps_its_id_over_a_restart),
	    TEST(octets_without_ids_are_read_still),
	    TEST(an_alert_of_a_clock_that_was_ahead_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
