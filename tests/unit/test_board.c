/* The board: readers see what was put up last, keep what they look at, and old copies go away. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/board.h"
#include "base/addr.h"
#include "dissect/hints.h"

enum {
	READERS = 3
};

static struct addr
server(void)
{
	return addr_from_v4((const uint8_t[]){10, 0, 0, 1});
}

static void
learn(struct hints *h, unsigned port)
{
	const struct addr s = server();

	hints_learn(h, &s, (uint16_t)port);
}

static void
an_empty_board_says_nothing(void **state)
{
	struct board *b;

	(void)state;
	assert_int_equal(board_new(&b, READERS), 0);
	assert_null(board_look(b, 0));
	board_free(&b);
	assert_null(b);
	board_free(&b);
}

static void
what_is_up_does_not_change_while_it_is_read(void **state)
{
	struct board *b;
	struct hints *h;

	(void)state;
	assert_int_equal(board_new(&b, READERS), 0);
	assert_int_equal(hints_new(&h), 0);
	learn(h, 1);
	assert_true(board_put(b, h));
	const struct hints *seen = board_look(b, 0);
	assert_int_equal(hints_count(seen), 1);
	learn(h, 2);
	assert_int_equal(hints_count(seen), 1);
	assert_true(board_put(b, h));
	assert_int_equal(hints_count(seen), 1);
	assert_int_equal(hints_count(board_look(b, 1)), 2);
	assert_int_equal(hints_count(board_look(b, 0)), 2);
	hints_free(&h);
	board_free(&b);
}

/* Readers that never look again hold one copy each; then it waits for nobody, and says so. */
static void
old_copies_are_bounded_by_the_readers(void **state)
{
	struct board *b;
	struct hints *h;
	const struct hints *held[READERS];

	(void)state;
	assert_int_equal(board_new(&b, READERS), 0);
	assert_int_equal(hints_new(&h), 0);
	for (unsigned i = 0; i < READERS; i++) {
		learn(h, i + 1);
		assert_true(board_put(b, h));
		held[i] = board_look(b, i);
	}
	for (unsigned i = 0; i < 1000; i++) {
		learn(h, 100 + i);
		assert_true(board_put(b, h));
	}
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(hints_count(held[i]), i + 1);
	assert_int_equal(hints_count(board_look(b, 0)), READERS + 1000);
	hints_free(&h);
	board_free(&b);
}

struct pupil {
	struct board *board;
	size_t reader;
	atomic_bool *stop;
	bool wrong;
};

/* What one reader sees only grows, and is whole. */
static void *
look_again_and_again(void *pupil)
{
	struct pupil *p = pupil;
	const struct addr s = server();
	size_t before = 0;

	while (!atomic_load(p->stop)) {
		const struct hints *h = board_look(p->board, p->reader);
		size_t count = h == NULL ? 0 : hints_count(h);

		if (count < before || (count > 0 && !hints_is_endpoint(h, &s, (uint16_t)count)))
			p->wrong = true;
		before = count;
	}
	return NULL;
}

static void
readers_and_the_writer_at_the_same_time(void **state)
{
	struct pupil pupil[READERS];
	pthread_t thread[READERS];
	atomic_bool stop = false;
	struct board *b;
	struct hints *h;

	(void)state;
	assert_int_equal(board_new(&b, READERS), 0);
	assert_int_equal(hints_new(&h), 0);
	for (size_t i = 0; i < READERS; i++) {
		pupil[i] = (struct pupil){b, i, &stop, false};
		assert_int_equal(
		    pthread_create(&thread[i], NULL, look_again_and_again, &pupil[i]), 0);
	}
	for (unsigned i = 1; i <= 3000; i++) {
		learn(h, i);
		assert_true(board_put(b, h));
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < READERS; i++) {
		pthread_join(thread[i], NULL);
		assert_false(pupil[i].wrong);
	}
	hints_free(&h);
	board_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_board_says_nothing),
	    cmocka_unit_test(what_is_up_does_not_change_while_it_is_read),
	    cmocka_unit_test(old_copies_are_bounded_by_the_readers),
	    cmocka_unit_test(readers_and_the_writer_at_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
