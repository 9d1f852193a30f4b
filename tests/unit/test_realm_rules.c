/* test_realm_rules.c - what rules about realms are taken, and what they come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/realm_rules.h"
#include "base/err.h"

static struct realm_rules rules;

static int
begin(void **state)
{
	(void)state;
	memset(&rules, 0, sizeof(rules));
	return 0;
}

static void
rules_name_realms_in_the_order_of_their_first_ones(void **state)
{
	(void)state;
	assert_int_equal(realm_rules_add(&rules, "vlan=10:north"), 0);
	assert_int_equal(realm_rules_add(&rules, "vni=5000:south"), 0);
	assert_int_equal(realm_rules_add(&rules, "vlan=0:north"), 0);
	assert_int_equal(rules.count, 2);
	assert_string_equal(realm_rules_name(&rules, "own", 0), "own");
	assert_string_equal(realm_rules_name(&rules, "own", 1), "north");
	assert_string_equal(realm_rules_name(&rules, "own", 2), "south");
	assert_string_equal(realm_rules_name(NULL, "own", 0), "own");
	assert_int_equal(rules.map.vlan[10], 1);
	assert_int_equal(rules.map.vlan[0], 1);
	assert_int_equal(rules.map.vlan[11], 0);
	assert_int_equal(rules.map.vnis, 1);
	assert_int_equal(rules.map.vni[0].vni, 5000);
	assert_int_equal(rules.map.vni[0].realm, 2);
	assert_true(realm_rules_has(&rules, "south"));
	assert_false(realm_rules_has(&rules, "own"));
	assert_false(realm_rules_has(NULL, "south"));
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const char *const wrong[] = {"", "vlan", "vlan=", "vlan=:x", "vlan=10",
	    "vlan=10:", "vlan=4096:x", "vlan=99999999999999999999:x", "vlan= 10:x", "vlan=-1:x",
	    "vlan=0x1:x", "vni=16777216:x", "vni=1;x", "Vlan=1:x", "port=1:x", "10:x"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(realm_rules_add(&rules, wrong[i]), ERR_USAGE);
		assert_int_equal(rules.count, 0);
	}
	assert_int_equal(realm_rules_add(&rules, "vlan=4095:x"), 0);
	assert_int_equal(realm_rules_add(&rules, "vni=16777215:x:y"), 0);
	assert_string_equal(realm_rules_name(&rules, "own", 2), "x:y");
}

static void
a_network_has_one_realm(void **state)
{
	(void)state;
	assert_int_equal(realm_rules_add(&rules, "vlan=1:a"), 0);
	assert_int_equal(realm_rules_add(&rules, "vlan=1:a"), ERR_BUSY);
	assert_int_equal(realm_rules_add(&rules, "vni=1:a"), 0);
	assert_int_equal(realm_rules_add(&rules, "vni=1:a"), ERR_BUSY);
}

static void
names_are_cleaned_and_cut(void **state)
{
	char rule[200] = "vlan=1:";

	(void)state;
	memset(rule + 7, 'x', sizeof(rule) - 8);
	assert_int_equal(realm_rules_add(&rules, rule), 0);
	assert_in_range(strlen(rules.name[1]), 10, REALM_NAME - 1);
	assert_int_equal(realm_rules_add(&rules, "vlan=2:a\tb"), 0);
	assert_null(strchr(rules.name[2], '\t'));
}

static void
there_are_so_many_realms_and_no_more(void **state)
{
	char rule[32];

	(void)state;
	for (int i = 1; i <= REALMS_MOST; i++) {
		snprintf(rule, sizeof(rule), "vlan=%d:r%d", i, i);
		assert_int_equal(realm_rules_add(&rules, rule), 0);
	}
	assert_int_equal(realm_rules_add(&rules, "vlan=1000:more"), ERR_CAP);
	assert_int_equal(realm_rules_add(&rules, "vlan=1000:r255"), 0);
	for (int i = 0; i < REALMS_VNIS; i++) {
		snprintf(rule, sizeof(rule), "vni=%d:r1", i);
		assert_int_equal(realm_rules_add(&rules, rule), 0);
	}
	assert_int_equal(realm_rules_add(&rules, "vni=5000:r1"), ERR_CAP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rules_name_realms_in_the_order_of_their_first_ones, begin),
	    cmocka_unit_test_setup(what_is_no_rule_is_refused, begin),
	    cmocka_unit_test_setup(a_network_has_one_realm, begin),
	    cmocka_unit_test_setup(names_are_cleaned_and_cut, begin),
	    cmocka_unit_test_setup(there_are_so_many_realms_and_no_more, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
