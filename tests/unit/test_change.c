/* test_change.c - the rows of the change vocabulary, one by one. */
#include "tests/unit/track_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum {
	OLD = 49152,
	NEW = 50000,
	THIRD = 51000
};

static int
setup(void **state)
{
	*state = desk_new();
	return 0;
}

static int
teardown(void **state)
{
	desk_free(*state);
	return 0;
}

static void
the_first_endpoint_ever_is_new_and_told_once(void **state)
{
	struct desk *d = *state;

	assert_string_equal(desk_answer(d, 10, OLD, 0), "new >49152");
	assert_int_equal(d->change.confidence, CONFIDENCE_ANNOUNCED);
	assert_int_equal(d->change.first_ns, 10 * NS_PER_S);
	assert_int_equal(d->change.not_before_ns, 0);
	assert_int_equal(d->change.not_after_ns, 10 * NS_PER_S);
	assert_int_equal(d->change.clients, 1);
	assert_int_equal(d->change.evidence.source, EVIDENCE_MAP);
	assert_string_equal(desk_answer(d, 20, OLD, 0), "");
	assert_string_equal(desk_bind(d, 30, OLD), "");
	assert_int_equal(episode_confidence(desk_episode(d, OLD)), CONFIDENCE_CONFIRMED);
}

static void
several_endpoints_at_first_sight_are_one_new(void **state)
{
	assert_string_equal(desk_answer(*state, 10, NEW, OLD), "new >49152,50000");
}

static void
an_accepted_bind_alone_is_new_and_used(void **state)
{
	struct desk *d = *state;

	assert_string_equal(desk_bind(d, 10, OLD), "new >49152");
	assert_int_equal(d->change.confidence, CONFIDENCE_USED);
}

static void
trap_22_both_in_one_complete_answer_is_additional(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	assert_string_equal(desk_answer(d, 20, OLD, NEW), "additional 49152>49152,50000");
	assert_string_equal(d->change.revises, "");
}

static void
a_complete_answer_with_the_new_and_without_the_old_is_moved(void **state)
{
	struct desk *d = *state;
	const struct episode *old;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 15, OLD);
	assert_string_equal(desk_answer(d, 20, NEW, 0), "moved 49152>50000");
	assert_int_equal(d->change.not_before_ns, 15 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 20 * NS_PER_S);
	assert_int_equal(d->change.first_ns, 20 * NS_PER_S);
	assert_string_equal(d->change.revises, "");
	old = desk_episode(d, OLD);
	assert_int_equal(old->ended_ns, 20 * NS_PER_S);
	assert_int_equal(old->why, CHANGE_MOVED);
	assert_int_equal(desk_episode(d, NEW)->ended_ns, 0);
}

static void
a_move_ends_only_what_the_answer_does_not_list(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, THIRD);
	assert_string_equal(desk_answer(d, 20, NEW, THIRD), "moved 49152,51000>50000,51000");
	assert_int_equal(desk_episode(d, THIRD)->ended_ns, 0);
}

static void
trap_23_what_only_binds_show_is_additional(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	assert_string_equal(desk_bind(d, 20, NEW), "additional 49152>49152,50000");
	assert_int_equal(d->change.confidence, CONFIDENCE_USED);
}

static void
rotating_answers_of_one_tower_are_additional_and_never_moved(void **state)
{
	struct desk *d = *state;
	struct feed f;

	for (int64_t s = 0; s < 20; s++) {
		feed_map(&f, s, 1, 100, DRSUAPI);
		f.obs.epm.question.max_towers = 1;
		feed_tower(&f, DRSUAPI, PROTSEQ_TCP, s % 2 == 0 ? OLD : NEW);
		desk_fold(d, &f);
		if (s == 0)
			assert_string_equal(d->text, "new >49152");
		else
			assert_string_equal(d->text, s == 1 ? "additional 49152>49152,50000" : "");
	}
}

static void
a_static_port_beside_the_dynamic_one_is_no_drift(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, NEW);
	for (int64_t s = 20; s < 30; s++) {
		assert_string_equal(
		    s % 2 == 0 ? desk_answer(d, s, OLD, NEW) : desk_answer(d, s, NEW, OLD), "");
		assert_string_equal(desk_bind(d, s, s % 3 == 0 ? OLD : NEW), "");
	}
}

