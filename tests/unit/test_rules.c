/* test_rules.c - EPM-001 opens, is updated, closes and opens anew. */
#include "track/rules.h"

#include "tests/unit/track_desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "track/alert.h"
#include "track/policy.h"

enum {
	RIGHT = 49152,
	WRONG = 6004,
	WORSE = 1032,
	MINUTE = 60
};

struct watch {
	struct desk *desk;
	struct alert alert;
	struct endpoint work[2 * DESK_EPISODES];
};

static int
setup(void **state)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->desk = desk_new();
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct watch *w = *state;

	desk_free(w->desk);
	free(w);
	return 0;
}

/* The transition that the last observation caused, in a word; an empty string where it caused none.
 */
static const char *
judge(struct watch *w)
{
	struct desk *d = w->desk;

	if (!rules_judge(policy_builtin("windows-default"), d->m, &d->group, d->change.id, w->work,
		&w->alert))
		return "";
	return alert_state_name(w->alert.state);
}

#define ANSWER(w, s, one, two) (desk_answer((w)->desk, s, one, two), judge(w))
#define PART(w, s, one) (desk_part((w)->desk, s, one, 0), judge(w))
#define BIND(w, s, port) (desk_bind((w)->desk, s, port), judge(w))
#define USE(w, s, port) (desk_use((w)->desk, s, port), judge(w))
#define OBJECT(w, s, port) (desk_object((w)->desk, s, port), judge(w))
#define ATTEMPT(w, s, port) (desk_attempt((w)->desk, s, port), judge(w))

static void
a_right_endpoint_opens_nothing(void **state)
{
	struct watch *w = *state;

	assert_string_equal(ANSWER(w, 10, RIGHT, 0), "");
	assert_string_equal(BIND(w, 20, RIGHT), "");
	assert_string_equal(BIND(w, 30 + 20 * MINUTE, RIGHT), "");
}

static void
a_wrong_endpoint_opens_at_once_and_names_all(void **state)
{
	struct watch *w = *state;

	desk_answer(w->desk, 10, RIGHT, 0);
	assert_string_equal(ANSWER(w, 20, WRONG, 0), "open");
	assert_string_equal(w->alert.rule, "EPM-001");
	assert_int_equal(w->alert.severity, SEVERITY_HIGH);
	assert_string_equal(
	    w->alert.signature, "drsuapi answers on port 6004, outside the allowed range");
	assert_string_equal(w->alert.expected, "49152-65535 (windows-2008)");
	assert_string_equal(w->alert.observed, "6004");
	assert_int_equal(w->desk->change.kind, CHANGE_MOVED);
	assert_string_equal(w->alert.change, w->desk->change.id);
	assert_int_equal(w->alert.opened_ns, 20 * NS_PER_S);
	assert_int_equal(w->alert.closed_ns, 0);
	assert_int_equal(w->alert.evidence.frame, 21);
	assert_int_equal(w->alert.evidence.source, EVIDENCE_MAP);
	assert_int_equal(mapping_key_compare(&w->alert.key, &w->desk->m->key), 0);
}

/* It is never complete, so that an object is right elsewhere closes nothing; that it is used does. */
static void
a_response_counts_as_a_bind_does_and_an_object_as_an_answer(void **state)
{
	struct watch *w = *state;

	assert_string_equal(OBJECT(w, 10, WRONG), "open");
	assert_int_equal(w->alert.evidence.source, EVIDENCE_OXID);
	assert_string_equal(OBJECT(w, 20 * MINUTE, RIGHT), "");
	assert_string_equal(USE(w, 20 * MINUTE, RIGHT), "closed");
	assert_int_equal(w->alert.evidence.source, EVIDENCE_RESPONSE);
	assert_string_equal(USE(w, 30 * MINUTE, WRONG), "open");
}

