/* test_track_due.c - what repeats is known before it is folded, and what is due next is known without asking the store; neither changes
 * what comes of it. */
#include "track/tracker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"
#include "tests/unit/track_shelf.h"
#include "track/policy.h"

enum {
	FIRST_PORT = 49152,
	OUTSIDE = 4000,
	TOLD = 4096,
	IN_MEMORY = 1100, /* more than are passed over at a time */
	BEGIN = 20000 * 86400,
	WEEK = 7 * 86400,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400
};

/* One tracker over one store, and all it said. */
struct rig {
	struct track *track;
	struct track_loader loader;
	struct policy policy;
	struct shelf *shelf;
	struct feed feed;
	struct track_output out;
	size_t told;
	char (*id)[HASH_ID_TEXT];
};

static struct rig *
begin(size_t mappings, size_t server_bytes)
{
	const struct track_limits limits = {.mappings = mappings, .server_bytes = server_bytes};
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->shelf = calloc(1, sizeof(*r->shelf));
	r->id = calloc(TOLD, sizeof(*r->id));
	assert_non_null(r->shelf);
	assert_non_null(r->id);
	r->loader = shelf_loader(r->shelf);
	r->policy = *policy_builtin("windows-default");
	assert_int_equal(track_new(&r->track, &limits, &r->policy, &r->loader), 0);
	return r;
}

/* No silence is a hole. */
static struct rig *
begin_calm(void)
{
	struct rig *r = begin(0, 0);

	r->policy.thresholds.gap_ns = 400 * DAY * NS_PER_S;
	track_go_by(r->track, &r->policy);
	return r;
}

/* From here on nothing is in memory. */
static void
start_again(struct rig *r)
{
	shelf_commit(r->shelf, r->track);
	track_free(&r->track);
	assert_int_equal(track_new(&r->track, NULL, &r->policy, &r->loader), 0);
}

static void
end(struct rig *r)
{
	track_free(&r->track);
	shelf_free(r->shelf);
	free(r->id);
	free(r);
}

/* The earliest that is due, by looking at all there is. */
static int64_t
next_of_all(struct rig *r)
{
	const struct agenda_item *first = agenda_first(&r->track->agenda);
	int64_t due = first != NULL ? first->due_ns : STATE_NEVER;

	for (size_t i = 0; i < r->shelf->mappings; i++) {
		const struct mapping *m = r->shelf->mapping[i];

		if (m->state.len > 0 && !hot_has(&r->track->hot, &m->key) && m->state.due_ns < due)
			due = m->state.due_ns;
	}
	for (size_t i = 0; i < r->shelf->servers; i++) {
		const struct server_facts *f = r->shelf->server[i];
		struct mapping_key key = {.server = f->server, .realm = f->realm};

		if (f->state.len > 0 && !servers_has(&r->track->servers, &key) &&
		    f->state.due_ns < due)
			due = f->state.due_ns;
	}
	return due;
}

static void
note(struct rig *r)
{
	for (size_t i = 0; i < r->out.change_count; i++) {
		assert_true(r->told < TOLD);
		memcpy(r->id[r->told++], r->out.change[i].id, HASH_ID_TEXT);
	}
	for (size_t i = 0; i < r->out.alert_count; i++)
		shelf_keep_alert(r->shelf, &r->out.alert[i]);
	assert_true(tracker_next_due(r->track) <= next_of_all(r));
}

/* As a run does it. */
static void
observe(struct rig *r)
{
	int64_t ts_ns = r->feed.obs.at.ts_ns;
	bool more = true;

	while (more) {
		assert_int_equal(track_settle(r->track, ts_ns, &r->out, &more), 0);
		note(r);
		shelf_commit(r->shelf, r->track);
	}
	assert_int_equal(track_observe(r->track, &r->feed.obs, &r->out), 0);
	note(r);
}

static void
answer(
    struct rig *r, int64_t s, unsigned server, unsigned client, struct if_id iface, uint16_t port)
{
	feed_map(&r->feed, s, server, client, iface);
	(void)feed_tower(&r->feed, iface, PROTSEQ_TCP, port);
	observe(r);
}

