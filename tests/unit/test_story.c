/* test_story.c - days of observations, and what is told of them: as they come, with a restart of the tracker after each of
 * them, and with hardly any memory. All three tell the same changes with the same ids. */
#include "tests/unit/track_feed.h"
#include "tests/unit/track_shelf.h"
#include "track/clock.h"
#include "track/policy.h"
#include "track/sighting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum {
	TEXT = 16384,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	BEGIN = 1000 * DAY,
	A = 49200,
	B = 50000,
	C = 51000,
};

enum way {
	AS_IT_COMES,
	WITH_RESTARTS,
	WITH_LITTLE_MEMORY,
	WAYS,
	WITH_COMMITS, /* and nothing else */
};

struct story {
	enum way way;
	struct shelf *shelf;
	struct track_loader loader;
	struct track *track;
	struct policy policy;
	struct feed feed;
	int64_t now_s;
	size_t episodes; /* of a mapping that are held; 0: many */
	char text[TEXT]; /* what was told, without ids */
	char with_ids[TEXT];
	char alerts[TEXT]; /* states that were found wrong, and when: `EPM-001 open 0.5 days` */
	size_t len, ids_len, alerts_len;
};

static void
open_track(struct story *s)
{
	const struct track_limits limits = {
	    .mappings = s->way == WITH_LITTLE_MEMORY ? 8 : 256, .episodes_per_mapping = s->episodes};

	assert_int_equal(track_new(&s->track, &limits, &s->policy, &s->loader), 0);
}

static struct story *
begin(enum way way)
{
	struct story *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->way = way;
	s->shelf = calloc(1, sizeof(*s->shelf));
	assert_non_null(s->shelf);
	s->loader = shelf_loader(s->shelf);
	s->policy = *policy_builtin("windows-default");
	open_track(s);
	return s;
}

static void
end(struct story *s)
{
	track_free(&s->track);
	shelf_free(s->shelf);
	free(s);
}

