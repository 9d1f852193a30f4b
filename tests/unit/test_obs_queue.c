/* test_obs_queue.c - observations and what they point to, in bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dissect/obs_queue.h"
#include "dissect/observation.h"

static struct obs_queue *
queue_of(size_t bytes)
{
	struct obs_queue *q;

	assert_int_equal(obs_queue_new(&q, bytes), 0);
	return q;
}

static void
push(struct obs_queue *q, uint16_t port)
{
	struct obs obs = {.kind = OBS_BIND, .server_port = port};

	obs_queue_push(q, &obs);
}

static void
test_observations_come_in_the_order_they_were_made(void **state)
{
	struct obs_queue *q = queue_of(10 * sizeof(struct obs));

	(void)state;
	for (uint16_t i = 0; i < 10; i++)
		push(q, i);
	assert_int_equal(obs_queue_count(q), 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(obs_queue_at(q, i)->server_port, i);
	obs_queue_free(&q);
	assert_null(q);
	obs_queue_free(&q);
}

static void
test_what_does_not_fit_is_dropped_and_counted(void **state)
{
	struct obs_queue *q = queue_of(2 * sizeof(struct obs));

	(void)state;
	for (uint16_t i = 0; i < 5; i++)
		push(q, i);
	assert_int_equal(obs_queue_count(q), 2);
	assert_int_equal(obs_queue_dropped(q), 3);
	assert_int_equal(obs_queue_at(q, 1)->server_port, 1);
	obs_queue_free(&q);
}

static void
test_memory_is_zeroed_aligned_and_apart_from_observations(void **state)
{
	struct obs_queue *q = queue_of(3 * sizeof(struct obs));
	uint8_t *first, *second;

	(void)state;
	first = obs_queue_alloc(q, 3);
	second = obs_queue_alloc(q, 1);
	push(q, 7);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal((uintptr_t)first % _Alignof(max_align_t), 0);
	assert_int_equal((uintptr_t)second % _Alignof(max_align_t), 0);
	assert_int_equal(first[0] | first[1] | first[2] | second[0], 0);
	memset(first, 0xff, 3);
	assert_int_equal(second[0], 0);
	assert_int_equal(obs_queue_at(q, 0)->server_port, 7);
	obs_queue_free(&q);
}

static void
test_an_observation_with_a_part_that_did_not_fit_is_dropped_whole(void **state)
{
	struct obs_queue *q = queue_of(3 * sizeof(struct obs));

	(void)state;
	assert_null(obs_queue_alloc(q, 4 * sizeof(struct obs)));
	push(q, 1);
	assert_int_equal(obs_queue_count(q), 0);
	assert_int_equal(obs_queue_dropped(q), 1);
	push(q, 2);
	assert_int_equal(obs_queue_count(q), 1);
	obs_queue_free(&q);
}

static void
test_a_size_that_wraps_does_not_fit(void **state)
{
	struct obs_queue *q = queue_of(4096);

	(void)state;
	assert_null(obs_queue_alloc(q, SIZE_MAX));
	assert_null(obs_queue_alloc(q, SIZE_MAX - 3));
	assert_null(obs_queue_text(q, (const uint8_t *)"x", SIZE_MAX / 2));
	assert_null(obs_queue_bytes(q, (const uint8_t *)"x", SIZE_MAX - 14));
	obs_queue_free(&q);
}

static void
test_text_is_cleaned_and_ends_at_a_nul(void **state)
{
	static const uint8_t octets[] = "a\nb\0c";
	struct obs_queue *q = queue_of(4096);

	(void)state;
	assert_string_equal(obs_queue_text(q, octets, 5), "a\xef\xbf\xbd"
							  "b");
	assert_null(obs_queue_text(q, octets + 3, 1));
	assert_null(obs_queue_text(q, NULL, 0));
	push(q, 1); /* empty is not short of memory */
	assert_int_equal(obs_queue_count(q), 1);
	obs_queue_free(&q);
}

