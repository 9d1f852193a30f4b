/* What a report says of a period: corrected and accepted changes, restarts with members, alerts beside changes, holes, and how
 * much of it is listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/model/model.h"
#include "report_fixture.h"
#include "track/policy.h"

static struct report_options options;
static struct report *report;
static char *text;

static int
setup(void **state)
{
	options = (struct report_options){.fail_on = SEVERITY_MEDIUM};
	*state = fixture_store("day.pcap");
	return *state == NULL ? -1 : 0;
}

static void
forget(void)
{
	report_free(&report);
	free(text);
	text = NULL;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	forget();
	store_close(&s);
	return 0;
}

static void
build(struct store *s)
{
	size_t len = 0;

	forget();
	assert_int_equal(report_build(&report, s, policy_builtin("windows-default"), &options), 0);
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(document_write(&document_text, report, out, false), 0);
	fclose(out);
	fixture_joined(text);
}

static void
says(const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("it does not say `%s':\n%s", words, text);
}

static void
says_not(const char *words)
{
	if (strstr(text, words) != NULL)
		fail_msg("it says `%s':\n%s", words, text);
}

static void
a_restart_is_one_row_with_a_line_for_each_process(void **state)
{
	assert_int_equal(fixture_restarted(*state, 1, 5, "cccc000000000000", NULL, NULL), 0);
	build(*state);
	assert_int_equal(report->kind_count[CHANGE_RESTARTED], 1);
	says("restarted: 1\n  2026-01-05 13:00:00  10.0.0.1  4 interfaces\n    moved     ");
	says("    moved     ncacn_ip_tcp 50001 -> 60001: feedbeef-0000-4000-8000-000000000000, "
	     "feedbeef");
	says("    moved     ncacn_ip_tcp 50002 -> 60002: ");
	says("1 restarted;");
	assert_false(report->failed);
}

static void
two_restarts_are_two_rows(void **state)
{
	assert_int_equal(fixture_restarted(*state, 1, 5, "cccc000000000000", NULL, NULL), 0);
	assert_int_equal(fixture_restarted(*state, 1, 5, "dddd000000000000", NULL, NULL), 0);
	build(*state);
	assert_int_equal(report->change_group_count, 2);
}

static void
what_a_later_change_corrects_is_told_once(void **state)
{
	assert_int_equal(fixture_restarted(*state, 1, 5, "cccc000000000000", NULL, NULL), 0);
	assert_int_equal(
	    fixture_restarted(*state, 1, 6, "dddd000000000000", "cccc000000000000", NULL), 0);
	assert_int_equal(
	    fixture_restarted(*state, 1, 7, "eeee000000000000", NULL, "dddd000000000000"), 0);
	build(*state);
	assert_int_equal(report->change_count, 1);
	assert_int_equal(report->kind_count[CHANGE_RESTARTED], 1);
	says("2026-01-05 15:00:00  10.0.0.1  4 interfaces");
}

static void
accepted_changes_are_only_counted(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(
	    fixture_moved(*state, 1, FIXTURE_NSPI, 56004, 1032, fixture_hour(1), fixture_hour(2)),
	    0);
	assert_int_equal(fixture_accepted(*state, &key, 1032, ""), 0);
	build(*state);
	assert_int_equal(report->change_count, 0);
	says("SUPPRESSED\n1 change to what the baseline accepts\n");
}

static void
an_accepted_alert_is_listed_with_its_reason(void **state)
{
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_bad_port(*state, 1, FIXTURE_NSPI, 1032), 0);
	build(*state);
	assert_int_equal(report->finding_count, 1);
	assert_true(report->failed);
	says("  more      epmwatch explain -d STORE ");
	assert_int_equal(fixture_accepted(*state, &key, 1032, ""), 0);
	build(*state);
	assert_int_equal(report->finding_count, 0);
	assert_false(report->failed);
	says("OUT OF POLICY\nnothing\n");
	says("SUPPRESSED\n2026-01-05 08:00:00  EPM-001  answers outside the allowed range (");
	says("  by        the baseline: the new firewall\n");
	says("ncacn_ip_tcp[1032]  confirmed  ok\n");
}

/* An alert on an occurrence that is no change. */
static void
occurrence(struct store *s, enum severity severity)
{
	struct alert a = {.id = "ffff000000000000",
	    .rule = "EPM-010",
	    .severity = severity,
	    .state = ALERT_OPEN,
	    .once = true,
	    .key = {.server = fixture_key(1, FIXTURE_NSPI).server},
	    .ts_ns = fixture_hour(2),
	    .opened_ns = fixture_hour(2),
	    .updated_ns = fixture_hour(2),
	    .signature = "an answer that nobody asked for",
	    .evidence = fixture_evidence(fixture_hour(2), 31)};

	assert_int_equal(store_keep_alert(s, &a), 0);
}