static void
a_set_that_loses_an_endpoint_without_a_newcomer_waits(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, NEW);
	assert_string_equal(desk_answer(d, 20, NEW, 0), "");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
}

static void
the_old_one_again_by_a_complete_answer_is_returned(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	assert_string_equal(desk_answer(d, 30, OLD, 0), "returned 50000>49152");
	assert_int_equal(d->change.not_before_ns, 20 * NS_PER_S);
	assert_int_equal(desk_episode(d, NEW)->why, CHANGE_RETURNED);
	assert_int_equal(d->m->episode_count, 3);
}

static void
a_return_beside_something_never_seen_is_moved(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	assert_string_equal(desk_answer(d, 30, OLD, THIRD), "moved 50000>49152,51000");
}

static void
the_old_one_again_beside_the_new_is_additional(void **state)
{
	struct desk *d = *state;

	char moved[HASH_ID_TEXT];

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	memcpy(moved, d->change.id, sizeof(moved));
	desk_waits(d);
	assert_string_equal(desk_bind(d, 30, OLD), "");
	assert_string_equal(desk_part(d, 40, NEW, 0), "");
	assert_string_equal(desk_bind(d, 929, NEW), "");
	assert_string_equal(desk_bind(d, 930, NEW), "additional 50000>49152,50000");
	assert_string_equal(d->change.revises, moved);
	assert_int_equal(d->change.not_before_ns, 20 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 30 * NS_PER_S);
}

static void
the_only_one_again_after_its_end_is_returned(void **state)
{
	struct desk *d = *state;

	desk_bind(d, 10, OLD);
	episode_end(&d->m->episode[0], 20 * NS_PER_S);
	d->m->episode[0].why = CHANGE_VANISHED;
	assert_string_equal(desk_bind(d, 30, OLD), "returned >49152");
	assert_int_equal(d->m->episode[0].why, CHANGE_VANISHED);
}

static void
a_complete_answer_later_revises_an_additional(void **state)
{
	struct desk *d = *state;
	char additional[HASH_ID_TEXT];

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 20, NEW);
	memcpy(additional, d->change.id, sizeof(additional));
	assert_string_equal(desk_part(d, 25, NEW, 0), "");
	assert_string_equal(desk_answer(d, 30, NEW, 0), "moved 49152>50000");
	assert_string_equal(d->change.revises, additional);
	assert_string_not_equal(d->change.id, additional);
	assert_int_equal(d->change.first_ns, 20 * NS_PER_S);
	assert_int_equal(d->change.not_before_ns, 10 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 20 * NS_PER_S);
	assert_int_equal(d->change.confidence, CONFIDENCE_CONFIRMED);
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 30 * NS_PER_S);
	assert_int_equal(desk_episode(d, OLD)->why, CHANGE_MOVED);
	assert_string_equal(desk_episode(d, NEW)->told, d->change.id);
	assert_string_equal(desk_answer(d, 40, NEW, 0), "");
}

static void
what_the_answer_does_not_list_replaces_nothing(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, THIRD);
	desk_bind(d, 20, NEW);
	assert_string_equal(desk_answer(d, 30, THIRD, 0), "");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
}

static void
one_that_was_seen_after_the_old_came_back_is_not_replaced_by_it(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	desk_waits(d);
	desk_bind(d, 30, OLD);
	desk_part(d, 40, NEW, 0);
	assert_string_equal(desk_bind(d, 930, OLD), "additional 50000>49152,50000");
	d->thresholds.settle_ns = 0;
	assert_string_equal(desk_answer(d, 940, OLD, 0), "");
	assert_int_equal(desk_episode(d, NEW)->ended_ns, 0);
}

static void
the_old_one_seen_after_the_new_stays_additional(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 20, NEW);
	assert_string_equal(desk_bind(d, 21, OLD), "");
	assert_string_equal(desk_answer(d, 30, NEW, 0), "");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
}