static size_t
add_set(char *to, size_t room, const struct endpoint *set, size_t count)
{
	char text[ENDPOINT_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += (size_t)snprintf(
		    to + n, room - n, "%s%s", i > 0 ? "," : "", endpoint_format(&set[i], text));
	return n;
}

/* `moved 1>2`, with the last octet of the interface where it is another; `restarted 3`. */
static void
note_change(struct story *s, const struct change *c)
{
	char line[1024];
	size_t n = (size_t)snprintf(line, sizeof(line), "%s ", change_kind_name(c->kind));

	if (c->key.uuid.b[15] != DRSUAPI.uuid.b[15] && c->member_count == 0)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%u:", c->key.uuid.b[15]);
	if (c->member_count > 0) {
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%zu", c->member_count);
	} else {
		n += add_set(line + n, sizeof(line) - n, c->previous, c->previous_count);
		n += (size_t)snprintf(line + n, sizeof(line) - n, ">");
		n += add_set(line + n, sizeof(line) - n, c->current, c->current_count);
	}
	if (c->revises[0] != '\0')
		n +=
		    (size_t)snprintf(line + n, sizeof(line) - n, " revises %zu", 1 + c->also_count);
	assert_true(s->len + n + 3 < TEXT && s->ids_len + n + 128 < TEXT);
	s->len += (size_t)snprintf(s->text + s->len, TEXT - s->len, "%s; ", line);
	s->ids_len +=
	    (size_t)snprintf(s->with_ids + s->ids_len, TEXT - s->ids_len, "%s %s %s %lld %lld; ",
		line, c->id, c->revises, (long long)c->ts_ns, (long long)c->evidence.ts_ns);
}

/* With the last octet of the interface, and the hour. */
static void
note_alert(struct story *s, const struct alert *a)
{
	shelf_keep_alert(s->shelf, a);
	if (a->once)
		return;
	s->alerts_len += (size_t)snprintf(s->alerts + s->alerts_len, TEXT - s->alerts_len,
	    "%s %u %s %lld; ", a->rule, a->key.uuid.b[15], alert_state_name(a->state),
	    (long long)(a->ts_ns / NS_PER_S - BEGIN) / HOUR);
	assert_true(s->alerts_len < TEXT);
}

static void
note(struct story *s, const struct track_output *out)
{
	for (size_t i = 0; i < out->change_count; i++)
		note_change(s, &out->change[i]);
	for (size_t i = 0; i < out->alert_count; i++)
		note_alert(s, &out->alert[i]);
}

static void
settle(struct story *s)
{
	struct track_output out;
	bool more = true;

	while (more) {
		uint64_t judged = track_stats(s->track)->judged;

		assert_int_equal(track_settle(s->track, s->now_s * NS_PER_S, &out, &more), 0);
		assert_true(!more || track_stats(s->track)->judged > judged);
		note(s, &out);
		if (s->way != AS_IT_COMES)
			shelf_commit(s->shelf, s->track);
	}
}

static void
observe(struct story *s)
{
	struct track_output out;

	settle(s);
	assert_int_equal(track_observe(s->track, &s->feed.obs, &out), 0);
	note(s, &out);
	if (s->way == AS_IT_COMES)
		return;
	shelf_commit(s->shelf, s->track);
	if (s->way == WITH_RESTARTS) {
		track_free(&s->track);
		open_track(s);
	}
}

/* Packets go by, one in ten minutes, until then. */
static void
wait_until(struct story *s, int64_t seconds)
{
	for (int64_t at = s->now_s + 10 * MINUTE; at < BEGIN + seconds; at += 10 * MINUTE)
		track_walk(s->track, at * NS_PER_S);
	s->now_s = BEGIN + seconds;
	track_walk(s->track, s->now_s * NS_PER_S);
}

static struct if_id
interface(unsigned n)
{
	struct if_id iface = DRSUAPI;

	iface.uuid.b[15] = (uint8_t)(n != 0 ? n : iface.uuid.b[15]);
	return iface;
}

/* A complete answer, or one of several, of interface ${n} to ${client}. */
static void
answer(struct story *s, int64_t at, unsigned n, unsigned client, uint16_t one, uint16_t two)
{
	wait_until(s, at);
	feed_map(&s->feed, s->now_s, 1, client, interface(n));
	if (one != 0)
		feed_tower(&s->feed, interface(n), PROTSEQ_TCP, one);
	if (two != 0)
		feed_tower(&s->feed, interface(n), PROTSEQ_TCP, two);
	if (one == 0)
		s->feed.obs.epm.status = 0x16c9a0d6;
	observe(s);
}

static void
use(struct story *s, int64_t at, unsigned n, unsigned client, uint16_t port)
{
	wait_until(s, at);
	feed_bind(&s->feed, s->now_s, 1, client, port);
	feed_context(&s->feed, interface(n), CONTEXT_ACCEPTANCE);
	observe(s);
}

static void
pass(struct story *s, int64_t until)
{
	wait_until(s, until);
	settle(s);
}

/* Both clients see it, so that it settles; the first of them long before any change. */
static void
both_see(struct story *s, int64_t at, unsigned n, uint16_t port)
{
	answer(s, at, n, 100, port, 0);
	answer(s, at + 1, n, 101, port, 0);
}

typedef void (*telling)(struct story *s);

static void
run_and_judge(telling tell, const char *expected, const char *alerts)
{
	struct story *s[WAYS];

	for (int way = 0; way < WAYS; way++) {
		s[way] = begin((enum way)way);
		tell(s[way]);
		assert_string_equal(s[way]->text, expected);
		assert_string_equal(s[way]->with_ids, s[AS_IT_COMES]->with_ids);
		if (alerts != NULL)
			assert_string_equal(s[way]->alerts, alerts);
		assert_string_equal(s[way]->alerts, s[AS_IT_COMES]->alerts);
		assert_int_equal(track_stats(s[way]->track)->damaged, 0);
	}
	for (int way = 0; way < WAYS; way++)
		end(s[way]);
}

static void
run(telling tell, const char *expected)
{
	run_and_judge(tell, expected, NULL);
}

static void
one_client_alone_settles_after_a_while(struct story *s)
{
	answer(s, 0, 0, 100, A, 0);
	answer(s, HOUR, 0, 100, B, 0);
	pass(s, HOUR + 24 * MINUTE);
	assert_string_equal(s->text, "new >49200; ");
	pass(s, HOUR + 26 * MINUTE);
}

static void
settles(void **state)
{
	(void)state;
	run(one_client_alone_settles_after_a_while, "new >49200; moved 49200>50000; ");
}

static void
additional_by_two(struct story *s)
{
	answer(s, 0, 0, 100, A, 0);
	answer(s, HOUR, 0, 100, A, B);
	assert_string_equal(s->text, "new >49200; ");
	answer(s, HOUR + 5, 0, 101, A, B);
}

static void
two_witnesses_settle_at_once(void **state)
{
	(void)state;
	run(additional_by_two, "new >49200; additional 49200>49200,50000; ");
}

static void
contradicted(struct story *s)
{
	answer(s, 0, 0, 100, A, 0);
	answer(s, HOUR, 0, 100, B, 0);
	answer(s, HOUR + 60, 0, 101, A, 0);
	pass(s, HOUR + 2 * HOUR);
}

static void
what_only_one_answer_named_is_nothing(void **state)
{
	(void)state;
	run(contradicted, "new >49200; ");
}

static void
watch(struct story *s)
{
	use(s, 0, 0, 100, A);
	use(s, HOUR, 0, 100, B);
	use(s, HOUR + 5, 0, 101, B);
	use(s, 3 * HOUR, 0, 101, B);
	pass(s, DAY);
	assert_string_equal(s->text, "new >49200; additional 49200>49200,50000; ");
	pass(s, DAY + 2 * HOUR);
}

static void
an_additional_becomes_moved_after_a_day(void **state)
{
	(void)state;
	run(watch, "new >49200; additional 49200>49200,50000; moved 49200>50000 revises 1; ");
}

static void
watch_in_vain(struct story *s)
{
	watch(s);
	s->len = s->ids_len = 0;
	use(s, 2 * DAY, 0, 100, A);
	use(s, 2 * DAY + 60, 0, 101, B);
	use(s, 2 * DAY + HOUR, 0, 101, B);
}

static void
an_old_one_that_is_alive_revises_the_move(void **state)
{
	(void)state;
	run(watch_in_vain, "additional 50000>49200,50000 revises 1; ");
}

static void
back_only(struct story *s)
{
	both_see(s, 0, 0, A);
	both_see(s, HOUR, 0, B);
	pass(s, 2 * HOUR);
	use(s, 3 * HOUR, 0, 100, A);
	use(s, 3 * HOUR + 60, 0, 101, A);
	pass(s, 4 * HOUR);
}

static void
if_only_the_old_one_is_seen_again_it_returned(void **state)
{
	(void)state;
	run(back_only, "new >49200; moved 49200>50000; returned 50000>49200; ");
}

static void
flapping(struct story *s)
{
	both_see(s, 0, 0, A);
	for (int i = 1; i <= 6; i++)
		both_see(s, i * 2 * HOUR, 0, i % 2 != 0 ? B : A);
	pass(s, 20 * HOUR);
}

static void
the_third_return_of_a_day_is_a_flip_flop(void **state)
{
	(void)state;
	run(flapping, "new >49200; moved 49200>50000; returned 50000>49200; "
		      "returned 49200>50000; flip-flop 50000>49200; ");
}

static void
silence(struct story *s)
{
	for (int day = 0; day < 4; day++) {
		answer(s, day * DAY, 0, 100, A, 0);
		answer(s, day * DAY + 1, 7, 100, C, 0);
	}
	answer(s, 4 * DAY, 9, 100, B, 0); /* seen once only */
	for (int day = 4; day < 13; day++)
		answer(s, day * DAY + 2, 7, 100, C, 0);
	pass(s, 13 * DAY);
}

static void
what_is_unseen_for_a_week_vanishes_if_it_was_there(void **state)
{
	(void)state;
	run(silence, "new >49200; new 7:>51000; new 9:>50000; vanished 49200>; ");
}

static void
all_silent(struct story *s)
{
	for (int day = 0; day < 4; day++) {
		answer(s, day * DAY, 0, 100, A, 0);
		answer(s, day * DAY + HOUR, 7, 100, C, 0);
	}
	pass(s, 13 * DAY);
}

static void
a_server_that_is_gone_is_one_row(void **state)
{
	(void)state;
	run(all_silent, "new >49200; new 7:>51000; vanished 2; ");
}

static void
hole(struct story *s)
{
	for (int day = 0; day < 4; day++)
		answer(s, day * DAY, 0, 100, A, 0);
	s->now_s = BEGIN + 40 * DAY; /* nobody looked */
	track_walk(s->track, s->now_s * NS_PER_S);
	pass(s, 43 * DAY);
}

static void
nothing_vanishes_in_a_hole(void **state)
{
	(void)state;
	run(hole, "new >49200; ");
}

static void
restart(struct story *s)
{
	for (unsigned n = 1; n <= 5; n++)
		both_see(s, n, n, (uint16_t)(A + n));
	for (unsigned n = 1; n <= 4; n++)
		both_see(s, DAY + n * 60, n, (uint16_t)(B + n));
	pass(s, DAY + HOUR);
	both_see(s, DAY + 6 * HOUR, 5, B + 5);
	pass(s, DAY + 8 * HOUR);
}

static void
moves_that_share_a_moment_are_a_restart(void **state)
{
	(void)state;
	run(restart, "new 1:>49201; new 2:>49202; new 3:>49203; new 4:>49204; new 5:>49205; "
		     "restarted 4; restarted 5 revises 1; ");
}

static void
slow_restart(struct story *s)
{
	for (unsigned n = 1; n <= 3; n++)
		both_see(s, n, n, (uint16_t)(A + n));
	for (unsigned n = 1; n <= 3; n++)
		both_see(s, DAY + n * 2 * HOUR, n, (uint16_t)(B + n));
	pass(s, DAY + 10 * HOUR);
}

static void
what_was_told_alone_is_claimed_later(void **state)
{
	(void)state;
	run(slow_restart, "new 1:>49201; new 2:>49202; new 3:>49203; moved 1:49201>50001; "
			  "moved 2:49202>50002; restarted 3 revises 2; ");
}

static void
outside(struct story *s)
{
	both_see(s, 0, 0, A);
	both_see(s, HOUR, 0, 3000);
}

static void
what_breaks_a_rule_is_told_as_soon_as_it_settles(void **state)
{
	(void)state;
	run(outside, "new >49200; moved 49200>3000; ");
}

/* One page of a listing. */
static void
page(struct story *s, int64_t at, uint32_t call, bool first, bool last, unsigned n, uint16_t port)
{
	wait_until(s, at);
	feed_lookup(&s->feed, s->now_s, 1, 100);
	s->feed.obs.epm.question.max_towers = 1;
	s->feed.obs.epm.question.call = call;
	s->feed.obs.epm.question.continues = !first;
	s->feed.obs.epm.handle_live = !last;
	if (!first)
		s->feed.obs.epm.question.handle.b[3] = 7;
	if (!last)
		s->feed.obs.epm.handle.b[3] = 7;
	if (port != 0)
		feed_tower(&s->feed, interface(n), PROTSEQ_TCP, port);
	else
		s->feed.obs.epm.status = 0x16c9a0d6;
	observe(s);
}

static void
list_in_pages(struct story *s, int64_t at, uint32_t step)
{
	page(s, at, 2, true, false, 1, B);
	page(s, at + 1, 2 + step, false, false, 2, A);
	page(s, at + 2, 3 + step, false, true, 0, 0);
}

static void
paged(struct story *s)
{
	answer(s, 0, 1, 100, A, 0);
	answer(s, 1, 2, 100, A, 0);
	list_in_pages(s, HOUR, 1);
	pass(s, 2 * HOUR);
}

static void
pages_that_end_prove_absence(void **state)
{
	(void)state;
	run(paged, "new 1:>49200; new 2:>49200; moved 1:49200>50000; ");
}

static void
paged_with_a_gap(struct story *s)
{
	answer(s, 0, 1, 100, A, 0);
	answer(s, 1, 2, 100, A, 0);
	list_in_pages(s, HOUR, 2);
	pass(s, 2 * HOUR);
}

static void
pages_with_one_missing_prove_nothing(void **state)
{
	(void)state;
	run(paged_with_a_gap, "new 1:>49200; new 2:>49200; additional 1:49200>49200,50000; ");
}

static void
clock_jump(struct story *s)
{
	for (int day = 0; day < 4; day++)
		answer(s, day * DAY, 0, 100, A, 0);
	s->now_s = BEGIN + 14 * DAY;
	track_walk(s->track, s->now_s * NS_PER_S);
	answer(s, 14 * DAY + 60, 0, 100, A, 0);
	s->now_s = BEGIN + 3 * DAY + 120;
	track_walk(s->track, s->now_s * NS_PER_S);
	for (int day = 4; day < 13; day++)
		answer(s, day * DAY, 0, 100, A, 0);
	pass(s, 13 * DAY);
}

static void
a_clock_that_jumps_ahead_and_back_does_no_harm(void **state)
{
	(void)state;
	run(clock_jump, "new >49200; ");
}

enum {
	OUTSIDE = 3000, /* of the range */
};

/* One interface on a wrong port for four days; then nobody asks any more. */
static void
wrong_and_gone(struct story *s)
{
	for (int day = 0; day < 14; day++) {
		if (day < 4)
			answer(s, day * DAY, 3, 100, OUTSIDE, 0);
		answer(s, day * DAY + HOUR, 7, 100, C, 0);
	}
	pass(s, 14 * DAY);
}

static void
what_vanishes_is_wrong_no_more(void **state)
{
	(void)state;
	run_and_judge(wrong_and_gone, "new 3:>3000; new 7:>51000; vanished 3:3000>; ",
	    "EPM-001 3 open 0; EPM-001 3 closed 240; ");
}

/* The whole server goes with it. */
static void
wrong_and_all_gone(struct story *s)
{
	for (int day = 0; day < 4; day++) {
		answer(s, day * DAY, 3, 100, OUTSIDE, 0);
		answer(s, day * DAY + HOUR, 7, 100, 6004, 0);
	}
	pass(s, 14 * DAY);
}

static void
what_vanishes_with_its_server_is_wrong_no_more(void **state)
{
	(void)state;
	run_and_judge(wrong_and_all_gone, "new 3:>3000; new 7:>6004; vanished 2; ",
	    "EPM-001 3 open 0; EPM-001 7 open 1; EPM-008 7 open 1; EPM-001 3 closed 240; "
	    "EPM-001 7 closed 241; EPM-008 7 closed 241; ");
}

/* Seen once, so its end is not worth telling. */
static void
wrong_once(struct story *s)
{
	answer(s, 0, 3, 100, OUTSIDE, 0);
	for (int day = 0; day < 14; day++)
		answer(s, day * DAY + HOUR, 7, 100, C, 0);
}

static void
what_ends_untold_is_wrong_no_more(void **state)
{
	(void)state;
	run_and_judge(
	    wrong_once, "new 3:>3000; new 7:>51000; ", "EPM-001 3 open 0; EPM-001 3 closed 168; ");
}

/* Two minutes ten days ahead; the interface moved right after, and what was wrong is right. */
static void
moved_after_a_clock_ahead(struct story *s)
{
	answer(s, 0, 3, 100, OUTSIDE, 0);
	pass(s, HOUR);
	s->now_s = BEGIN + 10 * DAY;
	track_walk(s->track, s->now_s * NS_PER_S);
	answer(s, 10 * DAY + 60, 3, 100, OUTSIDE, 0);
	s->now_s = BEGIN + HOUR + 120;
	track_walk(s->track, s->now_s * NS_PER_S);
	answer(s, 2 * HOUR, 3, 100, A, 0);
	answer(s, 2 * HOUR + 60, 3, 101, A, 0);
	pass(s, 4 * HOUR);
	answer(s, 5 * HOUR, 3, 100, OUTSIDE, 0);
	answer(s, 5 * HOUR + 60, 3, 101, OUTSIDE, 0);
	pass(s, 8 * HOUR);
	for (int day = 1; day < 12; day++)
		answer(s, day * DAY, 3, 100, OUTSIDE, 0);
}

static void
a_clock_that_was_ahead_keeps_nothing_from_moving(void **state)
{
	(void)state;
	run_and_judge(moved_after_a_clock_ahead,
	    "new 3:>3000; moved 3:3000>49200; returned 3:49200>3000; ",
	    "EPM-001 3 open 0; SYS-006 0 open 1; EPM-001 3 closed 2; SYS-006 0 closed 1; "
	    "EPM-001 3 open 5; ");
}

/* One of two was seen last while the clock was ahead: it vanishes at the same time however the program ran. */
static void
vanished_after_a_clock_ahead(struct story *s)
{
	for (int day = 0; day < 4; day++)
		answer(s, day * DAY, 3, 100, A, B);
	s->now_s = BEGIN + 14 * DAY;
	track_walk(s->track, s->now_s * NS_PER_S);
	answer(s, 14 * DAY + 60, 3, 100, A, 0);
	track_walk(s->track, (BEGIN + 14 * DAY + 600) * NS_PER_S);
	s->now_s = BEGIN + 3 * DAY + 700;
	track_walk(s->track, s->now_s * NS_PER_S);
	for (int hour = 1; hour < 13 * 24; hour += 5)
		use(s, 3 * DAY + hour * HOUR, 3, 101, B);
}

static void
what_was_seen_by_a_clock_ahead_vanishes_in_time(void **state)
{
	(void)state;
	run(vanished_after_a_clock_ahead, "new 3:>49200,50000; vanished 3:49200,50000>50000; ");
}

/* What nobody can read when its change is told: the change and its alert are told nevertheless. */
static void
what_cannot_be_read_is_told_with_its_alert(void **state)
{
	struct story *s = begin(WITH_COMMITS);
	size_t before;

	(void)state;
	both_see(s, 0, 3, A);
	both_see(s, DAY, 3, B); /* settled, and held for a while */
	before = s->shelf->alerts;
	assert_string_equal(s->text, "new 3:>49200; ");
	shelf_commit(s->shelf, s->track);
	track_free(&s->track);
	open_track(s);
	wait_until(s, 2 * DAY);
	s->shelf->fails = SHELF_ROOM;
	settle(s);
	s->shelf->fails = 0;
	assert_string_equal(s->text, "new 3:>49200; moved 3:49200>50000; ");
	assert_int_equal(s->shelf->alerts, before + 1);
	assert_string_equal(s->shelf->alert[before]->rule, "EPM-004");
	end(s);
}

/* Ports come and go, so that many episodes end. */
static void
many_moves(struct story *s, uint32_t seed)
{
	int64_t at = 0;

	for (int i = 0; i < 120; i++) {
		unsigned n;
		uint16_t one, two;

		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 8) % 2;
		one = (uint16_t)(A + (seed >> 16) % 9);
		two = (seed >> 20) % 4 == 0 ? (uint16_t)(A + (seed >> 24) % 9) : 0;
		at += 1 + (seed >> 9) % (8 * HOUR);
		if ((seed >> 22) % 4 == 0)
			use(s, at, n, 100, one);
		else
			answer(s, at, n, 100 + (seed >> 12) % 3, one, two);
		if (s->ids_len > TEXT - 2048)
			return;
	}
}

