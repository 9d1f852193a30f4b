/* test_hints.c - learned endpoints, and what of them is published. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"
#include "dissect/hints.h"

static struct addr
addr_of(uint32_t n)
{
	const uint8_t octets[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

	return addr_from_v4(octets);
}

static void
test_what_was_learned_is_known_and_nothing_else(void **state)
{
	struct hints *h;
	struct addr a = addr_of(1), b = addr_of(2);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	assert_false(hints_is_endpoint(h, &a, 49152));
	hints_learn(h, &a, 49152);
	assert_true(hints_is_endpoint(h, &a, 49152));
	assert_false(hints_is_endpoint(h, &a, 49153));
	assert_false(hints_is_endpoint(h, &b, 49152));
	hints_learn(h, &a, 49152);
	assert_int_equal(hints_count(h), 1);
	hints_free(&h);
	assert_null(h);
	hints_free(&h);
}

static void
test_port_0_is_not_learned(void **state)
{
	struct hints *h;
	struct addr a = addr_of(1);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	hints_learn(h, &a, 0);
	assert_int_equal(hints_count(h), 0);
	assert_false(hints_is_endpoint(h, &a, 0));
	hints_free(&h);
}

static void
test_no_table_knows_nothing(void **state)
{
	struct addr a = addr_of(1);

	(void)state;
	assert_false(hints_is_endpoint(NULL, &a, 135));
}

static void
test_a_full_table_counts_what_it_refuses(void **state)
{
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < HINTS_MAX + 10; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, (uint16_t)(1 + i % 7));
	}
	assert_int_equal(hints_count(h), HINTS_MAX);
	assert_int_equal(hints_refused(h), 10);
	for (uint32_t i = 0; i < HINTS_MAX + 10; i++) {
		struct addr a = addr_of(i);

		assert_int_equal(hints_is_endpoint(h, &a, (uint16_t)(1 + i % 7)), i < HINTS_MAX);
	}
	hints_free(&h);
}

static void
test_a_port_is_known_whatever_server_it_was_learned_of(void **state)
{
	struct hints *h;
	struct addr a = addr_of(1);

	(void)state;
	assert_false(hints_has_port(NULL, 135));
	assert_int_equal(hints_new(&h), 0);
	hints_learn(h, &a, 1);
	hints_learn(h, &a, 49152);
	hints_learn(h, &a, 65535);
	hints_learn(h, &a, 0);
	for (uint32_t port = 0; port <= UINT16_MAX; port++)
		assert_int_equal(
		    hints_has_port(h, (uint16_t)port), port == 1 || port == 49152 || port == 65535);
	hints_free(&h);
}

static void
test_a_full_table_knows_no_port_that_it_refused(void **state)
{
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < HINTS_MAX; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, 7);
	}
	for (uint32_t i = 0; i < 10; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, 8);
		assert_false(hints_is_endpoint(h, &a, 8));
	}
	assert_true(hints_has_port(h, 7));
	assert_false(hints_has_port(h, 8));
	hints_free(&h);
}

static void
test_ports_are_listed_once_and_in_order(void **state)
{
	static const uint16_t expected[] = {1, 135, 49152, 65535};
	uint16_t port[4] = {0};
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	assert_int_equal(hints_ports(h, port, 4), 0);
	for (uint32_t i = 0; i < 8; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, expected[3 - i % 4]);
	}
	assert_int_equal(hints_ports(h, port, 4), 4);
	assert_memory_equal(port, expected, sizeof(expected));
	hints_free(&h);
}

static void
test_of_more_ports_than_fit_the_first_are_listed(void **state)
{
	uint16_t port[3] = {0, 0, 4711};
	struct addr a = addr_of(1);
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint16_t i = 5; i > 0; i--)
		hints_learn(h, &a, (uint16_t)(i * 10));
	assert_int_equal(hints_ports(h, NULL, 0), 5);
	assert_int_equal(hints_ports(h, port, 2), 5);
	assert_int_equal(port[0], 10);
	assert_int_equal(port[1], 20);
	assert_int_equal(port[2], 4711);
	hints_free(&h);
}

static void
test_a_copy_knows_the_same_and_learns_apart(void **state)
{
	struct hints *h, *copy;
	struct addr a = addr_of(1), b = addr_of(2), c = addr_of(3);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	hints_learn(h, &a, 100);
	assert_int_equal(hints_copy(h, &copy), 0);
	assert_true(hints_is_endpoint(copy, &a, 100));
	assert_true(hints_has_port(copy, 100));
	assert_int_equal(hints_count(copy), 1);
	hints_learn(h, &b, 200);
	hints_learn(copy, &c, 300);
	assert_false(hints_is_endpoint(copy, &b, 200));
	assert_false(hints_has_port(copy, 200));
	assert_false(hints_is_endpoint(h, &c, 300));
	assert_false(hints_has_port(h, 300));
	hints_free(&h);
	assert_true(hints_is_endpoint(copy, &a, 100));
	/* It can grow by itself. */
	for (uint32_t i = 10; i < 1000; i++) {
		struct addr one = addr_of(i);

		hints_learn(copy, &one, 400);
	}
	assert_int_equal(hints_count(copy), 992);
	hints_free(&copy);
}

