/* test_report_derive.c - which policy a history suggests, and that it is one. */
#include "report/explain/derive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "policy/file.h"
#include "report_fixture.h"

#define DAY (24 * FIXTURE_HOUR)
#define OTHER "feedbeef-0000-4000-8000-000000000001"

static char *text;
static struct policy_file *file;

static int
setup(void **state)
{
	*state = fixture_store("days.pcap");
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct store *s = *state;

	policy_file_free(&file);
	free(text);
	text = NULL;
	store_close(&s);
	return 0;
}

/* What was at one port from day ${from} to day ${to}; ${ended} where it is no more. */
static struct episode
at_port(uint16_t port, int from, int to, bool ended)
{
	struct episode e = {.endpoint = {.port = port},
	    .first_ns = FIXTURE_START + from * DAY,
	    .last_ns = FIXTURE_START + to * DAY,
	    .announced = 3,
	    .used = 2,
	    .dirty = true};

	e.first = fixture_evidence(e.first_ns, 1);
	e.last = fixture_evidence(e.last_ns, 2);
	e.ended_ns = ended ? e.last_ns + FIXTURE_HOUR : 0;
	e.why = ended ? CHANGE_MOVED : CHANGE_NONE;
	return e;
}

static void
keep(
    struct store *s, uint8_t realm, uint8_t host, const char *uuid, struct episode *e, size_t count)
{
	struct mapping m = {
	    .key = fixture_key(host, uuid), .episode_count = count, .episode = e, .dirty = true};

	m.key.realm = realm;
	assert_int_equal(store_keep_mapping(s, &m), 0);
}

static void
keep_one(struct store *s, uint8_t host, const char *uuid, uint16_t port, int from, int to)
{
	struct episode e = at_port(port, from, to, false);

	keep(s, 0, host, uuid, &e, 1);
}

/* The suggestion, which has to be understood. */
static const struct policy *
derived(struct store *s, const char *name)
{
	struct complaints said;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(derive_policy(s, name, out), 0);
	fclose(out);
	if (policy_file_parse(text, len, "suggested", &file, &said) != 0)
		fail_msg("%zu:%zu: %s in\n%s", said.list[0].line, said.list[0].column,
		    said.list[0].text, text);
	return policy_file_policy(file);
}

static unsigned
breaches(const struct policy *p, uint8_t host, const char *uuid, uint16_t port)
{
	struct mapping_key key = fixture_key(host, uuid);
	struct endpoint e = {.port = port};

	return policy_breaches(p, &key, &e, false);
}

static void
an_empty_store_suggests_the_default(void **state)
{
	const struct policy *p = derived(*state, "empty.db");

	assert_int_equal(p->rule_count, 0);
	assert_string_equal(p->dynamic.range[0].name, "windows-2008");
	assert_non_null(strstr(text, "nothing to derive"));
}

static void
a_port_outside_of_the_range_for_days_is_a_pin(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 5722, 0, 4);
	keep_one(*state, 1, FIXTURE_DRSUAPI, 49200, 0, 1);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 1);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 5722), 0);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 5723), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(p, 2, FIXTURE_NSPI, 5723), POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(p, 1, FIXTURE_DRSUAPI, 49300), 0);
	assert_non_null(strstr(text,
	    "# nspi, 2026-01-05 08:00:00 to 2026-01-09 08:00:00, 3 answers, 2 binds, 0 clients"));
}

static void
a_port_outside_of_the_range_for_a_day_is_none(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 5722, 0, 1);
	keep_one(*state, 1, FIXTURE_DRSUAPI, 49200, 0, 1);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 0);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 5722), 0);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 5723) & POLICY_OUT_OF_RANGE, 0);
}