static size_t
most_episodes(const struct shelf *shelf)
{
	size_t most = 0;

	for (size_t i = 0; i < shelf->mappings; i++)
		most = shelf->mapping[i]->episode_count > most ? shelf->mapping[i]->episode_count
							       : most;
	return most;
}

/* How many of the seeds are tried: a quarter of them where EPMWATCH_QUICK is set. */
static unsigned
some_of(unsigned seeds)
{
	return getenv("EPMWATCH_QUICK") != NULL ? (seeds + 3) / 4 : seeds;
}

/* Those that ended first are let go of; what is left is the same as what is left of all when it is read back. */
static void
episodes_that_were_trimmed_leave_the_same_as_those_read_back(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= some_of(10); seed++) {
		struct story *stays = begin(WITH_COMMITS), *loads = begin(WITH_RESTARTS);

		stays->episodes = loads->episodes = 8;
		track_free(&stays->track);
		open_track(stays);
		track_free(&loads->track);
		open_track(loads);
		many_moves(stays, seed);
		many_moves(loads, seed);
		assert_string_equal(stays->with_ids, loads->with_ids);
		assert_string_equal(stays->alerts, loads->alerts);
		assert_true(most_episodes(stays->shelf) > 16);
		assert_int_equal(most_episodes(stays->shelf), most_episodes(loads->shelf));
		end(stays);
		end(loads);
	}
}

