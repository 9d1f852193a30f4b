/* test_plan_ports.c - which port is proposed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "export/plan_ports.h"

static const struct port_range today = {"windows-2008", 49152, 65535},
			       old = {"windows-2000", 1025, 5000},
			       exchange = {"exchange-2010", 6005, 65534};

static uint16_t
choose(const char *service, const struct port_range *dynamic, bool *used)
{
	return plan_ports_choose(service, (struct policy_ports){dynamic != NULL, dynamic}, used);
}

static void
custom_comes_first_where_it_is_outside(void **state)
{
	static bool used[PLAN_PORTS];

	(void)state;
	assert_int_equal(choose("exchange-store", &old, used), 56001);
	assert_int_equal(choose("exchange-rfr", &old, used), 56002);
	assert_int_equal(choose("exchange-nspi", &old, used), 56004);
	assert_int_equal(choose("exchange-rpc-client-access", &old, used), 60001);
	assert_int_equal(choose("exchange-address-book", &old, used), 60002);
	assert_int_equal(choose("ad-replication", &old, used), 50001);
	assert_int_equal(choose("netlogon", NULL, used), 50002);
	assert_int_equal(choose("file-replication", NULL, used), 50003);
	assert_int_equal(choose("dfs-replication", NULL, used), 50004);
}

static void
used_ports_are_passed_over(void **state)
{
	bool *used = calloc(PLAN_PORTS, sizeof(*used));

	(void)state;
	assert_non_null(used);
	used[56001] = used[56002] = true;
	assert_int_equal(choose("exchange-store", &old, used), 56003);
	memset(used + 50001, true, 388);
	assert_int_equal(
	    choose("ad-replication", &old, used), 50390); /* 50389 is Edge's directory */
	memset(used, true, PLAN_PORTS);
	assert_int_equal(choose("ad-replication", &old, used), 0);
	free(used);
}

static void
what_lies_outside_the_dynamic_range_is_preferred(void **state)
{
	bool *used = calloc(PLAN_PORTS, sizeof(*used));

	(void)state;
	assert_non_null(used);
	assert_int_equal(choose("exchange-store", &today, used), 46401);
	memset(used + 46401, true, 46899 - 46401 + 1);
	assert_int_equal(choose("exchange-store", &today, used), 43501);
	free(used);
}

static void
exchange_2010_leaves_nothing_outside(void **state)
{
	bool *used = calloc(PLAN_PORTS, sizeof(*used));

	(void)state;
	assert_non_null(used);
	assert_int_equal(choose("exchange-rpc-client-access", &exchange, used), 60001);
	used[60001] = true;
	assert_int_equal(choose("exchange-rpc-client-access", &exchange, used), 60002);
	free(used);
}

static void
ports_of_services_are_taken(void **state)
{
	static const uint16_t taken[] = {
	    0, 1, 135, 593, 1023, 6001, 6002, 6004, 1433, 3268, 5722, 47001, 50636, 64327};
	static const uint16_t free_ones[] = {1024, 6003, 46401, 56001, 60001};

	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		assert_true(plan_ports_taken(taken[i]));
	for (size_t i = 0; i < sizeof(free_ones) / sizeof(free_ones[0]); i++)
		assert_false(plan_ports_taken(free_ones[i]));
}

static void
the_larger_side_is_left(void **state)
{
	const struct port_range narrow = {NULL, 50000, 50300};
	struct port_range to;

	(void)state;
	assert_true(plan_ports_move(&today, 56001, 56004, &to));
	assert_int_equal(to.low, 56005);
	assert_int_equal(to.high, 65535);
	assert_true(plan_ports_move(&exchange, 60001, 60002, &to));
	assert_int_equal(to.low, 6005);
	assert_int_equal(to.high, 60000);
	assert_true(plan_ports_move(&today, 65535, 65535, &to));
	assert_int_equal(to.high, 65534);
	assert_false(plan_ports_move(&narrow, 50100, 50100, &to)); /* 200 are too few */
	assert_true(plan_ports_move(&narrow, 50045, 50045, &to));  /* 255 are enough */
	assert_false(plan_ports_move(&narrow, 50046, 50046, &to));
}

static void
parts_are_found(void **state)
{
	const struct port_range parts[] = {old, today};
	const struct policy_ports dynamic = {2, parts};

	(void)state;
	assert_ptr_equal(plan_ports_part(dynamic, 1025), &parts[0]);
	assert_ptr_equal(plan_ports_part(dynamic, 65535), &parts[1]);
	assert_null(plan_ports_part(dynamic, 5001));
	assert_null(plan_ports_part(dynamic, 49151));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(custom_comes_first_where_it_is_outside),
	    cmocka_unit_test(used_ports_are_passed_over),
	    cmocka_unit_test(what_lies_outside_the_dynamic_range_is_preferred),
	    cmocka_unit_test(exchange_2010_leaves_nothing_outside),
	    cmocka_unit_test(ports_of_services_are_taken),
	    cmocka_unit_test(the_larger_side_is_left),
	    cmocka_unit_test(parts_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
