/* What is accepted, and how what is there differs from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/acceptance.h"
#include "report/rows.h"
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
	struct change c = {.key = fixture_key(1, FIXTURE_NSPI),
	    .ts_ns = fixture_hour(21),
	    .previous_count = 1,
	    .current_count = 1,
	    .previous = &previous,
	    .current = &current};
	struct acceptance a;
	bool accepted;

	snprintf(c.id, sizeof(c.id), "%s", id);
	assert_int_equal(acceptance_init(&a, s), 0);
	assert_int_equal(acceptance_of_change(&a, "sensor-1", "default", &c, &accepted), 0);
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
	struct alert a = {.id = "ffff000000000000", .key = fixture_key(1, FIXTURE_NSPI)};
	struct acceptance acceptance;
	bool accepted;

	snprintf(a.observed, sizeof(a.observed), "%s", list);
	assert_int_equal(acceptance_init(&acceptance, s), 0);
	assert_int_equal(acceptance_of_alert(&acceptance, "sensor-1", "default", &a, &accepted), 0);
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

/* Is an alert on an occurrence at the hour ${h} accepted? */
static bool
accepts_occurrence(struct store *s, unsigned h)
{
	const struct alert a = {.id = "ffff000000000000",
	    .once = true,
	    .key = {.server = fixture_key(1, FIXTURE_NSPI).server},
	    .updated_ns = fixture_hour(h)};
	struct acceptance acceptance;
	bool accepted;

	assert_int_equal(acceptance_init(&acceptance, s), 0);
	assert_int_equal(acceptance_of_alert(&acceptance, "sensor-1", "default", &a, &accepted), 0);
	return accepted;
}

static void
what_happened_before_all_was_accepted_is(void **state)
{
	const struct mapping_key nspi = fixture_key(1, FIXTURE_NSPI);

	assert_int_equal(fixture_accepted(*state, &nspi, 56004, "abcd000000000000"), 0);
	assert_false(accepts_occurrence(*state, 20));
	assert_int_equal(fixture_accepted(*state, &nspi, 56004, ""), 0);
	assert_true(accepts_occurrence(*state, 20));
	assert_false(accepts_occurrence(*state, 21));
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
	    TEST(what_happened_before_all_was_accepted_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
