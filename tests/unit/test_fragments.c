/* test_fragments.c - datagrams put together from fragments in any order, and those that must not be. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "dissect/budget.h"
#include "dissect/fragments.h"
#include "dissect/frame.h"

enum {
	BUDGET = 16 << 20,
	LONGEST = 65535,
};

#define COPIES_NS (NS_PER_S / 100)

static struct budget budget;
static struct fragment_stats stats;
static struct fragments *table;
static uint8_t bytes[LONGEST + 1000];

static int
begin(void **state)
{
	(void)state;
	budget = (struct budget){.cap = BUDGET};
	stats = (struct fragment_stats){0};
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	return fragments_new(&table, &budget, &stats, 4711, COPIES_NS);
}

static int
end(void **state)
{
	(void)state;
	fragments_free(&table);
	assert_null(table);
	assert_int_equal(budget.used, 0);
	fragments_free(&table);
	return 0;
}

/* Bytes ${from} to before ${to} of datagram ${id}. */
static struct frame
fragment(unsigned id, unsigned from, unsigned to, bool more)
{
	struct frame f = {.at = {.ts_ns = NS_PER_S, .proto = IPPROTO_UDP}};

	f.at.src.b[15] = 1;
	f.at.dst.b[15] = 2;
	f.fragment = true;
	f.piece = (struct ip_piece){.id = id, .offset = (uint16_t)from, .more = more};
	f.payload = bytes + from;
	f.payload_len = f.payload_wire = to - from;
	return f;
}

/* How long the datagram is that ${f} completes; 0: none. */
static size_t
take(struct frame *f)
{
	size_t len = 0;
	const uint8_t *data = fragments_take(table, f, &len);

	if (data == NULL)
		return 0;
	assert_memory_equal(data, bytes, len);
	return len;
}

static size_t
take_piece(unsigned id, unsigned from, unsigned to, bool more)
{
	struct frame f = fragment(id, from, to, more);

	return take(&f);
}

static void
test_trap_07_fragments_in_any_order_make_a_datagram(void **state)
{
	static const unsigned cut[] = {0, 1480, 2960, 4440, 5000};
	static const int order[][4] = {
	    {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}, {3, 0, 2, 1}};

	(void)state;
	for (unsigned o = 0; o < sizeof(order) / sizeof(order[0]); o++) {
		for (size_t i = 0; i < 4; i++) {
			int n = order[o][i];

			assert_int_equal(
			    take_piece(o, cut[n], cut[n + 1], n < 3), i < 3 ? 0 : 5000);
		}
	}
	assert_int_equal(stats.seen, 20);
	assert_int_equal(stats.whole, 5);
}

static void
test_the_longest_datagrams_are_put_together(void **state)
{
	(void)state;
	for (unsigned from = 0; from < 65504; from += 1480)
		(void)take_piece(1, from, from + 1480 < 65504 ? from + 1480 : 65504, true);
	assert_int_equal(take_piece(1, 65504, 65515, false), 65515);
	for (unsigned from = 0; from < 65528; from += 1480) {
		struct frame f = fragment(2, from, from + 1480 < 65528 ? from + 1480 : 65528, true);

		f.piece.v6 = true;
		assert_int_equal(take(&f), 0);
	}
	struct frame last = fragment(2, 65528, 65535, false);
	last.piece.v6 = true;
	assert_int_equal(take(&last), 65535);
}

static void
test_datagrams_are_told_apart(void **state)
{
	struct frame other[6];

	(void)state;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	for (size_t i = 0; i < 6; i++)
		other[i] = fragment(1, 800, 900, false);
	other[0].at.src.b[15] = 3;
	other[1].at.dst.b[15] = 3;
	other[2].piece.id = 2;
	other[3].at.proto = IPPROTO_TCP;
	other[4].at.realm = 1;
	other[5].at.tunnel = (const struct tunnel_path *)(const void *)bytes;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(take(&other[i]), 0);
	assert_int_equal(take_piece(1, 800, 900, false), 900);
	assert_int_equal(stats.whole, 1);
}

static void
test_ipv6_fragments_need_not_agree_about_the_protocol(void **state)
{
	struct frame first = fragment(1, 0, 800, true), last = fragment(1, 800, 900, false);

	(void)state;
	first.piece.v6 = last.piece.v6 = true;
	first.at.proto = IPPROTO_TCP;
	last.at.proto = 99;
	assert_int_equal(take(&first), 0);
	assert_int_equal(take(&last), 900);
	assert_int_equal(last.at.proto, IPPROTO_TCP);
}

