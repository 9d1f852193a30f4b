/* test_push_alternative.c - who would learn of new mail without datagrams, too. */
#include "tests/unit/push_world.h"

/* Of the client's one flow, as it stands in the store once one more datagram came. */
static bool
says(void (*story)(struct world *w), bool restarts, int64_t ms)
{
	struct world *w = world_begin(restarts);
	bool alternative;

	world_bind(w, 0, 2);
	world_register(w, SECOND, 2, 1071, P8);
	story(w);
	world_datagram(w, ms, 2, 1071, P8);
	world_commit(w);
	assert_int_equal(w->rows->pushes, 1);
	alternative = w->rows->push[0].alternative;
	world_end(w);
	return alternative;
}

static void
assert_alternative(void (*story)(struct world *w), int64_t ms, bool wanted)
{
	assert_int_equal(says(story, false, ms), wanted);
	assert_int_equal(says(story, true, ms), wanted);
}

static void
beats(struct world *w, int count)
{
	for (int i = 1; i <= count; i++)
		world_activity(w, (int64_t)i * MINUTE, 2, true, MINUTE);
}

static void
polls(struct world *w)
{
	beats(w, PUSH_BEATS);
}

static void
polls_less(struct world *w)
{
	beats(w, PUSH_BEATS - 1);
}

/* Of an association that was met in its middle. */
static void
first_request(struct world *w, int64_t ms)
{
	struct obs *o = world_obs(w, ms, OBS_ACTIVITY, 2);

	o->activity = (struct obs_activity){.known = true, .opnum = 2, .quiet_ns = INT64_MAX};
	world_observe(w);
}

static void
works_and_polls(struct world *w)
{
	beats(w, PUSH_BEATS - 1);
	world_activity(w, 5 * MINUTE, 2, true, 10 * SECOND);
	first_request(w, 6 * MINUTE);
	world_activity(w, 7 * MINUTE, 2, true, MINUTE);
}

static void
stops(struct world *w)
{
	beats(w, PUSH_BEATS);
	world_activity(w, 9 * MINUTE, 2, true, 5 * MINUTE);
}

static void
has_no_rhythm(struct world *w)
{
	beats(w, PUSH_BEATS - 1);
	world_activity(w, 9 * MINUTE, 2, true, 71 * SECOND);
	world_activity(w, 10 * MINUTE, 2, true, 55 * SECOND);
	world_activity(w, 11 * MINUTE, 2, true, 49 * SECOND);
	world_activity(w, 12 * MINUTE, 2, true, 65 * SECOND);
}

static void
fetches_after(struct world *w, int64_t ms)
{
	for (int i = 1; i <= 2 * PUSH_BEATS; i++) {
		world_datagram(w, (int64_t)i * MINUTE, 2, 1071, P8);
		world_activity(w, (int64_t)i * MINUTE + ms, 2, true, MINUTE);
	}
}

static void
fetches(struct world *w)
{
	fetches_after(w, SECOND);
}

static void
fetches_late(struct world *w)
{
	fetches_after(w, SECOND + 1);
}

static void
waits(struct world *w)
{
	world_mailbox(w, MINUTE, 2, MAILBOX_WAITS);
}

static void
nothing(struct world *w)
{
	(void)w;
}

static void
who_asks_each_minute_polls(void **state)
{
	(void)state;
	assert_alternative(nothing, 20 * MINUTE, false);
	assert_alternative(polls, 20 * MINUTE, true);
	assert_alternative(polls_less, 20 * MINUTE, false);
}

static void
a_longer_silence_breaks_the_rhythm(void **state)
{
	(void)state;
	assert_alternative(stops, 20 * MINUTE, false);
	assert_alternative(has_no_rhythm, 20 * MINUTE, false);
}

static void
requests_of_a_person_do_not(void **state)
{
	(void)state;
	assert_alternative(works_and_polls, 20 * MINUTE, true);
}

static void
what_a_datagram_called_for_is_no_poll(void **state)
{
	(void)state;
	assert_alternative(fetches, 20 * MINUTE, false);
	assert_alternative(fetches_late, 20 * MINUTE, true);
}

static void
both_are_believed_for_a_day(void **state)
{
	(void)state;
	assert_alternative(waits, 20 * MINUTE, true);
	assert_alternative(waits, 24 * HOUR, true);
	assert_alternative(waits, 24 * HOUR + MINUTE, false);
	assert_alternative(polls, 24 * HOUR, true);
	assert_alternative(polls, 24 * HOUR + PUSH_BEATS * MINUTE, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_asks_each_minute_polls),
	    cmocka_unit_test(a_longer_silence_breaks_the_rhythm),
	    cmocka_unit_test(requests_of_a_person_do_not),
	    cmocka_unit_test(what_a_datagram_called_for_is_no_poll),
	    cmocka_unit_test(both_are_believed_for_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
