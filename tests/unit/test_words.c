/* test_words.c - authentication by name (PROTOCOL 1.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "report/words/words.h"

static void
test_authentication_types(void **state)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {{0, "none"}, {1, "krb5_dce"}, {9, "spnego"}, {10, "ntlmssp"}, {14, "schannel"},
	    {16, "kerberos"}, {17, "dpa"}, {18, "msn"}, {21, "digest"}, {68, "netlogon"},
	    {100, "msmq"}};
	char out[WORDS_NUMBER];
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_string_equal(words_auth_type(types[i].type, out), types[i].name);
	for (unsigned type = 0; type < 256; type++)
		named +=
		    strtoul(words_auth_type((uint8_t)type, out), NULL, 10) != type || type == 0;
	assert_int_equal(named, sizeof(types) / sizeof(types[0])); /* the others are numbers */
}

static void
test_authentication_levels(void **state)
{
	static const char *const levels[] = {
	    "default", "none", "connect", "call", "packet", "integrity", "privacy", "7"};
	char out[WORDS_NUMBER];

	(void)state;
	for (uint8_t level = 0; level < 8; level++)
		assert_string_equal(words_auth_level(level, out), levels[level]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_authentication_types),
	    cmocka_unit_test(test_authentication_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
