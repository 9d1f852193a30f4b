/* The split of the memory: the parts never exceed the whole, whatever is asked for, and what they are for can be made with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app/memory.h"
#include "app/relay.h"
#include "base/err.h"
#include "dissect/hints.h"

#define MIB ((size_t)1 << 20)

static size_t
sum(const struct memory_parts *p)
{
	return p->rings + p->flows + p->streams + p->queues + p->store + p->history + p->journal +
	       p->hints + p->ndpi + p->rest;
}

/* What all that is made of the parts takes when full, as their headers say. */
static void
assert_fits(const struct memory_need *need, const struct memory_parts *p)
{
	size_t workers = need->workers > 0 ? need->workers : 1;
	size_t queues = need->workers > 0 ? MEMORY_QUEUES * workers : RELAY_LOADS;
	size_t copies = need->workers > 0 ? need->workers + 2 : 0;
	size_t index = 1;

	while (index < p->track.mappings)
		index *= 2;
	assert_int_equal(sum(p), p->total);
	assert_true(p->rings >= need->workers * need->devices * (p->ring + memory_copies(need)));
	assert_true(p->flows >= workers * p->flow_count * (88 + 32));
	assert_true(p->streams >= workers * p->stream_bytes);
	assert_true(p->queues >= queues * p->queue_bytes);
	assert_true(p->hints >= p->hints_most * (36 + copies * 72) + (copies + 1) * 8 * 1024);
	assert_true(p->history >= p->track.bytes + p->track.mappings * (128 + 8) + index * 8 +
				      p->track.servers * 72 + 150 * 1024);
	assert_true(p->track.bytes < p->history);
}

/* Nothing is so small that it could not be used. */
static void
assert_useful(const struct memory_need *need, const struct memory_parts *p)
{
	assert_true(need->workers == 0 || p->ring >= 256 * 1024);
	assert_true(p->flow_count >= 1000);
	assert_true(p->stream_bytes >= MIB / 2);
	assert_true(p->queue_bytes >= 128 * 1024);
	assert_true(p->hints_most >= 100 && p->hints_most <= HINTS_MAX);
	assert_true(p->store >= 2 * MIB);
	assert_true(p->rest >= 6 * MIB);
	assert_true(p->track.mappings >= 1000 && p->track.servers >= 256);
	/* one mapping with as much on it as it may have, several times over */
	assert_true(p->track.bytes >= 512 * 1024);
	assert_true(need->workers == 0 || p->journal >= 128 * 1024);
	assert_true(!need->in_memory || p->track.mappings_new >= 1000);
}

static void
assert_splits(const struct memory_need *need)
{
	struct memory_parts p;

	assert_int_equal(memory_split(need, &p), 0);
	assert_fits(need, &p);
	assert_useful(need, &p);
}

/* From the least on, in steps that hit no round numbers. */
static void
assert_splits_from_the_least(struct memory_need need)
{
	struct memory_parts p;
	size_t least = memory_least(&need);

	need.total = least - 1;
	assert_int_equal(memory_split(&need, &p), ERR_USAGE);
	for (need.total = least; need.total < (size_t)1 << 40; need.total += need.total / 7 + 12347)
		assert_splits(&need);
}

static void
the_parts_are_the_whole_for_captures(void **state)
{
	(void)state;
	assert_splits_from_the_least((struct memory_need){.in_memory = false});
	assert_splits_from_the_least((struct memory_need){.in_memory = true});
}

static void
the_parts_are_the_whole_for_any_number_of_workers(void **state)
{
	(void)state;
	for (size_t workers = 1; workers <= MEMORY_WORKERS; workers++)
		assert_splits_from_the_least(
		    (struct memory_need){.workers = workers, .devices = 1});
}

static void
the_parts_are_the_whole_for_any_number_of_interfaces(void **state)
{
	(void)state;
	for (size_t devices = 1; devices <= 16; devices++)
		assert_splits_from_the_least(
		    (struct memory_need){.workers = 1, .devices = devices});
}

