/* Rows of interfaces: found again by name, and they tell from when to when something was seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "app/interfaces.h"
#include "store/query.h"
#include "store/store.h"

static struct store *store;
static char text[256];

static int
set_up(void **state)
{
	(void)state;
	return store_open(&store, NULL, STORE_MEMORY) != 0 ||
	       store_realm(store, 0, "s", "default") != 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(&store);
	return 0;
}

static struct interfaces *
meet(const char *const *name, size_t count)
{
	struct interfaces *i;

	assert_int_equal(interfaces_new(&i, name, count, store), 0);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(interfaces_meet(i), 0);
	assert_int_equal(store_commit(store), 0);
	return i;
}

static void
keep(struct interfaces *i)
{
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(interfaces_keep(i), 0);
	assert_int_equal(store_commit(store), 0);
}

static int
add(void *ctx, const struct query_capture *c)
{
	size_t used = strlen(text);

	(void)ctx;
	snprintf(text + used, sizeof(text) - used, "%s:%d,%d-%d ", c->name, (int)c->frames,
	    (int)c->first_ns, (int)c->last_ns);
	return 0;
}

static const char *
rows(void)
{
	text[0] = '\0';
	assert_int_equal(query_captures(store, add, NULL), 0);
	return text;
}

static void
each_has_a_row_that_grows(void **state)
{
	static const char *const name[] = {"eth1", "eth2"};
	struct interfaces *i = meet(name, 2);

	(void)state;
	interfaces_saw(i, 1, 10, 100, 200);
	keep(i);
	assert_string_equal(rows(), "eth1:0,0-0 eth2:10,100-200 ");
	interfaces_saw(i, 1, 15, 100, 300);
	interfaces_saw(i, 0, 0, INT64_MAX, INT64_MIN);
	keep(i);
	assert_string_equal(rows(), "eth1:0,0-0 eth2:15,100-300 ");
	interfaces_free(&i);
}

static void
the_next_run_goes_on_with_them(void **state)
{
	static const char *const first[] = {"eth1"}, *const second[] = {"eth2", "eth1"};
	struct interfaces *i = meet(first, 1);

	(void)state;
	interfaces_saw(i, 0, 10, 100, 200);
	keep(i);
	interfaces_free(&i);
	i = meet(second, 2);
	interfaces_saw(i, 1, 5, 300, 400);
	keep(i);
	assert_string_equal(rows(), "eth2:0,0-0 eth1:15,100-400 ");
	interfaces_free(&i);
}

static void
names_are_printable_and_known_by_index(void **state)
{
	static const char *const name[] = {"e\x1b[31m", "eth1"};
	struct interfaces *i = meet(name, 2);

	(void)state;
	assert_null(strchr(interfaces_name(i, 0), '\x1b'));
	assert_string_equal(interfaces_name(i, 1), "eth1");
	assert_null(interfaces_name(i, 2));
	assert_null(interfaces_name(i, STORE_CAPTURE_UNKNOWN));
	interfaces_free(&i);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(each_has_a_row_that_grows),
	    T(the_next_run_goes_on_with_them),
	    T(names_are_printable_and_known_by_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
