/* test_pieces.c - what is kept is what would be written anew. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/pieces.h"
#include "base/json.h"
#include "dissect/observation.h"
#include "report/rows/parts.h"

static struct pieces *
new_pieces(void)
{
	struct pieces *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	return p;
}

/* A connection of few, so that each comes again and again, and some share a place. */
static struct where
flow(unsigned n)
{
	const uint8_t src[4] = {10, 0, 0, (uint8_t)(n & 1)},
		      dst[4] = {10, 0, 1, (uint8_t)(n >> 1 & 1)};
	uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)n};
	bool is_v6 = (n >> 2 & 1) != 0;

	return (struct where){
	    .src = is_v6 ? addr_from_v6(v6) : addr_from_v4(src),
	    .dst = is_v6 ? addr_from_v6(v6) : addr_from_v4(dst),
	    .sport = (uint16_t)(49152 + (n >> 3 & 3)),
	    .dport = (uint16_t)(135 + (n >> 5 & 1)),
	    .proto = (n >> 6 & 1) ? IPPROTO_UDP : IPPROTO_TCP,
	};
}

static void
describe_one(struct pieces *p, struct json *o, bool first, unsigned n)
{
	struct where at = flow(n);

	json_object_begin(o, NULL);
	if (!first)
		json_count(o, "before", 1);
	pieces_flow(p, o, &at);
	json_count(o, "after", 2);
	json_object_end(o);
}

static void
assert_equal(struct json *a, struct json *b)
{
	assert_int_equal(a->used, b->used);
	assert_memory_equal(a->text, b->text, a->used);
	json_free(a);
	json_free(b);
}

static void
test_a_connection_is_told_the_same_every_time(void **state)
{
	struct pieces *p = new_pieces();

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 20000; i++) {
		struct pieces *fresh = i % 50 == 0 ? new_pieces() : NULL;
		unsigned n = (unsigned)random() % 128;
		struct json kept = {0}, anew = {0};

		describe_one(p, &kept, i % 2 == 0, n);
		if (fresh != NULL) {
			describe_one(fresh, &anew, i % 2 == 0, n);
			assert_equal(&kept, &anew);
		}
		json_free(&kept);
		free(fresh);
	}
	free(p);
}

/* Every place of ${p} has another connection, which differs from the ${n}th in one respect, and what was told of it. */
static void
occupy(struct pieces *p, unsigned n, unsigned respect)
{
	struct where other = flow(n ^ 1U << respect);

	for (size_t i = 0; i < PIECES_FLOWS; i++)
		p->flow[i] = (struct piece_flow){.src = other.src,
		    .dst = other.dst,
		    .sport = other.sport,
		    .dport = other.dport,
		    .proto = other.proto,
		    .id = "wrong",
		    .piece = {5, "wrong"}};
}

static void
test_who_shares_a_place_is_not_taken_for_another(void **state)
{
	struct pieces *p = new_pieces(), *fresh = new_pieces();

	(void)state;
	for (unsigned n = 0; n < 128; n++)
		for (unsigned respect = 0; respect < 7; respect++) {
			struct where at = flow(n), other = flow(n ^ 1U << respect);
			struct json kept = {0}, anew = {0};

			/* The other family has no use for the lowest two. */
			if (addr_equal(&at.src, &other.src) && addr_equal(&at.dst, &other.dst) &&
			    respect < 2)
				continue;
			occupy(p, n, respect);
			memset(fresh, 0, sizeof(*fresh));
			pieces_flow(p, &kept, &at);
			pieces_flow(fresh, &anew, &at);
			assert_equal(&kept, &anew);
		}
	free(fresh);
	free(p);
}

static void
test_the_text_of_a_connection_is_that_of_the_contract(void **state)
{
	static const char expected[] = "\"src_ip\":\"10.0.0.0\",\"src_port\":49152,"
				       "\"dest_ip\":\"10.0.1.0\",\"dest_port\":135,"
				       "\"proto\":\"TCP\",\"community_id\":\"1:";
	struct pieces *p = new_pieces();
	struct where at = flow(0);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct json o = {0};

		pieces_flow(p, &o, &at);
		/* 20 octets in base64, and the quote. */
		assert_int_equal(o.used, sizeof(expected) - 1 + 28 + 1);
		assert_memory_equal(o.text, expected, sizeof(expected) - 1);
		json_free(&o);
	}
	free(p);
}