static void
test_a_copy_of_a_full_table_is_full(void **state)
{
	struct hints *h, *copy;
	struct addr last = addr_of(HINTS_MAX);

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < HINTS_MAX + 2; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, (uint16_t)(1 + i % 60000));
	}
	assert_int_equal(hints_copy(h, &copy), 0);
	hints_free(&h);
	assert_int_equal(hints_count(copy), HINTS_MAX);
	assert_int_equal(hints_refused(copy), 2);
	hints_learn(copy, &last, 9);
	assert_int_equal(hints_refused(copy), 3);
	for (uint32_t i = 0; i < HINTS_MAX; i++) {
		struct addr a = addr_of(i);

		assert_true(hints_is_endpoint(copy, &a, (uint16_t)(1 + i % 60000)));
	}
	hints_free(&copy);
}

enum {
	READERS = 3,
	LEARNED = 500,
	ROUNDS = 200
};

/* What a worker does: it reads what was published, and only that. Returns how often that was not what it had to be. */
static void *
read_published(void *published)
{
	const struct hints *h = published;
	uintptr_t wrong = 0;

	for (int round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < 2 * LEARNED; i++) {
			struct addr a = addr_of(i);

			wrong += hints_is_endpoint(h, &a, (uint16_t)(i + 1)) != (i < LEARNED);
			wrong += hints_has_port(h, (uint16_t)(i + 1)) != (i < LEARNED);
		}
	}
	return (void *)wrong;
}

/* To be run under a thread sanitizer, too. */
static void
test_threads_read_a_published_copy_while_its_origin_learns(void **state)
{
	struct hints *h, *published;
	pthread_t thread[READERS];
	void *wrong;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < LEARNED; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, (uint16_t)(i + 1));
	}
	assert_int_equal(hints_copy(h, &published), 0);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, read_published, published), 0);
	for (uint32_t i = LEARNED; i < 20000; i++) {
		struct addr a = addr_of(i);

		hints_learn(h, &a, (uint16_t)(i + 1));
	}
	for (int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	hints_free(&published);
	hints_free(&h);
}

