/* What a verdict rests on: found by its id, with its sights, its relatives, and the commands that show it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/err.h"
#include "report/explain/explain.h"
#include "report_fixture.h"
#include "track/policy.h"

static int
setup(void **state)
{
	*state = fixture_store("a day's.pcap");
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	store_close(&s);
	return 0;
}

static int
tried(struct store *s, const char *id, struct explanation **e)
{
	return explain_read(e, s, policy_builtin("windows-default"), id);
}

static struct explanation *
explained(struct store *s, const char *id)
{
	struct explanation *e = NULL;

	assert_int_equal(tried(s, id, &e), 0);
	return e;
}

static char *
written(const struct explanation *e, int (*write)(const struct explanation *e, FILE *out))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(write(e, out), 0);
	fclose(out);
	return text;
}

/* NSPI of 10.0.0.1 on ${port}, from the hour ${from} to ${to}; ended there if ${ended}. */
static void
episode(struct store *s, uint16_t port, unsigned from, unsigned to, bool ended)
{
	struct addr client = fixture_evidence(0, 0).client;
	struct episode e = {.endpoint = {.port = port},
	    .first_ns = fixture_hour(from),
	    .last_ns = fixture_hour(to),
	    .ended_ns = ended ? fixture_hour(to + 1) : 0,
	    .why = ended ? CHANGE_MOVED : CHANGE_NONE,
	    .announced = 5,
	    .used = 3,
	    .first = fixture_evidence(fixture_hour(from), from * 10 + 1),
	    .last = fixture_evidence(fixture_hour(to), to * 10 + 2),
	    .client_count = 1,
	    .client = &client,
	    .dirty = EPISODE_DIRTY | EPISODE_SEEN | EPISODE_ENDED | EPISODE_TOLD};
	struct mapping m = {
	    .key = fixture_key(1, FIXTURE_NSPI), .episode_count = 1, .episode = &e, .dirty = true};

	assert_int_equal(store_keep_mapping(s, &m), 0);
}

/* The change of ${from} to ${to} that is ${id}. */
static void
moved(
    struct store *s, uint16_t from, uint16_t to, unsigned hour, const char *id, const char *revises)
{
	const struct endpoint previous = {.port = from}, current = {.port = to};
	struct change c = {.kind = CHANGE_MOVED,
	    .key = fixture_key(1, FIXTURE_NSPI),
	    .confidence = CONFIDENCE_CONFIRMED,
	    .ts_ns = fixture_hour(hour),
	    .first_ns = fixture_hour(hour),
	    .not_before_ns = fixture_hour(hour - 1),
	    .not_after_ns = fixture_hour(hour),
	    .clients = 2,
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &previous,
	    .current = &current,
	    .evidence = fixture_evidence(fixture_hour(hour), 42)};

	snprintf(c.id, sizeof(c.id), "%s", id);
	snprintf(c.revises, sizeof(c.revises), "%s", revises);
	assert_int_equal(store_keep_change(s, &c), 0);
}

static void
an_id_is_found_by_its_beginning(void **state)
{
	struct explanation *e;

	moved(*state, 50001, 50002, 2, "abcd000000000000", "");
	moved(*state, 50002, 50003, 4, "abce000000000000", "");
	e = explained(*state, "abcd");
	assert_string_equal(e->change.change.id, "abcd000000000000");
	assert_false(e->is_alert);
	explain_free(&e);
	e = explained(*state, "ABCE000000000000");
	explain_free(&e);
	assert_null(e);
}

static void
an_ambiguous_beginning_names_all_of_them(void **state)
{
	struct explanation *e;

	moved(*state, 50001, 50002, 2, "abcd000000000000", "");
	moved(*state, 50002, 50003, 4, "abce000000000000", "");
	assert_int_equal(tried(*state, "abc", &e), ERR_USAGE);
	assert_int_equal(e->match_count, 2);
	assert_string_equal(e->match[1], "abce000000000000");
	explain_free(&e);
}

static void
what_is_no_id_is_not_found(void **state)
{
	static const char *const none[] = {"", "abcd0000000000000", "xyz", "%", "ab'--", "abce"};
	struct explanation *e;

	moved(*state, 50001, 50002, 2, "abcd000000000000", "");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(tried(*state, none[i], &e), -ENOENT);
		assert_null(e);
	}
}

static void
a_change_comes_with_its_sights(void **state)
{
	struct explanation *e;

	/* The endpoint was there before and came back later: that is not what the change is about. */
	episode(*state, 50001, 1, 2, true);
	episode(*state, 50001, 10, 11, false);
	episode(*state, 50001, 4, 5, true);
	episode(*state, 50002, 7, 9, false);
	episode(*state, 50009, 7, 9, false);
	moved(*state, 50001, 50002, 7, "abcd000000000000", "");
	e = explained(*state, "abcd");
	assert_int_equal(e->sight_count, 2);
	assert_int_equal(e->sight[0].role, EXPLAIN_BEFORE);
	assert_int_equal(e->sight[0].row.first_ns, fixture_hour(4));
	assert_int_equal(e->sight[1].role, EXPLAIN_AFTER);
	char *text = written(e, explain_text);
	assert_non_null(strstr(text, "change abcd000000000000: moved, told 2026-01-05T15:00:00"));
	assert_non_null(strstr(text, "before    50001\nafter     50002\n"));
	assert_non_null(strstr(text, "moment    between 2026-01-05T14:00:00"));
	assert_non_null(strstr(text, "  before    ncacn_ip_tcp[50001]"));
	assert_non_null(strstr(text, "frame 52 of a day's.pcap\n"));
	assert_non_null(strstr(text, "tshark -r 'a day'\\''s.pcap' -Y 'frame.number==52'\n"));
	assert_non_null(strstr(text, "ended     2026-01-05T14:00:00"));
	assert_null(strstr(text, "50009"));
	free(text);
	explain_free(&e);
}

