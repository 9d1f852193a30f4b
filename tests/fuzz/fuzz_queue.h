/* fuzz_queue.h - the queue of observations of one input. */
#ifndef EPMWATCH_TESTS_FUZZ_FUZZ_QUEUE_H
#define EPMWATCH_TESTS_FUZZ_FUZZ_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "dissect/obs_queue.h"
#include "tests/fuzz/check_towers.h"

/* With nothing in it, made once; ${small}: one with little room. */
static inline struct obs_queue *
empty_queue(bool small)
{
	static struct obs_queue *roomy, *narrow;
	struct obs_queue *queue;

	if (roomy == NULL) {
		CHECK(obs_queue_new(&roomy, (size_t)1 << 22) == 0);
		CHECK(obs_queue_new(&narrow, 2000) == 0);
	}
	queue = small ? narrow : roomy;
	obs_queue_reset(queue);
	return queue;
}

#endif