static void
endpoints_of_one_incomplete_answer_do_not_replace_each_other(void **state)
{
	struct desk *d = *state;

	desk_bind(d, 10, THIRD);
	assert_string_equal(desk_part(d, 20, OLD, NEW), "additional 51000>49152,50000,51000");
	assert_string_equal(desk_answer(d, 30, NEW, 0), "moved 51000>49152,50000");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
}

static void
evidence_from_before_an_end_belongs_to_what_ended(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	assert_string_equal(desk_bind(d, 19, OLD), "");
	assert_int_equal(d->m->episode_count, 2);
	assert_int_equal(desk_episode(d, OLD)->used, 1);
	assert_int_equal(desk_episode(d, OLD)->last_ns, 19 * NS_PER_S);
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 20 * NS_PER_S);
}

static void
an_older_answer_ends_nothing_that_was_seen_later(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 100, NEW, 0);
	assert_string_equal(desk_answer(d, 50, OLD, 0), "additional 50000>49152,50000");
	assert_int_equal(desk_episode(d, NEW)->ended_ns, 0);
}

static void
a_late_answer_as_old_as_the_last_sight_of_the_old_ends_nothing(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 20, NEW);
	assert_string_equal(desk_answer(d, 10, NEW, 0), "");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
	assert_int_equal(desk_episode(d, NEW)->first_ns, 10 * NS_PER_S);
}

static void
a_late_answer_after_the_last_sight_of_the_old_tells_of_the_move(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 20, NEW);
	assert_string_equal(desk_answer(d, 15, NEW, 0), "moved 49152>50000");
	assert_int_equal(d->change.not_before_ns, 10 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 15 * NS_PER_S);
}

static void
what_ends_makes_room_for_what_replaces_it(void **state)
{
	struct desk *d = *state;

	for (uint16_t i = 0; i < DESK_EPISODES / 4; i++)
		desk_attempt(d, i, (uint16_t)(1000 + i));
	for (uint16_t i = 0; i < 20; i++)
		desk_bind(d, 100, (uint16_t)(2000 + i));
	for (uint16_t i = 0; i < DESK_EPISODES / 4; i++)
		assert_string_equal(desk_bind(d, 200, (uint16_t)(1000 + i)), "");
	for (uint16_t i = 1; i < DESK_EPISODES / 2; i++)
		desk_bind(d, 400, (uint16_t)(2000 + i));
	d->room.episodes = DESK_EPISODES / 2 + 1;
	assert_string_equal(desk_answer(d, 300, 1000, 0),
	    "moved "
	    "2000,2001,2002,2003,2004,2005,2006,2007>1000,2001,2002,2003,2004,2005,2006,2007");
}

static void
an_attempt_is_kept_and_changes_nothing(void **state)
{
	struct desk *d = *state;

	assert_string_equal(desk_attempt(d, 10, THIRD), "");
	assert_int_equal(episode_confidence(desk_episode(d, THIRD)), CONFIDENCE_ATTEMPTED);
	assert_string_equal(desk_answer(d, 20, OLD, 0), "new >49152");
	assert_string_equal(desk_attempt(d, 30, NEW), "");
	assert_string_equal(desk_answer(d, 40, NEW, 0), "moved 49152>50000");
	assert_int_equal(d->change.first_ns, 40 * NS_PER_S);
	assert_int_equal(d->change.clients, 1);
	assert_int_equal(desk_episode(d, NEW)->attempted, 1);
	assert_int_equal(desk_episode(d, THIRD)->ended_ns, 0);
}

static void
an_attempt_on_the_old_one_does_not_keep_it_alive(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, 20, NEW);
	desk_attempt(d, 25, OLD);
	assert_int_equal(desk_episode(d, OLD)->last_ns, 10 * NS_PER_S);
	assert_string_equal(desk_answer(d, 30, NEW, 0), "moved 49152>50000");
}

static void
the_order_of_towers_does_not_matter(void **state)
{
	struct desk *d = *state, *e = desk_new();

	desk_answer(d, 10, OLD, 0);
	desk_answer(e, 10, OLD, 0);
	assert_string_equal(desk_answer(d, 20, NEW, THIRD), "moved 49152>50000,51000");
	assert_string_equal(desk_answer(e, 20, THIRD, NEW), "moved 49152>50000,51000");
	assert_string_equal(d->change.id, e->change.id);
	assert_int_equal(d->change.first_ns, e->change.first_ns);
	desk_free(e);
}

