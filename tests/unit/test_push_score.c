/* test_push_score.c - each weight decides something: for each there are signs that are enough, or not, because of it alone. */
#include "track/push_score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define NEEDED                                                                                     \
	(PUSH_SERVER_KNOWN | PUSH_CLIENT_BOUND | PUSH_ONE_WAY | PUSH_SMALL | PUSH_HIGH_PORTS |     \
	    PUSH_UNRECOGNISED)
#define FOR_IT                                                                                     \
	(PUSH_REPEATS | PUSH_SEALED | PUSH_REQUEST_SOON | PUSH_LENGTH_FITS | PUSH_PORT_CHANGES |   \
	    PUSH_KIN)

static void
nothing_outweighs_the_lack_of_what_is_needed(void **state)
{
	static const unsigned needed[] = {PUSH_SERVER_KNOWN, PUSH_CLIENT_BOUND, PUSH_ONE_WAY,
	    PUSH_SMALL, PUSH_HIGH_PORTS, PUSH_UNRECOGNISED};

	(void)state;
	assert_true(push_is_likely(NEEDED | FOR_IT));
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		assert_true(push_is_likely(NEEDED | PUSH_REPEATS));
		assert_false(push_is_likely((NEEDED | FOR_IT) & ~needed[i]));
	}
}

static void
one_strong_sign_is_enough_and_none_is_not(void **state)
{
	(void)state;
	assert_false(push_is_likely(NEEDED));
	assert_true(push_is_likely(NEEDED | PUSH_REPEATS));
	assert_true(push_is_likely(NEEDED | PUSH_SEALED));
	assert_true(push_is_likely(NEEDED | PUSH_REQUEST_SOON));
}

static void
weak_signs_are_not_enough_alone_and_tip_the_scale(void **state)
{
	static const unsigned weak[] = {
	    PUSH_REQUEST_LATER, PUSH_LENGTH_FITS, PUSH_PORT_CHANGES, PUSH_KIN};
	/* of each, what is enough with it, and is not without it */
	static const unsigned both = NEEDED | PUSH_REPEATS | PUSH_SEALED | PUSH_DIFFERS;
	static const unsigned rest[] = {
	    both, both | PUSH_PORT_CHANGES, both | PUSH_LENGTH_FITS, both};

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		assert_false(push_is_likely(NEEDED | weak[i]));
		assert_true(push_is_likely(rest[i] | weak[i]));
		assert_false(push_is_likely(rest[i] & ~weak[i]));
	}
	/* whatever they come to */
	assert_false(push_is_likely(
	    NEEDED | PUSH_REQUEST_LATER | PUSH_PORT_CHANGES | PUSH_KIN | PUSH_LENGTH_FITS));
}

static void
what_speaks_against_it_outweighs_one_strong_sign(void **state)
{
	static const unsigned against[] = {PUSH_DIFFERS, PUSH_STREAMS, PUSH_SERVER_LISTENS,
	    PUSH_CLIENT_SENDS, PUSH_UNLIKE, PUSH_ELSEWHERE, PUSH_MISFITS, PUSH_TEXT};

	(void)state;
	for (size_t i = 0; i < sizeof(against) / sizeof(against[0]); i++) {
		assert_false(push_is_likely(NEEDED | PUSH_REPEATS | against[i]));
		assert_false(push_is_likely(NEEDED | PUSH_SEALED | against[i]));
		assert_true(push_is_likely(
		    NEEDED | PUSH_SEALED | PUSH_REPEATS | PUSH_REQUEST_SOON | against[i]));
	}
}

static void
what_can_be_read_takes_two_strong_signs(void **state)
{
	(void)state;
	assert_true(push_is_likely(NEEDED | PUSH_REPEATS | PUSH_REQUEST_SOON | PUSH_TEXT));
	assert_false(push_is_likely(NEEDED | PUSH_REPEATS | PUSH_REQUEST_SOON | PUSH_DIFFERS));
}

static void
a_request_that_comes_later_weighs_half(void **state)
{
	int needed = push_score(NEEDED);

	(void)state;
	assert_int_equal(push_score(NEEDED | PUSH_REQUEST_SOON) - needed,
	    2 * (push_score(NEEDED | PUSH_REQUEST_LATER) - needed));
}

static void
a_sealed_registration_alone_takes_time(void **state)
{
	(void)state;
	assert_false(push_is_sure(NEEDED | PUSH_SEALED | PUSH_LENGTH_FITS));
	assert_false(push_is_sure(NEEDED | PUSH_SEALED | PUSH_REQUEST_LATER));
	assert_true(push_is_sure(NEEDED | PUSH_SEALED | PUSH_KIN));
	assert_true(push_is_sure(NEEDED | PUSH_REPEATS));
	assert_true(push_is_sure(NEEDED | PUSH_REQUEST_SOON));
	assert_false(push_is_sure(NEEDED | PUSH_KIN));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_outweighs_the_lack_of_what_is_needed),
	    cmocka_unit_test(one_strong_sign_is_enough_and_none_is_not),
	    cmocka_unit_test(weak_signs_are_not_enough_alone_and_tip_the_scale),
	    cmocka_unit_test(what_speaks_against_it_outweighs_one_strong_sign),
	    cmocka_unit_test(what_can_be_read_takes_two_strong_signs),
	    cmocka_unit_test(a_request_that_comes_later_weighs_half),
	    cmocka_unit_test(a_sealed_registration_alone_takes_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
