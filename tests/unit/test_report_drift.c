/* Rows of changes, alerts and sessions in their formats, from a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/rows/rows.h"
#include "report_fixture.h"
#include "store/query.h"
#include "track/policy.h"

static struct query_filter filter;
static const char *service;
static enum severity fail_on;
static size_t findings;

static int
setup(void **state)
{
	struct store *s = fixture_store("day.pcap");

	filter = (struct query_filter){0};
	service = NULL;
	fail_on = SEVERITY_MEDIUM;
	findings = SIZE_MAX;
	*state = s;
	return s == NULL ? -1 : 0;
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
	const struct rows_options options = {.out = out,
	    .kind = kind,
	    .policy = policy_builtin("windows-default"),
	    .service = service,
	    .fail_on = fail_on};

	assert_non_null(out);
	assert_int_equal(rows_write(s, &filter, rows_format(format), &options, &findings), 0);
	fclose(out);
	return text;
}

static json_t *
rows(struct store *s, const struct rows_kind *kind)
{
	char *text = written(s, kind, "json");
	json_t *array = json_loads(text, 0, NULL);

	assert_true(json_is_array(array));
	free(text);
	return array;
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	assert_non_null(text);
	return text;
}

static void
has_keys(const json_t *row, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (json_object_get(row, keys[i]) == NULL)
			fail_msg("no member `%s'", keys[i]);
}

static void
a_change_has_the_fields_of_the_contract(void **state)
{
	static const char *const keys[] = {"timestamp", "sensor", "realm", "id", "kind", "server",
	    "interface", "version", "service", "protseq", "previous", "current", "confidence",
	    "first_seen", "not_before", "not_after", "clients", "verdict", "evidence"};
	struct store *s = *state;

	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 56004, 1032, fixture_hour(1), fixture_hour(2)), 0);
	json_t *array = rows(s, &rows_changes), *row = json_array_get(array, 0);
	assert_int_equal(json_array_size(array), 1);
	has_keys(row, keys, sizeof(keys) / sizeof(keys[0]));
	assert_string_equal(text_of(row, "kind"), "moved");
	assert_string_equal(text_of(row, "timestamp"), "2026-01-05T10:00:00.000000Z");
	assert_string_equal(text_of(row, "verdict"), "EPM-001");
	json_t *piece = json_array_get(json_object_get(row, "evidence"), 0);
	assert_string_equal(text_of(piece, "pcap_filename"), "day.pcap");
	assert_int_equal(json_integer_value(json_object_get(piece, "pcap_cnt")), 42);
	assert_null(json_object_get(row, "revised_by"));
	assert_int_equal(findings, 1);
	json_decref(array);
}

/* How many findings ${from} -> ${to} is from ${severity} on. */
static size_t
weighed(struct store *s, uint16_t from, uint16_t to, enum severity severity)
{
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, from, to, fixture_hour(1), fixture_hour(2)), 0);
	fail_on = severity;
	free(written(s, &rows_changes, "csv"));
	return findings;
}

static void
a_move_inside_the_range_is_low(void **state)
{
	assert_int_equal(weighed(*state, 50001, 50002, SEVERITY_MEDIUM), 0);
	fail_on = SEVERITY_LOW;
	free(written(*state, &rows_changes, "csv"));
	assert_int_equal(findings, 1);
}

static void
a_move_out_of_the_range_is_high_and_back_is_medium(void **state)
{
	assert_int_equal(weighed(*state, 50001, 1032, SEVERITY_HIGH), 1);
	filter.since_ns = fixture_hour(3);
	assert_int_equal(
	    fixture_moved(*state, 1, FIXTURE_NSPI, 1032, 50003, fixture_hour(3), fixture_hour(4)),
	    0);
	free(written(*state, &rows_changes, "csv"));
	assert_int_equal(findings, 0);
	fail_on = SEVERITY_MEDIUM;
	free(written(*state, &rows_changes, "csv"));
	assert_int_equal(findings, 1);
}

static void
a_restart_has_members_and_what_it_claims(void **state)
{
	struct store *s = *state;

	assert_int_equal(fixture_restarted(s, 1, 2, "aaaaaaaaaaaaaaaa", NULL, NULL), 0);
	assert_int_equal(
	    fixture_restarted(s, 1, 3, "bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa", "cccccccccccccccc"),
	    0);
	json_t *array = rows(s, &rows_changes);
	assert_int_equal(json_array_size(array), 2);
	json_t *first = json_array_get(array, 0), *second = json_array_get(array, 1);
	assert_null(json_object_get(first, "interface"));
	assert_null(json_object_get(first, "protseq"));
	assert_string_equal(text_of(first, "revised_by"), "bbbbbbbbbbbbbbbb");
	json_t *revises = json_object_get(second, "revises");
	assert_int_equal(json_array_size(revises), 2);
	assert_string_equal(json_string_value(json_array_get(revises, 1)), "cccccccccccccccc");
	json_t *members = json_object_get(second, "members");
	assert_int_equal(json_array_size(members), FIXTURE_MEMBERS);
	json_t *member = json_array_get(members, 3);
	assert_int_equal(
	    json_integer_value(json_array_get(json_object_get(member, "previous"), 0)), 50002);
	assert_int_equal(
	    json_integer_value(json_array_get(json_object_get(member, "current"), 0)), 60002);
	json_decref(array);
	fail_on = SEVERITY_LOW;
	free(written(s, &rows_changes, "csv"));
	assert_int_equal(findings, 0);
}

