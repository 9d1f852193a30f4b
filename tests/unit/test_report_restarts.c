/* What a report reads of the members of changes of whole servers: where there are more of these than it holds, and what showed them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/model/model.h"
#include "report/rows/report_json.h"
#include "report_fixture.h"

static struct report *
built(struct store *s)
{
	const struct report_options options = {.fail_on = SEVERITY_MEDIUM};
	struct report *r;

	assert_int_equal(report_build(&r, s, policy_builtin("windows-default"), &options), 0);
	return r;
}

/* The server restarted at that time, and one interface moved to ${port}. */
static void
restarted(struct store *s, unsigned number, int64_t at_ns, uint16_t port)
{
	const struct endpoint before = {.port = 50001}, after = {.port = port};
	const struct change_member m = {.key = fixture_key(1, FIXTURE_NSPI),
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &before,
	    .current = &after,
	    .not_before_ns = at_ns - 1,
	    .not_after_ns = at_ns};
	struct change c = {.kind = CHANGE_RESTARTED,
	    .key = {.server = m.key.server},
	    .confidence = CONFIDENCE_CONFIRMED,
	    .ts_ns = at_ns,
	    .first_ns = at_ns,
	    .not_before_ns = at_ns - 1,
	    .not_after_ns = at_ns,
	    .clients = 1,
	    .member_count = 1,
	    .member = &m,
	    .evidence = fixture_evidence(at_ns, 77)};

	snprintf(c.id, sizeof(c.id), "%016x", number);
	assert_int_equal(store_keep_change(s, &c), 0);
}

/* So many, of which only the first is out of policy. */
static struct store *
restarts(unsigned count)
{
	struct store *s = fixture_store("day.pcap");

	for (unsigned i = 1; i <= count; i++)
		restarted(s, i, FIXTURE_START + i * NS_PER_S, i == 1 ? 30000 : 60001);
	return s;
}

static bool
holds(const struct report *r, unsigned number)
{
	char id[HASH_ID_TEXT];

	snprintf(id, sizeof(id), "%016x", number);
	for (size_t i = 0; i < r->change_count; i++)
		if (strcmp(r->change[i].row.change.id, id) == 0)
			return true;
	return false;
}

static const struct report_change *
first_of(const struct report *r)
{
	assert_true(r->change_count > 0);
	return &r->change[0];
}

static void
of_more_than_are_held_the_one_with_a_bad_member_is_among_them(void **state)
{
	struct store *s = restarts(REPORT_CHANGES + 1);
	struct report *r = built(s);

	(void)state;
	assert_int_equal(r->kind_count[CHANGE_RESTARTED], REPORT_CHANGES + 1);
	assert_int_equal(r->kind_held[CHANGE_RESTARTED], REPORT_CHANGES);
	assert_true(holds(r, 1));
	assert_false(holds(r, 2));
	assert_true(holds(r, 3));
	assert_true(holds(r, REPORT_CHANGES + 1));
	report_free(&r);
	store_close(&s);
}

static void
of_very_many_the_newest_are_judged(void **state)
{
	struct store *s = restarts(REPORT_JUDGED + 1);
	struct report *r = built(s);

	(void)state;
	assert_int_equal(r->kind_count[CHANGE_RESTARTED], REPORT_JUDGED + 1);
	assert_int_equal(r->kind_held[CHANGE_RESTARTED], REPORT_CHANGES);
	assert_false(holds(r, 1));
	assert_false(holds(r, REPORT_JUDGED + 1 - REPORT_CHANGES));
	assert_true(holds(r, REPORT_JUDGED + 2 - REPORT_CHANGES));
	report_free(&r);
	store_close(&s);
	/* the last of those that are judged */
	s = restarts(REPORT_JUDGED);
	r = built(s);
	assert_true(holds(r, 1));
	report_free(&r);
	store_close(&s);
}

static void
what_is_held_has_its_members_and_what_they_break(void **state)
{
	struct store *s = restarts(1);
	struct report *r = built(s);
	const struct report_change *c = first_of(r);

	(void)state;
	assert_int_equal(c->row.change.member_count, 1);
	assert_int_equal(c->row.change.member[0].current_count, 1);
	assert_int_equal(c->row.change.member[0].current[0].port, 30000);
	assert_int_equal(c->row.change.member[0].previous[0].port, 50001);
	assert_int_equal(c->wrong.count, 1);
	assert_string_equal(c->wrong.rule[0], "EPM-001");
	report_free(&r);
	store_close(&s);
}

/* How many rows say what showed their member; those behind the first ${skip} all do. */
static void
assert_shown(struct store *s, unsigned count, unsigned skip)
{
	struct report *r = built(s);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(report_json(r, NULL, out), 0);
	fclose(out);
	const char *at = strstr(text, "\"changes\":[");
	for (unsigned i = 0; i < count; i++) {
		assert_non_null(at);
		at = strstr(at + 1, "\"members\":");
		assert_non_null(at);
		at = strstr(at, "\"evidence\":[");
		assert_non_null(at);
		assert_int_equal(at[strlen("\"evidence\":[")] == '{', i >= skip);
	}
	free(text);
	report_free(&r);
}

static void
what_showed_the_members_is_said_of_the_last_ones(void **state)
{
	struct store *s = restarts(REPORT_SHOWN + 2);

	(void)state;
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 60001), 0);
	assert_shown(s, REPORT_SHOWN + 2, 2);
	store_close(&s);
	s = restarts(REPORT_SHOWN);
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 60001), 0);
	assert_int_equal(fixture_port(s, 1, FIXTURE_NSPI, 30000), 0);
	assert_shown(s, REPORT_SHOWN, 0);
	store_close(&s);
}

/* The members have two new ports, of two interfaces each. */
static void
a_baseline_accepts_it_with_all_its_members(void **state)
{
	struct store *s = fixture_store("day.pcap");
	char uuid[UUID_TEXT];

	(void)state;
	assert_int_equal(fixture_restarted(s, 1, 5, "cccc000000000000", NULL, NULL), 0);
	for (unsigned i = 0; i < FIXTURE_MEMBERS; i++) {
		struct report *r = built(s);
		const struct mapping_key key = fixture_key(1, fixture_uuid(i, uuid));

		assert_int_equal(r->kind_count[CHANGE_RESTARTED], 1);
		assert_int_equal(r->accepted_count, 0);
		report_free(&r);
		assert_int_equal(fixture_accepted(s, &key, i < 2 ? 60001 : 60002, ""), 0);
	}
	struct report *r = built(s);
	assert_int_equal(r->kind_count[CHANGE_RESTARTED], 0);
	assert_int_equal(r->accepted_count, 1);
	report_free(&r);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_more_than_are_held_the_one_with_a_bad_member_is_among_them),
	    cmocka_unit_test(of_very_many_the_newest_are_judged),
	    cmocka_unit_test(what_is_held_has_its_members_and_what_they_break),
	    cmocka_unit_test(a_baseline_accepts_it_with_all_its_members),
	    cmocka_unit_test(what_showed_the_members_is_said_of_the_last_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
