/* board.c - hazard pointers: a reader says what it uses, then looks whether that is still up. */
#include "app/board.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "dissect/hints.h"

/* A line of the cache for each reader, so that they do not disturb one another. */
struct reader {
	_Alignas(64) _Atomic(struct hints *) uses;
};

struct board {
	_Atomic(struct hints *) up; /* owned */
	struct hints **old; /* owned, as many as readers and one: taken down, perhaps in use */
	size_t olds;
	size_t readers;
	struct reader *reader; /* owned */
};

int
board_new(struct board **out, size_t readers)
{
	struct board *b = calloc(1, sizeof(*b));

	*out = b;
	if (b == NULL)
		return -ENOMEM;
	b->readers = readers;
	b->old = calloc(readers + 1, sizeof(struct hints *));
	b->reader = aligned_alloc(64, readers * sizeof(*b->reader));
	if (b->old == NULL || b->reader == NULL) {
		board_free(out);
		return -ENOMEM;
	}
	atomic_init(&b->up, NULL);
	for (size_t i = 0; i < readers; i++)
		atomic_init(&b->reader[i].uses, NULL);
	return 0;
}

void
board_free(struct board **b)
{
	struct hints *up;

	if (*b == NULL)
		return;
	up = atomic_load(&(*b)->up);
	hints_free(&up);
	for (size_t i = 0; i < (*b)->olds; i++)
		hints_free(&(*b)->old[i]);
	free((void *)(*b)->old);
	free((*b)->reader);
	free(*b);
	*b = NULL;
}

static bool
is_used(struct board *b, const struct hints *hints)
{
	for (size_t i = 0; i < b->readers; i++)
		if (atomic_load(&b->reader[i].uses) == hints)
			return true;
	return false;
}

static void
free_unused(struct board *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->olds; i++) {
		if (is_used(b, b->old[i]))
			b->old[kept++] = b->old[i];
		else
			hints_free(&b->old[i]);
	}
	b->olds = kept;
}

bool
board_put(struct board *b, const struct hints *hints)
{
	struct hints *copy;

	free_unused(b);
	if (b->olds > b->readers || hints_copy(hints, &copy) != 0)
		return false;
	struct hints *old = atomic_exchange(&b->up, copy);
	if (old != NULL)
		b->old[b->olds++] = old;
	free_unused(b);
	return true;
}

const struct hints *
board_look(struct board *b, size_t reader)
{
	struct hints *hints = atomic_load(&b->up), *again;

	/* What was taken down between the two lines may be gone already. */
	for (;;) {
		atomic_store(&b->reader[reader].uses, hints);
		again = atomic_load(&b->up);
		if (again == hints)
			return hints;
		hints = again;
	}
}
