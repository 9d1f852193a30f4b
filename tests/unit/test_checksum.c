/* test_checksum.c - what a segment's checksum says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/addr.h"
#include "dissect/checksum.h"
#include "dissect/frame.h"

enum {
	HEADER = 20,
	AT_CHECKSUM = 16,
	MOST = 70000,
};

struct segment {
	struct frame frame;
	uint8_t *octets; /* of their exact size */
	size_t len;
};

static struct segment segment;

/* One octet at a time, in the order of RFC 1071's own example. */
static uint32_t
sum(uint32_t total, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		total += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
		total = (total & 0xffff) + (total >> 16);
	}
	return total;
}

static uint32_t
pseudo(bool v6, size_t len)
{
	const struct where *at = &segment.frame.at;
	size_t skip = v6 ? 0 : 12;
	uint8_t rest[8] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
	    (uint8_t)len, 0, 0, 0, 6};

	return sum(sum(sum(0, at->src.b + skip, 16 - skip), at->dst.b + skip, 16 - skip), rest, 8);
}

static void
put_checksum(uint32_t value)
{
	segment.octets[AT_CHECKSUM] = (uint8_t)(value >> 8);
	segment.octets[AT_CHECKSUM + 1] = (uint8_t)value;
}

/* A segment of ${payload} octets whose checksum is right. */
static struct frame *
make(bool v6, size_t payload)
{
	struct frame *f = &segment.frame;

	free(segment.octets);
	segment.len = HEADER + payload;
	segment.octets = malloc(segment.len);
	assert_non_null(segment.octets);
	for (size_t i = 0; i < segment.len; i++)
		segment.octets[i] = (uint8_t)(i * 37 + payload);
	put_checksum(0);
	memset(f, 0, sizeof(*f));
	f->at.src = v6 ? addr_from_v6((const uint8_t *)"\xfe\x80\0\0\0\0\0\0\1\2\3\4\5\6\7\x8")
		       : addr_from_v4((const uint8_t[]){192, 0, 2, 1});
	f->at.dst = v6 ? addr_from_v6((const uint8_t *)"\xfe\x80\0\0\0\0\0\0\x8\7\6\5\4\3\2\1")
		       : addr_from_v4((const uint8_t[]){198, 51, 100, 77});
	f->header_len = HEADER;
	f->payload = segment.octets + HEADER;
	f->payload_len = f->payload_wire = (uint32_t)payload;
	put_checksum(~sum(pseudo(v6, segment.len), segment.octets, segment.len));
	return f;
}

static void
test_right_ones(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t len = 0; len < 120; len++)
			assert_int_equal(checksum_of(make(v6 != 0, len)), CHECKSUM_RIGHT);
		assert_int_equal(checksum_of(make(v6 != 0, 1459)), CHECKSUM_RIGHT);
		assert_int_equal(checksum_of(make(v6 != 0, 65000)), CHECKSUM_RIGHT);
	}
	assert_int_equal(checksum_of(make(true, MOST)), CHECKSUM_RIGHT); /* a jumbogram */
}

/* Any bit that is flipped is noticed, in the segment and in the addresses. */
static void
test_wrong_ones(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < (HEADER + 33) * 8; bit++) {
		struct frame *f = make(false, 33);

		segment.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(checksum_of(f), CHECKSUM_WRONG);
	}
	for (size_t bit = 96; bit < 128; bit++) {
		struct frame *f = make(false, 33);

		f->at.src.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(checksum_of(f), CHECKSUM_WRONG);
	}
	for (size_t bit = 0; bit < 128; bit++) {
		struct frame *f = make(true, 33);

		f->at.dst.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(checksum_of(f), CHECKSUM_WRONG);
	}
}

