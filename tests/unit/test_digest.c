/* test_digest.c - what a capture is known by: fixed for good, since stores keep it, and the same however its bytes come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/digest.h"
#include "base/err.h"

enum {
	ALL = 3 * DIGEST_LEAF + 1000
};

static uint8_t data[ALL];

static int
fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++)
		data[i] = (uint8_t)(i * 7 >> 3);
	return 0;
}

static void
in_pieces(size_t len, size_t piece, uint8_t out[HASH_DIGEST])
{
	struct digest d;

	assert_int_equal(digest_init(&d), ERR_OK);
	for (size_t at = 0; at < len; at += piece)
		digest_add(&d, data + at, piece < len - at ? piece : len - at);
	assert_int_equal(d.bytes, len);
	digest_value(&d, out);
	digest_deinit(&d);
	digest_deinit(&d);
}

/* By the words of the header, and nothing of the code. */
static void
by_definition(size_t len, uint8_t out[HASH_DIGEST])
{
	hash_digest("", 0, out);
	for (size_t at = 0; at < len; at += DIGEST_LEAF) {
		uint8_t both[2 * HASH_DIGEST];

		memcpy(both, out, HASH_DIGEST);
		hash_digest(
		    data + at, len - at < DIGEST_LEAF ? len - at : DIGEST_LEAF, both + HASH_DIGEST);
		hash_digest(both, sizeof(both), out);
	}
}

static void
test_it_is_what_is_said_of_it_however_it_is_cut(void **state)
{
	static const size_t lengths[] = {
	    0, 1, 240, 1000, DIGEST_LEAF - 1, DIGEST_LEAF, DIGEST_LEAF + 1, 2 * DIGEST_LEAF, ALL};
	static const size_t pieces[] = {
	    977, 4096, DIGEST_LEAF - 1, DIGEST_LEAF, DIGEST_LEAF + 1, ALL};
	uint8_t want[HASH_DIGEST], got[HASH_DIGEST];

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		by_definition(lengths[i], want);
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			in_pieces(lengths[i], pieces[k], got);
			assert_memory_equal(got, want, HASH_DIGEST);
		}
	}
}

static void
test_that_of_nothing_is_the_hash_of_nothing(void **state)
{
	static const uint8_t expected[HASH_DIGEST] = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98,
	    0xd8, 0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};
	uint8_t digest[HASH_DIGEST];

	(void)state;
	digest_of_nothing(digest);
	assert_memory_equal(digest, expected, HASH_DIGEST);
	in_pieces(0, 1, digest);
	assert_memory_equal(digest, expected, HASH_DIGEST);
}

/* A value that was written into a store must never change. */
static void
test_it_stays_what_it_was(void **state)
{
	static const uint8_t expected[HASH_DIGEST] = {0xb1, 0x77, 0x50, 0x8a, 0xcc, 0x3e, 0x7d,
	    0xa8, 0x0e, 0xcd, 0x6b, 0x83, 0xa4, 0x53, 0x33, 0x00};
	uint8_t digest[HASH_DIGEST];

	(void)state;
	in_pieces(ALL, ALL, digest);
	assert_memory_equal(digest, expected, HASH_DIGEST);
}

static void
test_it_goes_on_after_it_was_told(void **state)
{
	uint8_t early[HASH_DIGEST], late[HASH_DIGEST], want[HASH_DIGEST];
	struct digest d;

	(void)state;
	assert_int_equal(digest_init(&d), ERR_OK);
	digest_add(&d, data, DIGEST_LEAF + 5);
	digest_value(&d, early);
	digest_add(&d, data + DIGEST_LEAF + 5, ALL - DIGEST_LEAF - 5);
	digest_value(&d, late);
	digest_deinit(&d);
	by_definition(DIGEST_LEAF + 5, want);
	assert_memory_equal(early, want, HASH_DIGEST);
	by_definition(ALL, want);
	assert_memory_equal(late, want, HASH_DIGEST);
}

/* Neither which leaf something stands in nor where one ends makes no difference. */
static void
test_leaves_have_an_order(void **state)
{
	uint8_t nothing[HASH_DIGEST], a[HASH_DIGEST], b[HASH_DIGEST], ab[HASH_DIGEST],
	    ba[HASH_DIGEST];

	(void)state;
	digest_of_nothing(nothing);
	hash_digest("a", 1, a);
	hash_digest("b", 1, b);
	digest_link(nothing, a, ab);
	digest_link(ab, b, ab);
	digest_link(nothing, b, ba);
	digest_link(ba, a, ba);
	assert_memory_not_equal(ab, ba, HASH_DIGEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_is_what_is_said_of_it_however_it_is_cut),
	    cmocka_unit_test(test_that_of_nothing_is_the_hash_of_nothing),
	    cmocka_unit_test(test_it_stays_what_it_was),
	    cmocka_unit_test(test_it_goes_on_after_it_was_told),
	    cmocka_unit_test(test_leaves_have_an_order),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