static void
rings_have_the_size_that_was_asked_for(void **state)
{
	(void)state;
	for (size_t ring = MIB / 4; ring <= 1024 * MIB; ring += ring / 3) {
		struct memory_need need = {.workers = 1, .devices = 1, .ring = ring};
		struct memory_parts p;

		for (size_t n = 1; n <= 16; n *= 4) {
			assert_splits_from_the_least(
			    (struct memory_need){.workers = n, .devices = 1, .ring = ring});
			assert_splits_from_the_least(
			    (struct memory_need){.workers = 1, .devices = n, .ring = ring});
		}
		need.total = memory_least(&need);
		assert_int_equal(memory_split(&need, &p), 0);
		assert_int_equal(p.ring, ring);
	}
}

static void
a_ring_without_end_is_refused(void **state)
{
	const struct memory_need need = {
	    .total = SIZE_MAX, .workers = 64, .devices = 1, .ring = SIZE_MAX};
	struct memory_parts p;

	(void)state;
	assert_int_equal(memory_split(&need, &p), ERR_USAGE);
}

static void
the_default_is_256_mib_and_is_told(void **state)
{
	const struct memory_need need = {.workers = 1, .devices = 1};
	const struct memory_need captures = {.in_memory = true};
	char text[MEMORY_TEXT];
	struct memory_parts p;

	(void)state;
	assert_int_equal(memory_split(&need, &p), 0);
	assert_int_equal(p.total, 256 * MIB);
	assert_int_equal(p.ring, 63 * MIB);
	memory_describe(&p, text);
	assert_non_null(strstr(text, "256 MiB: rings 64.0, "));
	assert_non_null(strstr(text, ", journal "));
	assert_non_null(strstr(text, ", nDPI 8.0, "));
	assert_true(strlen(text) < MEMORY_TEXT - 1);
	assert_int_equal(memory_split(&captures, &p), 0);
	assert_null(strstr(memory_describe(&p, text), "rings"));
	assert_null(strstr(text, "journal"));
}

static void
ndpi_has_a_part_where_it_is_small_beside_the_total(void **state)
{
	struct memory_need need = {.total = 63 * MIB};
	struct memory_parts p;
	char text[MEMORY_TEXT];

	(void)state;
	assert_int_equal(memory_split(&need, &p), 0);
	assert_int_equal(p.ndpi, 0);
	assert_non_null(strstr(memory_describe(&p, text), ", nDPI 0.0, "));
	need.total = 64 * MIB;
	assert_int_equal(memory_split(&need, &p), 0);
	assert_int_equal(p.ndpi, 8 * MIB);
	need = (struct memory_need){.total = 256 * MIB, .workers = 4, .devices = 1};
	assert_int_equal(memory_split(&need, &p), 0);
	assert_int_equal(p.ndpi, 32 * MIB);
	need.workers = 5;
	assert_int_equal(memory_split(&need, &p), 0);
	assert_int_equal(p.ndpi, 0);
}

static void
names_of_servers_have_a_share_of_history_and_store(void **state)
{
	struct memory_need need = {.in_memory = true};
	struct memory_parts p;

	(void)state;
	for (size_t mib = MEMORY_LEAST_MIB; mib <= 4096; mib *= 2) {
		need.total = mib * MIB;
		need.in_memory = true;
		assert_int_equal(memory_split(&need, &p), 0);
		assert_in_range(p.track.server_bytes, 64 * 1024, p.history / 4);
		assert_in_range(p.track.bytes, p.history / 4, p.history - p.track.server_bytes);
		/* rows are larger than what they are made of */
		assert_in_range(p.track.mappings_new * 3072 + p.track.server_bytes_new * 2,
		    p.store / 2, p.store);
		need.in_memory = false;
		assert_int_equal(memory_split(&need, &p), 0);
		assert_int_equal(p.track.server_bytes_new, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_parts_are_the_whole_for_captures),
	    cmocka_unit_test(the_parts_are_the_whole_for_any_number_of_workers),
	    cmocka_unit_test(the_parts_are_the_whole_for_any_number_of_interfaces),
	    cmocka_unit_test(rings_have_the_size_that_was_asked_for),
	    cmocka_unit_test(a_ring_without_end_is_refused),
	    cmocka_unit_test(the_default_is_256_mib_and_is_told),
	    cmocka_unit_test(names_of_servers_have_a_share_of_history_and_store),
	    cmocka_unit_test(ndpi_has_a_part_where_it_is_small_beside_the_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
