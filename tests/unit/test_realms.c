/* test_realms.c - whose addresses a packet has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dissect/observation.h"
#include "dissect/realms.h"
#include "dissect/tunnel.h"

static struct realms realms;

static int
begin(void **state)
{
	(void)state;
	realms = (struct realms){0};
	return 0;
}

static void
test_without_rules_all_is_of_realm_0(void **state)
{
	struct where at = {.vlan_count = 2, .vlan = {10, 20}};
	struct tunnel_path path = {
	    .count = 1, .depth = 1, .layer = {{.kind = TUNNEL_VXLAN, .has_id = true, .id = 5}}};

	(void)state;
	assert_int_equal(realms_of(&realms, &at, &path), 0);
}

static void
test_the_innermost_tag_with_a_rule_decides(void **state)
{
	struct where at = {.vlan_count = 3, .vlan = {10, 20, 30}};
	const struct tunnel_path none = {0};

	(void)state;
	assert_true(realms_vlan(&realms, 10, 1));
	assert_int_equal(realms_of(&realms, &at, &none), 1);
	assert_true(realms_vlan(&realms, 20, 2));
	assert_int_equal(realms_of(&realms, &at, &none), 2);
	at.vlan_count = 1;
	assert_int_equal(realms_of(&realms, &at, &none), 1);
	at.vlan_count = 0;
	assert_int_equal(realms_of(&realms, &at, &none), 0);
}

static void
test_a_virtual_network_decides_over_the_tags_outside_of_it(void **state)
{
	struct where at = {.vlan_count = 2, .vlan = {10, 20}};
	struct tunnel_path path = {.count = 2,
	    .depth = 2,
	    .layer = {{.kind = TUNNEL_GRE, .vlans = 1, .has_id = true, .id = 5000},
		{.kind = TUNNEL_VXLAN, .vlans = 1, .has_id = true, .id = 5000}}};

	(void)state;
	assert_true(realms_vlan(&realms, 10, 1));
	assert_int_equal(realms_of(&realms, &at, &path), 1);
	assert_true(realms_vni(&realms, 5000, 2));
	assert_int_equal(realms_of(&realms, &at, &path), 2);
	path.layer[1].kind = TUNNEL_GENEVE;
	assert_int_equal(realms_of(&realms, &at, &path), 2);
	path.layer[1].kind = TUNNEL_GRE; /* a key is no such network */
	assert_int_equal(realms_of(&realms, &at, &path), 1);
	assert_true(realms_vlan(&realms, 20, 3));
	assert_int_equal(realms_of(&realms, &at, &path), 3);
}

static void
test_the_innermost_network_decides(void **state)
{
	struct where at = {0};
	struct tunnel_path path = {.count = 2,
	    .depth = 2,
	    .layer = {{.kind = TUNNEL_VXLAN, .has_id = true, .id = 1},
		{.kind = TUNNEL_VXLAN, .has_id = true, .id = 2}}};

	(void)state;
	assert_true(realms_vni(&realms, 1, 1));
	assert_int_equal(realms_of(&realms, &at, &path), 1);
	assert_true(realms_vni(&realms, 2, 2));
	assert_int_equal(realms_of(&realms, &at, &path), 2);
}

static void
test_numbers_that_have_a_rule_or_do_not_exist_are_refused(void **state)
{
	(void)state;
	assert_true(realms_vlan(&realms, 0, 1));
	assert_false(realms_vlan(&realms, 0, 2));
	assert_true(realms_vlan(&realms, 4095, 1));
	assert_false(realms_vlan(&realms, 4096, 1));
	assert_true(realms_vni(&realms, 0, 1));
	assert_false(realms_vni(&realms, 0, 2));
	assert_true(realms_vni(&realms, 0xffffff, 1));
	assert_false(realms_vni(&realms, 0x1000000, 1));
}

static void
test_many_networks_are_found_in_whatever_order_they_came(void **state)
{
	struct where at = {0};
	struct tunnel_path path = {
	    .count = 1, .depth = 1, .layer = {{.kind = TUNNEL_VXLAN, .has_id = true}}};

	(void)state;
	for (unsigned i = 0; i < REALMS_VNIS; i++) {
		unsigned vni = i * 389 % REALMS_VNIS;

		assert_true(realms_vni(&realms, vni * 2, (uint8_t)(vni % 255 + 1)));
	}
	assert_false(realms_vni(&realms, 1, 1));
	for (unsigned i = 0; i < 2 * REALMS_VNIS + 2; i++) {
		bool known = i % 2 == 0 && i < 2 * REALMS_VNIS;

		path.layer[0].id = i;
		assert_int_equal(realms_of(&realms, &at, &path), known ? i / 2 % 255 + 1 : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_without_rules_all_is_of_realm_0, begin),
	    cmocka_unit_test_setup(test_the_innermost_tag_with_a_rule_decides, begin),
	    cmocka_unit_test_setup(
		test_a_virtual_network_decides_over_the_tags_outside_of_it, begin),
	    cmocka_unit_test_setup(test_the_innermost_network_decides, begin),
	    cmocka_unit_test_setup(
		test_numbers_that_have_a_rule_or_do_not_exist_are_refused, begin),
	    cmocka_unit_test_setup(test_many_networks_are_found_in_whatever_order_they_came, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
