/* Several lanes in one order of time: nothing goes before what may still come, and nothing waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/bell.h"
#include "app/lane.h"
#include "app/lanes.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

enum {
	LANES = 3,
	BYTES = 64 * 1024
};

struct desk {
	struct bell bell;
	struct lane *lane[LANES];
	struct lanes *lanes;
	int64_t now_ns;
	char text[256];
};

static const struct lane_numbers none;

static int
set_up(void **state)
{
	static struct desk d;

	*state = &d;
	d.now_ns = 1;
	if (bell_init(&d.bell) != 0)
		return -1;
	for (size_t i = 0; i < LANES; i++)
		if (lane_new(&d.lane[i], BYTES, &d.bell) != 0)
			return -1;
	return lanes_new(&d.lanes, d.lane, LANES);
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	lanes_free(&d->lanes);
	for (size_t i = 0; i < LANES; i++)
		lane_free(&d->lane[i]);
	bell_deinit(&d->bell);
	return 0;
}

/* Lane ${lane} finds something at each of these times, and has seen all up to ${seen_ns}. */
static void
offer(struct desk *d, size_t lane, const char *times, int64_t seen_ns)
{
	for (; *times != '\0'; times++) {
		const struct obs o = {
		    .kind = OBS_BIND, .at = {.ts_ns = *times - '0', .source = (uint32_t)lane}};

		obs_queue_push(lane_queue(d->lane[lane]), &o);
		lane_note(d->lane[lane], o.at.ts_ns);
	}
	lane_offer(d->lane[lane], seen_ns, &none);
}

/* What goes now, as lane and time. */
static const char *
going(struct desk *d)
{
	const struct obs *o;
	size_t used = 0;

	d->text[0] = '\0';
	while ((o = lanes_next(d->lanes, d->now_ns)) != NULL)
		used += (size_t)snprintf(d->text + used, sizeof(d->text) - used, "%c%d ",
		    'a' + (int)o->at.source, (int)o->at.ts_ns);
	return d->text;
}

static void
they_come_in_order_of_time_then_of_lanes(void **state)
{
	struct desk *d = *state;

	offer(d, 0, "135", 10);
	offer(d, 1, "235", 10);
	offer(d, 2, "1259", 9);
	assert_string_equal(going(d), "a1 c1 b2 c2 a3 b3 a5 b5 c5 c9 ");
	assert_int_equal(lanes_late(d->lanes), 0);
}

static void
what_may_still_be_overtaken_waits(void **state)
{
	struct desk *d = *state;

	offer(d, 0, "4", 4);
	offer(d, 1, "", 3);
	assert_string_equal(going(d), "");
	offer(d, 2, "", 9);
	assert_string_equal(going(d), "");
	offer(d, 1, "", 4); /* it may find more at 4, but that goes behind lane 0 */
	assert_string_equal(going(d), "a4 ");
}

static void
of_equal_times_the_first_lane_is_waited_for(void **state)
{
	struct desk *d = *state;

	offer(d, 1, "4", 4);
	offer(d, 0, "", 4);
	offer(d, 2, "", 4);
	assert_string_equal(going(d), "");
	offer(d, 0, "4", 5);
	assert_string_equal(going(d), "a4 b4 ");
}

static void
nothing_waits_longer_than_the_hold(void **state)
{
	struct desk *d = *state;

	assert_true(lanes_due(d->lanes) == INT64_MAX);
	offer(d, 0, "46", 6);
	assert_string_equal(going(d), "");
	assert_true(lanes_due(d->lanes) == 1 + LANES_HOLD_NS);
	d->now_ns = LANES_HOLD_NS;
	assert_string_equal(going(d), "");
	d->now_ns++;
	assert_string_equal(going(d), "a4 a6 ");
	assert_true(lanes_due(d->lanes) == INT64_MAX);
	/* who comes behind is late, and told */
	offer(d, 1, "58", 9);
	d->now_ns += LANES_HOLD_NS;
	assert_string_equal(going(d), "");
	d->now_ns += LANES_HOLD_NS;
	assert_string_equal(going(d), "b5 b8 ");
	assert_int_equal(lanes_late(d->lanes), 1);
}

static void
a_lane_that_has_ended_is_not_waited_for(void **state)
{
	struct desk *d = *state;

	offer(d, 0, "7", 7);
	lane_end(d->lane[1], &none);
	offer(d, 2, "5", 5);
	assert_string_equal(going(d), "c5 ");
	lane_end(d->lane[2], &none);
	assert_string_equal(going(d), "a7 ");
}

static void
parcels_behind_one_another_stay_in_order(void **state)
{
	struct desk *d = *state;

	offer(d, 0, "12", 2);
	assert_string_equal(going(d), "");
	offer(d, 0, "34", 4);
	offer(d, 0, "56", 6); /* cannot be handed over yet */
	offer(d, 1, "1", 6);
	offer(d, 2, "", 6);
	assert_string_equal(going(d), "a1 b1 a2 a3 a4 ");
	offer(d, 0, "", 6);
	assert_string_equal(going(d), "a5 a6 ");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(they_come_in_order_of_time_then_of_lanes),
	    T(what_may_still_be_overtaken_waits),
	    T(of_equal_times_the_first_lane_is_waited_for),
	    T(nothing_waits_longer_than_the_hold),
	    T(a_lane_that_has_ended_is_not_waited_for),
	    T(parcels_behind_one_another_stay_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