static void
test_mailboxes_and_callbacks_are_known_apart_from_endpoints(void **state)
{
	struct addr a = addr_of(1), b = addr_of(2);
	struct hints *h;

	(void)state;
	assert_false(hints_is_mailbox(NULL, &a));
	assert_false(hints_is_callback(NULL, &a, 1071));
	assert_false(hints_has_callback_port(NULL, 1071));
	assert_int_equal(hints_new(&h), 0);
	hints_learn_mailbox(h, &a);
	hints_learn_callback(h, &b, 1071);
	assert_true(hints_is_mailbox(h, &a));
	assert_false(hints_is_mailbox(h, &b));
	assert_true(hints_is_callback(h, &b, 1071));
	assert_false(hints_is_callback(h, &a, 1071));
	assert_false(hints_is_callback(h, &b, 1072));
	assert_true(hints_has_callback_port(h, 1071));
	assert_false(hints_has_callback_port(h, 1072));
	assert_false(hints_is_endpoint(h, &b, 1071));
	assert_false(hints_is_endpoint(h, &a, 1));
	assert_false(hints_has_port(h, 1071));
	assert_int_equal(hints_count(h), 0);
	hints_free(&h);
}

static void
test_callbacks_are_forgotten_and_the_others_stay(void **state)
{
	struct addr a = addr_of(1);
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint16_t i = 1; i <= 3000; i++)
		hints_learn_callback(h, &a, i);
	for (uint16_t i = 1; i <= 3000; i += 3)
		hints_forget_callback(h, &a, i);
	hints_forget_callback(h, &a, 1);
	hints_forget_callback(h, &a, 0);
	hints_forget_callback(h, &a, 4000);
	for (uint16_t i = 1; i <= 3000; i++)
		assert_int_equal(hints_is_callback(h, &a, i), i % 3 != 1);
	hints_learn_callback(h, &a, 1);
	assert_true(hints_is_callback(h, &a, 1));
	hints_free(&h);
}

static void
test_a_full_table_of_callbacks_has_room_for_what_replaces_one(void **state)
{
	struct addr a = addr_of(1), b = addr_of(2);
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint16_t i = 1; i <= HINTS_CALLBACKS_MAX; i++)
		hints_learn_callback(h, &a, i);
	assert_int_equal(hints_refused(h), 0);
	hints_learn_callback(h, &b, 1);
	assert_false(hints_is_callback(h, &b, 1));
	assert_int_equal(hints_refused(h), 1);
	hints_forget_callback(h, &a, 5);
	hints_learn_callback(h, &b, 1);
	assert_true(hints_is_callback(h, &b, 1));
	hints_free(&h);
}

static void
test_mailboxes_are_bounded(void **state)
{
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 0; i < HINTS_MAILBOXES_MAX + 5; i++) {
		struct addr one = addr_of(i);

		hints_learn_mailbox(h, &one);
		assert_int_equal(hints_is_mailbox(h, &one), i < HINTS_MAILBOXES_MAX);
	}
	assert_int_equal(hints_refused(h), 5);
	hints_free(&h);
}

static void
test_stores_are_mailboxes_at_a_port(void **state)
{
	struct addr a = addr_of(1), b = addr_of(2);
	struct hints *h, *copy;

	(void)state;
	assert_false(hints_is_store(NULL, &a, 1032));
	assert_false(hints_has_store_port(NULL, 1032));
	assert_int_equal(hints_new(&h), 0);
	hints_learn_store(h, &a, 1032);
	hints_learn_store(h, &b, 0);
	assert_true(hints_is_mailbox(h, &a));
	assert_true(hints_is_mailbox(h, &b));
	assert_true(hints_is_store(h, &a, 1032));
	assert_false(hints_is_store(h, &a, 1033));
	assert_false(hints_is_store(h, &b, 1032));
	assert_false(hints_is_store(h, &b, 0));
	assert_true(hints_has_store_port(h, 1032));
	assert_false(hints_has_store_port(h, 0));
	assert_false(hints_has_port(h, 1032)); /* a table of its own */
	assert_false(hints_is_endpoint(h, &a, 1032));
	assert_int_equal(hints_copy(h, &copy), 0);
	hints_learn_store(h, &b, 1033);
	hints_free(&h);
	assert_true(hints_is_store(copy, &a, 1032));
	assert_true(hints_has_store_port(copy, 1032));
	assert_false(hints_is_store(copy, &b, 1033));
	assert_false(hints_has_store_port(copy, 1033));
	hints_free(&copy);
}