static void
an_occurrence_that_is_no_change_is_listed_in_its_period(void **state)
{
	occurrence(*state, SEVERITY_MEDIUM);
	build(*state);
	says("OTHER ALERTS\n2026-01-05 10:00:00  EPM-010  an answer that nobody asked for "
	     "(ffff000000000000)\n");
	says("frame 31 of day.pcap");
	assert_int_equal(report->finding_count, 0);
	assert_true(report->failed);
	/* It does not stand, not even at its own time. */
	options.until_ns = fixture_hour(2);
	build(*state);
	assert_int_equal(report->finding_count, 0);
	options.until_ns = 0;
	options.since_ns = fixture_hour(3);
	build(*state);
	says_not("EPM-010");
	assert_false(report->failed);
}

static void
an_occurrence_counts_from_its_severity_on(void **state)
{
	occurrence(*state, SEVERITY_LOW);
	build(*state);
	assert_false(report->failed);
}

static void
holes_are_told_within_the_period(void **state)
{
	struct coverage first = {.from_ns = FIXTURE_START, .to_ns = fixture_hour(2) + NS_PER_S / 2},
			second = {.from_ns = fixture_hour(5), .to_ns = fixture_hour(6)},
			third = {.from_ns = fixture_hour(30), .to_ns = fixture_hour(31)};

	assert_int_equal(store_keep_coverage(*state, &first), 0);
	assert_int_equal(store_keep_coverage(*state, &second), 0);
	assert_int_equal(store_keep_coverage(*state, &third), 0);
	build(*state);
	assert_int_equal(report->hole_count, 2);
	says("GAP FROM (UTC)       TO (UTC)                   FOR\n"
	     "2026-01-05 10:00:00  2026-01-05 13:00:00  3 h 0 min\n"
	     "2026-01-05 14:00:00  2026-01-06 14:00:00    1 d 0 h\n");
	options.since_ns = fixture_hour(4);
	options.until_ns = fixture_hour(6);
	build(*state);
	assert_int_equal(report->hole_count, 1);
	says("2026-01-05 12:00:00  2026-01-05 13:00:00  1 h 0 min\n");
}

