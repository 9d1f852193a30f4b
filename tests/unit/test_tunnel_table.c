/* test_tunnel_table.c - ways through tunnels are kept once, and stay where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/tunnel.h"
#include "dissect/tunnel_table.h"

static struct budget budget;
static struct tunnel_table table;

static int
begin(void **state)
{
	(void)state;
	budget = (struct budget){.cap = 8 << 20};
	table = (struct tunnel_table){.budget = &budget, .salt = 4711};
	return 0;
}

static int
end(void **state)
{
	(void)state;
	tunnel_table_deinit(&table);
	assert_int_equal(budget.used, 0);
	assert_int_equal(table.count, 0);
	return 0;
}

static struct tunnel_path
path_of(uint32_t id)
{
	struct tunnel_path path;

	memset(&path, 0, sizeof(path));
	path.count = path.depth = 1;
	path.layer[0].kind = TUNNEL_VXLAN;
	path.layer[0].has_id = true;
	path.layer[0].id = id;
	return path;
}

static const struct tunnel_path *
keep(uint32_t id)
{
	struct tunnel_path path = path_of(id);

	return tunnel_table_keep(&table, &path);
}

static void
test_a_way_is_kept_once_and_stays(void **state)
{
	const struct tunnel_path *kept[1000];

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		kept[i] = keep(i);
		assert_non_null(kept[i]);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		assert_ptr_equal(keep(i), kept[i]);
		assert_int_equal(kept[i]->layer[0].id, i);
	}
	assert_int_equal(table.count, 1000);
}

/* What lies behind the layers that count says nothing. */
static void
test_only_what_counts_is_compared(void **state)
{
	struct tunnel_path path = path_of(1);
	const struct tunnel_path *kept = tunnel_table_keep(&table, &path);

	(void)state;
	memset(&path.layer[1], 0x55, sizeof(path.layer[1]));
	assert_ptr_equal(tunnel_table_keep(&table, &path), kept);
	assert_int_equal(kept->layer[1].kind, 0);
	path.depth = 2;
	assert_ptr_not_equal(tunnel_table_keep(&table, &path), kept);
	path.count = 2;
	assert_int_equal(tunnel_table_keep(&table, &path)->layer[1].kind, 0x55);
	assert_int_equal(table.count, 3);
}

static void
test_a_full_table_keeps_what_it_has(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < TUNNEL_PATHS; i++)
		assert_non_null(keep(i));
	assert_null(keep(TUNNEL_PATHS));
	assert_int_equal(table.refused, 1);
	assert_non_null(keep(0));
	assert_non_null(keep(TUNNEL_PATHS - 1));
	assert_in_range(budget.used, 1, TUNNEL_PATHS * 300);
}

static void
test_a_budget_is_respected(void **state)
{
	(void)state;
	budget.cap = 100;
	assert_null(keep(1));
	budget.cap = TUNNEL_SLOTS * sizeof(uint16_t) + 100;
	assert_null(keep(1));
	budget.cap = 8 << 20;
	assert_non_null(keep(1));
	assert_int_equal(table.refused, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_way_is_kept_once_and_stays),
	    TEST(test_only_what_counts_is_compared),
	    TEST(test_a_full_table_keeps_what_it_has),
	    TEST(test_a_budget_is_respected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
