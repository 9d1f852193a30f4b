/* What is accepted, and how what is there differs from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/model/acceptance.h"
#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"
#include "track/policy.h"

static size_t findings;

static int
setup(void **state)
{
	*state = fixture_store("day.pcap");
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	store_close(&s);
	return 0;
}

static char *
written(struct store *s, const struct rows_kind *kind, const char *format)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct query_filter any = {0};
	const struct rows_options options = {
	    .out = out, .kind = kind, .policy = policy_builtin("windows-default")};

	assert_non_null(out);
	assert_int_equal(rows_write(s, &any, rows_format(format), &options, &findings), 0);
	fclose(out);
	return text;
}

static void
accepted_endpoints_and_verdicts_are_listed(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 0, "abcd000000000000"), 0);
	char *text = written(*state, &rows_baseline, "csv");
	assert_non_null(
	    strstr(text, ",10.0.0.1,,f5cc5a18-4264-101a-8c59-08002b2f8426,1.0,nspi,"
			 "ncacn_ip_tcp,56004,,2026-01-06T04:00:00.000000Z,,the new firewall"));
	assert_non_null(strstr(text, "nspi,,,,2026-01-06T04:00:00.000000Z,abcd000000000000,"));
	assert_int_equal(findings, 0);
	free(text);
}

static void
nothing_differs_from_what_was_accepted(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 56004), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, "abcd000000000000"), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 0, "abce000000000000"), 0);
	char *text = written(*state, &rows_difference, "json");
	assert_string_equal(text, "[\n]\n");
	assert_int_equal(findings, 0);
	free(text);
}

static void
what_appeared_and_what_is_gone_are_told(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI),
				 drs = fixture_key(9, FIXTURE_DRSUAPI);

	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 56005), 0);
	assert_int_equal(fixture_port(*state, 2, FIXTURE_NSPI, 56006), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, "abcd000000000000"), 0);
	/* Of that server nothing is there. */
	assert_int_equal(fixture_accepted(*state, &drs, 50001, ""), 0);
	char *text = written(*state, &rows_difference, "csv");
	assert_int_equal(findings, 4);
	assert_non_null(strstr(text, "appeared,sensor-1,default,10.0.0.1,,f5cc5a18-4264-101a-8c59-"
				     "08002b2f8426,1.0,nspi,ncacn_ip_tcp,56005,,"));
	assert_non_null(strstr(text, "\r\nappeared,sensor-1,default,10.0.0.2,"));
	assert_non_null(strstr(text, "ncacn_ip_tcp,56004,,,,2026-01-06T04:00:00.000000Z,,\r\n"));
	assert_non_null(strstr(text, "\r\ngone,sensor-1,default,10.0.0.9,"));
	assert_non_null(strstr(text, ",day.pcap,7\r\n"));
	free(text);
}

/* Is a change of NSPI from ${before} to ${after} accepted? */
static bool
accepts(struct store *s, uint16_t before, uint16_t after, const char *id)
{
	const struct endpoint previous = {.port = before}, current = {.port = after};
	struct query_change row = {.sensor = "sensor-1",
	    .realm = "default",
	    .row = INT64_MAX,
	    .change = {.key = fixture_key(1, FIXTURE_NSPI),
		.previous_count = 1,
		.current_count = 1,
		.previous = &previous,
		.current = &current}};
	struct acceptance a;
	bool accepted;

	snprintf(row.change.id, sizeof(row.change.id), "%s", id);
	assert_int_equal(acceptance_init(&a, s), 0);
	assert_int_equal(acceptance_of_change(&a, &row, &accepted), 0);
	acceptance_deinit(&a);
	return accepted;
}

static void
a_change_to_what_is_accepted_is_accepted(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);

	assert_false(accepts(*state, 56001, 56004, "abcd000000000000"));
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	assert_true(accepts(*state, 56001, 56004, "abcd000000000000"));
	assert_false(accepts(*state, 56004, 56001, "abcd000000000000"));
	assert_int_equal(fixture_accepted(*state, &nspi, 0, "abcd000000000000"), 0);
	assert_true(accepts(*state, 56004, 56001, "abcd000000000000"));
	assert_false(accepts(*state, 56004, 56001, "abce000000000000"));
}

static void
another_server_version_or_realm_is_not(void **state)
{
	struct mapping_key other = fixture_key(2, FIXTURE_NSPI);

	assert_int_equal(fixture_accepted(*state, &other, 56004, ""), 0);
	other = fixture_key(1, FIXTURE_NSPI);
	other.major = 2;
	assert_int_equal(fixture_accepted(*state, &other, 56004, ""), 0);
	other.major = 1;
	other.protseq = PROTSEQ_HTTP;
	assert_int_equal(fixture_accepted(*state, &other, 56004, ""), 0);
	assert_int_equal(store_realm(*state, 1, "sensor-1", "branch"), 0);
	other.protseq = PROTSEQ_TCP;
	other.realm = 1;
	assert_int_equal(fixture_accepted(*state, &other, 56004, ""), 0);
	assert_false(accepts(*state, 56001, 56004, "abcd000000000000"));
}