static void
test_exact_copies_are_harmless(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(take_piece(1, 0, 800, true), 0);
	assert_int_equal(take_piece(1, 1600, 1700, false), 0);
	assert_int_equal(take_piece(1, 1600, 1700, false), 0);
	assert_int_equal(take_piece(1, 800, 1600, true), 1700);
	assert_int_equal(stats.overlaps + stats.malformed, 0);
}

/* A mirror port delivers each fragment twice: the copies of the last one come after the datagram is whole. */
static void
test_trap_01_late_copies_begin_no_other_datagram(void **state)
{
	struct frame late = fragment(1, 800, 900, false);

	(void)state;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	assert_int_equal(take_piece(1, 800, 900, false), 900);
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	late.at.ts_ns += COPIES_NS;
	assert_int_equal(take(&late), 0);
	assert_int_equal(stats.whole, 1);
	/* Later the identification has come round. */
	late.at.ts_ns += 1;
	assert_int_equal(take(&late), 0);
	struct frame first = fragment(1, 0, 800, true);
	first.at.ts_ns = late.at.ts_ns;
	assert_int_equal(take(&first), 900);
	assert_int_equal(stats.whole, 2);
}

static void
test_an_identification_that_comes_round_at_once_is_another_datagram(void **state)
{
	(void)state;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	assert_int_equal(take_piece(1, 800, 900, false), 900);
	assert_int_equal(take_piece(1, 0, 808, true), 0);
	assert_int_equal(take_piece(1, 808, 1000, false), 1000);
}

/* What makes the datagram of ${id}, bytes 0 to 800 and from 1600 on, hopeless. */
static void
expect_refused(struct frame *f, const uint64_t *count)
{
	uint64_t before = *count;
	unsigned id = f->piece.id;

	assert_int_equal(take_piece(id, 0, 800, true), 0);
	assert_int_equal(take_piece(id, 1600, 1700, false), 0);
	assert_int_equal(take(f), 0);
	assert_int_equal(*count, before + 1);
	/* What completes it comes too late. */
	assert_int_equal(take_piece(id, 800, 1600, true), 0);
	assert_int_equal(take_piece(id, 0, 800, true), 0);
	assert_int_equal(*count, before + 1);
	assert_int_equal(stats.whole, 0);
}

static void
test_trap_07_overlapping_fragments_are_refused(void **state)
{
	static const unsigned place[][2] = {{0, 8}, {0, 792}, {0, 1600}, {8, 800}, {792, 800},
	    {792, 1600}, {800, 1608}, {1592, 1608}};
	uint8_t differs[800];
	struct frame f;

	(void)state;
	for (unsigned i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		f = fragment(i, place[i][0], place[i][1], true);
		/* The first of a datagram is too short for one by itself. */
		expect_refused(&f, place[i][1] == 8 ? &stats.malformed : &stats.overlaps);
	}
	f = fragment(100, 0, 800, true);
	memcpy(differs, bytes, sizeof(differs));
	differs[799] ^= 1;
	f.payload = differs;
	expect_refused(&f, &stats.overlaps);
}

static void
test_fragments_that_contradict_each_other_are_refused(void **state)
{
	struct frame f = fragment(1, 800, 1500, false); /* another end */

	(void)state;
	expect_refused(&f, &stats.malformed);
	f = fragment(2, 1600, 1704, true); /* more behind the end */
	expect_refused(&f, &stats.malformed);
	f = fragment(3, 1704, 1712, true);
	expect_refused(&f, &stats.malformed);
	f = fragment(4, 1704, 1712, false);
	expect_refused(&f, &stats.malformed);
	f = fragment(5, 1200, 1600, false); /* an end before what is there */
	expect_refused(&f, &stats.malformed);
	assert_int_equal(take_piece(6, 1600, 1800, true), 0);
	assert_int_equal(take_piece(6, 800, 1600, false), 0);
	assert_int_equal(stats.malformed, 6);
	assert_int_equal(take_piece(7, 0, 800, true), 0);
	assert_int_equal(take_piece(7, 0, 800, false), 0);
	assert_int_equal(stats.overlaps + stats.malformed, 7);
}

static void
test_tiny_fragments_are_refused(void **state)
{
	struct frame f = fragment(1, 800, 1599, true); /* not of eights */

	(void)state;
	expect_refused(&f, &stats.malformed);
	f = fragment(2, 800, 800, true); /* of nothing */
	expect_refused(&f, &stats.malformed);
	f = fragment(3, 800, 800, false);
	expect_refused(&f, &stats.malformed);
	assert_int_equal(take_piece(4, 0, 8, true), 0);
	assert_int_equal(stats.malformed, 4);
	assert_int_equal(take_piece(5, 0, 16, true), 0);
	assert_int_equal(take_piece(5, 16, 17, false), 17);
}

