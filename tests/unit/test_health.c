/* Health: what the rules on the sensor are told of a run. What it asks (the tap, the journal, the tracker's clock) and whom it tells
 * (the consumer) stand here instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/events.h"
#include "app/health.h"
#include "app/journal.h"
#include "app/ledger.h"
#include "base/clock.h"
#include "base/err.h"
#include "capture/tap.h"
#include "track/clock.h"
#include "track/rules_sensor.h"

enum {
	DEVICES = 20,
	ROOM = 16, /* that are told of at most */
};

static struct {
	struct clock clock;
	bool away[DEVICES], filling;
	struct sensor_facts told;
	char silent[256]; /* names of what is told to be silent, each with a blank behind it */
	int answer;
} fake;

int
consumer_sensor(struct consumer *c, const struct sensor_facts *facts)
{
	assert_non_null(c);
	fake.told = *facts;
	fake.silent[0] = '\0';
	for (size_t i = 0; i < facts->silent_count; i++) {
		strcat(fake.silent, facts->silent[i]);
		strcat(fake.silent, " ");
	}
	return fake.answer;
}

bool
tap_is_away(struct tap *t, size_t device, char problem[TAP_PROBLEM])
{
	(void)t;
	assert_in_range(device, 0, DEVICES - 1);
	problem[0] = '\0';
	return fake.away[device];
}

bool
journal_is_filling(const struct journal *j)
{
	assert_non_null(j);
	return fake.filling;
}

const struct clock *
track_clock(const struct track *t)
{
	(void)t;
	return &fake.clock;
}

static const char *const names[DEVICES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k",
    "l", "m", "n", "o", "p", "q", "r", "s", "t"};

struct rig {
	struct ledger ledger;
	struct events_totals totals;
	struct health health;
	struct health_view view;
};

static struct rig
begin(uint64_t devices)
{
	memset(&fake, 0, sizeof(fake));
	return (struct rig){.view = {.device = names, .devices = devices}};
}

static int
look(struct rig *r, int64_t seconds)
{
	r->view.ledger = &r->ledger;
	r->view.totals = &r->totals;
	r->view.now_ns = seconds * NS_PER_S;
	return health_look(&r->health, &r->view);
}

static void
losses_are_those_before_us(void **state)
{
	struct rig r = begin(1);

	(void)state;
	r.totals = (struct events_totals){.packets = 1000,
	    .dropped_kernel = 1,
	    .dropped_interface = 20,
	    .dropped_queue = 300,
	    .dropped_decode = 4000,
	    .dropped_cap = 50000};
	assert_int_equal(look(&r, 10), 0);
	assert_int_equal(fake.told.packets, 1000);
	assert_int_equal(fake.told.lost, 321);
	assert_int_equal(fake.told.refused, 50000);
	assert_false(fake.told.behind);
	assert_false(fake.told.store_fails);
	assert_int_equal(fake.told.silent_count, 0);
}

static void
time_is_that_of_packets_once_there_was_one(void **state)
{
	struct rig r = begin(1);
	int64_t before = clock_now();

	(void)state;
	fake.clock.now_ns = 77;
	look(&r, 10);
	assert_true(fake.told.now_ns >= before && fake.told.now_ns <= clock_now());
	fake.clock.started = true;
	look(&r, 11);
	assert_int_equal(fake.told.now_ns, 77);
}

static void
a_store_that_fails_and_what_waits_for_it(void **state)
{
	struct rig r = begin(1);

	(void)state;
	fake.filling = true;
	look(&r, 10);
	assert_false(fake.told.behind); /* there is no journal */
	r.ledger.consumer.journal = (struct journal *)&fake;
	look(&r, 11);
	assert_true(fake.told.behind);
	fake.filling = false;
	r.ledger.consumer.out = true;
	look(&r, 12);
	assert_false(fake.told.behind);
	assert_true(fake.told.store_fails);
}

static void
all_are_silent_after_a_quarter_of_an_hour_without_a_packet(void **state)
{
	struct rig r = begin(2);

	(void)state;
	r.totals.received = 5;
	look(&r, 100);
	look(&r, 999);
	assert_int_equal(fake.told.silent_count, 0);
	look(&r, 1000);
	assert_string_equal(fake.silent, "a b ");
	r.totals.received = 6;
	look(&r, 1001);
	assert_string_equal(fake.silent, "");
	look(&r, 1900);
	assert_string_equal(fake.silent, "");
	look(&r, 1901);
	assert_string_equal(fake.silent, "a b ");
}

/* An interface that comes back begins its counter anew. */
static void
a_number_that_became_smaller_is_heard_as_well(void **state)
{
	struct rig r = begin(1);

	(void)state;
	r.totals.received = 500;
	look(&r, 100);
	r.totals.received = 3;
	look(&r, 900);
	look(&r, 1500);
	assert_int_equal(fake.told.silent_count, 0);
}

static void
the_first_look_is_no_silence(void **state)
{
	struct rig r = begin(1);

	(void)state;
	look(&r, 100000);
	assert_int_equal(fake.told.silent_count, 0);
	look(&r, 100899);
	assert_int_equal(fake.told.silent_count, 0);
	look(&r, 100900);
	assert_int_equal(fake.told.silent_count, 1);
}

static void
one_that_is_away_is_silent_by_itself(void **state)
{
	struct rig r = begin(3);

	(void)state;
	fake.away[1] = true;
	look(&r, 10);
	assert_string_equal(fake.silent, "b ");
	fake.away[1] = false;
	look(&r, 11);
	assert_string_equal(fake.silent, "");
}

static void
more_than_there_is_room_for(void **state)
{
	struct rig r = begin(DEVICES);

	(void)state;
	memset(fake.away, true, sizeof(fake.away));
	look(&r, 10);
	assert_int_equal(fake.told.silent_count, ROOM);
	assert_string_equal(fake.silent, "a b c d e f g h i j k l m n o p ");
}

static void
an_error_is_handed_on(void **state)
{
	struct rig r = begin(1);

	(void)state;
	fake.answer = ERR_STORE;
	assert_int_equal(look(&r, 10), ERR_STORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(losses_are_those_before_us),
	    cmocka_unit_test(time_is_that_of_packets_once_there_was_one),
	    cmocka_unit_test(a_store_that_fails_and_what_waits_for_it),
	    cmocka_unit_test(all_are_silent_after_a_quarter_of_an_hour_without_a_packet),
	    cmocka_unit_test(a_number_that_became_smaller_is_heard_as_well),
	    cmocka_unit_test(the_first_look_is_no_silence),
	    cmocka_unit_test(one_that_is_away_is_silent_by_itself),
	    cmocka_unit_test(more_than_there_is_room_for),
	    cmocka_unit_test(an_error_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
