/* Types of events: every name is one, lists are sets, and the word that is wrong is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/event_types.h"
#include "base/err.h"

static char wrong[EVENT_TYPE_TEXT];

static unsigned
parsed(const char *list)
{
	unsigned set;

	assert_int_equal(event_types_parse(list, &set, wrong), 0);
	return set;
}

static const char *
refused(const char *list)
{
	unsigned set;

	assert_int_equal(event_types_parse(list, &set, wrong), ERR_MALFORMED);
	return wrong;
}

static void
every_name_is_one(void **state)
{
	unsigned all = 0;

	(void)state;
	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		const char *name = event_types_name((enum event_type)t);

		assert_int_equal(parsed(name), EVENT_TYPE(t));
		all |= EVENT_TYPE(t);
	}
	assert_int_equal(all, EVENT_TYPES_ALL);
	assert_int_equal(parsed("all"), EVENT_TYPES_ALL);
	assert_int_equal(parsed("all,epm"), EVENT_TYPES_ALL);
}

static void
lists_are_sets(void **state)
{
	(void)state;
	assert_int_equal(parsed("epm,bind,epm"), EVENT_TYPE(EVENT_EPM) | EVENT_TYPE(EVENT_BIND));
	assert_int_equal(parsed("change,alert,push,push_registration,stats"), EVENT_TYPES_LIVE);
	assert_int_equal(parsed("push"), EVENT_TYPE(EVENT_PUSH));
}

static void
the_first_wrong_word_is_named(void **state)
{
	(void)state;
	assert_string_equal(refused("epm,bnid,altert"), "bnid");
	assert_string_equal(refused(""), "");
	assert_string_equal(refused("epm,"), "");
	assert_string_equal(refused(",epm"), "");
	assert_string_equal(refused("EPM"), "EPM");
	assert_string_equal(refused("epm, bind"), " bind");
	assert_string_equal(refused("pus"), "pus");
	/* as much of it as there is room for */
	assert_int_equal(strlen(refused("a_word_that_is_longer_than_any_name_could_ever_be")),
	    EVENT_TYPE_TEXT - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_is_one),
	    cmocka_unit_test(lists_are_sets),
	    cmocka_unit_test(the_first_wrong_word_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