static void
a_period_lists_the_endpoints_of_servers_that_it_tells_of(void **state)
{
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 56001), 0);
	assert_int_equal(fixture_port(*state, 2, FIXTURE_NSPI, 56002), 0);
	assert_int_equal(fixture_bad_port(*state, 3, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(
	    fixture_moved(*state, 1, FIXTURE_NSPI, 56009, 56001, fixture_hour(4), fixture_hour(5)),
	    0);
	build(*state);
	says("\nENDPOINTS\n10.0.0.1\n");
	says("ncacn_ip_tcp[56002]");
	assert_int_equal(report->server_count, 3);
	options.since_ns = fixture_hour(3);
	build(*state);
	says("\nENDPOINTS\nof the servers that this report speaks of\n\n10.0.0.1\n");
	says("10.0.0.3\n");
	says_not("\n10.0.0.2\n");
	says("3 servers, 3 endpoints;");
}

/* The ${i}th of many, a minute after the one before. */
static void
one_of_many_moves(struct store *s, unsigned i, uint16_t to)
{
	char uuid[UUID_TEXT];
	int64_t t = fixture_hour(1) + (int64_t)i * 60 * NS_PER_S;

	assert_int_equal(fixture_moved(s, (uint8_t)(i % 250 + 1), fixture_uuid(i, uuid), 50001, to,
			     t, t + 1),
	    0);
}

static bool
holds_move(unsigned i)
{
	char of[UUID_TEXT];
	struct uuid uuid;

	assert_int_equal(uuid_parse(fixture_uuid(i, of), &uuid), 0);
	for (size_t k = 0; k < report->change_count; k++)
		if (uuid_equal(&report->change[k].row.change.key.uuid, &uuid))
			return true;
	return false;
}

static void
many_changes_are_counted_and_the_newest_held(void **state)
{
	for (unsigned i = 0; i < REPORT_CHANGES + 7; i++)
		one_of_many_moves(*state, i, 50002);
	build(*state);
	assert_int_equal(report->change_count, REPORT_CHANGES);
	assert_int_equal(report->kind_held[CHANGE_MOVED], REPORT_CHANGES);
	assert_int_equal(report->kind_count[CHANGE_MOVED], REPORT_CHANGES + 7);
	assert_false(holds_move(6));
	assert_true(holds_move(7));
	assert_true(holds_move(REPORT_CHANGES + 6));
	says("moved: 2007\n  1957 earlier or less severe ones are left out: epmwatch changes");
}

/* What goes out of its range is worth more than what is newer. */
static void
of_many_changes_the_most_severe_are_held(void **state)
{
	for (unsigned i = 0; i < REPORT_CHANGES + 7; i++)
		one_of_many_moves(*state, i, i == 3 ? 1032 : 50002);
	build(*state);
	assert_int_equal(report->change_count, REPORT_CHANGES);
	assert_true(holds_move(3));
	assert_false(holds_move(7));
	assert_true(holds_move(8));
}

/* Those that are corrected take no room from others. */
static void
corrected_changes_take_no_room(void **state)
{
	char uuid[UUID_TEXT], what[128], id[HASH_ID_TEXT];
	const unsigned last = REPORT_CHANGES + 6;

	for (unsigned i = 0; i <= last; i++)
		one_of_many_moves(*state, i, 50002);
	snprintf(what, sizeof(what), "%u %s %u %lld", last % 250 + 1, fixture_uuid(last, uuid), 50002U,
	    (long long)(fixture_hour(1) + (int64_t)last * 60 * NS_PER_S + 1));
	hash_id(what, strlen(what), id);
	assert_int_equal(fixture_restarted(*state, 1, 40, "aaaa000000000000", id, NULL), 0);
	build(*state);
	assert_int_equal(report->kind_count[CHANGE_MOVED], REPORT_CHANGES + 6);
	assert_int_equal(report->kind_held[CHANGE_MOVED], REPORT_CHANGES);
	assert_int_equal(report->kind_held[CHANGE_RESTARTED], 1);
	assert_false(holds_move(5));
	assert_true(holds_move(6));
	assert_false(holds_move(last));
}

/* Two rules on the port of one endpoint. */
static void
rules_on_one_endpoint_are_one_finding(void **state)
{
	struct alert a = {.id = "ffff000000000000",
	    .rule = "EPM-003",
	    .severity = SEVERITY_HIGH,
	    .state = ALERT_OPEN,
	    .key = fixture_key(1, FIXTURE_NSPI),
	    .ts_ns = FIXTURE_START,
	    .opened_ns = FIXTURE_START,
	    .updated_ns = FIXTURE_START,
	    .signature = "not where it is pinned",
	    .expected = "56004 (pinned)",
	    .observed = "1032",
	    .evidence = fixture_evidence(FIXTURE_START, 7)};

	assert_int_equal(fixture_bad_port(*state, 1, FIXTURE_NSPI, 1032), 0);
	/* Its number begins like the one that is wrong. */
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 103), 0);
	assert_int_equal(store_keep_alert(*state, &a), 0);
	build(*state);
	assert_int_equal(report->finding_count, 1);
	says("ncacn_ip_tcp[103]   confirmed  ok\n");
	says("EPM-001,EPM-003 high  10.0.0.1  ncacn_ip_tcp 1032\n");
	says("  expected  56004 (pinned)\n");
	says("ncacn_ip_tcp[1032]  confirmed  EPM-001,EPM-003\n");
}

static void
alerts_about_no_interface_say_themselves_what_they_are(void **state)
{
	struct alert a = {.id = "ffff000000000000",
	    .rule = "EPM-013",
	    .severity = SEVERITY_MEDIUM,
	    .state = ALERT_OPEN,
	    .key = {.server = fixture_key(1, FIXTURE_NSPI).server, .protseq = PROTSEQ_TCP},
	    .about = "50007",
	    .ts_ns = fixture_hour(2),
	    .opened_ns = fixture_hour(2),
	    .updated_ns = fixture_hour(2),
	    .signature = "a firewall blocks port 50007",
	    .evidence = fixture_evidence(fixture_hour(2), 7)};

	assert_int_equal(store_keep_alert(*state, &a), 0);
	a.key = (struct mapping_key){0};
	snprintf(a.id, sizeof(a.id), "eeee000000000000");
	snprintf(a.rule, sizeof(a.rule), "SYS-001");
	snprintf(a.signature, sizeof(a.signature), "packets are lost");
	a.about[0] = '\0';
	assert_int_equal(store_keep_alert(*state, &a), 0);
	build(*state);
	assert_int_equal(report->finding_count, 2);
	assert_true(report->failed);
	says("EPM-013 medium  10.0.0.1  a firewall blocks port 50007\n");
	says("SYS-001 medium  sensor sensor-1  packets are lost\n");
}

