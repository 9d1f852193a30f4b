/* test_prefix.c - digests of beginnings, and how long they are remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/digest.h"
#include "capture/prefix.h"

enum {
	PIECE = 10,
	ALL = 10 * PIECE * PREFIX_KEPT
};

static uint8_t data[ALL];

static int
fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < ALL; i++)
		data[i] = (uint8_t)(i * 7 >> 2);
	return 0;
}

static void
assert_is(const struct prefix_digest *d, uint64_t bytes)
{
	uint8_t digest[HASH_DIGEST], leaf[HASH_DIGEST];

	digest_of_nothing(digest);
	for (uint64_t at = 0; at < bytes; at += PIECE) {
		hash_digest(data + at, bytes - at < PIECE ? (size_t)(bytes - at) : PIECE, leaf);
		digest_link(digest, leaf, digest);
	}
	assert_int_equal(d->bytes, bytes);
	assert_memory_equal(d->digest, digest, HASH_DIGEST);
}

static void
link_piece(struct prefix *p, uint64_t from, uint64_t to)
{
	uint8_t sum[HASH_DIGEST];

	hash_digest(data + from, (size_t)(to - from), sum);
	prefix_link(p, to, sum);
}

static void
test_nothing_is_known_of_nothing(void **state)
{
	struct prefix p;

	(void)state;
	prefix_init(&p, PIECE);
	assert_is(prefix_at(&p, 0), 0);
	assert_is(prefix_at(&p, 1), 0);
	assert_is(prefix_at(&p, 1000), 0);
}

static void
test_the_last_pieces_are_remembered(void **state)
{
	struct prefix p;

	(void)state;
	prefix_init(&p, PIECE);
	for (uint64_t at = 0; at < ALL; at += PIECE) {
		link_piece(&p, at, at + PIECE);
		for (uint64_t back = 0; back < PREFIX_KEPT && back * PIECE <= at; back++) {
			uint64_t end = at + PIECE - back * PIECE;

			assert_is(prefix_at(&p, end), end);
			assert_is(prefix_at(&p, end - 1), end);
			assert_is(prefix_at(&p, end - PIECE + 1), end);
		}
		assert_is(prefix_at(&p, at + PIECE + 1), 0);
		if (at >= PREFIX_KEPT * PIECE)
			assert_is(prefix_at(&p, at + PIECE - PREFIX_KEPT * PIECE), 0);
	}
}

/* The last piece of a file is shorter, until the file grows. */
static void
test_a_short_piece_may_become_longer(void **state)
{
	struct prefix p;

	(void)state;
	prefix_init(&p, PIECE);
	link_piece(&p, 0, 10);
	link_piece(&p, 10, 13);
	assert_is(prefix_at(&p, 11), 13);
	assert_is(prefix_at(&p, 13), 13);
	assert_is(prefix_at(&p, 20), 13);
	link_piece(&p, 10, 20);
	assert_is(prefix_at(&p, 13), 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_is_known_of_nothing),
	    cmocka_unit_test(test_the_last_pieces_are_remembered),
	    cmocka_unit_test(test_a_short_piece_may_become_longer),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