/* The way back has the same id, and all else the other way round. */
static void
test_both_directions_are_told_as_if_each_were_alone(void **state)
{
	struct pieces *p = new_pieces();

	(void)state;
	for (unsigned n = 0; n < 128; n++) {
		struct where at = flow(n), back = at;
		struct json there = {0}, kept = {0}, anew = {0};
		struct pieces *fresh = new_pieces();

		back.src = at.dst;
		back.dst = at.src;
		back.sport = at.dport;
		back.dport = at.sport;
		pieces_flow(p, &there, &at);
		pieces_flow(p, &kept, &back);
		pieces_flow(fresh, &anew, &back);
		assert_equal(&kept, &anew);
		json_free(&there);
		free(fresh);
	}
	free(p);
}

static struct uuid
random_uuid(void)
{
	/* nspi, epmapper, and one without a name */
	static const char *const text[] = {"f5cc5a18-4264-101a-8c59-08002b2f8426",
	    "e1af8308-5d1f-11c9-91a4-08002b14a0fa", "01020304-0506-0708-090a-0b0c0d0e0f10"};
	struct uuid u;

	assert_int_equal(uuid_parse(text[random() % 3], &u), 0);
	/* Neighbours in the table, too. */
	if (random() % 4 == 0)
		u.b[15] ^= (uint8_t)(1 << random() % 8);
	return u;
}

static void
test_an_interface_is_told_as_everywhere(void **state)
{
	struct pieces *p = new_pieces();

	(void)state;
	srandom(2);
	for (unsigned i = 0; i < 20000; i++) {
		struct uuid u = random_uuid();
		uint16_t major = (uint16_t)(random() % 3), minor = (uint16_t)(random() % 2 * 65535);
		struct json kept = {0}, anew = {0};

		json_object_begin(&kept, NULL);
		json_object_begin(&anew, NULL);
		if (i % 2) {
			json_count(&kept, "n", i);
			json_count(&anew, "n", i);
		}
		pieces_interface(p, &kept, &u, major, minor);
		parts_interface(&anew, &u, major, minor);
		assert_equal(&kept, &anew);
	}
	free(p);
}

/* More than there are places, each twice. */
static void
test_an_address_is_told_as_everywhere(void **state)
{
	struct pieces *p = new_pieces();
	struct json kept = {0}, anew = {0};

	(void)state;
	json_object_begin(&kept, NULL);
	json_object_begin(&anew, NULL);
	for (unsigned i = 0; i < 4 * PIECES_ADDRS; i++) {
		unsigned n = i / 2;
		const uint8_t v4[4] = {10, 0, (uint8_t)(n >> 8), (uint8_t)n};
		uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, [14] = (uint8_t)(n >> 8), [15] = (uint8_t)n};
		struct addr a = n % 3 == 0 ? addr_from_v6(v6) : addr_from_v4(v4);

		const struct piece_addr *piece = pieces_addr(p, &a);

		assert_int_equal(piece->len, strlen(piece->text));
		json_plain(&kept, "client", piece->text);
		parts_addr(&anew, "client", &a);
	}
	assert_equal(&kept, &anew);
	free(p);
}

/* An entry without memory for what is written is no entry. */
static void
test_what_failed_is_not_kept(void **state)
{
	struct pieces *p = new_pieces();
	struct where at = flow(0);
	struct json none = {.failed = true}, kept = {0}, anew = {0};
	struct pieces *fresh = new_pieces();

	(void)state;
	pieces_flow(p, &none, &at);
	assert_true(none.failed);
	pieces_flow(p, &kept, &at);
	pieces_flow(fresh, &anew, &at);
	assert_equal(&kept, &anew);
	free(fresh);
	free(p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_connection_is_told_the_same_every_time),
	    cmocka_unit_test(test_who_shares_a_place_is_not_taken_for_another),
	    cmocka_unit_test(test_the_text_of_a_connection_is_that_of_the_contract),
	    cmocka_unit_test(test_both_directions_are_told_as_if_each_were_alone),
	    cmocka_unit_test(test_an_interface_is_told_as_everywhere),
	    cmocka_unit_test(test_an_address_is_told_as_everywhere),
	    cmocka_unit_test(test_what_failed_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
