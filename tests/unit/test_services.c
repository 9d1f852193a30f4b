/* test_services.c - which interfaces' calls are read, and which of their calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/services.h"

static const struct {
	const char *uuid;
	uint16_t major;
	bool guesses;
	uint16_t opnums[6]; /* and 99 */
} expected[] = {
    {"e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3, true, {2, 3, 99}},
    {"99fcfec4-5260-101b-bbcb-00aa0021347a", 0, true, {0, 4, 5, 99}},
    {"000001a0-0000-0000-c000-000000000046", 0, true, {3, 4, 99}},
    {"4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", 0, true, {0, 99}},
    {"1544f5e0-613c-11d1-93df-00c04fd7bd09", 1, false, {0, 1, 99}},
    {"a4f1db00-ca47-1067-b31f-00dd010662da", 0, false, {0, 1, 4, 10, 14, 99}},
    {"5261574a-4572-206e-b268-6b199213b4e4", 0, false, {0, 99}},
};

static struct if_id
interface(const char *uuid, uint16_t major)
{
	struct if_id iface = {.major = major};

	assert_int_equal(uuid_parse(uuid, &iface.uuid), ERR_OK);
	return iface;
}

static bool
is_listed(const uint16_t *opnums, uint16_t opnum)
{
	for (; *opnums != 99; opnums++) {
		if (*opnums == opnum)
			return true;
	}
	return false;
}

static void
test_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct if_id iface = interface(expected[i].uuid, expected[i].major);
		const struct service *s = services_find(&iface);

		assert_non_null(s);
		assert_int_equal(s->guesses, expected[i].guesses);
		assert_int_equal(s->is_mapper, i == 0);
		assert_int_equal(s->is_mailbox, i == 5);
		for (uint32_t opnum = 0; opnum < 65536; opnum++)
			assert_int_equal(service_reads(s, (uint16_t)opnum),
			    is_listed(expected[i].opnums, (uint16_t)opnum));
	}
}

/* The minor version makes no other service. */
static void
trap_17_another_major_version_is_another_service(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct if_id iface = interface(expected[i].uuid, expected[i].major);
		const struct service *s = services_find(&iface);

		iface.minor = 7;
		assert_ptr_equal(services_find(&iface), s);
		iface.major++;
		assert_null(services_find(&iface));
	}
}

static void
test_other_interfaces_are_none(void **state)
{
	struct if_id iface = interface("f5cc5a18-4264-101a-8c59-08002b2f8426", 56);

	(void)state;
	assert_null(services_find(&iface));
	iface = (struct if_id){0};
	assert_null(services_find(&iface));
	assert_true(services_mapper()->is_mapper);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_table),
	    cmocka_unit_test(trap_17_another_major_version_is_another_service),
	    cmocka_unit_test(test_other_interfaces_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