static void
test_datagrams_that_no_ip_can_carry_are_refused(void **state)
{
	static const unsigned from[] = {65528, 65512, 64240, 0};
	static const unsigned to[] = {65529, 65516, 65516, 65600};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(take_piece(i, from[i], to[i], false), 0);
		assert_int_equal(stats.malformed, i + 1);
	}
	/* A length that comes round must not be taken for a copy. */
	assert_int_equal(take_piece(9, 0, 64, true), 0);
	assert_int_equal(take_piece(9, 0, 65536 + 64, true), 0);
	assert_int_equal(stats.malformed, 5);
}

static void
test_more_pieces_than_are_kept_are_refused(void **state)
{
	(void)state;
	assert_int_equal(take_piece(1, 0, 16, true), 0);
	for (unsigned i = 2; i < FRAGMENT_PIECES; i++)
		assert_int_equal(take_piece(1, i * 8, i * 8 + 8, true), 0);
	assert_int_equal(take_piece(1, FRAGMENT_PIECES * 8, FRAGMENT_PIECES * 8 + 4, false),
	    FRAGMENT_PIECES * 8 + 4);
	assert_int_equal(take_piece(2, 0, 16, true), 0);
	for (unsigned i = 2; i <= FRAGMENT_PIECES; i++)
		assert_int_equal(take_piece(2, i * 8, i * 8 + 8, true), 0);
	assert_int_equal(stats.malformed, 0);
	assert_int_equal(
	    take_piece(2, FRAGMENT_PIECES * 8 + 8, FRAGMENT_PIECES * 8 + 12, false), 0);
	assert_int_equal(stats.malformed, 1);
}

static void
test_trap_06_a_fragment_that_was_cut_spoils_its_datagram(void **state)
{
	struct frame f = fragment(1, 800, 1600, true);

	(void)state;
	f.payload_len -= 1;
	expect_refused(&f, &stats.cut);
	f = fragment(2, 800, 1600, true);
	f.beyond = true;
	expect_refused(&f, &stats.cut);
}

/* Of IPv4 a later datagram has the number of one that lost a fragment, or was refused. */
static void
test_an_identification_that_comes_round_is_of_another_datagram(void **state)
{
	struct frame f;

	(void)state;
	for (int refused = 0; refused < 2; refused++) {
		unsigned id = 7 + (unsigned)refused;

		assert_int_equal(take_piece(id, 0, 800, true), 0);
		if (refused)
			assert_int_equal(take_piece(id, 400, 1200, true), 0);
		f = fragment(id, 0, 808, true);
		f.at.ts_ns += NS_PER_S + 1;
		assert_int_equal(take(&f), 0);
		f = fragment(id, 808, 900, false);
		f.at.ts_ns += NS_PER_S + 2;
		assert_int_equal(take(&f), 900);
	}
}

static void
test_what_is_not_complete_in_time_is_forgotten(void **state)
{
	struct frame late = fragment(1, 800, 900, false);

	(void)state;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	late.at.ts_ns += FRAGMENT_SECONDS * NS_PER_S;
	assert_int_equal(take(&late), 900);
	late = fragment(2, 800, 900, false);
	assert_int_equal(take_piece(2, 0, 800, true), 0);
	late.at.ts_ns += FRAGMENT_SECONDS * NS_PER_S + 1;
	assert_int_equal(take(&late), 0);
	assert_int_equal(stats.expired, 1);
	/* A clock that goes back as far does the same. */
	late = fragment(2, 0, 800, true);
	assert_int_equal(take(&late), 0);
	assert_int_equal(stats.expired, 2);
	/* At the end nothing is waited for any more. */
	fragments_finish(table);
	assert_int_equal(stats.expired, 3);
	assert_int_equal(budget.used, 0);
	assert_int_equal(take(&late), 0);
}

static void
test_a_refused_datagram_is_forgotten_in_time_too(void **state)
{
	struct frame f;

	(void)state;
	assert_int_equal(take_piece(1, 0, 8, true), 0);
	for (int i = 0; i < 2; i++) {
		f = fragment(1, i == 0 ? 0 : 800, i == 0 ? 800 : 900, i == 0);
		f.at.ts_ns += FRAGMENT_SECONDS * NS_PER_S + 1;
		assert_int_equal(take(&f), i == 0 ? 0 : 900);
	}
	assert_int_equal(stats.expired, 0);
}

