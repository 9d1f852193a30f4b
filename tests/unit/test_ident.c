/* test_ident.c - ids: what they are made of, octet by octet, so that they never change. */
#include "track/ident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/track_feed.h"

/* The id of ports 1025 and 60000 of ${key} in realm ${realm}, first seen at 0x0102030405060708 ns. */
static char *
make(struct mapping_key key, const char *realm, char out[HASH_ID_TEXT])
{
	static const struct endpoint set[] = {{.port = 1025}, {.port = 60000}};

	return ident_make(
	    &key, ident_realm(realm), "moved", set, 2, INT64_C(0x0102030405060708), out);
}

/* The chain over the two ports, link by link. */
static uint64_t
chain(void)
{
	uint8_t link[10] = {2};
	uint64_t hash;

	link[8] = 1025 & 0xff;
	link[9] = 1025 >> 8;
	hash = hash_bytes(link, sizeof(link));
	for (size_t i = 0; i < 8; i++)
		link[i] = (uint8_t)(hash >> 8 * i);
	link[8] = 60000 & 0xff;
	link[9] = 60000 >> 8;
	return hash_bytes(link, sizeof(link));
}

static void
an_id_of_the_default_realm_is_what_it_always_was(void **state)
{
	struct mapping_key key = feed_key(1, DRSUAPI, PROTSEQ_TCP);
	uint8_t all[1 + 16 + 16 + 2 + 1 + 16 + 8 + 8] = {0}, *p = all + 1;
	char want[HASH_ID_TEXT], got[HASH_ID_TEXT];
	uint64_t set = chain();

	(void)state;
	memcpy(p, key.server.b, 16);
	memcpy(p + 16, key.uuid.b, 16);
	p += 32;
	*p = 4; /* major */
	p += 2;
	*p++ = PROTSEQ_TCP;
	memcpy(p, "moved", 5);
	p += 16;
	for (size_t i = 0; i < 8; i++)
		*p++ = (uint8_t)(set >> 8 * i);
	for (size_t i = 0; i < 8; i++)
		*p++ = (uint8_t)(8 - i);
	assert_string_equal(make(key, "default", got), hash_id(all, sizeof(all), want));
}

static void
a_realm_is_its_name_whatever_its_number(void **state)
{
	struct mapping_key key = feed_key(1, DRSUAPI, PROTSEQ_TCP), other = key;
	char a[HASH_ID_TEXT], b[HASH_ID_TEXT];

	(void)state;
	other.realm = 7;
	assert_string_equal(make(key, "branch", a), make(other, "branch", b));
	assert_string_equal(make(key, "default", a), make(other, "default", b));
	assert_string_not_equal(make(key, "branch", a), make(key, "default", b));
	assert_string_not_equal(make(key, "branch", a), make(key, "branch2", b));
	assert_int_not_equal(ident_realm(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_id_of_the_default_realm_is_what_it_always_was),
	    cmocka_unit_test(a_realm_is_its_name_whatever_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