static void
ids_tell_times_kinds_and_sets_apart(void **state)
{
	struct desk *d = *state, *e = desk_new(), *g = desk_new();

	desk_answer(d, 10, OLD, 0);
	desk_answer(e, 10, NEW, 0);
	desk_answer(g, 11, OLD, 0);
	assert_string_not_equal(d->change.id, e->change.id);
	assert_string_not_equal(d->change.id, g->change.id);
	assert_int_equal(strlen(d->change.id), 16);
	desk_free(e);
	desk_free(g);
}

static void
proven_endpoints_are_capped_and_attempts_take_none_of_their_room(void **state)
{
	struct desk *d = *state;

	for (uint16_t i = 0; i < 20; i++)
		desk_attempt(d, i, (uint16_t)(1000 + i));
	assert_int_equal(d->m->episode_count, DESK_EPISODES / 4);
	for (uint16_t i = 0; i < 20; i++)
		desk_bind(d, 100 + i, (uint16_t)(2000 + i));
	assert_int_equal(d->m->episode_count, DESK_EPISODES / 4 + DESK_EPISODES / 2);
	assert_int_equal(d->room.refused, 16 + 12);
	assert_string_equal(
	    desk_answer(d, 200, OLD, 0), "moved 2000,2001,2002,2003,2004,2005,2006,2007>49152");
}

static void
an_object_is_announced_and_its_use_confirms_it(void **state)
{
	struct desk *d = *state;

	assert_string_equal(desk_object(d, 10, OLD), "new >49152");
	assert_int_equal(d->change.confidence, CONFIDENCE_ANNOUNCED);
	assert_int_equal(d->change.evidence.source, EVIDENCE_OXID);
	assert_string_equal(desk_use(d, 20, OLD), "");
	assert_int_equal(episode_confidence(desk_episode(d, OLD)), CONFIDENCE_CONFIRMED);
	assert_int_equal(desk_episode(d, OLD)->client_count, 2);
	assert_int_equal(desk_episode(d, OLD)->last_ns, 20 * NS_PER_S);
	/* objects are made where there is room: no answer about one says that another went */
	assert_string_equal(desk_object(d, 30, NEW), "additional 49152>49152,50000");
	assert_string_equal(desk_use(d, 40, OLD), "");
}

static void
a_use_alone_is_new_and_used(void **state)
{
	struct desk *d = *state;

	assert_string_equal(desk_use(d, 10, OLD), "new >49152");
	assert_int_equal(d->change.confidence, CONFIDENCE_USED);
	assert_int_equal(d->change.clients, 1);
	desk_use(d, 11, OLD);
	assert_int_equal(desk_episode(d, OLD)->client_count, 1);
	assert_int_equal(desk_episode(d, OLD)->used, 2);
}

/* Somebody once tried it, and in the end nobody cared; another time a single answer named it, which the next contradicted. */
static void
what_nobody_was_told_of_does_not_return(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_attempt(d, 15, NEW);
	episode_end(&d->m->episode[1], 20 * NS_PER_S);
	d->m->episode[1].why = CHANGE_UNSEEN;
	assert_string_equal(desk_answer(d, 30, NEW, 0), "moved 49152>50000");
	desk_waits(d);
	assert_string_equal(desk_answer(d, 40, THIRD, 0), "");
	assert_string_equal(desk_answer(d, 50, NEW, 0), "");
	assert_int_equal(desk_episode(d, THIRD)->why, CHANGE_UNSEEN);
	d->thresholds.settle_ns = 0;
	assert_string_equal(desk_answer(d, 1000, THIRD, 0), "moved 50000>51000");
	/* What was told does, whatever was dropped of it since. */
	d->thresholds.settle_ns = 900 * NS_PER_S;
	assert_string_equal(desk_answer(d, 1010, OLD, 0), "");
	assert_string_equal(desk_answer(d, 1020, THIRD, 0), "");
	d->thresholds.settle_ns = 0;
	assert_string_equal(desk_answer(d, 1030, OLD, 0), "returned 51000>49152");
}

