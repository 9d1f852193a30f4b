/* The relay: what comes out, and where transactions end, is the same with a thread and without; and what cannot be done ahead is
 * done at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/consumer.h"
#include "app/relay.h"
#include "app/tallies.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/hints.h"
#include "dissect/obs_queue.h"
#include "store/query.h"
#include "store/store.h"
#include "store/tally.h"
#include "temp_dir.h"
#include "tests/unit/track_feed.h"
#include "track/clock.h"
#include "track/policy.h"
#include "track/track.h"

enum {
	QUEUE = 64 << 20,
	LOAD = 128, /* observations that fill one */
	OFTEN = 4000,
	DUES = 64,
	TEXT = 1 << 20,
};

struct desk {
	struct temp_dir dir;
	struct store *store;
	struct track *track;
	struct hints *hints;
	struct track_loader loader;
	struct consumer consumer;
	struct relay *relay;
	int load_error;
	unsigned due[DUES]; /* after so many observations */
	size_t dues;
	unsigned given;
	char *text;
};

static void
remember(void *desk, enum log_level level, const char *line)
{
	(void)desk;
	(void)level;
	(void)line;
}

static int
load_mapping(void *desk, const struct mapping_key *key, struct mapping **out)
{
	struct desk *d = desk;

	*out = NULL;
	return d->load_error != 0 ? d->load_error : store_load_mapping(d->store, key, out);
}

static int
load_server(void *desk, const struct addr *server, uint8_t realm, struct server_facts **out)
{
	struct desk *d = desk;

	return store_load_server(d->store, server, realm, out);
}

/* A store of that name, and so little memory that a transaction is due every few hundred mappings. */
static void
begin(struct desk *d, const char *name, bool threaded)
{
	const struct track_limits few = {.mappings = 1024,
	    .servers = 4096,
	    .episodes_per_mapping = 64,
	    .bytes = 4 << 20,
	    .server_bytes = 4 << 20};

	assert_int_equal(store_open(&d->store, temp_dir_file(&d->dir, name), STORE_WRITER), 0);
	assert_int_equal(store_realm(d->store, 0, "s", "default"), 0);
	d->loader = (struct track_loader){.mapping = load_mapping, .server = load_server, .ctx = d};
	assert_int_equal(
	    track_new(&d->track, &few, policy_builtin("windows-default"), &d->loader), 0);
	assert_int_equal(hints_new(&d->hints), 0);
	d->consumer = (struct consumer){
	    .store = d->store, .track = d->track, .lessons = {.hints = d->hints, .most = 10000}};
	assert_int_equal(relay_new(&d->relay, &d->consumer, QUEUE, threaded), 0);
	d->dues = d->given = 0;
	d->load_error = 0;
}

static void
end(struct desk *d)
{
	relay_free(&d->relay);
	store_close(&d->store);
	track_free(&d->track);
	hints_free(&d->hints);
}

static int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	*state = d;
	assert_non_null(d);
	assert_int_equal(temp_dir_make(&d->dir), 0);
	d->text = calloc(1, TEXT);
	assert_non_null(d->text);
	log_set_sink(remember, d);
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *d = *state;

	log_set_sink(NULL, NULL);
	end(d);
	temp_dir_remove(&d->dir);
	free(d->text);
	free(d);
	return 0;
}

/* Server ${server} says so at ${ms}, and the clock goes there if it goes at all. */
static void
put(struct desk *d, int64_t ms, unsigned server)
{
	struct obs_queue *queue = relay_queue(d->relay);
	struct feed *f = obs_queue_alloc(queue, sizeof(*f));

	feed_map(f, 0, server, 200, DRSUAPI);
	feed_tower(f, DRSUAPI, PROTSEQ_TCP, (uint16_t)(49152 + server % 1000));
	f->obs.at.ts_ns = ms * 1000000;
	obs_queue_push(queue, &f->obs);
	d->given++;
}

static int
fold(struct desk *d)
{
	bool due;
	int err = relay_fold(d->relay, obs_queue_count(relay_queue(d->relay)), 1, true, &due);

	if (err != 0 || !due)
		return err;
	assert_true(d->dues < DUES);
	d->due[d->dues++] = d->given;
	return relay_commit(d->relay);
}

static void
walk_to(struct desk *d, int64_t ms)
{
	assert_int_equal(relay_settle(d->relay), 0);
	track_walk(d->track, ms * 1000000);
	relay_walked(d->relay);
}

/* The clock runs, and nothing is in a hurry. */
static void
start(struct desk *d)
{
	assert_false(relay_pass(d->relay, 0, 0));
	walk_to(d, 0);
	assert_int_equal(fold(d), 0);
}