/* Is an alert that observed ${list} accepted? */
static bool
accepts_alert(struct store *s, const char *list)
{
	struct query_alert row = {.sensor = "sensor-1",
	    .realm = "default",
	    .alert = {.id = "ffff000000000000", .key = fixture_key(1, FIXTURE_NSPI)}};
	struct acceptance acceptance;
	bool accepted;

	snprintf(row.alert.observed, sizeof(row.alert.observed), "%s", list);
	assert_int_equal(acceptance_init(&acceptance, s), 0);
	assert_int_equal(acceptance_of_alert(&acceptance, &row, &accepted), 0);
	acceptance_deinit(&acceptance);
	return accepted;
}

static void
an_alert_is_accepted_with_all_that_it_observed(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_accepted(*state, &nspi, 1032, ""), 0);
	assert_true(accepts_alert(*state, "1032"));
	assert_false(accepts_alert(*state, "1032, 1033"));
	assert_false(accepts_alert(*state, "103"));
	assert_false(accepts_alert(*state, ""));
	assert_int_equal(fixture_accepted(*state, &nspi, 1033, ""), 0);
	assert_true(accepts_alert(*state, "1032, 1033"));
	assert_true(accepts_alert(*state, "1032,1033"));
	assert_int_equal(fixture_accepted(*state, &nspi, 0, "ffff000000000000"), 0);
	assert_true(accepts_alert(*state, ""));
}

/* What of a kind is accepted of the store: a letter for each row, `y` or `n`, in the order of the query. */
struct answers {
	struct acceptance acceptance;
	char text[16];
};

static int
change_answer(void *ctx, const struct query_change *row)
{
	struct answers *a = ctx;
	bool accepted;

	assert_int_equal(acceptance_of_change(&a->acceptance, row, &accepted), 0);
	strcat(a->text, accepted ? "y" : "n");
	return 0;
}

static int
alert_answer(void *ctx, const struct query_alert *row)
{
	struct answers *a = ctx;
	bool accepted;

	assert_int_equal(acceptance_of_alert(&a->acceptance, row, &accepted), 0);
	strcat(a->text, accepted ? "y" : "n");
	return 0;
}

static const char *
answers(struct store *s, bool alerts)
{
	static struct answers a;
	const struct query_filter all = {0};

	a = (struct answers){.text = ""};
	assert_int_equal(acceptance_init(&a.acceptance, s), 0);
	assert_int_equal(alerts ? query_alerts(s, &all, alert_answer, &a)
				: query_changes(s, &all, change_answer, &a),
	    0);
	acceptance_deinit(&a.acceptance);
	return a.text;
}

static int
moved_at(struct store *s, unsigned h)
{
	return fixture_moved(s, 1, FIXTURE_NSPI, 50000, (uint16_t)(50000 + h), 0, fixture_hour(h));
}

/* At hour 100 the clock was far ahead; what was told before and after all was accepted is of hours 1 and 2. */
static void
a_clock_that_was_ahead_hides_nothing(void **state)
{
	assert_int_equal(moved_at(*state, 1), 0);
	assert_int_equal(moved_at(*state, 100), 0);
	assert_string_equal(answers(*state, false), "nn");
	assert_int_equal(store_accept_whole(*state, fixture_hour(100), "audited"), 0);
	assert_string_equal(answers(*state, false), "yy");
	assert_int_equal(moved_at(*state, 2), 0);
	assert_int_equal(moved_at(*state, 101), 0);
	assert_string_equal(answers(*state, false), "ynyn");
	assert_int_equal(store_drop_accepted(*state, NULL), 0);
	assert_string_equal(answers(*state, false), "nnnn");
}

static void
what_came_to_another_sensor_or_realm_later_was_not_accepted(void **state)
{
	const struct endpoint current = {.port = 50002};
	struct change c = {.id = "eeee000000000000",
	    .kind = CHANGE_NEW,
	    .key = fixture_key(1, FIXTURE_NSPI),
	    .confidence = CONFIDENCE_USED,
	    .ts_ns = fixture_hour(1),
	    .current_count = 1,
	    .current = &current};

	assert_int_equal(store_realm(*state, 1, "sensor-2", "default"), 0);
	assert_int_equal(moved_at(*state, 1), 0);
	assert_int_equal(store_accept_whole(*state, fixture_hour(20), NULL), 0);
	c.key.realm = 1;
	assert_int_equal(store_keep_change(*state, &c), 0);
	assert_int_equal(strlen(answers(*state, false)), 2);
	assert_non_null(strchr(answers(*state, false), 'y'));
	assert_non_null(strchr(answers(*state, false), 'n'));
}