static void
what_comes_where_nothing_was_left_came_after_the_end(void **state)
{
	struct desk *d = *state;

	desk_bind(d, 10, OLD);
	desk_bind(d, 12, THIRD);
	episode_end(&d->m->episode[0], 20 * NS_PER_S);
	episode_end(&d->m->episode[1], 25 * NS_PER_S);
	assert_string_equal(desk_bind(d, 30, NEW), "moved >50000");
	assert_int_equal(d->change.not_before_ns, 25 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 30 * NS_PER_S);
}

/* It came before all was over: that says nothing of when. */
static void
what_came_before_the_end_has_no_beginning(void **state)
{
	struct desk *d = *state;

	desk_bind(d, 10, OLD);
	episode_end(&d->m->episode[0], 20 * NS_PER_S);
	assert_string_equal(desk_bind(d, 15, NEW), "moved >50000");
	assert_int_equal(d->change.not_before_ns, 0);
}

/* The fourth return is not told: what it stands for is the row of the third. */
static void
a_return_that_is_not_told_has_no_row_of_its_own(void **state)
{
	struct desk *d = *state;
	char told[HASH_ID_TEXT];

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, 20, NEW, 0);
	desk_answer(d, 30, OLD, 0);
	desk_answer(d, 40, NEW, 0);
	assert_string_equal(desk_answer(d, 50, OLD, 0), "flip-flop 50000>49152");
	memcpy(told, d->change.id, sizeof(told));
	assert_string_equal(desk_answer(d, 60, NEW, 0), "");
	assert_string_equal(desk_episode(d, NEW)->told, told);
	assert_string_equal(desk_answer(d, 70, OLD, 0), "");
	assert_string_equal(desk_episode(d, OLD)->told, told);
	assert_int_equal(desk_episode(d, NEW)->ended_ns, 70 * NS_PER_S);
}

enum {
	AHEAD = 10 * 86400
};

/* The clock is right again, ${s} seconds after it all began. */
static void
set_right(struct desk *d, int64_t s)
{
	clock_walk(&d->clock, s * NS_PER_S);
}

static void
what_was_seen_while_the_clock_was_ahead_may_move(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, AHEAD, OLD);
	set_right(d, 20);
	assert_string_equal(desk_answer(d, 60, NEW, 0), "moved 49152>50000");
	assert_int_equal(d->change.not_before_ns, 20 * NS_PER_S);
	assert_int_equal(d->change.not_after_ns, 60 * NS_PER_S);
}

static void
what_ended_while_the_clock_was_ahead_may_return(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_answer(d, AHEAD, NEW, 0);
	set_right(d, 20);
	assert_string_equal(desk_answer(d, 60, OLD, 0), "returned 50000>49152");
	assert_int_equal(d->m->episode_count, 3);
	assert_int_equal(d->m->episode[0].ended_ns, 20 * NS_PER_S);
}

/* What such an answer lacked was seen since. */
static void
a_claim_of_a_clock_that_was_ahead_is_as_old_as_it_is(void **state)
{
	struct desk *d = *state;

	desk_answer(d, 10, OLD, 0);
	desk_waits(d);
	assert_string_equal(desk_answer(d, AHEAD, NEW, 0), "");
	set_right(d, 20);
	assert_string_equal(desk_bind(d, 60, OLD), "");
	assert_string_equal(desk_bind(d, 1000, OLD), "additional 49152>49152,50000");
}

static void
what_is_pending_is_dated_back_too(void **state)
{
	struct desk *d = *state;
	struct pending *p = &d->pending;

	desk_answer(d, 10, OLD, 0);
	desk_bind(d, AHEAD, OLD);
	p->since_ns = p->claim_ns = p->claim_end_ns = p->claim_first_ns = AHEAD * NS_PER_S;
	p->denied_ns = p->denied_first_ns = AHEAD * NS_PER_S;
	set_right(d, 20);
	desk_bind(d, 60, OLD);
	assert_int_equal(p->since_ns, 20 * NS_PER_S);
	assert_int_equal(p->claim_ns, 20 * NS_PER_S);
	assert_int_equal(p->claim_end_ns, 20 * NS_PER_S);
	assert_int_equal(p->claim_first_ns, 20 * NS_PER_S);
	assert_int_equal(p->denied_ns, 20 * NS_PER_S);
	assert_int_equal(p->denied_first_ns, 20 * NS_PER_S);
}

