/* Lanes: what goes in comes out in order, neither side waits for the other, and nothing is lost but what finds no room. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/bell.h"
#include "app/lane.h"
#include "base/clock.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

enum {
	BYTES = 64 * 1024
};

struct desk {
	struct bell bell;
	struct lane *lane;
};

static const struct lane_numbers none;

static int
set_up(void **state)
{
	static struct desk d;

	*state = &d;
	return bell_init(&d.bell) != 0 || lane_new(&d.lane, BYTES, &d.bell) != 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	lane_free(&d->lane);
	bell_deinit(&d->bell);
	return 0;
}

/* One observation that is told from others by ${number}. */
static void
find(struct lane *l, uint64_t number, int64_t ts_ns)
{
	const struct obs o = {.kind = OBS_BIND, .at = {.frame = number}};

	obs_queue_push(lane_queue(l), &o);
	lane_note(l, ts_ns);
}

static uint64_t
number_of(const struct parcel *p, size_t i)
{
	return obs_queue_at(p->queue, i)->at.frame;
}

static void
what_is_found_is_handed_over_with_its_times(void **state)
{
	struct desk *d = *state;
	int64_t seen_ns;

	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns == INT64_MIN);
	find(d->lane, 1, 10);
	find(d->lane, 2, 30);
	find(d->lane, 3, 20); /* time does not go back */
	assert_null(lane_take(d->lane, &seen_ns));
	lane_offer(d->lane, 35, &none);
	const struct parcel *p = lane_take(d->lane, &seen_ns);
	assert_non_null(p);
	assert_int_equal(obs_queue_count(p->queue), 3);
	assert_int_equal(number_of(p, 0), 1);
	assert_true(p->when_ns[0] == 10 && p->when_ns[1] == 30 && p->when_ns[2] == 30);
	lane_return(d->lane);
	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns == 35);
	/* nor does it between parcels */
	find(d->lane, 4, 5);
	lane_offer(d->lane, 36, &none);
	p = lane_take(d->lane, &seen_ns);
	assert_true(p->when_ns[0] == 30);
	lane_return(d->lane);
	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns == 36);
}

static void
a_clock_that_is_set_back_is_followed(void **state)
{
	struct desk *d = *state;
	const int64_t s = NS_PER_S, past_ns = 100 * s;
	int64_t seen_ns, latest_ns = INT64_MIN;

	find(d->lane, 1, 200 * s);
	find(d->lane, 2, 191 * s); /* disorder */
	find(d->lane, 3, past_ns);
	find(d->lane, 4, past_ns - s);
	lane_offer(d->lane, past_ns, &none);
	const struct parcel *p = lane_take(d->lane, &seen_ns);
	assert_true(p->when_ns[1] == 200 * s);
	assert_true(p->when_ns[2] == past_ns && p->when_ns[3] == past_ns);
	lane_return(d->lane);
	lane_advance(&latest_ns, INT64_MIN);
	lane_advance(&latest_ns, INT64_MAX);
	assert_true(latest_ns == INT64_MAX);
	lane_advance(&latest_ns, INT64_MIN);
	assert_true(latest_ns == INT64_MIN);
}

static void
who_has_found_nothing_still_says_how_far_it_saw(void **state)
{
	struct desk *d = *state;
	int64_t seen_ns;

	lane_offer(d->lane, 100, &none);
	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns == 100);
}

static void
a_consumer_that_stands_still_costs_nothing_but_room(void **state)
{
	struct desk *d = *state;
	struct lane_numbers numbers;
	uint64_t next = 1, expected = 1;
	int64_t seen_ns;

	find(d->lane, next++, 1);
	lane_offer(d->lane, 1, &none);
	const struct parcel *taken = lane_take(d->lane, &seen_ns);
	/* one is being folded, one lies ready, the third is filled until it is full */
	do {
		find(d->lane, next, (int64_t)next);
		next++;
		lane_offer(d->lane, (int64_t)next, &none);
		lane_tell(d->lane, &numbers);
	} while (numbers.dropped == 0);
	assert_in_range(next, BYTES / sizeof(struct obs) / 2, BYTES / sizeof(struct obs) + 3);
	assert_int_equal(number_of(taken, 0), expected++);
	lane_return(d->lane);
	taken = lane_take(d->lane, &seen_ns);
	assert_int_equal(obs_queue_count(taken->queue), 1);
	assert_int_equal(number_of(taken, 0), expected++);
	lane_return(d->lane);
	/* the rest was never handed over, so nobody may believe that there is none */
	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns < (int64_t)next);
	lane_offer(d->lane, (int64_t)next, &none);
	taken = lane_take(d->lane, &seen_ns);
	for (size_t i = 0; i < obs_queue_count(taken->queue); i++)
		assert_int_equal(number_of(taken, i), expected++);
	assert_int_equal(expected, next - 1);
	lane_return(d->lane);
}