/* Whatever may come, a few hundred times. */
static void
anything(struct story *s, uint32_t seed)
{
	static const uint16_t port[] = {A, A, B, C, 3000};
	int64_t at = 0;

	for (int i = 0; i < 250; i++) {
		unsigned n, client;
		uint16_t one, two;

		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 8) % 12;
		client = 100 + (seed >> 12) % 3;
		one = port[(seed >> 16) % 5];
		two = (seed >> 20) % 4 == 0 ? port[(seed >> 24) % 5] : 0;
		at += (seed >> 28) < 12 ? 1 + (seed >> 9) % (20 * MINUTE) : (seed >> 5) % (3 * DAY);
		if ((seed >> 22) % 3 == 0)
			use(s, at, n, client, one);
		else if ((seed >> 7) % 16 == 0)
			answer(s, at, n, client, 0, 0);
		else
			answer(s, at, n, client, one, two);
		if (s->ids_len > TEXT - 2048)
			return;
	}
}

static void
a_restart_anywhere_changes_no_verdict_and_no_id(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= some_of(40); seed++) {
		struct story *s[WAYS];

		for (int way = 0; way < WAYS; way++) {
			s[way] = begin((enum way)way);
			anything(s[way], seed);
			assert_string_equal(s[way]->with_ids, s[AS_IT_COMES]->with_ids);
			assert_int_equal(s[way]->shelf->alerts, s[AS_IT_COMES]->shelf->alerts);
			assert_string_equal(s[way]->alerts, s[AS_IT_COMES]->alerts);
		}
		for (int way = 0; way < WAYS; way++)
			end(s[way]);
	}
}