static void
an_incomplete_answer_or_a_bind_opens_too(void **state)
{
	struct watch *w = *state;

	assert_string_equal(PART(w, 20, WRONG), "open");
	memset(&w->alert, 0, sizeof(w->alert));
	assert_string_equal(BIND(w, 30, WORSE), "open");
	assert_int_equal(w->alert.evidence.source, EVIDENCE_BIND);
}

static void
a_mere_attempt_opens_nothing(void **state)
{
	struct watch *w = *state;

	assert_string_equal(ATTEMPT(w, 10, WRONG), "");
	assert_string_equal(BIND(w, 20, RIGHT), "");
	assert_string_equal(ATTEMPT(w, 30, WRONG), "");
	assert_string_equal(ATTEMPT(w, 31, WORSE), "");
	assert_string_equal(BIND(w, 40, WRONG), "open");
	assert_string_equal(w->alert.observed, "6004");
}

static void
the_same_again_writes_nothing(void **state)
{
	struct watch *w = *state;

	BIND(w, 10, WRONG);
	for (int64_t s = 11; s < 20000; s += 500) {
		assert_string_equal(BIND(w, s, WRONG), "");
		assert_string_equal(ANSWER(w, s + 1, WRONG, 0), "");
	}
}

static void
another_wrong_endpoint_is_an_update(void **state)
{
	struct watch *w = *state;
	char id[HASH_ID_TEXT];

	BIND(w, 10, WRONG);
	memcpy(id, w->alert.id, sizeof(id));
	assert_string_equal(BIND(w, 20, WORSE), "update");
	assert_string_equal(w->alert.id, id);
	assert_string_equal(w->alert.observed, "1032, 6004");
	assert_string_equal(
	    w->alert.signature, "drsuapi answers on ports 1032, 6004, outside the allowed range");
	assert_int_equal(w->alert.opened_ns, 10 * NS_PER_S);
	assert_int_equal(w->alert.updated_ns, 20 * NS_PER_S);
	assert_string_equal(BIND(w, 30, WORSE), "");
	assert_string_equal(BIND(w, 30, WRONG), "");
}

static void
the_move_from_one_wrong_endpoint_to_another_is_an_update(void **state)
{
	struct watch *w = *state;

	ANSWER(w, 10, WRONG, 0);
	assert_string_equal(ANSWER(w, 20, WORSE, 0), "update");
	assert_int_equal(w->desk->change.kind, CHANGE_MOVED);
	assert_string_equal(w->alert.change, w->desk->change.id);
	assert_string_equal(ANSWER(w, 30, WRONG, 0), "");
}

static void
it_closes_when_right_is_seen_and_wrong_is_not_for_fifteen_minutes(void **state)
{
	struct watch *w = *state;

	ANSWER(w, 0, WRONG, 0);
	assert_string_equal(ANSWER(w, 60, RIGHT, 0), "");
	assert_string_equal(BIND(w, 15 * MINUTE - 1, RIGHT), "");
	assert_string_equal(BIND(w, 15 * MINUTE, RIGHT), "closed");
	assert_int_equal(w->alert.closed_ns, 15 * MINUTE * NS_PER_S);
	assert_int_equal(w->alert.evidence.source, EVIDENCE_BIND);
	assert_string_equal(BIND(w, 15 * MINUTE + 1, RIGHT), "");
}

static void
the_fifteen_minutes_begin_with_the_last_wrong_sight(void **state)
{
	struct watch *w = *state;

	ANSWER(w, 0, WRONG, RIGHT);
	BIND(w, 10 * MINUTE, WRONG);
	assert_string_equal(BIND(w, 20 * MINUTE, RIGHT), "");
	assert_string_equal(ANSWER(w, 24 * MINUTE, RIGHT, WRONG), "");
	assert_string_equal(BIND(w, 38 * MINUTE, RIGHT), "");
	assert_string_equal(BIND(w, 39 * MINUTE, RIGHT), "closed");
}

