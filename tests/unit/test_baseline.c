/* test_baseline.c - what was accepted, found by key. */
#include "track/baseline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct mapping_key
key_of(uint16_t major)
{
	return (struct mapping_key){.major = major, .protseq = PROTSEQ_TCP};
}

static const struct endpoint one = {.port = 1025}, two = {.port = 1026}, nothing;

static void
each_endpoint_has_to_be_accepted_for_its_own_key(void **state)
{
	const struct accepted items[] = {
	    {.key = key_of(1), .endpoint = one},
	    {.key = key_of(2), .endpoint = two},
	    {.key = key_of(2), .endpoint = one},
	    {.key = key_of(4), .endpoint = two},
	};
	const struct baseline b = {items, 4};
	const struct endpoint both[] = {one, two};
	struct mapping_key key;

	(void)state;
	for (uint16_t major = 0; major < 6; major++) {
		key = key_of(major);
		assert_int_equal(baseline_accepts(&b, &key, &one, 1), major == 1 || major == 2);
		assert_int_equal(baseline_accepts(&b, &key, &two, 1), major == 2 || major == 4);
		assert_int_equal(baseline_accepts(&b, &key, both, 2), major == 2);
		assert_false(baseline_accepts(&b, &key, NULL, 0));
	}
	assert_false(baseline_accepts(NULL, &key, &one, 1));
}

static void
an_id_is_accepted_by_itself(void **state)
{
	const struct accepted items[] = {{.key = key_of(1), .id = "0123456789abcdef"}};
	const struct baseline b = {items, 1};
	struct mapping_key key = key_of(1), other = key_of(2);

	(void)state;
	assert_true(baseline_accepts_id(&b, &key, "0123456789abcdef"));
	assert_false(baseline_accepts_id(&b, &other, "0123456789abcdef"));
	assert_false(baseline_accepts_id(&b, &key, "0123456789abcde0"));
	assert_false(baseline_accepts_id(&b, &key, ""));
	assert_false(baseline_accepts_id(NULL, &key, "0123456789abcdef"));
	assert_false(baseline_accepts(&b, &key, &nothing, 1)); /* its row has no endpoint */
}

static void
a_row_without_an_id_accepts_none(void **state)
{
	const struct accepted items[] = {{.key = key_of(1), .endpoint = one}};
	const struct baseline b = {items, 1};
	struct mapping_key key = key_of(1);

	(void)state;
	assert_false(baseline_accepts_id(&b, &key, ""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_endpoint_has_to_be_accepted_for_its_own_key),
	    cmocka_unit_test(an_id_is_accepted_by_itself),
	    cmocka_unit_test(a_row_without_an_id_accepts_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