static void
what_was_corrected_counts_no_more(void **state)
{
	struct store *s = *state;

	fail_on = SEVERITY_INFO;
	assert_int_equal(fixture_restarted(s, 1, 2, "aaaaaaaaaaaaaaaa", NULL, NULL), 0);
	assert_int_equal(
	    fixture_restarted(s, 1, 3, "bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa", NULL), 0);
	free(written(s, &rows_changes, "csv"));
	assert_int_equal(findings, 1);
}

static void
changes_at_a_time_are_those_that_may_have_happened_then(void **state)
{
	struct store *s = *state;

	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 50001, 50002, fixture_hour(1), fixture_hour(3)), 0);
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_DRSUAPI, 50003, 50004, fixture_hour(4), fixture_hour(5)),
	    0);
	filter.at_ns = fixture_hour(2);
	json_t *array = rows(s, &rows_changes);
	assert_int_equal(json_array_size(array), 1);
	assert_string_equal(text_of(json_array_get(array, 0), "service"), "nspi");
	json_decref(array);
}

static void
a_service_is_wanted_by_its_name(void **state)
{
	struct store *s = *state;

	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 50001, 50002, fixture_hour(1), fixture_hour(3)), 0);
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_DRSUAPI, 50003, 50004, fixture_hour(4), fixture_hour(5)),
	    0);
	service = "DRSUAPI";
	json_t *array = rows(s, &rows_changes);
	assert_int_equal(json_array_size(array), 1);
	json_decref(array);
}

static void
changes_as_text_and_csv(void **state)
{
	struct store *s = *state;

	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 56004, 1032, fixture_hour(1), fixture_hour(2)), 0);
	assert_int_equal(fixture_restarted(s, 2, 3, "aaaaaaaaaaaaaaaa", NULL, NULL), 0);
	char *text = written(s, &rows_changes, "text");
	assert_non_null(strstr(text, "TIME (UTC)           KIND       SERVER"));
	assert_non_null(strstr(text, "2026-01-05 10:00:00  moved      10.0.0.1  nspi"));
	assert_non_null(strstr(text, "restarted  10.0.0.2"));
	free(text);
	text = written(s, &rows_changes, "csv");
	assert_non_null(
	    strstr(text, ",moved,10.0.0.1,,f5cc5a18-4264-101a-8c59-08002b2f8426,1.0,nspi,"
			 "ncacn_ip_tcp,56004,1032,,confirmed,"));
	assert_non_null(strstr(text, ",restarted,10.0.0.2,,,,,,,,4,confirmed,"));
	assert_non_null(strstr(text, ",day.pcap,42\r\n"));
	free(text);
}

static void
what_was_accepted_is_no_finding(void **state)
{
	struct store *s = *state;
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 56004, 1032, fixture_hour(1), fixture_hour(2)), 0);
	assert_int_equal(fixture_accepted(s, &key, 1032, "abcd000000000000"), 0);
	json_t *array = rows(s, &rows_changes);
	assert_true(json_is_true(json_object_get(json_array_get(array, 0), "accepted")));
	assert_int_equal(findings, 0);
	json_decref(array);
	/* It changes again. */
	assert_int_equal(
	    fixture_moved(s, 1, FIXTURE_NSPI, 1032, 1033, fixture_hour(2), fixture_hour(3)), 0);
	free(written(s, &rows_changes, "csv"));
	assert_int_equal(findings, 1);
}

