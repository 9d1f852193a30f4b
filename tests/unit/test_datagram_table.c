/* test_datagram_table - connectionless calls under way, and which interfaces were reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/budget.h"
#include "dissect/datagram_table.h"
#include "dissect/datagram_uses.h"

static struct budget budget;
static struct datagram_table table;

static int
begin(void **state)
{
	(void)state;
	budget = (struct budget){.cap = 1 << 20};
	datagram_table_init(&table, &budget, 42);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	datagram_table_deinit(&table);
	assert_int_equal(budget.used, 0);
	return 0;
}

static struct datagram_key
key(uint32_t seqnum)
{
	return (struct datagram_key){.seqnum = seqnum, .client_port = 1025};
}

static struct datagram_call *
add(uint32_t seqnum)
{
	struct datagram_key k = key(seqnum);

	return datagram_table_add(&table, &k);
}

static struct datagram_call *
find(uint32_t seqnum)
{
	struct datagram_key k = key(seqnum);

	return datagram_table_find(&table, &k);
}

static void
nothing_before_the_first(void **state)
{
	(void)state;
	assert_null(find(1));
	assert_null(datagram_table_oldest(&table));
	assert_false(datagram_table_is_full(&table));
	assert_int_equal(budget.used, 0);
}

static void
found_by_all_of_the_key(void **state)
{
	struct datagram_key k;

	(void)state;
	assert_non_null(add(1));
	assert_non_null(add(2));
	assert_int_equal(find(1)->key.seqnum, 1);
	assert_int_equal(find(2)->key.seqnum, 2);
	assert_null(find(3));
	k = key(1);
	k.client_port = 1026;
	assert_null(datagram_table_find(&table, &k));
	k = key(1);
	k.client.b[15] = 1;
	assert_null(datagram_table_find(&table, &k));
	k = key(1);
	k.activity.b[0] = 1;
	assert_null(datagram_table_find(&table, &k));
	k = key(1);
	k.realm = 1;
	assert_null(datagram_table_find(&table, &k));
}

static void
oldest_by_use(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		add(i);
	assert_int_equal(datagram_table_oldest(&table)->key.seqnum, 1);
	datagram_table_use(&table, find(1), 7);
	assert_int_equal(find(1)->since_ns, 7);
	assert_int_equal(datagram_table_oldest(&table)->key.seqnum, 2);
	datagram_table_use(&table, find(1), 8);
	datagram_table_drop(&table, find(3)); /* in the middle */
	datagram_table_drop(&table, find(2));
	assert_int_equal(datagram_table_oldest(&table)->key.seqnum, 1);
	datagram_table_drop(&table, find(1));
	assert_null(datagram_table_oldest(&table));
}

static void
full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DATAGRAM_CALLS; i++)
		assert_non_null(add(i));
	assert_true(datagram_table_is_full(&table));
	assert_null(add(DATAGRAM_CALLS));
	datagram_table_drop(&table, find(500));
	assert_null(find(500));
	assert_non_null(add(DATAGRAM_CALLS));
	for (uint32_t i = 0; i <= DATAGRAM_CALLS; i++)
		assert_int_equal(find(i) != NULL, i != 500);
}

static void
a_place_is_clean_when_taken_again(void **state)
{
	(void)state;
	add(1)->answered = true;
	datagram_table_drop(&table, find(1));
	assert_false(add(1)->answered);
}

static void
no_room(void **state)
{
	(void)state;
	budget.cap = 1000;
	assert_null(add(1));
	assert_int_equal(budget.used, 0);
}

static void
said_once_a_minute(void **state)
{
	static struct datagram_uses uses;
	struct datagram_use use = {.port = 49200, .iface.major = 1}, other = use;

	(void)state;
	other.iface.major = 2;
	assert_true(datagram_uses_is_new(&uses, &use, NS_PER_S));
	assert_false(datagram_uses_is_new(&uses, &use, NS_PER_S));
	assert_false(datagram_uses_is_new(&uses, &use, 61 * NS_PER_S - 1));
	assert_true(datagram_uses_is_new(&uses, &other, 2 * NS_PER_S));
	assert_false(datagram_uses_is_new(&uses, &use, 3 * NS_PER_S));
	assert_true(datagram_uses_is_new(&uses, &use, 61 * NS_PER_S));
	assert_false(datagram_uses_is_new(&uses, &use, 62 * NS_PER_S));
	assert_true(datagram_uses_is_new(&uses, &use, 60 * NS_PER_S)); /* the clock was set back */
	assert_true(datagram_uses_is_new(&uses, &use, INT64_MAX));
	assert_true(datagram_uses_is_new(&uses, &use, INT64_MIN));
}

/* More than there are places: each is said, and none is invented. */
static void
uses_push_out_others(void **state)
{
	static struct datagram_uses uses;
	unsigned again = 0;

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 2 * DATAGRAM_USES; i++) {
			struct datagram_use use = {.port = (uint16_t)i};
			bool is_new = datagram_uses_is_new(&uses, &use, NS_PER_S);

			assert_true(is_new || round == 1);
			again += round == 1 && is_new;
		}
	}
	assert_in_range(again, DATAGRAM_USES, 2 * DATAGRAM_USES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_before_the_first),
	    TEST(found_by_all_of_the_key),
	    TEST(oldest_by_use),
	    TEST(full),
	    TEST(a_place_is_clean_when_taken_again),
	    TEST(no_room),
	    cmocka_unit_test(said_once_a_minute),
	    cmocka_unit_test(uses_push_out_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