static void
a_change_knows_what_it_corrects_and_what_corrected_it(void **state)
{
	struct explanation *e;

	moved(*state, 50001, 50002, 2, "aaaa000000000000", "eeee000000000000");
	moved(*state, 50002, 50003, 4, "bbbb000000000000", "aaaa000000000000");
	assert_int_equal(
	    fixture_restarted(*state, 1, 5, "cccc000000000000", NULL, "bbbb000000000000"), 0);
	e = explained(*state, "bbbb");
	assert_int_equal(e->revises.count, 1);
	assert_string_equal(e->revises.relative[0].id, "aaaa000000000000");
	assert_true(e->revises.relative[0].known);
	assert_int_equal(e->revised_by.count, 1);
	assert_string_equal(e->revised_by.relative[0].id, "cccc000000000000");
	assert_string_equal(e->revised_by.relative[0].what, "restarted");
	explain_free(&e);
	/* What was pruned is told by its id. */
	e = explained(*state, "aaaa");
	assert_int_equal(e->revises.count, 1);
	assert_false(e->revises.relative[0].known);
	explain_free(&e);
}

static void
a_restart_lists_its_members(void **state)
{
	struct explanation *e;

	assert_int_equal(fixture_restarted(*state, 1, 5, "cccc000000000000", NULL, NULL), 0);
	e = explained(*state, "cccc");
	char *text = written(e, explain_text);
	assert_non_null(strstr(text, "MEMBERS: 4\n"));
	assert_non_null(strstr(text, "ncacn_ip_tcp  50002 -> 60002\n"));
	assert_null(strstr(text, "before  "));
	free(text);
	explain_free(&e);
}

static void
an_alert_comes_with_its_evidence_and_sights(void **state)
{
	struct explanation *e;
	char id[HASH_ID_TEXT], text_id[] = "alert 1 " FIXTURE_NSPI " 1032";

	hash_id(text_id, strlen(text_id), id);
	episode(*state, 1032, 0, 9, false);
	episode(*state, 50000, 0, 9, false);
	assert_int_equal(fixture_alert(*state, 1, FIXTURE_NSPI, 1032, ALERT_CLOSED), 0);
	e = explained(*state, id);
	assert_true(e->is_alert);
	assert_int_equal(e->sight_count, 1);
	assert_int_equal(e->sight[0].role, EXPLAIN_OBSERVED);
	char *text = written(e, explain_text);
	assert_non_null(strstr(text, "EPM-001 high, closed\nanswers outside the allowed range\n"));
	assert_non_null(strstr(text, "opened by 2026-01-05T08:00:00"));
	assert_non_null(strstr(text, "then      2026-01-05T10:00:00"));
	assert_non_null(strstr(text, "observed  ncacn_ip_tcp[1032]"));
	free(text);
	explain_free(&e);
}

static void
suppression_is_told_with_its_reason(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);
	struct explanation *e;

	moved(*state, 50001, 50002, 2, "aaaa000000000000", "");
	e = explained(*state, "aaaa");
	assert_null(e->suppressed);
	explain_free(&e);
	assert_int_equal(fixture_accepted(*state, &key, 0, "aaaa000000000000"), 0);
	e = explained(*state, "aaaa");
	assert_non_null(e->suppressed);
	assert_non_null(strstr(e->suppressed, "the new firewall"));
	explain_free(&e);
}

static void
json_is_one_object_with_the_same(void **state)
{
	struct explanation *e;

	episode(*state, 50001, 1, 2, true);
	episode(*state, 50002, 4, 9, false);
	moved(*state, 50001, 50002, 4, "abcd000000000000", "");
	e = explained(*state, "abcd");
	char *text = written(e, explain_json);
	json_t *o = json_loads(text, 0, NULL);
	assert_true(json_is_object(o));
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(o, "change"), "kind")), "moved");
	json_t *sight = json_array_get(json_object_get(o, "sights"), 0);
	assert_string_equal(json_string_value(json_object_get(sight, "role")), "before");
	json_t *piece = json_array_get(json_object_get(sight, "evidence"), 1);
	assert_string_equal(
	    json_string_value(json_object_get(piece, "pcap_filename")), "a day's.pcap");
	assert_int_equal(json_integer_value(json_object_get(piece, "pcap_cnt")), 22);
	assert_string_equal(json_string_value(json_object_get(piece, "client")), "10.0.0.200");
	assert_string_equal(json_string_value(json_object_get(piece, "command")),
	    "tshark -r 'a day'\\''s.pcap' -Y 'frame.number==22'");
	json_decref(o);
	free(text);
	explain_free(&e);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_id_is_found_by_its_beginning),
	    TEST(an_ambiguous_beginning_names_all_of_them),
	    TEST(what_is_no_id_is_not_found),
	    TEST(a_change_comes_with_its_sights),
	    TEST(a_change_knows_what_it_corrects_and_what_corrected_it),
	    TEST(a_restart_lists_its_members),
	    TEST(an_alert_comes_with_its_evidence_and_sights),
	    TEST(suppression_is_told_with_its_reason),
	    TEST(json_is_one_object_with_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
