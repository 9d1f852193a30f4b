/* test_community_id.c - published values of the flow hash, in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/community_id.h"
#include "base/err.h"

struct flow {
	uint8_t proto;
	const char *a;
	uint16_t a_port;
	const char *b;
	uint16_t b_port;
	const char *id;
};

static void
assert_flow(const struct flow *f)
{
	struct addr a, b;
	char out[COMMUNITY_ID_TEXT];

	assert_int_equal(addr_parse(f->a, &a), ERR_OK);
	assert_int_equal(addr_parse(f->b, &b), ERR_OK);
	assert_string_equal(community_id(f->proto, &a, &b, f->a_port, f->b_port, out), f->id);
	assert_string_equal(community_id(f->proto, &b, &a, f->b_port, f->a_port, out), f->id);
}

static void
test_ipv4_has_the_published_ids_in_both_directions(void **state)
{
	static const struct flow flows[] = {
	    {6, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	    {17, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		assert_flow(&flows[i]);
}

static void
test_ipv6_has_the_published_id_in_both_directions(void **state)
{
	static const struct flow f = {6, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943,
	    "2607:f8b0:400c:c03::1a", 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="};

	(void)state;
	assert_flow(&f);
}

/* Computed from the specification: SHA-1 over seed, addresses, protocol, a zero byte and ports,
 * lower end first. */
static void
test_addresses_are_ordered_by_octets(void **state)
{
	static const struct flow flows[] = {
	    {6, "10.0.0.200", 49152, "10.0.0.3", 135, "1:RR6tu1JhoCGbkeNj1enpBcUTn8E="},
	    {6, "1.0.0.2", 5, "2.0.0.1", 5, "1:G04pH/QdY0bQgfApRyNFvsj1Cgg="},
	    {6, "192.168.0.1", 5, "10.1.1.1", 6, "1:xIeYPxLwL4IVXELb7TmiSqnh8gI="},
	    {6, "fe80::2:1", 7, "fe80::1:2", 7, "1:GQgmDLpo33Rwxfjq3xVfZpO5nQc="},
	    {6, "2001:db8::ff", 1, "2001:db8::1", 2, "1:upsmI1Xm6lc1SEe1SZDL1lcvPKI="},
	    {6, "fd00::1", 1, "2001:db8::1", 2, "1:vBsQwux8aLkKKUb9zh6xsJ7sUyE="},
	    {6, "2001:db8:0:1::2", 300, "2001:db8:1::1", 135, "1:L5gnSJI2ZAF8apYK1o34nb8+TII="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		assert_flow(&flows[i]);
}

static void
test_a_host_that_talks_to_itself_has_one_id_for_both_directions(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "::1"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct addr a;
		char there[COMMUNITY_ID_TEXT], back[COMMUNITY_ID_TEXT];

		assert_int_equal(addr_parse(hosts[i], &a), ERR_OK);
		assert_string_equal(community_id(6, &a, &a, 135, 256, there),
		    community_id(6, &a, &a, 256, 135, back));
		assert_int_equal(strlen(there), 30);
	}
}

static void
test_mixed_families_have_no_id(void **state)
{
	struct addr a, b;
	char out[COMMUNITY_ID_TEXT] = "x";

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1", &a), ERR_OK);
	assert_int_equal(addr_parse("2001:db8::1", &b), ERR_OK);
	assert_string_equal(community_id(6, &a, &b, 1, 2, out), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ipv4_has_the_published_ids_in_both_directions),
	    cmocka_unit_test(test_ipv6_has_the_published_id_in_both_directions),
	    cmocka_unit_test(test_addresses_are_ordered_by_octets),
	    cmocka_unit_test(test_a_host_that_talks_to_itself_has_one_id_for_both_directions),
	    cmocka_unit_test(test_mixed_families_have_no_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