static void
bind(struct rig *r, int64_t s, unsigned server, unsigned client, struct if_id iface, uint16_t port)
{
	feed_bind(&r->feed, s, server, client, port);
	(void)feed_context(&r->feed, iface, CONTEXT_ACCEPTANCE);
	observe(r);
}

/* Pseudo-random, the same each time. */
static unsigned
chance(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*seed >> 33) % below;
}

/* Endpoints that come, move and are forgotten, over weeks. */
static void
live(struct rig *r, unsigned steps)
{
	uint64_t seed = 5;
	int64_t s = 1000000;

	for (unsigned i = 0; i < steps; i++) {
		unsigned server = chance(&seed, 80), client = 100 + chance(&seed, 5);
		struct if_id iface = chance(&seed, 2) == 0 ? DRSUAPI : NSPI;
		uint16_t port = (uint16_t)(FIRST_PORT + server + chance(&seed, 12) / 10);

		s += chance(&seed, 10) == 0 ? chance(&seed, HOUR) : chance(&seed, 3 * MINUTE);
		if (chance(&seed, 3) == 0)
			bind(r, s, server, client, iface, port);
		else
			answer(r, s, server, client, iface, port);
		shelf_commit(r->shelf, r->track);
	}
}

static void
it_is_the_same_whatever_fits_into_memory(void **state)
{
	struct rig *large = begin(0, 0), *small = begin(8, 32768);

	(void)state;
	live(large, 2000);
	live(small, 2000);
	assert_true(track_stats(large->track)->evicted == 0);
	assert_true(track_stats(small->track)->evicted > 500);
	assert_int_equal(track_stats(small->track)->capped, 0);
	assert_true(large->told > 200);
	assert_int_equal(small->told, large->told);
	assert_memory_equal(small->id, large->id, large->told * sizeof(*large->id));
	end(small);
	end(large);
}

/* Of what is in memory the agenda says when it is due; the store is asked when something that it has may be, and then for many. */
static void
the_store_is_not_asked_again_and_again(void **state)
{
	struct rig *r = begin(8, 32768);
	uint64_t sought;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		answer(r, 1000000 + i, i, 100, DRSUAPI, FIRST_PORT);
		shelf_commit(r->shelf, r->track);
	}
	assert_true(track_stats(r->track)->evicted >= 12);
	answer(r, 1000100, 0, 100, DRSUAPI, FIRST_PORT);
	sought = track_stats(r->track)->sought;
	for (unsigned i = 0; i < 1000; i++) {
		answer(r, 1000100 + i, i % 20, 100, DRSUAPI, FIRST_PORT);
		shelf_commit(r->shelf, r->track);
	}
	assert_int_equal(track_stats(r->track)->sought, sought);
	end(r);
}

static size_t
count_ended(struct rig *r)
{
	size_t n = 0;

	shelf_commit(r->shelf, r->track);
	for (size_t i = 0; i < r->shelf->mappings; i++)
		n += r->shelf->mapping[i]->episode[0].ended_ns != 0;
	return n;
}