static void
an_alert_has_its_life_beside_its_fields(void **state)
{
	static const char *const keys[] = {"timestamp", "sensor", "realm", "id", "rule",
	    "signature", "severity", "state", "key", "server", "interface", "version", "service",
	    "protseq", "expected", "observed", "opened", "updated", "closed", "evidence"};
	struct store *s = *state;

	assert_int_equal(fixture_alert(s, 1, FIXTURE_NSPI, 1032, ALERT_OPEN), 0);
	assert_int_equal(fixture_alert(s, 2, FIXTURE_NSPI, 1033, ALERT_CLOSED), 0);
	json_t *array = rows(s, &rows_alerts);
	assert_int_equal(json_array_size(array), 2);
	json_t *open = json_array_get(array, 0), *closed = json_array_get(array, 1);
	if (strcmp(text_of(open, "server"), "10.0.0.1") != 0) {
		json_t *other = open;

		open = closed;
		closed = other;
	}
	has_keys(open, keys, sizeof(keys) / sizeof(keys[0]));
	assert_true(json_is_null(json_object_get(open, "closed")));
	assert_string_equal(text_of(closed, "state"), "closed");
	assert_string_equal(text_of(closed, "closed"), "2026-01-05T10:00:00.000000Z");
	assert_int_equal(json_array_size(json_object_get(closed, "evidence")), 2);
	assert_int_equal(findings, 1);
	json_decref(array);
}

static void
alerts_at_a_time_are_those_open_then(void **state)
{
	struct store *s = *state;

	assert_int_equal(fixture_alert(s, 2, FIXTURE_NSPI, 1033, ALERT_CLOSED), 0);
	filter.at_ns = fixture_hour(1);
	json_t *array = rows(s, &rows_alerts);
	assert_int_equal(json_array_size(array), 1);
	json_decref(array);
	filter.at_ns = fixture_hour(2);
	array = rows(s, &rows_alerts);
	assert_int_equal(json_array_size(array), 0);
	json_decref(array);
}

static void
an_accepted_alert_is_suppressed(void **state)
{
	struct store *s = *state;
	const struct mapping_key key = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_alert(s, 1, FIXTURE_NSPI, 1032, ALERT_OPEN), 0);
	assert_int_equal(fixture_accepted(s, &key, 1099, ""), 0);
	json_t *array = rows(s, &rows_alerts);
	assert_null(json_object_get(json_array_get(array, 0), "suppressed"));
	assert_int_equal(findings, 1);
	json_decref(array);
	assert_int_equal(fixture_accepted(s, &key, 1032, ""), 0);
	array = rows(s, &rows_alerts);
	assert_true(json_is_true(json_object_get(json_array_get(array, 0), "suppressed")));
	assert_int_equal(findings, 0);
	json_decref(array);
	char *text = written(s, &rows_alerts, "text");
	assert_non_null(strstr(text, "open suppressed"));
	free(text);
}

static void
sessions_in_three_formats(void **state)
{
	struct store *s = *state;
	const uint8_t octets[4] = {10, 0, 0, 200};
	struct session one = {.client = addr_from_v4(octets),
	    .server = fixture_key(1, FIXTURE_NSPI).server,
	    .uuid = fixture_key(1, FIXTURE_NSPI).uuid,
	    .major = 56,
	    .protseq = PROTSEQ_TCP,
	    .server_port = 56004,
	    .client_port = 50123,
	    .authenticated = true,
	    .auth_type = 10,
	    .auth_level = 6,
	    .count = 3,
	    .first_ns = fixture_hour(1),
	    .last_ns = fixture_hour(5)};

	assert_int_equal(store_keep_session(s, &one), 0);
	one.protseq = PROTSEQ_NP;
	one.server_port = 0;
	one.authenticated = false;
	snprintf(one.pipe, sizeof(one.pipe), "\\pipe\\a,b\"c");
	assert_int_equal(store_keep_session(s, &one), 0);
	json_t *array = rows(s, &rows_sessions);
	assert_int_equal(json_array_size(array), 2);
	json_decref(array);
	char *text = written(s, &rows_sessions, "text");
	assert_non_null(strstr(text, "10.0.0.200  50123  10.0.0.1"));
	assert_non_null(strstr(text, "ntlmssp privacy"));
	free(text);
	text = written(s, &rows_sessions, "csv");
	assert_non_null(strstr(text, "10.0.0.200,50123,10.0.0.1,,56004,,"));
	assert_non_null(
	    strstr(text, ",ncacn_ip_tcp,ntlmssp,privacy,3,2026-01-05T09:00:00.000000Z,"));
	assert_non_null(strstr(text, ",\"\\pipe\\a,b\"\"c\","));
	free(text);
	assert_int_equal(findings, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_change_has_the_fields_of_the_contract),
	    TEST(a_move_inside_the_range_is_low),
	    TEST(a_move_out_of_the_range_is_high_and_back_is_medium),
	    TEST(a_restart_has_members_and_what_it_claims),
	    TEST(what_was_corrected_counts_no_more),
	    TEST(changes_at_a_time_are_those_that_may_have_happened_then),
	    TEST(a_service_is_wanted_by_its_name),
	    TEST(changes_as_text_and_csv),
	    TEST(what_was_accepted_is_no_finding),
	    TEST(an_alert_has_its_life_beside_its_fields),
	    TEST(alerts_at_a_time_are_those_open_then),
	    TEST(an_accepted_alert_is_suppressed),
	    TEST(sessions_in_three_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