/* An occurrence of ${about}, opened in hour ${h} by ${change} and told again an hour later by ${again}, if that is any. */
static int
occurrence(struct store *s, const char *id, unsigned h, const char *change, const char *again)
{
	struct alert a = {.rule = "EPM-004",
	    .severity = SEVERITY_LOW,
	    .state = ALERT_OPEN,
	    .once = true,
	    .key = fixture_key(1, FIXTURE_NSPI),
	    .ts_ns = fixture_hour(h),
	    .opened_ns = fixture_hour(h),
	    .updated_ns = fixture_hour(h),
	    .evidence = fixture_evidence(fixture_hour(h), 5)};

	snprintf(a.id, sizeof(a.id), "%s", id);
	snprintf(a.change, sizeof(a.change), "%s", change);
	int err = store_keep_alert(s, &a);
	if (err != 0 || again == NULL)
		return err;
	a.state = ALERT_UPDATE;
	a.updated_ns = a.ts_ns = fixture_hour(h + 1);
	snprintf(a.change, sizeof(a.change), "%s", again);
	return store_keep_alert(s, &a);
}

static void
an_occurrence_goes_with_its_changes(void **state)
{
	assert_int_equal(fixture_restarted(*state, 1, 2, "aaaa000000000000", NULL, NULL), 0);
	assert_int_equal(occurrence(*state, "1111000000000000", 2, "aaaa000000000000", NULL), 0);
	assert_int_equal(occurrence(*state, "2222000000000000", 3, "aaaa000000000000", NULL), 0);
	assert_int_equal(occurrence(*state, "3333000000000000", 4, "", NULL), 0);
	assert_string_equal(answers(*state, true), "nnn");
	assert_int_equal(store_accept_whole(*state, fixture_hour(200), NULL), 0);
	assert_string_equal(answers(*state, true), "yyy");
	/* One is told again, by a change that came later; another opens. */
	assert_int_equal(fixture_restarted(*state, 1, 5, "bbbb000000000000", NULL, NULL), 0);
	assert_int_equal(
	    occurrence(*state, "2222000000000000", 3, "aaaa000000000000", "bbbb000000000000"), 0);
	assert_int_equal(occurrence(*state, "4444000000000000", 6, "", NULL), 0);
	assert_string_equal(answers(*state, true), "ynyn");
}

/* An alert on ${key} alone, which may name no interface and no server. */
static void
accepted_by_its_id(struct store *s, const struct mapping_key *key)
{
	struct alert a = {.id = "5555000000000000",
	    .rule = "SYS-001",
	    .severity = SEVERITY_MEDIUM,
	    .state = ALERT_OPEN,
	    .key = *key,
	    .ts_ns = fixture_hour(1),
	    .opened_ns = fixture_hour(1),
	    .updated_ns = fixture_hour(1)};

	assert_int_equal(store_keep_alert(s, &a), 0);
	assert_string_equal(answers(s, true), "n");
	assert_int_equal(fixture_accepted(s, key, 0, "5555000000000001"), 0);
	assert_string_equal(answers(s, true), "n");
	assert_int_equal(fixture_accepted(s, key, 0, a.id), 0);
	assert_string_equal(answers(s, true), "y");
}

static void
what_is_about_no_interface_is_accepted(void **state)
{
	const struct mapping_key server = {.server = fixture_key(1, FIXTURE_NSPI).server};

	accepted_by_its_id(*state, &server);
}

static void
what_is_about_no_server_is_accepted(void **state)
{
	accepted_by_its_id(*state, &(struct mapping_key){.realm = 0});
}

/* All that the filter selects differs, though the server has other endpoints that do not. */
static void
a_filter_finds_what_is_gone(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);
	struct query_filter f = {
	    .has_server = true, .server = nspi.server, .has_uuid = true, .uuid = nspi.uuid};
	struct rows_options options = {
	    .kind = &rows_difference, .policy = policy_builtin("windows-default")};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(fixture_port(*state, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	options.out = open_memstream(&text, &len);
	assert_int_equal(rows_write(*state, &f, rows_format("csv"), &options, &findings), 0);
	fclose(options.out);
	assert_int_equal(findings, 1);
	assert_non_null(strstr(text, "\r\ngone,sensor-1,default,10.0.0.1,"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(accepted_endpoints_and_verdicts_are_listed),
	    TEST(nothing_differs_from_what_was_accepted),
	    TEST(what_appeared_and_what_is_gone_are_told),
	    TEST(a_change_to_what_is_accepted_is_accepted),
	    TEST(another_server_version_or_realm_is_not),
	    TEST(an_alert_is_accepted_with_all_that_it_observed),
	    TEST(a_clock_that_was_ahead_hides_nothing),
	    TEST(what_came_to_another_sensor_or_realm_later_was_not_accepted),
	    TEST(an_occurrence_goes_with_its_changes),
	    TEST(what_is_about_no_interface_is_accepted),
	    TEST(what_is_about_no_server_is_accepted),
	    TEST(a_filter_finds_what_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
