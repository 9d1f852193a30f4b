/* test_hash.c - published xxHash values, and a running hash that does not mind how its bytes are
 * cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/hash.h"

/* XXH3 of nothing, seed 0: fixed by xxHash's specification. */
static void
test_hashes_of_nothing_are_the_published_ones(void **state)
{
	static const uint8_t expected[HASH_DIGEST] = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98,
	    0xd8, 0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};
	struct hash_stream *h;
	uint8_t digest[HASH_DIGEST];
	char id[HASH_ID_TEXT];

	(void)state;
	assert_true(hash_bytes("", 0) == UINT64_C(0x2d06800538d394c2));
	assert_true(hash_bytes(NULL, 0) == UINT64_C(0x2d06800538d394c2));
	assert_string_equal(hash_id("", 0, id), "2d06800538d394c2");
	assert_int_equal(hash_stream_new(&h), ERR_OK);
	hash_stream_add(h, NULL, 0);
	hash_stream_digest(h, digest);
	assert_memory_equal(digest, expected, HASH_DIGEST);
	hash_stream_free(&h);
	assert_null(h);
	hash_stream_free(&h);
}

static void
test_ids_keep_leading_zeros(void **state)
{
	char id[HASH_ID_TEXT];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		hash_id(&i, sizeof(i), id);
		assert_int_equal(id[16], '\0');
		for (int k = 0; k < 16; k++)
			assert_true(
			    (id[k] >= '0' && id[k] <= '9') || (id[k] >= 'a' && id[k] <= 'f'));
	}
}

static void
digest_in_pieces(const uint8_t *data, size_t len, size_t piece, uint8_t out[HASH_DIGEST])
{
	struct hash_stream *h;

	assert_int_equal(hash_stream_new(&h), ERR_OK);
	for (size_t at = 0; at < len; at += piece)
		hash_stream_add(h, data + at, piece < len - at ? piece : len - at);
	hash_stream_digest(h, out);
	hash_stream_free(&h);
}

static void
test_the_digest_does_not_depend_on_the_cuts(void **state)
{
	static const size_t pieces[] = {1, 7, 64, 255, 256, 257, 1000, 4999};
	static uint8_t data[5000];
	uint8_t whole[HASH_DIGEST], cut[HASH_DIGEST];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	digest_in_pieces(data, sizeof(data), sizeof(data), whole);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		digest_in_pieces(data, sizeof(data), pieces[i], cut);
		assert_memory_equal(cut, whole, HASH_DIGEST);
	}
	data[4321] ^= 1;
	digest_in_pieces(data, sizeof(data), 64, cut);
	assert_memory_not_equal(cut, whole, HASH_DIGEST);
}

/* Stores know captures by this: whatever vectors the processor has, it is what xxHash's plain C code
 * makes of the same bytes (XXH128, seed 0). */
static void
test_a_long_digest_is_that_of_the_plain_code(void **state)
{
	static const uint8_t expected[HASH_DIGEST] = {0x62, 0x51, 0xfb, 0xa4, 0x2e, 0x68, 0xa7,
	    0x69, 0x1a, 0xc3, 0xc2, 0x5a, 0x32, 0xb4, 0x5c, 0x9b};
	static const size_t pieces[] = {1000003, 262144, 4096, 333};
	static uint8_t data[1000003];
	uint8_t digest[HASH_DIGEST];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		digest_in_pieces(data, sizeof(data), pieces[i], digest);
		assert_memory_equal(digest, expected, HASH_DIGEST);
	}
}

static void
test_a_digest_at_once_is_that_of_the_running_hash(void **state)
{
	static uint8_t data[3000];
	uint8_t running[HASH_DIGEST], once[HASH_DIGEST];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(data); len += len < 300 ? 1 : 97) {
		digest_in_pieces(data, len, 100, running);
		hash_digest(data, len, once);
		assert_memory_equal(once, running, HASH_DIGEST);
	}
}

static void
test_a_running_hash_may_start_anew(void **state)
{
	struct hash_stream *h;
	uint8_t again[HASH_DIGEST], once[HASH_DIGEST];

	(void)state;
	assert_int_equal(hash_stream_new(&h), ERR_OK);
	hash_stream_add(h, "abc", 3);
	hash_stream_restart(h);
	hash_stream_add(h, "def", 3);
	hash_stream_digest(h, again);
	hash_stream_free(&h);
	hash_digest("def", 3, once);
	assert_memory_equal(again, once, HASH_DIGEST);
}

static void
test_a_running_hash_goes_on_after_a_digest(void **state)
{
	struct hash_stream *h;
	uint8_t early[HASH_DIGEST], late[HASH_DIGEST], whole[HASH_DIGEST];

	(void)state;
	assert_int_equal(hash_stream_new(&h), ERR_OK);
	hash_stream_add(h, "abc", 3);
	hash_stream_digest(h, early);
	hash_stream_add(h, "def", 3);
	hash_stream_digest(h, late);
	hash_stream_free(&h);
	digest_in_pieces((const uint8_t *)"abcdef", 6, 6, whole);
	assert_memory_equal(late, whole, HASH_DIGEST);
	assert_memory_not_equal(early, late, HASH_DIGEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hashes_of_nothing_are_the_published_ones),
	    cmocka_unit_test(test_ids_keep_leading_zeros),
	    cmocka_unit_test(test_the_digest_does_not_depend_on_the_cuts),
	    cmocka_unit_test(test_a_long_digest_is_that_of_the_plain_code),
	    cmocka_unit_test(test_a_digest_at_once_is_that_of_the_running_hash),
	    cmocka_unit_test(test_a_running_hash_may_start_anew),
	    cmocka_unit_test(test_a_running_hash_goes_on_after_a_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