static void
test_stores_are_bounded(void **state)
{
	struct addr a = addr_of(1);
	struct hints *h;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	for (uint32_t i = 1; i <= HINTS_STORES_MAX + 5; i++)
		hints_learn_store(h, &a, (uint16_t)i);
	assert_true(hints_is_store(h, &a, HINTS_STORES_MAX));
	assert_false(hints_is_store(h, &a, HINTS_STORES_MAX + 1));
	assert_int_equal(hints_refused(h), 5);
	hints_free(&h);
}

static void
test_a_copy_has_mailboxes_and_callbacks_of_its_own(void **state)
{
	struct addr a = addr_of(1), b = addr_of(2);
	struct hints *h, *copy;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	hints_learn_mailbox(h, &a);
	hints_learn_callback(h, &b, 1071);
	assert_int_equal(hints_copy(h, &copy), 0);
	hints_forget_callback(h, &b, 1071);
	hints_learn_mailbox(h, &b);
	hints_free(&h);
	assert_true(hints_is_mailbox(copy, &a));
	assert_false(hints_is_mailbox(copy, &b));
	assert_true(hints_is_callback(copy, &b, 1071));
	assert_true(hints_has_callback_port(copy, 1071));
	hints_free(&copy);
}

static void
test_the_version_tells_that_something_changed(void **state)
{
	struct addr a = addr_of(1);
	struct hints *h;
	uint64_t before;

	(void)state;
	assert_int_equal(hints_new(&h), 0);
	before = hints_version(h);
	hints_learn(h, &a, 135);
	assert_int_not_equal(hints_version(h), before);
	before = hints_version(h);
	hints_learn(h, &a, 135);
	hints_forget_callback(h, &a, 7);
	assert_int_equal(hints_version(h), before);
	hints_learn_mailbox(h, &a);
	assert_int_not_equal(hints_version(h), before);
	before = hints_version(h);
	hints_learn_callback(h, &a, 7);
	assert_int_not_equal(hints_version(h), before);
	before = hints_version(h);
	hints_forget_callback(h, &a, 7);
	assert_int_not_equal(hints_version(h), before);
	hints_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_was_learned_is_known_and_nothing_else),
	    cmocka_unit_test(test_port_0_is_not_learned),
	    cmocka_unit_test(test_no_table_knows_nothing),
	    cmocka_unit_test(test_a_full_table_counts_what_it_refuses),
	    cmocka_unit_test(test_a_port_is_known_whatever_server_it_was_learned_of),
	    cmocka_unit_test(test_a_full_table_knows_no_port_that_it_refused),
	    cmocka_unit_test(test_ports_are_listed_once_and_in_order),
	    cmocka_unit_test(test_of_more_ports_than_fit_the_first_are_listed),
	    cmocka_unit_test(test_a_copy_knows_the_same_and_learns_apart),
	    cmocka_unit_test(test_a_copy_of_a_full_table_is_full),
	    cmocka_unit_test(test_threads_read_a_published_copy_while_its_origin_learns),
	    cmocka_unit_test(test_mailboxes_and_callbacks_are_known_apart_from_endpoints),
	    cmocka_unit_test(test_callbacks_are_forgotten_and_the_others_stay),
	    cmocka_unit_test(test_a_full_table_of_callbacks_has_room_for_what_replaces_one),
	    cmocka_unit_test(test_mailboxes_are_bounded),
	    cmocka_unit_test(test_stores_are_mailboxes_at_a_port),
	    cmocka_unit_test(test_stores_are_bounded),
	    cmocka_unit_test(test_a_copy_has_mailboxes_and_callbacks_of_its_own),
	    cmocka_unit_test(test_the_version_tells_that_something_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
