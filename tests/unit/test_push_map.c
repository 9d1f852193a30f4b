/* test_push_map.c - things by hash, and by when they were touched. */
#include "track/push_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	MANY = 1000
};

struct thing {
	int number;
	struct push_node node;
};

static int
number_of(struct push_node *n)
{
	return PUSH_THING(n, struct thing, node)->number;
}

static void
finds_each_of_many(void **state)
{
	static struct thing things[MANY];
	struct push_map m;

	(void)state;
	push_map_init(&m);
	assert_null(push_map_first(&m, 7));
	for (int i = 0; i < MANY; i++) {
		things[i].number = i;
		assert_int_equal(push_map_add(&m, &things[i].node, (uint64_t)i * 7), 0);
	}
	assert_int_equal(m.count, MANY);
	for (int i = 0; i < MANY; i++) {
		struct push_node *n = push_map_first(&m, (uint64_t)i * 7);

		assert_non_null(n);
		assert_int_equal(number_of(n), i);
		assert_null(push_map_next(n));
	}
	assert_null(push_map_first(&m, 3));
	push_map_deinit(&m);
}

static void
several_of_one_hash_come_one_after_the_other(void **state)
{
	struct thing a = {.number = 1}, b = {.number = 2}, other = {.number = 4};
	struct push_map m;
	int order = 0;

	(void)state;
	push_map_init(&m);
	assert_int_equal(push_map_add(&m, &a.node, 5), 0);
	assert_int_equal(push_map_add(&m, &other.node, 5 + 64), 0); /* the same bucket */
	assert_int_equal(push_map_add(&m, &b.node, 5), 0);
	for (struct push_node *n = push_map_first(&m, 5); n != NULL; n = push_map_next(n))
		order = 10 * order + number_of(n);
	assert_int_equal(order, 12);
	push_map_remove(&m, &a.node);
	assert_int_equal(number_of(push_map_first(&m, 5)), 2);
	assert_null(push_map_next(push_map_first(&m, 5)));
	assert_int_equal(number_of(push_map_first(&m, 5 + 64)), 4);
	push_map_deinit(&m);
}

static void
the_one_touched_longest_ago_comes_first(void **state)
{
	struct thing a = {.number = 1}, b = {.number = 2};
	struct push_map m;

	(void)state;
	push_map_init(&m);
	assert_int_equal(push_map_add(&m, &a.node, 1), 0);
	assert_int_equal(push_map_add(&m, &b.node, 2), 0);
	assert_int_equal(number_of(TAILQ_FIRST(&m.ages)), 1);
	push_map_touch(&m, &a.node);
	assert_int_equal(number_of(TAILQ_FIRST(&m.ages)), 2);
	push_map_remove(&m, &b.node);
	assert_int_equal(number_of(TAILQ_FIRST(&m.ages)), 1);
	assert_int_equal(m.count, 1);
	push_map_deinit(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_each_of_many),
	    cmocka_unit_test(several_of_one_hash_come_one_after_the_other),
	    cmocka_unit_test(the_one_touched_longest_ago_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
