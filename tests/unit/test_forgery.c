/* test_forgery.c - EPM-010: answers that are not what they seem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "track/track.h"
#include "tests/unit/rules_desk.h"

enum {
	DAY = 86400,
	FIRST_DAY = DAY - DESK_START % DAY, /* begins so many seconds after the start */
};

static int
setup(void **state)
{
	*state = desk_make();
	return 0;
}

static int
teardown(void **state)
{
	desk_throw_away(*state);
	return 0;
}

static struct obs_tower tower = {.protseq = PROTSEQ_TCP, .port = 4444};

static struct obs
make_answer(int64_t seconds, unsigned server, unsigned client)
{
	struct obs o = {.kind = OBS_EPM,
	    .transport = TRANSPORT_TCP,
	    .at = {.ts_ns = desk_ns(seconds), .frame = 7},
	    .server = desk_addr(server),
	    .client = desk_addr(client),
	    .server_port = 135};

	o.epm = (struct obs_epm){.operation = EPM_MAP, .tower = &tower, .tower_count = 1};
	return o;
}

static const char *
observe(struct rules_desk *d, const struct obs *o)
{
	output_clear(&d->out);
	assert_int_equal(rules_observe(&d->rules, o), 0);
	return desk_read(d);
}

static const char *
unasked(struct rules_desk *d, int64_t seconds, unsigned server, unsigned client)
{
	struct obs o = make_answer(seconds, server, client);

	o.epm.question.side_visible = true;
	return observe(d, &o);
}

static void
an_answer_to_a_question_is_none(void **state)
{
	struct obs o = make_answer(10, 1, 9);

	o.epm.question.seen = o.epm.question.side_visible = true;
	assert_false(rules_answer_is_forged(&o));
	assert_string_equal(observe(*state, &o), "");
}

static void
without_proof_it_is_none(void **state)
{
	struct obs o = make_answer(10, 1, 9);

	assert_false(rules_answer_is_forged(&o));
	assert_string_equal(observe(*state, &o), "");
}

static void
an_answer_that_nobody_asked_for(void **state)
{
	struct rules_desk *d = *state;
	struct obs o = make_answer(10, 1, 9);
	const struct alert *a;

	o.epm.question.side_visible = true;
	assert_true(rules_answer_is_forged(&o));
	assert_string_equal(observe(d, &o), "EPM-010 open");
	a = desk_alert(d);
	assert_int_equal(a->severity, SEVERITY_MEDIUM);
	assert_true(a->once);
	assert_int_equal(a->client_count, 1);
	assert_int_equal(a->client[0].b[15], 9);
	assert_int_equal(a->key.server.b[15], 1);
	assert_string_equal(a->observed, "4444");
	assert_int_equal(a->evidence.frame, 7);
	assert_string_equal(a->signature, "an answer that nobody asked for, to 10.0.0.9");
}

static void
an_answer_from_elsewhere(void **state)
{
	struct obs o = make_answer(10, 5, 9);

	o.epm.elsewhere = o.epm.question.seen = true;
	assert_true(rules_answer_is_forged(&o));
	assert_string_equal(observe(*state, &o), "EPM-010 open");
	assert_int_equal(desk_alert(*state)->key.server.b[15], 5);
	assert_string_equal(desk_alert(*state)->signature,
	    "an answer from an address that was not asked, to 10.0.0.9");
}

/* It is folded as far as it makes sense. */
static void
a_malformed_tower(void **state)
{
	struct obs o = make_answer(10, 1, 9);

	o.epm.damaged = o.epm.question.seen = true;
	assert_false(rules_answer_is_forged(&o));
	assert_string_equal(observe(*state, &o), "EPM-010 open");
}

static void
once_a_server_client_and_day(void **state)
{
	struct rules_desk *d = *state;
	char id[HASH_ID_TEXT];

	assert_string_equal(unasked(d, 10, 1, 9), "EPM-010 open");
	memcpy(id, desk_alert(d)->id, sizeof(id));
	assert_string_equal(unasked(d, 20, 1, 9), "");
	assert_string_equal(unasked(d, FIRST_DAY - 1, 1, 9), "");
	assert_string_equal(unasked(d, 30, 1, 8), "EPM-010 open");
	assert_string_equal(unasked(d, 40, 2, 9), "EPM-010 open");
	assert_string_equal(unasked(d, FIRST_DAY, 1, 9), "EPM-010 open");
	assert_string_not_equal(desk_alert(d)->id, id);
	desk_restart(d);
	assert_string_equal(unasked(d, FIRST_DAY + 50, 1, 9), "");
}

static void
forgeries_are_bounded(void **state)
{
	struct rules_desk *d = *state;

	for (unsigned i = 0; i < FORGERIES; i++)
		assert_string_equal(unasked(d, 10, 1, 1000 + i), "EPM-010 open");
	assert_string_equal(unasked(d, 10, 1, 9), "");
	assert_int_equal(d->rules.refused, 1);
	assert_string_equal(unasked(d, FIRST_DAY, 1, 9), "EPM-010 open");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    TEST(an_answer_to_a_question_is_none),
	    TEST(without_proof_it_is_none),
	    TEST(an_answer_that_nobody_asked_for),
	    TEST(an_answer_from_elsewhere),
	    TEST(a_malformed_tower),
	    TEST(once_a_server_client_and_day),
	    TEST(forgeries_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