/* Octets of a damaged store: nothing but a count comes of them. */
static void
damaged_states_are_counted_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed < some_of(400); seed++) {
		struct story *s = begin(AS_IT_COMES);

		restart(s);
		shelf_commit(s->shelf, s->track);
		track_free(&s->track);
		srand(seed);
		for (size_t i = 0; i < s->shelf->mappings; i++) {
			struct state *st = &s->shelf->mapping[i]->state;

			if (st->len > 0)
				st->data[(size_t)rand() % st->len] ^= (uint8_t)rand();
		}
		for (size_t i = 0; i < s->shelf->servers; i++) {
			struct state *st = &s->shelf->server[i]->state;

			st->len = (size_t)rand() % (st->len + 1);
			if (st->len > 0)
				st->data[(size_t)rand() % st->len] ^= (uint8_t)rand();
		}
		for (size_t i = 0; i < s->shelf->states; i++) {
			if (s->shelf->state[i].len > 0)
				s->shelf->state[i].data[(size_t)rand() % s->shelf->state[i].len] ^=
				    (uint8_t)rand();
		}
		open_track(s);
		for (unsigned n = 1; n <= 5; n++)
			both_see(s, 3 * DAY + n * 60, n, (uint16_t)(C + n));
		end(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(settles),
	    cmocka_unit_test(two_witnesses_settle_at_once),
	    cmocka_unit_test(what_only_one_answer_named_is_nothing),
	    cmocka_unit_test(an_additional_becomes_moved_after_a_day),
	    cmocka_unit_test(an_old_one_that_is_alive_revises_the_move),
	    cmocka_unit_test(if_only_the_old_one_is_seen_again_it_returned),
	    cmocka_unit_test(the_third_return_of_a_day_is_a_flip_flop),
	    cmocka_unit_test(what_is_unseen_for_a_week_vanishes_if_it_was_there),
	    cmocka_unit_test(a_server_that_is_gone_is_one_row),
	    cmocka_unit_test(nothing_vanishes_in_a_hole),
	    cmocka_unit_test(moves_that_share_a_moment_are_a_restart),
	    cmocka_unit_test(what_was_told_alone_is_claimed_later),
	    cmocka_unit_test(what_breaks_a_rule_is_told_as_soon_as_it_settles),
	    cmocka_unit_test(pages_that_end_prove_absence),
	    cmocka_unit_test(pages_with_one_missing_prove_nothing),
	    cmocka_unit_test(a_clock_that_jumps_ahead_and_back_does_no_harm),
	    cmocka_unit_test(what_vanishes_is_wrong_no_more),
	    cmocka_unit_test(what_vanishes_with_its_server_is_wrong_no_more),
	    cmocka_unit_test(what_ends_untold_is_wrong_no_more),
	    cmocka_unit_test(a_clock_that_was_ahead_keeps_nothing_from_moving),
	    cmocka_unit_test(what_was_seen_by_a_clock_ahead_vanishes_in_time),
	    cmocka_unit_test(what_cannot_be_read_is_told_with_its_alert),
	    cmocka_unit_test(episodes_that_were_trimmed_leave_the_same_as_those_read_back),
	    cmocka_unit_test(a_restart_anywhere_changes_no_verdict_and_no_id),
	    cmocka_unit_test(damaged_states_are_counted_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