/* A capture of an earlier time is no clock that is set right. */
static void
what_an_earlier_capture_shows_ends_nothing(void **state)
{
	struct desk *d = *state;

	desk_answer(d, AHEAD, OLD, 0);
	desk_bind(d, AHEAD + 60, OLD);
	set_right(d, 20);
	assert_string_equal(desk_answer(d, 60, NEW, 0), "additional 49152>49152,50000");
	assert_int_equal(desk_episode(d, OLD)->ended_ns, 0);
}

static void
only_the_mapper_denies_what_it_named(void **state)
{
	struct desk *d = *state;

	desk_object(d, 10, OLD);
	assert_int_equal(desk_episode(d, OLD)->marks & EPISODE_MAPPED, 0);
	desk_use(d, 11, OLD);
	assert_int_equal(desk_episode(d, OLD)->marks & EPISODE_MAPPED, 0);
	d->room.stirred = false;
	desk_part(d, 12, OLD, 0);
	assert_int_equal(desk_episode(d, OLD)->marks & EPISODE_MAPPED, EPISODE_MAPPED);
	assert_true(d->room.stirred);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(the_first_endpoint_ever_is_new_and_told_once),
	    T(several_endpoints_at_first_sight_are_one_new),
	    T(an_accepted_bind_alone_is_new_and_used),
	    T(an_object_is_announced_and_its_use_confirms_it),
	    T(a_use_alone_is_new_and_used),
	    T(trap_22_both_in_one_complete_answer_is_additional),
	    T(a_complete_answer_with_the_new_and_without_the_old_is_moved),
	    T(a_move_ends_only_what_the_answer_does_not_list),
	    T(trap_23_what_only_binds_show_is_additional),
	    T(rotating_answers_of_one_tower_are_additional_and_never_moved),
	    T(a_static_port_beside_the_dynamic_one_is_no_drift),
	    T(a_set_that_loses_an_endpoint_without_a_newcomer_waits),
	    T(the_old_one_again_by_a_complete_answer_is_returned),
	    T(a_return_beside_something_never_seen_is_moved),
	    T(the_old_one_again_beside_the_new_is_additional),
	    T(the_only_one_again_after_its_end_is_returned),
	    T(a_complete_answer_later_revises_an_additional),
	    T(what_the_answer_does_not_list_replaces_nothing),
	    T(one_that_was_seen_after_the_old_came_back_is_not_replaced_by_it),
	    T(the_old_one_seen_after_the_new_stays_additional),
	    T(endpoints_of_one_incomplete_answer_do_not_replace_each_other),
	    T(evidence_from_before_an_end_belongs_to_what_ended),
	    T(an_older_answer_ends_nothing_that_was_seen_later),
	    T(a_late_answer_as_old_as_the_last_sight_of_the_old_ends_nothing),
	    T(a_late_answer_after_the_last_sight_of_the_old_tells_of_the_move),
	    T(what_ends_makes_room_for_what_replaces_it),
	    T(an_attempt_is_kept_and_changes_nothing),
	    T(an_attempt_on_the_old_one_does_not_keep_it_alive),
	    T(the_order_of_towers_does_not_matter),
	    T(ids_tell_times_kinds_and_sets_apart),
	    T(proven_endpoints_are_capped_and_attempts_take_none_of_their_room),
	    T(what_nobody_was_told_of_does_not_return),
	    T(what_comes_where_nothing_was_left_came_after_the_end),
	    T(what_came_before_the_end_has_no_beginning),
	    T(a_return_that_is_not_told_has_no_row_of_its_own),
	    T(what_was_seen_while_the_clock_was_ahead_may_move),
	    T(what_ended_while_the_clock_was_ahead_may_return),
	    T(a_claim_of_a_clock_that_was_ahead_is_as_old_as_it_is),
	    T(what_is_pending_is_dated_back_too),
	    T(what_an_earlier_capture_shows_ends_nothing),
	    T(only_the_mapper_denies_what_it_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