static void
what_does_not_fit_into_a_slice_is_in_the_next(void **state)
{
	struct rig *r = begin_calm();

	(void)state;
	for (unsigned i = 0; i < 2 * TRACKER_SLICE; i++)
		answer(r, BEGIN + i, i, 100, DRSUAPI, FIRST_PORT);
	start_again(r);
	answer(r, BEGIN + HOUR, 1000, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(r->track->slice.count, TRACKER_SLICE);
	answer(r, BEGIN + HOUR + WEEK - 1, 1000, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(count_ended(r), 2 * TRACKER_SLICE);
	end(r);
}

/* Many are due by what the store has of them, and were seen again since; behind them is one that was not. */
static void
what_stands_behind_much_that_is_in_memory_is_found(void **state)
{
	struct rig *r = begin_calm();

	(void)state;
	for (unsigned day = 0; day < 2; day++) {
		for (unsigned i = 0; i < IN_MEMORY; i++)
			answer(r, BEGIN + day * DAY + i, i, 100, DRSUAPI, FIRST_PORT);
	}
	answer(r, BEGIN + DAY + HOUR, 5000, 100, DRSUAPI, FIRST_PORT);
	start_again(r);
	for (unsigned i = 0; i < IN_MEMORY; i++)
		answer(r, BEGIN + DAY + 2 * HOUR + i, i, 100, DRSUAPI, FIRST_PORT);
	for (unsigned i = 0; i < IN_MEMORY; i++)
		answer(r, BEGIN + DAY + WEEK + i, 5001, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(count_ended(r), 0);
	answer(r, BEGIN + DAY + WEEK + HOUR + 1, 5001, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(count_ended(r), 1);
	end(r);
}

/* It is due by what the store had of it, and in memory it is the next that is due, a day later. */
static void
what_was_seen_since_the_store_was_asked_is_not_due(void **state)
{
	struct rig *r = begin_calm();

	(void)state;
	answer(r, BEGIN, 1, 100, DRSUAPI, FIRST_PORT);
	start_again(r);
	answer(r, BEGIN + 1, 2, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(r->track->slice.count, 1);
	answer(r, BEGIN + DAY, 1, 100, DRSUAPI, FIRST_PORT);
	answer(r, BEGIN + 2 * DAY, 2, 100, DRSUAPI, FIRST_PORT);
	answer(r, BEGIN + WEEK + 1, 2, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(r->track->slice.taken, 1);
	assert_int_equal(count_ended(r), 0);
	answer(r, BEGIN + DAY + WEEK + 1, 2, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(count_ended(r), 1);
	end(r);
}

/* How many of ten more sights by that client go the short way. */
static unsigned
repeats(struct rig *r, int64_t s, unsigned server, unsigned client, uint16_t port)
{
	uint64_t before = track_stats(r->track)->repeated;

	for (unsigned i = 0; i < 5; i++) {
		answer(r, s + 2 * i, server, client, DRSUAPI, port);
		bind(r, s + 2 * i + 1, server, client, DRSUAPI, port);
	}
	return (unsigned)(track_stats(r->track)->repeated - before);
}

static void
what_repeats_goes_the_short_way(void **state)
{
	struct rig *r = begin(0, 0);

	(void)state;
	answer(r, 1000000, 1, 100, DRSUAPI, FIRST_PORT);
	(void)repeats(r, 1000001, 1, 100, FIRST_PORT);
	assert_int_equal(repeats(r, 1000100, 1, 100, FIRST_PORT), 10);
	assert_int_equal(repeats(r, 1000200, 1, 101, FIRST_PORT), 10);
	assert_int_equal(r->shelf->mappings, 1);
	shelf_commit(r->shelf, r->track);
	assert_int_equal(r->shelf->mapping[0]->episode[0].announced, 16);
	assert_int_equal(r->shelf->mapping[0]->episode[0].used, 15);
	assert_int_equal(r->shelf->mapping[0]->episode[0].client_count, 2);
	end(r);
}

/* A second endpoint is told, with an alert that stays, and watched for a day; either of both goes on to be seen. */
static void
it_does_so_where_something_was_told_and_is_watched(void **state)
{
	struct rig *r = begin(0, 0);

	(void)state;
	answer(r, 1000000, 1, 100, DRSUAPI, FIRST_PORT);
	bind(r, 1000001, 1, 100, DRSUAPI, FIRST_PORT + 1);
	bind(r, 1000002, 1, 100, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 1);
	bind(r, 1000003, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 2);
	bind(r, 1001000, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 2);
	assert_int_equal(r->track->hot.count, 1);
	assert_non_null(hot_next(&r->track->hot, NULL)->dossier);
	assert_int_equal(tracker_pending(r->track,
			     hot_find(&r->track->hot, &hot_next(&r->track->hot, NULL)->mapping.key))
			     ->watched,
	    1);
	for (unsigned i = 0; i < 3; i++)
		bind(r, 1001001 + i, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_true(track_stats(r->track)->repeated >= 2);
	end(r);
}

/* What waits for a second witness is told when that comes, however often the first one came. */
static void
it_does_not_while_a_verdict_waits(void **state)
{
	struct rig *r = begin(0, 0);

	(void)state;
	answer(r, BEGIN, 1, 100, DRSUAPI, FIRST_PORT);
	for (unsigned i = 1; i < 6; i++)
		bind(r, BEGIN + i, 1, 100, DRSUAPI, FIRST_PORT + 1);
	assert_true(hot_next(&r->track->hot, NULL)->calm);
	assert_int_equal(r->told, 1);
	bind(r, BEGIN + 6, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 2);
	end(r);
}

static unsigned
count_watched(struct rig *r)
{
	const struct hot *h = hot_next(&r->track->hot, NULL);

	return h->pending != NULL ? h->pending->watched : 0;
}

/* One was watched for a day, and only one client saw it: the next one says that it took the place of the other. */
static void
it_does_not_while_a_sight_may_end_a_watch(void **state)
{
	struct rig *r = begin_calm();

	(void)state;
	answer(r, BEGIN, 1, 100, DRSUAPI, FIRST_PORT);
	bind(r, BEGIN + 1, 1, 100, DRSUAPI, FIRST_PORT + 1);
	bind(r, BEGIN + HOUR, 1, 100, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 2);
	assert_int_equal(count_watched(r), 1);
	for (unsigned i = 0; i < 4; i++)
		bind(r, BEGIN + DAY + HOUR + i, 1, 100, DRSUAPI, FIRST_PORT + 1);
	assert_true(hot_next(&r->track->hot, NULL)->calm);
	assert_int_equal(count_watched(r), 1);
	bind(r, BEGIN + DAY + HOUR + 4, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(count_watched(r), 0);
	end(r);
}

/* Of its first alert; 0: there is none. */
static int
alert_state(const struct rig *r, const char *rule)
{
	for (size_t i = 0; i < r->shelf->alerts; i++) {
		if (strcmp(r->shelf->alert[i]->rule, rule) == 0)
			return (int)r->shelf->alert[i]->state;
	}
	return 0;
}

/* More may follow. */
static void
answer_part(struct rig *r, int64_t s, uint16_t port)
{
	feed_map(&r->feed, s, 1, 100, DRSUAPI);
	(void)feed_tower(&r->feed, DRSUAPI, PROTSEQ_TCP, port);
	r->feed.obs.epm.handle_live = true;
	observe(r);
}

/* Time alone says that it moves to and fro; from then on its sights say whether it rests. */
static void
it_does_not_after_what_time_told(void **state)
{
	struct rig *r = begin_calm();
	int64_t s = BEGIN;

	(void)state;
	for (unsigned i = 0; i < 5; i++, s += HOUR) {
		uint16_t port = (uint16_t)(FIRST_PORT + i % 2);

		answer(r, s, 1, 100, DRSUAPI, port);
		for (unsigned j = 1; j < 4; j++)
			answer_part(r, s + j, port);
	}
	assert_true(hot_next(&r->track->hot, NULL)->calm);
	assert_int_equal(alert_state(r, "EPM-006"), 0);
	for (unsigned i = 0; i < 48; i++, s += HOUR)
		answer(r, s, 1, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(alert_state(r, "EPM-006"), ALERT_CLOSED);
	end(r);
}

/* Each client that it repeats for takes memory: others give way. */
static void
it_does_not_without_memory(void **state)
{
	const struct track_limits limits = {.bytes = (size_t)1 << 14};
	struct rig *r = begin(0, 0);

	(void)state;
	track_free(&r->track);
	assert_int_equal(track_new(&r->track, &limits, &r->policy, &r->loader), 0);
	for (unsigned i = 0; i < 60; i++)
		answer(r, BEGIN + i / 20, i % 20, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(track_stats(r->track)->evicted, 0);
	for (unsigned i = 0; i < 20 * 60; i++) {
		answer(r, BEGIN + 3, i / 60, 1000 + i, DRSUAPI, FIRST_PORT);
		assert_true(r->track->hot.bytes <= limits.bytes);
	}
	assert_true(track_stats(r->track)->repeated > 1000);
	assert_true(track_stats(r->track)->evicted > 0);
	end(r);
}

/* Another policy may say otherwise of what repeats. */
static void
it_does_not_once_another_policy_holds(void **state)
{
	const struct port_range high = {.low = 60000, .high = 65535};
	struct rig *r = begin(0, 0);
	struct policy strict = r->policy;
	size_t alerts;

	(void)state;
	strict.dynamic = (struct policy_ports){1, &high};
	(void)repeats(r, BEGIN, 1, 100, FIRST_PORT);
	assert_int_equal(repeats(r, BEGIN + 100, 1, 100, FIRST_PORT), 10);
	alerts = r->shelf->alerts;
	track_go_by(r->track, &strict);
	answer(r, BEGIN + 200, 1, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(r->shelf->alerts, alerts + 1);
	end(r);
}

/* A complete answer that lacks one of both says that it is gone. */
static void
what_a_complete_answer_lacks_is_not_passed_over(void **state)
{
	struct rig *r = begin(0, 0);

	(void)state;
	answer(r, 1000000, 1, 100, DRSUAPI, FIRST_PORT);
	bind(r, 1000001, 1, 100, DRSUAPI, FIRST_PORT + 1);
	bind(r, 1000002, 1, 101, DRSUAPI, FIRST_PORT + 1);
	bind(r, 1000003, 1, 101, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 2);
	for (unsigned i = 0; i < 6; i++)
		answer(r, 1001000 + i * HOUR / 2, 1, 100 + i % 2, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(r->told, 3);
	end(r);
}

/* Out of range: an alert is open, and has to know when it was wrong last. */
static void
it_does_not_while_the_rules_have_to_look(void **state)
{
	struct rig *r = begin(0, 0);

	(void)state;
	answer(r, 1000000, 1, 100, DRSUAPI, OUTSIDE);
	assert_int_equal(r->shelf->alerts, 2);
	assert_int_equal(repeats(r, 1000100, 1, 100, OUTSIDE), 0);
	answer(r, 1000200, 1, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(repeats(r, 1000201, 1, 101, FIRST_PORT), 0);
	/* closed when it has settled */
	answer(r, 1000200 + HOUR, 1, 100, DRSUAPI, FIRST_PORT);
	answer(r, 1000201 + HOUR, 1, 100, DRSUAPI, FIRST_PORT);
	assert_int_equal(repeats(r, 1000300 + HOUR, 1, 100, FIRST_PORT), 10);
	answer(r, 1000400 + HOUR, 1, 100, DRSUAPI, FIRST_PORT + 1);
	assert_int_equal(repeats(r, 1000401 + HOUR, 1, 100, FIRST_PORT + 1) < 10, true);
	end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_the_same_whatever_fits_into_memory),
	    cmocka_unit_test(the_store_is_not_asked_again_and_again),
	    cmocka_unit_test(what_does_not_fit_into_a_slice_is_in_the_next),
	    cmocka_unit_test(what_stands_behind_much_that_is_in_memory_is_found),
	    cmocka_unit_test(what_was_seen_since_the_store_was_asked_is_not_due),
	    cmocka_unit_test(what_repeats_goes_the_short_way),
	    cmocka_unit_test(it_does_so_where_something_was_told_and_is_watched),
	    cmocka_unit_test(what_a_complete_answer_lacks_is_not_passed_over),
	    cmocka_unit_test(it_does_not_while_the_rules_have_to_look),
	    cmocka_unit_test(it_does_not_while_a_verdict_waits),
	    cmocka_unit_test(it_does_not_while_a_sight_may_end_a_watch),
	    cmocka_unit_test(it_does_not_after_what_time_told),
	    cmocka_unit_test(it_does_not_without_memory),
	    cmocka_unit_test(it_does_not_once_another_policy_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