static void
a_port_that_outlived_moves_of_others_is_a_pin(void **state)
{
	struct episode moved[] = {at_port(49200, 0, 2, true), at_port(49300, 3, 5, false)};

	keep_one(*state, 1, FIXTURE_NSPI, 56004, 0, 5);
	keep(*state, 0, 1, FIXTURE_DRSUAPI, moved, 2);
	keep_one(*state, 2, FIXTURE_NSPI, 56004, 0, 5);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 1);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 56005), POLICY_OFF_PIN | POLICY_OUT_OF_RANGE);
	assert_int_equal(breaches(p, 2, FIXTURE_NSPI, 56005), 0);
	assert_non_null(strstr(text, "\n#  - servers: [\"10.0.0.2\"]\n"));
}

static void
a_port_that_was_another_before_is_none(void **state)
{
	struct episode moved[] = {at_port(5722, 0, 4, true), at_port(5723, 4, 8, false)};

	keep(*state, 0, 1, FIXTURE_NSPI, moved, 2);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 0);
	assert_int_equal(breaches(p, 1, FIXTURE_NSPI, 5723), 0);
}

static void
interfaces_of_one_port_are_one_rule(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 5722, 0, 4);
	keep_one(*state, 1, FIXTURE_DRSUAPI, 5722, 0, 5);
	keep_one(*state, 1, OTHER, 5800, 0, 5);
	keep_one(*state, 2, OTHER, 5800, 0, 5);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 3);
	assert_int_equal(p->rule[0].interfaces.count + p->rule[1].interfaces.count, 3);
}

static void
the_same_address_in_two_realms_has_both_pins(void **state)
{
	struct episode e = at_port(5800, 0, 5, false);

	assert_int_equal(store_realm(*state, 1, "sensor-1", "elsewhere"), 0);
	keep_one(*state, 1, FIXTURE_NSPI, 5722, 0, 4);
	keep(*state, 1, 1, FIXTURE_NSPI, &e, 1);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 1);
	assert_int_equal(p->rule[0].pins.count, 2);
}

static void
the_range_is_the_narrowest_that_holds_what_moves(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 1030, 0, 1);
	keep_one(*state, 1, FIXTURE_DRSUAPI, 4000, 0, 1);
	const struct policy *p = derived(*state, "site.db");

	assert_string_equal(p->dynamic.range[0].name, "windows-2000");
	assert_int_equal(p->dynamic.count, 1);
}

static void
ports_that_no_range_holds_stand_beside_it(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 700, 0, 1);
	keep_one(*state, 1, FIXTURE_DRSUAPI, 50000, 0, 1);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->dynamic.count, 2);
	assert_int_equal(p->dynamic.range[1].low, 700);
	assert_string_equal(p->dynamic.range[0].name, "windows-2008");
}

static void
reserved_ports_are_told_and_never_pinned(void **state)
{
	keep_one(*state, 1, FIXTURE_NSPI, 6004, 0, 9);
	const struct policy *p = derived(*state, "site.db");

	assert_int_equal(p->rule_count, 0);
	assert_non_null(
	    strstr(text, "# 1 endpoint on a TCP port that RPC over HTTP has for itself"));
}

static void
hostile_names_stay_in_their_comment(void **state)
{
	const struct policy *p = derived(*state, "a\nrules: [x]\n\033[31m");

	assert_int_equal(p->rule_count, 0);
	assert_null(strstr(text, "\nrules: [x]"));
}

#define DERIVE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DERIVE_TEST(an_empty_store_suggests_the_default),
	    DERIVE_TEST(a_port_outside_of_the_range_for_days_is_a_pin),
	    DERIVE_TEST(a_port_outside_of_the_range_for_a_day_is_none),
	    DERIVE_TEST(a_port_that_outlived_moves_of_others_is_a_pin),
	    DERIVE_TEST(a_port_that_was_another_before_is_none),
	    DERIVE_TEST(interfaces_of_one_port_are_one_rule),
	    DERIVE_TEST(the_same_address_in_two_realms_has_both_pins),
	    DERIVE_TEST(the_range_is_the_narrowest_that_holds_what_moves),
	    DERIVE_TEST(ports_that_no_range_holds_stand_beside_it),
	    DERIVE_TEST(reserved_ports_are_told_and_never_pinned),
	    DERIVE_TEST(hostile_names_stay_in_their_comment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