static void
an_incomplete_answer_or_an_attempt_closes_nothing(void **state)
{
	struct watch *w = *state;

	ANSWER(w, 0, WRONG, RIGHT);
	assert_string_equal(PART(w, 30 * MINUTE, RIGHT), "");
	assert_string_equal(ATTEMPT(w, 31 * MINUTE, RIGHT), "");
	assert_string_equal(ANSWER(w, 32 * MINUTE, RIGHT, 0), "closed");
}

static void
wrong_again_after_closing_opens_under_another_id(void **state)
{
	struct watch *w = *state;
	char id[HASH_ID_TEXT];

	ANSWER(w, 0, WRONG, 0);
	memcpy(id, w->alert.id, sizeof(id));
	ANSWER(w, 20 * MINUTE, RIGHT, 0);
	assert_int_equal(w->alert.state, ALERT_CLOSED);
	assert_string_equal(BIND(w, 2 * MINUTE, WRONG), "");
	assert_string_equal(ANSWER(w, 30 * MINUTE, WORSE, 0), "open");
	assert_string_not_equal(w->alert.id, id);
	assert_string_equal(w->alert.observed, "1032");
	assert_int_equal(w->alert.opened_ns, 30 * MINUTE * NS_PER_S);
	assert_int_equal(w->alert.closed_ns, 0);
}

static void
another_carrier_is_named_in_the_signature(void **state)
{
	struct watch *w = *state;
	struct feed f;

	w->desk->m->key.protseq = PROTSEQ_HTTP;
	feed_map(&f, 10, 1, 100, DRSUAPI);
	feed_tower(&f, DRSUAPI, PROTSEQ_HTTP, 5000);
	desk_fold(w->desk, &f);
	assert_string_equal(judge(w), "open");
	assert_string_equal(w->alert.signature,
	    "drsuapi answers on port 5000 (ncacn_http), outside the allowed range");
}

static void
many_ports_are_counted_and_the_list_is_cut_at_a_whole_one(void **state)
{
	struct endpoint set[100];
	char out[ALERT_TEXT];
	struct watch *w = *state;

	for (uint16_t i = 0; i < 100; i++)
		set[i] = (struct endpoint){.port = (uint16_t)(10000 + i)};
	alert_list(set, 100, out);
	assert_true(strlen(out) < ALERT_TEXT && strlen(out) > ALERT_TEXT - 10);
	assert_string_equal(out + strlen(out) - 7, ", 10035");
	for (uint16_t i = 0; i < 8; i++)
		BIND(w, 10 + i, (uint16_t)(1000 + i));
	assert_non_null(
	    strstr(w->alert.signature, "ports 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007,"));
}

static void
times_at_the_ends_of_their_range_do_no_harm(void **state)
{
	struct watch *w = *state;

	BIND(w, 0, WRONG);
	w->desk->m->episode[0].last_ns = INT64_MAX;
	assert_string_equal(BIND(w, 10, RIGHT), "");
	w->alert.opened_ns = INT64_MIN;
	assert_string_equal(BIND(w, 10, WORSE), "update");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_right_endpoint_opens_nothing),
	    T(a_wrong_endpoint_opens_at_once_and_names_all),
	    T(a_response_counts_as_a_bind_does_and_an_object_as_an_answer),
	    T(an_incomplete_answer_or_a_bind_opens_too),
	    T(a_mere_attempt_opens_nothing),
	    T(the_same_again_writes_nothing),
	    T(another_wrong_endpoint_is_an_update),
	    T(the_move_from_one_wrong_endpoint_to_another_is_an_update),
	    T(it_closes_when_right_is_seen_and_wrong_is_not_for_fifteen_minutes),
	    T(the_fifteen_minutes_begin_with_the_last_wrong_sight),
	    T(an_incomplete_answer_or_an_attempt_closes_nothing),
	    T(wrong_again_after_closing_opens_under_another_id),
	    T(another_carrier_is_named_in_the_signature),
	    T(many_ports_are_counted_and_the_list_is_cut_at_a_whole_one),
	    T(times_at_the_ends_of_their_range_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
