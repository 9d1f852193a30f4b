/* budget.h - one cap over all buffers that traffic can make grow. */
#ifndef EPMWATCH_DISSECT_BUDGET_H
#define EPMWATCH_DISSECT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget { /* invariant: used <= cap */
	size_t used, cap;
	uint64_t refused; /* times that something did not fit */
};

/** budget_take(b, n): Charge ${n} bytes; false, and counted, if they do not fit. */
static inline bool
budget_take(struct budget *b, size_t n)
{
	if (n > b->cap - b->used) {
		b->refused++;
		return false;
	}
	b->used += n;
	return true;
}

/** budget_give(b, n): Return ${n} bytes that were taken. */
static inline void
budget_give(struct budget *b, size_t n)
{
	b->used -= n;
}

#endif
