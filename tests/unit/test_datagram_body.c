/* test_datagram_body - the fragments of a connectionless call, put together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/budget.h"
#include "dissect/datagram.h"
#include "dissect/datagram_body.h"

static struct budget budget;
static struct datagram_body body;

static int
begin(void **state)
{
	(void)state;
	budget = (struct budget){.cap = 1 << 20};
	body = (struct datagram_body){0};
	return 0;
}

static int
end(void **state)
{
	(void)state;
	datagram_body_free(&body, &budget);
	assert_int_equal(budget.used, 0);
	return 0;
}

/* A fragment whose octets are all its number. */
static enum datagram_progress
add(unsigned number, size_t len, unsigned flags)
{
	uint8_t *octets = malloc(len + 1);
	struct datagram dg = {
	    .flags = (uint8_t)flags, .fragment = (uint16_t)number, .body = octets, .body_len = len};
	enum datagram_progress progress;

	assert_non_null(octets);
	memset(octets, (int)number, len);
	progress = datagram_body_add(&body, &budget, &dg, 1000);
	free(octets);
	return progress;
}

enum {
	MIDDLE = DATAGRAM_FRAG,
	LAST = DATAGRAM_FRAG | DATAGRAM_LAST_FRAG,
};

static void
assert_octets(const char *text)
{
	assert_int_equal(body.octets.len, strlen(text));
	for (size_t i = 0; text[i] != '\0'; i++)
		assert_int_equal(body.octets.data[i], text[i] - '0');
}

static void
in_order(void **state)
{
	(void)state;
	assert_int_equal(add(0, 3, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(1, 2, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(2, 1, LAST), DATAGRAM_DONE);
	assert_octets("000112");
}

static void
backwards_and_twice(void **state)
{
	(void)state;
	assert_int_equal(add(3, 1, LAST), DATAGRAM_MORE);
	assert_int_equal(add(1, 2, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(1, 9, MIDDLE), DATAGRAM_MORE); /* the first copy counts */
	assert_int_equal(add(2, 2, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(0, 1, MIDDLE), DATAGRAM_DONE);
	assert_octets("011223");
	assert_int_equal(body.held, 0);
}

static void
again_after_its_turn(void **state)
{
	(void)state;
	assert_int_equal(add(0, 2, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(0, 2, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(1, 2, LAST), DATAGRAM_DONE);
	assert_octets("0011");
}

static void
whole(void **state)
{
	(void)state;
	assert_int_equal(add(5, 3, 0), DATAGRAM_DONE);
	assert_octets("555");
}

/* A response alone may have the last flag and no other. */
static void
whole_with_the_last_flag(void **state)
{
	(void)state;
	assert_int_equal(add(0, 2, DATAGRAM_LAST_FRAG), DATAGRAM_DONE);
	assert_octets("00");
}

static void
whole_after_a_fragment(void **state)
{
	(void)state;
	add(0, 3, MIDDLE);
	add(2, 3, MIDDLE);
	assert_int_equal(add(0, 2, 0), DATAGRAM_DONE);
	assert_octets("00");
}

static void
too_long(void **state)
{
	(void)state;
	assert_int_equal(add(0, 600, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(1, 400, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(2, 1, LAST), DATAGRAM_BROKE);
	assert_int_equal(add(2, 1, LAST), DATAGRAM_MORE);
	assert_int_equal(budget.used, 0);
}

static void
too_long_among_those_held(void **state)
{
	(void)state;
	add(1, 600, MIDDLE);
	add(2, 600, LAST);
	assert_int_equal(add(0, 1, MIDDLE), DATAGRAM_BROKE);
	assert_int_equal(budget.used, 0);
}

static void
too_many_ahead(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= DATAGRAM_AHEAD; i++)
		assert_int_equal(add(i, 1, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(DATAGRAM_AHEAD + 1, 1, MIDDLE), DATAGRAM_BROKE);
}

static void
no_room(void **state)
{
	(void)state;
	budget.cap = 700;
	assert_int_equal(add(0, 1, MIDDLE), DATAGRAM_MORE);
	assert_int_equal(add(2, 300, MIDDLE), DATAGRAM_BROKE);
	assert_int_equal(budget.used, 0);
}

static void
cut(void **state)
{
	struct datagram dg = {.flags = DATAGRAM_FRAG, .cut = true};

	(void)state;
	assert_int_equal(datagram_body_add(&body, &budget, &dg, 1000), DATAGRAM_BROKE);
	assert_int_equal(add(1, 1, LAST), DATAGRAM_MORE);
}

/* The first one's byte order is that of the whole. */
static void
order_of_the_first(void **state)
{
	struct datagram second = {.flags = LAST, .fragment = 1, .le = false};
	struct datagram first = {.flags = MIDDLE, .fragment = 0, .le = true};

	(void)state;
	datagram_body_add(&body, &budget, &second, 10);
	assert_int_equal(datagram_body_add(&body, &budget, &first, 10), DATAGRAM_DONE);
	assert_true(body.le);
}

static void
order_of_the_first_in_order(void **state)
{
	struct datagram first = {.flags = MIDDLE, .fragment = 0, .le = true};
	struct datagram second = {.flags = LAST, .fragment = 1, .le = false};

	(void)state;
	datagram_body_add(&body, &budget, &first, 10);
	assert_int_equal(datagram_body_add(&body, &budget, &second, 10), DATAGRAM_DONE);
	assert_true(body.le);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(in_order),
	    TEST(backwards_and_twice),
	    TEST(again_after_its_turn),
	    TEST(whole),
	    TEST(whole_with_the_last_flag),
	    TEST(whole_after_a_fragment),
	    TEST(too_long),
	    TEST(too_long_among_those_held),
	    TEST(too_many_ahead),
	    TEST(no_room),
	    TEST(cut),
	    TEST(order_of_the_first),
	    TEST(order_of_the_first_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