static void
test_text_in_utf16_is_cleaned_and_ends_at_a_nul(void **state)
{
	static const uint8_t octets[] = {'a', 0, '\n', 0, 0xe9, 0, 0, 0, 'c', 0};
	struct obs_queue *q = queue_of(4096);

	(void)state;
	assert_string_equal(obs_queue_text_utf16(q, octets, sizeof(octets)), "a\xef\xbf\xbd\xc3\xa9");
	assert_null(obs_queue_text_utf16(q, octets + 6, 2));
	assert_null(obs_queue_text_utf16(q, NULL, 0));
	assert_null(obs_queue_text_utf16(q, octets, SIZE_MAX / 2));
	obs_queue_free(&q);
}

static void
test_text_takes_only_what_it_needs(void **state)
{
	struct obs_queue *q = queue_of(128);

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_string_equal(
		    obs_queue_text(q, (const uint8_t *)"0123456789", 10), "0123456789");
	obs_queue_free(&q);
}

static void
test_bytes_are_copied_as_they_are(void **state)
{
	static const uint8_t octets[] = {0, 1, 0xff, '\n'};
	struct obs_queue *q = queue_of(4096);
	const uint8_t *copy = obs_queue_bytes(q, octets, sizeof(octets));

	(void)state;
	assert_non_null(copy);
	assert_ptr_not_equal(copy, octets);
	assert_memory_equal(copy, octets, sizeof(octets));
	assert_non_null(obs_queue_bytes(q, NULL, 0));
	obs_queue_free(&q);
}

static void
test_a_reset_makes_room_and_keeps_the_count_of_losses(void **state)
{
	struct obs_queue *q = queue_of(sizeof(struct obs));

	(void)state;
	push(q, 1);
	push(q, 2);
	assert_null(obs_queue_alloc(q, 1));
	obs_queue_reset(q);
	assert_int_equal(obs_queue_count(q), 0);
	assert_int_equal(obs_queue_dropped(q), 1);
	push(q, 3);
	assert_int_equal(obs_queue_at(q, 0)->server_port, 3);
	obs_queue_free(&q);
}

/* What was taken for an observation that was none after all leaves room for the next. */
static void
test_memory_of_what_was_not_pushed_comes_back(void **state)
{
	struct obs_queue *q = queue_of(4096);

	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		size_t mark = obs_queue_mark(q);

		assert_non_null(obs_queue_alloc(q, 1000));
		if (i % 2 != 0)
			assert_null(obs_queue_alloc(q, 100000));
		obs_queue_rewind(q, mark);
	}
	push(q, 7);
	assert_int_equal(obs_queue_count(q), 1);
	assert_int_equal(obs_queue_dropped(q), 0);
	obs_queue_free(&q);
}

static void
test_a_queue_without_memory_holds_nothing(void **state)
{
	struct obs_queue *q = queue_of(0);

	(void)state;
	push(q, 1);
	assert_int_equal(obs_queue_count(q), 0);
	assert_int_equal(obs_queue_dropped(q), 1);
	obs_queue_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_observations_come_in_the_order_they_were_made),
	    cmocka_unit_test(test_what_does_not_fit_is_dropped_and_counted),
	    cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart_from_observations),
	    cmocka_unit_test(test_an_observation_with_a_part_that_did_not_fit_is_dropped_whole),
	    cmocka_unit_test(test_a_size_that_wraps_does_not_fit),
	    cmocka_unit_test(test_text_is_cleaned_and_ends_at_a_nul),
	    cmocka_unit_test(test_text_in_utf16_is_cleaned_and_ends_at_a_nul),
	    cmocka_unit_test(test_text_takes_only_what_it_needs),
	    cmocka_unit_test(test_bytes_are_copied_as_they_are),
	    cmocka_unit_test(test_a_reset_makes_room_and_keeps_the_count_of_losses),
	    cmocka_unit_test(test_memory_of_what_was_not_pushed_comes_back),
	    cmocka_unit_test(test_a_queue_without_memory_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