static void
what_closed_is_one_line_a_process_in_its_period(void **state)
{
	char uuid[UUID_TEXT];

	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(
		    fixture_alert(*state, 1, fixture_uuid(i, uuid), 1032, ALERT_CLOSED), 0);
	assert_int_equal(fixture_alert(*state, 2, FIXTURE_NSPI, 1033, ALERT_CLOSED), 0);
	build(*state);
	assert_int_equal(report->closed.count, 6);
	says("RIGHT AGAIN\n2026-01-05 10:00:00  EPM-001  10.0.0.1  ncacn_ip_tcp 1032  5 interfaces (");
	says("\n2026-01-05 10:00:00  EPM-001  10.0.0.2  answers outside the allowed range (");
	/* Then it was still open. */
	options.until_ns = fixture_hour(1);
	build(*state);
	assert_int_equal(report->closed.count, 0);
	assert_int_equal(report->finding_count, 6);
	says_not("RIGHT AGAIN");
}

/* At the end of the period there were two endpoints, one of them wrong; what came and closed later is no part of it. */
static void
a_period_ends_where_it_ends(void **state)
{
	const struct mapping_key late = fixture_key(2, FIXTURE_NSPI);
	struct episode e = {.endpoint = {.port = 50002},
	    .first_ns = fixture_hour(5),
	    .last_ns = fixture_hour(6),
	    .announced = 1,
	    .dirty = true};
	struct mapping m = {.key = late, .episode_count = 1, .episode = &e, .dirty = true};

	assert_int_equal(fixture_port(*state, 1, FIXTURE_DRSUAPI, 50001), 0);
	assert_int_equal(fixture_port(*state, 1, FIXTURE_NSPI, 1032), 0);
	assert_int_equal(fixture_alert(*state, 1, FIXTURE_NSPI, 1032, ALERT_CLOSED), 0);
	assert_int_equal(store_keep_mapping(*state, &m), 0);
	options.since_ns = FIXTURE_START - FIXTURE_HOUR;
	options.until_ns = fixture_hour(1);
	build(*state);
	assert_int_equal(report->endpoint_count, 2);
	assert_int_equal(report->server_count, 1);
	assert_int_equal(report->finding_count, 1);
	says_not("RIGHT AGAIN");
	options.since_ns = 0;
	build(*state);
	assert_int_equal(report->endpoint_count, 2);
	options.since_ns = FIXTURE_START - FIXTURE_HOUR;
	options.until_ns = fixture_hour(7);
	build(*state);
	assert_int_equal(report->endpoint_count, 3);
	assert_int_equal(report->server_count, 2);
	assert_int_equal(report->finding_count, 0);
	says("RIGHT AGAIN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_restart_is_one_row_with_a_line_for_each_process),
	    TEST(two_restarts_are_two_rows),
	    TEST(what_a_later_change_corrects_is_told_once),
	    TEST(accepted_changes_are_only_counted),
	    TEST(an_accepted_alert_is_listed_with_its_reason),
	    TEST(an_occurrence_that_is_no_change_is_listed_in_its_period),
	    TEST(an_occurrence_counts_from_its_severity_on),
	    TEST(holes_are_told_within_the_period),
	    TEST(a_period_lists_the_endpoints_of_servers_that_it_tells_of),
	    TEST(many_changes_are_counted_and_the_newest_held),
	    TEST(of_many_changes_the_most_severe_are_held),
	    TEST(corrected_changes_take_no_room),
	    TEST(what_closed_is_one_line_a_process_in_its_period),
	    TEST(a_period_ends_where_it_ends),
	    TEST(rules_on_one_endpoint_are_one_finding),
	    TEST(alerts_about_no_interface_say_themselves_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
