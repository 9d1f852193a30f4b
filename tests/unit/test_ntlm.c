/* test_ntlm.c - the names in NTLM's challenge. The tokens are impacket's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/ntlm.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"
#include "golden_stubs.h"

enum {
	TARGET_INFO_LEN = 40,
	TARGET_INFO_AT = 44,
};

static struct obs_queue *queue;
static struct obs_names names;

/* In memory of its exact size, so that a sanitizer sees a read past it. */
static bool
read_token(const uint8_t *octets, size_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);
	bool found;

	assert_non_null(copy);
	memcpy(copy, octets, len);
	obs_queue_reset(queue);
	found = ntlm_challenge_names(copy, len, queue, &names);
	free(copy);
	return found;
}

#define READ(name) read_token(stub_##name, sizeof(stub_##name))

static void
assert_nothing(void)
{
	assert_null(names.host);
	assert_null(names.alias);
	assert_int_equal(names.alias_count, 0);
}

static void
test_dns_name_and_netbios_name(void **state)
{
	(void)state;
	assert_true(READ(challenge));
	assert_string_equal(names.host, "dc1.corp.example");
	assert_int_equal(names.alias_count, 1);
	assert_string_equal(names.alias[0], "DC1");
}

static void
test_inside_of_spnego(void **state)
{
	(void)state;
	assert_true(READ(challenge_spnego));
	assert_string_equal(names.host, "dc1.corp.example");
	assert_string_equal(names.alias[0], "DC1");
}

static void
test_netbios_name_alone(void **state)
{
	(void)state;
	assert_true(READ(challenge_netbios));
	assert_string_equal(names.host, "DC1");
	assert_int_equal(names.alias_count, 0);
}

/* A workgroup's member has one name for both. */
static void
test_one_name_twice_is_no_alias(void **state)
{
	static const uint8_t pairs[] = {
	    1, 0, 4, 0, 'P', 0, 'C', 0, 3, 0, 4, 0, 'p', 0, 'c', 0, 0, 0, 0, 0};
	uint8_t token[48 + sizeof(pairs)] = "NTLMSSP";

	(void)state;
	token[8] = 2;
	token[TARGET_INFO_LEN] = sizeof(pairs);
	token[TARGET_INFO_AT] = 48; /* as the oldest servers have it, without a version */
	memcpy(token + 48, pairs, sizeof(pairs));
	assert_true(read_token(token, sizeof(token)));
	assert_string_equal(names.host, "pc");
	assert_int_equal(names.alias_count, 0);
}

static void
test_other_messages_have_no_names(void **state)
{
	uint8_t token[sizeof(stub_challenge)];

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		memcpy(token, stub_challenge, sizeof(token));
		token[8] = (uint8_t)type;
		assert_int_equal(read_token(token, sizeof(token)), type == 2);
		if (type != 2)
			assert_nothing();
	}
}

static void
test_a_message_may_begin_anywhere_in_what_is_looked_at(void **state)
{
	static uint8_t token[2 * NTLM_TOKEN];
	const size_t len = sizeof(stub_challenge);

	(void)state;
	for (size_t at = 0; at + len <= NTLM_TOKEN; at += 61) {
		memset(token, 'N', sizeof(token)); /* each is a beginning */
		memcpy(token + at, stub_challenge, len);
		assert_true(read_token(token, sizeof(token)));
		assert_string_equal(names.host, "dc1.corp.example");
	}
	memset(token, 'N', sizeof(token));
	memcpy(token + NTLM_TOKEN - 47, stub_challenge, len);
	assert_false(read_token(token, sizeof(token)));
}

/* Never more than the pairs that are there whole. */
static void
test_cut_anywhere(void **state)
{
	bool netbios = false;

	(void)state;
	for (size_t len = 0; len < sizeof(stub_challenge); len++) {
		if (!read_token(stub_challenge, len)) {
			assert_nothing();
			continue;
		}
		netbios |= strcmp(names.host, "DC1") == 0;
		assert_true(
		    strcmp(names.host, "DC1") == 0 || strcmp(names.host, "dc1.corp.example") == 0);
	}
	assert_true(netbios);
}

static void
test_lies_about_the_place_of_the_pairs(void **state)
{
	uint8_t token[sizeof(stub_challenge)];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		memcpy(token, stub_challenge, sizeof(token));
		token[TARGET_INFO_AT + 3] = (uint8_t)i;
		assert_int_equal(read_token(token, sizeof(token)), i == 0);
		memcpy(token, stub_challenge, sizeof(token));
		token[TARGET_INFO_LEN + 1] =
		    (uint8_t)i; /* longer than there is: to the end, then */
		assert_true(read_token(token, sizeof(token)));
	}
	memcpy(token, stub_challenge, sizeof(token));
	token[TARGET_INFO_LEN] = 0;
	assert_false(read_token(token, sizeof(token)));
	assert_nothing();
}

static void
test_a_list_without_its_end_gives_what_it_has(void **state)
{
	uint8_t token[sizeof(stub_challenge)];
	size_t end = sizeof(token) - 4; /* AV_EOL */

	(void)state;
	memcpy(token, stub_challenge, sizeof(token));
	token[end] = 9;
	token[end + 2] = 0xff;
	assert_true(read_token(token, sizeof(token)));
	assert_string_equal(names.host, "dc1.corp.example");
}

static void
test_what_stands_behind_the_end_of_the_list_does_not_count(void **state)
{
	uint8_t token[sizeof(stub_challenge_netbios)];
	size_t at = 56 + 8; /* the first pair, behind the target's name */

	(void)state;
	memcpy(token, stub_challenge_netbios, sizeof(token));
	assert_int_equal(token[at], 2);
	token[at] = 0;
	assert_false(read_token(token, sizeof(token)));
}

static void
test_names_are_cleaned(void **state)
{
	uint8_t token[sizeof(stub_challenge_netbios)];
	size_t at = 0;

	(void)state;
	memcpy(token, stub_challenge_netbios, sizeof(token));
	while (memcmp(token + at, "D\0C\0001\0", 6) != 0)
		at++;
	token[at + 2] = 0x1b;
	assert_true(read_token(token, sizeof(token)));
	assert_string_equal(names.host, "D\xef\xbf\xbd"
					"1");
}

static int
setup(void **state)
{
	(void)state;
	return obs_queue_new(&queue, 65536);
}

static int
teardown(void **state)
{
	(void)state;
	obs_queue_free(&queue);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dns_name_and_netbios_name),
	    cmocka_unit_test(test_inside_of_spnego),
	    cmocka_unit_test(test_netbios_name_alone),
	    cmocka_unit_test(test_one_name_twice_is_no_alias),
	    cmocka_unit_test(test_other_messages_have_no_names),
	    cmocka_unit_test(test_a_message_may_begin_anywhere_in_what_is_looked_at),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_lies_about_the_place_of_the_pairs),
	    cmocka_unit_test(test_a_list_without_its_end_gives_what_it_has),
	    cmocka_unit_test(test_what_stands_behind_the_end_of_the_list_does_not_count),
	    cmocka_unit_test(test_names_are_cleaned),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
