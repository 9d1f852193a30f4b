/* test_policy.c - which endpoints the built-in policy takes for right. */
#include "track/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"

static bool
allows(enum protseq protseq, uint16_t port)
{
	struct mapping_key key = feed_key(1, NSPI, protseq);
	struct endpoint e = {.port = port};

	return policy_allows(policy_builtin("windows-default"), &key, &e);
}

static void
the_builtin_policy_is_found_by_name(void **state)
{
	(void)state;
	assert_string_equal(policy_name(policy_builtin("windows-default")), "windows-default");
	assert_null(policy_builtin("windows"));
	assert_null(policy_builtin(""));
}

static void
ports_of_the_dynamic_range_are_right_and_its_neighbours_are_not(void **state)
{
	const enum protseq with_ports[] = {PROTSEQ_TCP, PROTSEQ_UDP, PROTSEQ_HTTP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_false(allows(with_ports[i], 49151));
		assert_true(allows(with_ports[i], 49152));
		assert_true(allows(with_ports[i], 65535));
		assert_false(allows(with_ports[i], 1025));
	}
}

static void
well_known_ports_are_right_for_their_own_carrier_only(void **state)
{
	(void)state;
	assert_true(allows(PROTSEQ_TCP, 135));
	assert_true(allows(PROTSEQ_UDP, 135));
	assert_false(allows(PROTSEQ_HTTP, 135));
	for (uint16_t port = 6000; port <= 6005; port++) {
		bool reserved = port == 6001 || port == 6002 || port == 6004;

		assert_int_equal(allows(PROTSEQ_HTTP, port), reserved);
		assert_false(allows(PROTSEQ_TCP, port));
	}
	assert_true(allows(PROTSEQ_HTTP, 593));
	assert_false(allows(PROTSEQ_TCP, 593));
}

static void
endpoints_with_names_are_right(void **state)
{
	struct mapping_key key = feed_key(1, NSPI, PROTSEQ_NP);
	struct endpoint e = {.name = "\\PIPE\\lsass"};

	(void)state;
	assert_true(policy_allows(policy_builtin("windows-default"), &key, &e));
}

static void
what_is_expected_is_said_in_words(void **state)
{
	struct mapping_key key = feed_key(1, NSPI, PROTSEQ_TCP);
	char out[64], tight[8];

	(void)state;
	policy_expected(policy_builtin("windows-default"), &key, out, sizeof(out));
	assert_string_equal(out, "49152-65535 (windows-2008)");
	policy_expected(policy_builtin("windows-default"), &key, tight, sizeof(tight));
	assert_string_equal(tight, "49152-6");
	key.protseq = PROTSEQ_NP;
	policy_expected(policy_builtin("windows-default"), &key, out, sizeof(out));
	assert_string_equal(out, "any name");
}

static void
the_shipped_ranges_are_those_of_the_contract_narrowest_first(void **state)
{
	const struct port_range want[] = {
	    {"windows-2000", 1025, 5000},
	    {"windows-2008", 49152, 65535},
	    {"exchange-2010", 6005, 65534},
	    {"exchange-legacy", 1024, 65535},
	};
	size_t count;
	const struct port_range *r = policy_shipped_ranges(&count);

	(void)state;
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(r[i].name, want[i].name);
		assert_int_equal(r[i].low, want[i].low);
		assert_int_equal(r[i].high, want[i].high);
		if (i > 0)
			assert_true(r[i].high - r[i].low > r[i - 1].high - r[i - 1].low);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_builtin_policy_is_found_by_name),
	    cmocka_unit_test(ports_of_the_dynamic_range_are_right_and_its_neighbours_are_not),
	    cmocka_unit_test(well_known_ports_are_right_for_their_own_carrier_only),
	    cmocka_unit_test(endpoints_with_names_are_right),
	    cmocka_unit_test(what_is_expected_is_said_in_words),
	    cmocka_unit_test(the_shipped_ranges_are_those_of_the_contract_narrowest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