/* ${count} servers, a millisecond apart. */
static void
give(struct desk *d, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int64_t ms = d->given + 1;

		assert_true(relay_pass(d->relay, ms * 1000000, ms * 1000000));
		put(d, ms, d->given + 1);
		assert_int_equal(fold(d), 0);
	}
}

static uint64_t
observed(const struct desk *d)
{
	return track_stats(d->track)->observed;
}

static int
add_change(void *text, const struct query_change *q)
{
	size_t used = strlen(text);

	snprintf((char *)text + used, TEXT - used, "%s %lld\n", q->change.id,
	    (long long)q->change.ts_ns);
	return 0;
}

static void
see_changes(struct desk *d)
{
	const struct query_filter any = {.sensor = NULL};

	d->text[0] = '\0';
	assert_int_equal(query_changes(d->store, &any, add_change, d->text), 0);
}

static void
a_thread_changes_nothing(void **state)
{
	struct desk *d = *state;
	unsigned due[DUES];
	size_t dues;
	char *text = strdup("");

	for (int threaded = 0; threaded < 2; threaded++) {
		begin(d, threaded ? "two" : "one", threaded);
		start(d);
		give(d, OFTEN);
		assert_int_equal(relay_settle(d->relay), 0);
		assert_int_equal(relay_commit_now(d->relay), 0);
		assert_int_equal(observed(d), OFTEN);
		assert_int_equal(d->consumer.commits, d->dues + 1);
		see_changes(d);
		if (threaded) {
			assert_int_equal(d->dues, dues);
			assert_memory_equal(d->due, due, dues * sizeof(due[0]));
			assert_string_equal(d->text, text);
			break;
		}
		dues = d->dues;
		memcpy(due, d->due, sizeof(due));
		free(text);
		text = strdup(d->text);
		end(d);
	}
	assert_true(dues > 1);
	assert_true(strlen(text) > OFTEN * 16);
	free(text);
}

/* Three quarters of the room for mappings are taken by the load before: that is said when it is its turn again. What the loads between said
 * is of the same transaction. */
static void
that_one_is_due_is_said_loads_later_and_once(void **state)
{
	struct desk *d = *state;

	begin(d, "store", false);
	start(d);
	give(d, 768 + (RELAY_LOADS - 1) * LOAD);
	assert_int_equal(d->dues, 1);
	assert_int_equal(d->due[0], d->given);
	give(d, (RELAY_LOADS + 1) * LOAD);
	assert_int_equal(d->dues, 1);
	assert_int_equal(d->consumer.commits, 1);
}

/* What changed is in the transaction by then, so that more may come. */
static void
room_is_made_before_the_commit(void **state)
{
	struct desk *d = *state;

	begin(d, "store", false);
	start(d);
	give(d, 767);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(track_dirty(d->track), 767);
	give(d, 1);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(track_dirty(d->track), 0);
	assert_int_equal(d->consumer.commits, 0);
	assert_true(consumer_is_due(&d->consumer));
	assert_int_equal(relay_commit_now(d->relay), 0);
	assert_false(consumer_is_due(&d->consumer));
}

static void
a_load_is_taken_when_it_is_full(void **state)
{
	struct desk *d = *state;

	begin(d, "store", false);
	start(d);
	give(d, LOAD - 1);
	assert_int_equal(observed(d), 0);
	give(d, 1);
	assert_int_equal(observed(d), LOAD);
	assert_int_equal(obs_queue_count(relay_queue(d->relay)), 0);
	give(d, 1);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(observed(d), LOAD + 1);
}

/* However little comes out of them. */
static void
so_is_one_of_packets_alone(void **state)
{
	struct desk *d = *state;

	begin(d, "store", false);
	start(d);
	for (int64_t i = 1; i < 100000; i++) {
		assert_true(relay_pass(d->relay, i * 1000, i * 1000));
		assert_int_equal(fold(d), 0);
	}
	assert_in_range(track_clock(d->track)->now_ns, 98000 * 1000, 99999 * 1000);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(track_clock(d->track)->now_ns, 99999 * 1000);
}