static void
test_the_oldest_datagram_goes_first(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FRAGMENT_DATAGRAMS + 1; i++)
		assert_int_equal(take_piece(i, 0, 800, true), 0);
	assert_int_equal(stats.evicted, 1);
	assert_int_equal(take_piece(1, 800, 900, false), 900);
	assert_int_equal(take_piece(FRAGMENT_DATAGRAMS, 800, 900, false), 900);
	/* One that is done makes room before one that waits. */
	assert_int_equal(take_piece(0, 800, 900, false), 0);
	assert_int_equal(stats.evicted, 1);
	assert_int_equal(take_piece(2, 800, 900, false), 900);
}

static void
test_bytes_are_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(take_piece(i, 65000, 65515, false), 0);
		assert_true(budget.used <= FRAGMENT_BYTES + 1024 * 1024);
	}
	assert_in_range(stats.evicted, 200 - FRAGMENT_BYTES / 65515 - 2, 200);
	for (unsigned from = 0; from < 65000; from += 1000)
		(void)take_piece(199, from, from + 1000, true);
	assert_int_equal(stats.whole, 1);
}

static void
test_a_small_budget_is_respected(void **state)
{
	(void)state;
	budget.cap = 1000;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	assert_int_equal(take_piece(1, 800, 900, false), 0);
	assert_int_equal(stats.evicted, 2);
	budget.cap = 1 << 20;
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(take_piece(i, 65000, 65515, false), 0);
	assert_true(budget.used <= budget.cap);
	assert_true(stats.evicted > 80);
}

/* The fragments of a datagram may lie in one that was put together before. */
static void
test_what_was_returned_may_hold_fragments(void **state)
{
	struct frame outer = fragment(1, 800, 1600, false), inner;
	const uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(take_piece(1, 0, 800, true), 0);
	data = fragments_take(table, &outer, &len);
	assert_non_null(data);
	inner = fragment(2, 0, 800, true);
	inner.payload = data;
	assert_null(fragments_take(table, &inner, &len));
	inner = fragment(2, 800, 1600, false);
	inner.payload = data + 800;
	data = fragments_take(table, &inner, &len);
	assert_non_null(data);
	assert_int_equal(len, 1600);
	assert_memory_equal(data, bytes, len);
}

/* Whatever comes: a datagram that is told is one whose pieces were given, in full. */
static void
test_wild_fragments_make_no_false_datagram(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 400000; i++) {
		unsigned id, from, len;
		struct frame f;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		id = seed >> 60 & 7;
		from = (unsigned)(seed >> 40 & 3) * 16;
		len = (seed >> 50 & 7) == 0 ? 32 : 16;
		if ((seed >> 33 & 15) == 0)
			len += 3;
		f = fragment(id, from, from + len, (seed >> 34 & 3) != 0 && from < 48);
		f.at.ts_ns += i * (NS_PER_S / 10);
		(void)take(&f); /* compares */
	}
	assert_true(stats.whole > 1000);
	assert_true(stats.overlaps > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_trap_07_fragments_in_any_order_make_a_datagram),
	    TEST(test_the_longest_datagrams_are_put_together),
	    TEST(test_datagrams_are_told_apart),
	    TEST(test_ipv6_fragments_need_not_agree_about_the_protocol),
	    TEST(test_exact_copies_are_harmless),
	    TEST(test_trap_01_late_copies_begin_no_other_datagram),
	    TEST(test_an_identification_that_comes_round_at_once_is_another_datagram),
	    TEST(test_trap_07_overlapping_fragments_are_refused),
	    TEST(test_fragments_that_contradict_each_other_are_refused),
	    TEST(test_tiny_fragments_are_refused),
	    TEST(test_datagrams_that_no_ip_can_carry_are_refused),
	    TEST(test_more_pieces_than_are_kept_are_refused),
	    TEST(test_trap_06_a_fragment_that_was_cut_spoils_its_datagram),
	    TEST(test_an_identification_that_comes_round_is_of_another_datagram),
	    TEST(test_what_is_not_complete_in_time_is_forgotten),
	    TEST(test_a_refused_datagram_is_forgotten_in_time_too),
	    TEST(test_the_oldest_datagram_goes_first),
	    TEST(test_bytes_are_bounded),
	    TEST(test_a_small_budget_is_respected),
	    TEST(test_what_was_returned_may_hold_fragments),
	    TEST(test_wild_fragments_make_no_false_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