static void
trap_05_what_offloading_left_undone_is_not_judged(void **state)
{
	struct frame *f = make(false, 100);

	(void)state;
	put_checksum(0x1234);
	f->payload_wire = 101; /* cut by the snap length */
	assert_int_equal(checksum_of(f), CHECKSUM_UNKNOWN);
	f = make(false, 100);
	put_checksum(0x1234);
	f->header_len = 0; /* its options were */
	assert_int_equal(checksum_of(f), CHECKSUM_UNKNOWN);
	for (int v6 = 0; v6 < 2; v6++) {
		f = make(v6 != 0, 100);
		put_checksum(pseudo(v6 != 0, segment.len)); /* the card was to finish it */
		assert_int_equal(checksum_of(f), CHECKSUM_UNKNOWN);
		put_checksum(pseudo(v6 != 0, 0)); /* and to cut it up */
		assert_int_equal(checksum_of(f), CHECKSUM_UNKNOWN);
		put_checksum(0); /* from the start */
		assert_int_equal(checksum_of(f), CHECKSUM_UNKNOWN);
		put_checksum(pseudo(v6 != 0, 0) + 1);
		assert_int_equal(checksum_of(f), CHECKSUM_WRONG);
	}
}

/* Only a sender whose checksums were right before can be refuted by one. */
static void
test_what_is_refuted(void **state)
{
	struct checksums c = {0};
	struct checksum_sender sender = {0};
	struct frame *f = make(false, 10);

	(void)state;
	put_checksum(0x1234);
	assert_false(checksums_refute(&c, &sender, f));
	assert_false(checksums_refute(&c, &sender, make(false, 0)));
	f = make(false, 10);
	put_checksum(0x1234);
	assert_true(checksums_refute(&c, &sender, f));
	f->header_len = 0;
	assert_false(checksums_refute(&c, &sender, f));
	assert_int_equal(c.right, 1);
	assert_int_equal(c.wrong, 2);
}

/* What a network card has merged is larger than a segment can be, unless such a one was right, too. */
static void
test_trap_05_merged_segments_are_not_refuted(void **state)
{
	struct checksums c = {.right = 1000};
	struct checksum_sender sender = {0};
	struct frame *f;

	(void)state;
	assert_false(checksums_refute(&c, &sender, make(false, 100)));
	f = make(false, CHECKSUM_SEGMENT + 1);
	put_checksum(0x1234);
	assert_false(checksums_refute(&c, &sender, f));
	assert_false(checksums_refute_first(&c, f));
	f = make(false, CHECKSUM_SEGMENT);
	put_checksum(0x1234);
	assert_true(checksums_refute(&c, &sender, f));
	assert_true(checksums_refute_first(&c, f));
	assert_false(checksums_refute(&c, &sender, make(false, 8000)));
	f = make(false, 8000);
	put_checksum(0x1234);
	assert_true(checksums_refute(&c, &sender, f));
	f = make(false, 8001);
	put_checksum(0x1234);
	assert_false(checksums_refute(&c, &sender, f));
}

/* Damage does not come so often in a row. */
static void
test_a_sender_is_refuted_only_so_often(void **state)
{
	struct checksums c = {0};
	struct checksum_sender sender = {0};

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_false(checksums_refute(&c, &sender, make(false, 10)));
		for (int i = 0; i < CHECKSUM_REFUTED + 2; i++) {
			struct frame *f = make(false, 10);

			put_checksum(0x1234);
			assert_int_equal(checksums_refute(&c, &sender, f), i < CHECKSUM_REFUTED);
		}
	}
}

/* Of a sender of whom nothing is known, only where nearly all others are right. */
static void
test_what_is_refuted_at_first_sight(void **state)
{
	struct checksums c = {.right = 0};
	struct frame *f = make(false, 10);

	(void)state;
	put_checksum(0x1234);
	assert_false(checksums_refute_first(&c, f));
	c.right = 1;
	assert_true(checksums_refute_first(&c, f));
	assert_int_equal(c.wrong, 1);
	c.right = 8;
	assert_false(checksums_refute_first(&c, f));
	c.right = 1000;
	assert_true(checksums_refute_first(&c, f));
	assert_false(checksums_refute_first(&c, make(false, 10)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_right_ones),
	    cmocka_unit_test(test_wrong_ones),
	    cmocka_unit_test(trap_05_what_offloading_left_undone_is_not_judged),
	    cmocka_unit_test(test_what_is_refuted),
	    cmocka_unit_test(test_trap_05_merged_segments_are_not_refuted),
	    cmocka_unit_test(test_a_sender_is_refuted_only_so_often),
	    cmocka_unit_test(test_what_is_refuted_at_first_sight),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(segment.octets);
	return failed;
}