static void
what_is_far_apart_is_walked_and_taken_at_once(void **state)
{
	struct desk *d = *state;

	for (int threaded = 0; threaded < 2; threaded++) {
		begin(d, threaded ? "two" : "one", threaded);
		start(d);
		give(d, 3);
		assert_false(relay_pass(d->relay, 4000000, CLOCK_DISORDER_NS + 5000000));
		assert_false(relay_pass(d->relay, 7200 * NS_PER_S, 7200 * NS_PER_S));
		walk_to(d, 7200 * 1000);
		assert_int_equal(observed(d), 3);
		put(d, 7200 * 1000, 4);
		assert_int_equal(fold(d), 0);
		assert_int_equal(observed(d), 4);
		assert_true(relay_pass(d->relay, 7201 * NS_PER_S, 7201 * NS_PER_S));
		put(d, 7201 * 1000, 5);
		assert_int_equal(fold(d), 0);
		assert_int_equal(relay_settle(d->relay), 0);
		assert_int_equal(observed(d), 5);
		if (!threaded)
			end(d);
	}
}

/* Settling takes what was given, and leaves what came out of the packet at hand. */
static void
what_was_not_given_yet_stays_in_the_queue(void **state)
{
	struct desk *d = *state;

	begin(d, "store", false);
	start(d);
	give(d, 2);
	put(d, 10, 10);
	assert_int_equal(relay_folded(d->relay), 2);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(observed(d), 2);
	assert_int_equal(obs_queue_count(relay_queue(d->relay)) - relay_folded(d->relay), 1);
	assert_int_equal(fold(d), 0);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(observed(d), 3);
	assert_int_equal(obs_queue_count(relay_queue(d->relay)), 0);
}

static void
directly_each_is_taken_when_it_is_given(void **state)
{
	struct desk *d = *state;

	begin(d, "store", true);
	start(d);
	give(d, 5);
	relay_go_direct(d->relay);
	for (unsigned i = 6; i < 800; i++) {
		give(d, 1);
		assert_int_equal(observed(d), i);
	}
	/* and a transaction ends where it is due */
	assert_int_equal(d->dues, 1);
	assert_int_equal(d->due[0], 768);
	assert_int_equal(d->consumer.commits, 1);
}

static void
an_error_is_told_and_ends_it(void **state)
{
	struct desk *d = *state;
	bool due;
	int err = 0;

	for (int threaded = 0; threaded < 2; threaded++) {
		begin(d, threaded ? "two" : "one", threaded);
		start(d);
		give(d, 10);
		assert_int_equal(relay_settle(d->relay), 0);
		d->load_error = ERR_STORE;
		for (unsigned i = 0; i < (RELAY_LOADS + 1) * LOAD && err == 0; i++) {
			assert_true(relay_pass(d->relay, 20000000, 20000000));
			put(d, 20, 1000 + i);
			err = relay_fold(
			    d->relay, obs_queue_count(relay_queue(d->relay)), 1, true, &due);
		}
		assert_int_equal(err, ERR_STORE);
		d->load_error = err = 0;
		assert_int_equal(relay_settle(d->relay), ERR_STORE);
		assert_int_equal(observed(d), 10);
		if (!threaded)
			end(d);
	}
}

static int
add_tally(void *sum, const struct query_tally *q)
{
	*(uint64_t *)sum += q->tally.n[TALLY_PACKETS];
	return 0;
}

static uint64_t
packets_kept(struct desk *d)
{
	const struct query_filter any = {.sensor = NULL};
	uint64_t sum = 0;

	assert_int_equal(query_tallies(d->store, &any, add_tally, &sum), 0);
	return sum;
}

/* What is counted behind the end of a transaction is of the next one, although the end has yet to be taken. */
static void
each_transaction_has_what_was_counted_before_its_end(void **state)
{
	struct desk *d = *state;

	begin(d, "store", true);
	start(d);
	give(d, 1);
	tallies_at(relay_tallies(d->relay), 0, 0)->n[TALLY_PACKETS] += 3;
	assert_int_equal(relay_commit(d->relay), 0);
	tallies_at(relay_tallies(d->relay), 0, 0)->n[TALLY_PACKETS] += 5;
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(packets_kept(d), 3);
	give(d, 1);
	assert_int_equal(relay_settle(d->relay), 0);
	assert_int_equal(relay_commit_now(d->relay), 0);
	assert_int_equal(packets_kept(d), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(a_thread_changes_nothing),
	    TEST(that_one_is_due_is_said_loads_later_and_once),
	    TEST(room_is_made_before_the_commit),
	    TEST(a_load_is_taken_when_it_is_full),
	    TEST(so_is_one_of_packets_alone),
	    TEST(what_is_far_apart_is_walked_and_taken_at_once),
	    TEST(what_was_not_given_yet_stays_in_the_queue),
	    TEST(directly_each_is_taken_when_it_is_given),
	    TEST(an_error_is_told_and_ends_it),
	    TEST(each_transaction_has_what_was_counted_before_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
