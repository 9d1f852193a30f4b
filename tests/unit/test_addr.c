/* test_addr.c - addresses: one value for both families. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/err.h"

static void
assert_formats_as(const char *text, const char *expected)
{
	struct addr a;
	char out[ADDR_TEXT];

	assert_int_equal(addr_parse(text, &a), ERR_OK);
	assert_string_equal(addr_format(&a, out), expected);
}

static void
test_text_round_trips(void **state)
{
	(void)state;
	assert_formats_as("192.0.2.1", "192.0.2.1");
	assert_formats_as("0.0.0.0", "0.0.0.0");
	assert_formats_as("255.255.255.255", "255.255.255.255");
	assert_formats_as("::", "::");
	assert_formats_as(
	    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff");
}

static void
test_ipv6_text_is_that_of_rfc_5952(void **state)
{
	(void)state;
	assert_formats_as("2001:0DB8:0:0:0:0:0:1", "2001:db8::1");
	assert_formats_as("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	assert_formats_as("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	assert_formats_as("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
}

/* Groups of 0 everywhere, and groups of every length. */
static void
test_ipv6_text_is_that_of_the_library(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 200000; i++) {
		uint8_t octets[16];
		char expected[ADDR_TEXT], out[ADDR_TEXT];
		struct addr a;

		for (size_t k = 0; k < sizeof(octets); k++)
			octets[k] = random() % 3 == 0 ? (uint8_t)(random() >> random() % 8) : 0;
		a = addr_from_v6(octets);
		if (addr_is_v4(&a))
			continue;
		assert_non_null(inet_ntop(AF_INET6, octets, expected, sizeof(expected)));
		assert_string_equal(addr_format(&a, out), expected);
	}
}

static void
test_mapped_text_is_the_ipv4_address(void **state)
{
	struct addr mapped, plain;

	(void)state;
	assert_int_equal(addr_parse("::ffff:192.0.2.1", &mapped), ERR_OK);
	assert_int_equal(addr_parse("192.0.2.1", &plain), ERR_OK);
	assert_true(addr_equal(&mapped, &plain));
	assert_true(addr_is_v4(&mapped));
}

static void
test_text_that_is_no_address_is_malformed(void **state)
{
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "host",
	    "1:2:3:4:5:6:7", "1::2::3", "fe80::1%eth0", "12345::"};
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_parse(bad[i], &a), ERR_MALFORMED);
}

static void
test_octets_are_in_network_order(void **state)
{
	const uint8_t v4[4] = {192, 0, 2, 7};
	const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};
	struct addr a = addr_from_v4(v4), b = addr_from_v6(v6);
	char out[ADDR_TEXT];

	(void)state;
	assert_string_equal(addr_format(&a, out), "192.0.2.7");
	assert_true(addr_is_v4(&a));
	assert_string_equal(addr_format(&b, out), "2001:db8::9");
	assert_false(addr_is_v4(&b));
}

static void
test_unspecified_is_known_in_both_families(void **state)
{
	struct addr a;

	(void)state;
	assert_int_equal(addr_parse("0.0.0.0", &a), ERR_OK);
	assert_true(addr_is_unspecified(&a));
	assert_int_equal(addr_parse("::", &a), ERR_OK);
	assert_true(addr_is_unspecified(&a));
	assert_int_equal(addr_parse("0.0.0.1", &a), ERR_OK);
	assert_false(addr_is_unspecified(&a));
	assert_int_equal(addr_parse("::1", &a), ERR_OK);
	assert_false(addr_is_unspecified(&a));
}

static void
test_ipv4_sorts_by_value(void **state)
{
	struct addr two, ten;

	(void)state;
	assert_int_equal(addr_parse("2.0.0.0", &two), ERR_OK);
	assert_int_equal(addr_parse("10.0.0.0", &ten), ERR_OK);
	assert_true(addr_compare(&two, &ten) < 0);
	assert_true(addr_compare(&ten, &two) > 0);
	assert_int_equal(addr_compare(&ten, &ten), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_round_trips),
	    cmocka_unit_test(test_ipv6_text_is_that_of_rfc_5952),
	    cmocka_unit_test(test_ipv6_text_is_that_of_the_library),
	    cmocka_unit_test(test_mapped_text_is_the_ipv4_address),
	    cmocka_unit_test(test_text_that_is_no_address_is_malformed),
	    cmocka_unit_test(test_octets_are_in_network_order),
	    cmocka_unit_test(test_unspecified_is_known_in_both_families),
	    cmocka_unit_test(test_ipv4_sorts_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
