/* patience.h - how long what may never come is waited for where no packet says that it will not. */
#ifndef EPMWATCH_DISSECT_PATIENCE_H
#define EPMWATCH_DISSECT_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
	int64_t now_ns;    /* packet time */
	int64_t answer_ns; /* for an answer */
	int64_t hole_ns;   /* for what fills a hole in a stream */
};

/** patience_is_over(p, limit_ns, since_ns): Has something waited longer than ${limit_ns} since then? So it has where the clock was set back
 * by more. */
static inline bool
patience_is_over(const struct patience *p, int64_t limit_ns, int64_t since_ns)
{
	uint64_t now = (uint64_t)p->now_ns, since = (uint64_t)since_ns;

	return (p->now_ns > since_ns ? now - since : since - now) > (uint64_t)limit_ns;
}

#endif
