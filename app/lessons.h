/* lessons.h - what observations teach the dissector, before and whatever they mean to the history: where RPC answers, and where
 * datagrams that tell of new mail come from and go to. */
#ifndef EPMWATCH_APP_LESSONS_H
#define EPMWATCH_APP_LESSONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hints;
struct obs;

/* Of whoever dissects; the consumer, in another thread, teaches nothing else but where registrations for new mail end. */
struct lessons {
	struct hints *hints;     /* borrowed */
	size_t most;             /* endpoints that may be learned */
	uint64_t refused;        /* those that found no room */
	uint64_t answers, binds; /* that came */
	/* A registration was read that says where datagrams go: from then on the history teaches, too, by when that is over. */
	bool of_history;
};

/** lessons_take(l, obs): Learn. What it teaches takes effect at the next packet. */
void lessons_take(struct lessons *l, const struct obs *obs);

#endif