static void
after_the_end_the_rest_is_taken(void **state)
{
	struct desk *d = *state;
	int64_t seen_ns;

	find(d->lane, 1, 1);
	lane_offer(d->lane, 1, &none);
	find(d->lane, 2, 2);
	lane_offer(d->lane, 2, &none);
	lane_end(d->lane, &none);
	assert_int_equal(number_of(lane_take(d->lane, &seen_ns), 0), 1);
	lane_return(d->lane);
	assert_int_equal(number_of(lane_take(d->lane, &seen_ns), 0), 2);
	lane_return(d->lane);
	assert_null(lane_take(d->lane, &seen_ns));
	assert_true(seen_ns == INT64_MAX);
}

static void
numbers_are_told(void **state)
{
	struct desk *d = *state;
	struct lane_numbers numbers = {.dissect = {.capped = 3}, .frames = {7}, .last_ns = 9}, out;

	lane_offer(d->lane, 0, &numbers);
	lane_tell(d->lane, &out);
	assert_int_equal(out.dissect.capped, 3);
	assert_int_equal(out.frames[0], 7);
	assert_true(out.last_ns == 9);
	assert_int_equal(out.dropped, 0);
	numbers.dissect.capped = 4;
	lane_end(d->lane, &numbers);
	lane_tell(d->lane, &out);
	assert_int_equal(out.dissect.capped, 4);
}

static void
the_bell_rings_for_what_is_handed_over(void **state)
{
	struct desk *d = *state;
	const int64_t far_ns = bell_now() + 60 * NS_PER_S;

	find(d->lane, 1, 1);
	lane_offer(d->lane, 1, &none);
	bell_wait(&d->bell, far_ns);
	assert_true(bell_now() < far_ns);
	/* one ring, one wait */
	int64_t before_ns = bell_now();
	lane_offer(d->lane, 2, &none);
	bell_wait(&d->bell, before_ns + NS_PER_S / 50);
	assert_true(bell_now() >= before_ns + NS_PER_S / 50);
	lane_end(d->lane, &none);
	bell_wait(&d->bell, far_ns);
	assert_true(bell_now() < far_ns);
}

enum {
	MANY = 200000
};

static void *
find_many(void *lane)
{
	struct lane *l = lane;

	for (uint64_t i = 1; i <= MANY; i++) {
		find(l, i, (int64_t)i);
		if (i % 7 == 0)
			lane_offer(l, (int64_t)i, &none);
	}
	lane_end(l, &none);
	return NULL;
}

/* Two threads: what arrives is in order, and what does not was counted. */
static void
a_thread_on_either_side(void **state)
{
	struct desk *d = *state;
	struct lane_numbers numbers;
	const struct parcel *p;
	pthread_t thread;
	uint64_t last = 0, count = 0;
	int64_t seen_ns = 0;

	assert_int_equal(pthread_create(&thread, NULL, find_many, d->lane), 0);
	while (seen_ns != INT64_MAX) {
		p = lane_take(d->lane, &seen_ns);
		if (p == NULL) {
			assert_true(seen_ns >= (int64_t)last || seen_ns == INT64_MIN || count == 0);
			bell_wait(&d->bell, bell_now() + NS_PER_S / 100);
			continue;
		}
		for (size_t i = 0; i < obs_queue_count(p->queue); i++, count++) {
			assert_true(number_of(p, i) > last);
			last = number_of(p, i);
			assert_true(p->when_ns[i] == (int64_t)last);
		}
		lane_return(d->lane);
		seen_ns = 0;
	}
	pthread_join(thread, NULL);
	lane_tell(d->lane, &numbers);
	assert_int_equal(count + numbers.dropped, MANY);
	assert_true(count > 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_found_is_handed_over_with_its_times),
	    T(a_clock_that_is_set_back_is_followed),
	    T(who_has_found_nothing_still_says_how_far_it_saw),
	    T(a_consumer_that_stands_still_costs_nothing_but_room),
	    T(after_the_end_the_rest_is_taken),
	    T(numbers_are_told),
	    T(the_bell_rings_for_what_is_handed_over),
	    T(a_thread_on_either_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
