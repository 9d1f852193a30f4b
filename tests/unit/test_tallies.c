/* What was counted and is not committed: each hour and realm by itself, within its room; and counters that only grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/meter.h"
#include "app/tallies.h"
#include "dissect/dissector.h"
#include "store/query.h"
#include "store/store.h"

struct desk {
	struct tallies *t;
	struct store *store;
};

static int
set_up(void **state)
{
	static struct desk d;

	*state = &d;
	assert_int_equal(tallies_new(&d.t), 0);
	assert_int_equal(store_open(&d.store, NULL, STORE_MEMORY), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(
		    store_realm(d.store, (uint8_t)i, "s", i == 0 ? "default" : "plant"), 0);
	return store_begin(d.store);
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	tallies_free(&d->t);
	store_close(&d->store);
	return 0;
}

struct sums {
	uint64_t packets;
	size_t rows;
};

static int
sum_row(void *ctx, const struct query_tally *x)
{
	struct sums *s = ctx;

	s->packets += x->tally.n[TALLY_PACKETS];
	s->rows++;
	return 0;
}

static struct sums
written(struct desk *d)
{
	const struct query_filter any = {0};
	struct sums s = {0};

	assert_int_equal(tallies_write(d->t, d->store), 0);
	assert_int_equal(query_tallies(d->store, &any, sum_row, &s), 0);
	return s;
}

static void
count(struct desk *d, int64_t hour, uint8_t realm)
{
	tallies_at(d->t, hour * TALLY_HOUR_NS + 5, realm)->n[TALLY_PACKETS]++;
}

static void
each_hour_and_realm_has_its_own(void **state)
{
	struct desk *d = *state;

	count(d, 7, 0);
	count(d, 8, 0);
	count(d, 7, 0);
	count(d, 7, 1);
	count(d, 7, 0);
	assert_int_equal(tallies_at(d->t, 7 * TALLY_HOUR_NS, 0)->n[TALLY_PACKETS], 3);
	assert_int_equal(tallies_at(d->t, 8 * TALLY_HOUR_NS - 1, 1)->n[TALLY_PACKETS], 1);
	assert_int_equal(written(d).rows, 3);
}

static void
nothing_is_no_row(void **state)
{
	struct desk *d = *state;

	(void)tallies_at(d->t, 0, 0);
	assert_int_equal(written(d).rows, 0);
}

static void
what_was_committed_is_not_counted_again(void **state)
{
	struct desk *d = *state;

	count(d, 7, 0);
	assert_int_equal(written(d).packets, 1);
	tallies_clear(d->t);
	assert_int_equal(written(d).packets, 1);
	count(d, 7, 0);
	assert_int_equal(written(d).packets, 2);
}

/* A clock gone mad: sums stay right. */
static void
beyond_the_room_sums_are_right(void **state)
{
	struct desk *d = *state;

	for (int64_t i = 0; i <= TALLIES / 2 - 1; i++)
		count(d, i, 0);
	assert_false(tallies_is_filling(d->t));
	for (int64_t i = TALLIES / 2; i < TALLIES + 100; i++)
		count(d, i, 0);
	assert_true(tallies_is_filling(d->t));
	assert_int_equal(written(d).packets, TALLIES + 100);
	assert_int_equal(written(d).rows, TALLIES);
}

static void
a_meter_hands_over_what_came_since(void **state)
{
	struct tally now = {.n = {[TALLY_PACKETS] = 10, [TALLY_GAPS] = 1}}, to = {{0}};
	struct meter m = {{{0}}};

	(void)state;
	meter_take(&m, &now, &to);
	now.n[TALLY_PACKETS] = 25;
	meter_take(&m, &now, NULL); /* of an earlier run */
	now.n[TALLY_PACKETS] = 27;
	meter_take(&m, &now, &to);
	assert_int_equal(to.n[TALLY_PACKETS], 12);
	assert_int_equal(to.n[TALLY_GAPS], 1);
	now.n[TALLY_PACKETS] = 4; /* it began anew */
	meter_take(&m, &now, &to);
	assert_int_equal(to.n[TALLY_PACKETS], 16);
}

static void
numbers_of_a_dissector_have_their_places(void **state)
{
	struct dissect_stats stats = {.malformed_packets = 1, .capped = 2};
	struct tally t = {{0}};

	(void)state;
	stats.fragments.evicted = 4;
	stats.tcp.gaps = 8;
	stats.tcp.damaged = 16;
	stats.rpc.pdus = 32;
	stats.rpc.malformed = 64;
	stats.rpc.sealed = 128;
	stats.rpc.sealed_answers = 256;
	meter_dissected(&t, &stats, 512);
	meter_dissected(&t, &stats, 512);
	assert_int_equal(t.n[TALLY_DROPPED_DECODE], 2);
	assert_int_equal(t.n[TALLY_DROPPED_CAP], 12);
	assert_int_equal(t.n[TALLY_GAPS], 16);
	assert_int_equal(t.n[TALLY_DAMAGED], 32);
	assert_int_equal(t.n[TALLY_PDUS], 64);
	assert_int_equal(t.n[TALLY_MALFORMED], 128);
	assert_int_equal(t.n[TALLY_SEALED], 256);
	assert_int_equal(t.n[TALLY_SEALED_ANSWERS], 512);
	assert_int_equal(t.n[TALLY_DROPPED_QUEUE], 1024);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_hour_and_realm_has_its_own),
	    TEST(nothing_is_no_row),
	    TEST(what_was_committed_is_not_counted_again),
	    TEST(beyond_the_room_sums_are_right),
	    cmocka_unit_test(a_meter_hands_over_what_came_since),
	    cmocka_unit_test(numbers_of_a_dissector_have_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
