/* bucket.h - a token bucket in packet time: so much at once, and so much in each second after that. */
#ifndef EPMWATCH_DISSECT_BUCKET_H
#define EPMWATCH_DISSECT_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct bucket {           /* all zero, but for the first two: full */
	uint32_t burst;   /* tokens that it holds */
	uint32_t rate;    /* that come in a second; at least 1 */
	uint32_t missing; /* invariant: at most burst */
	int64_t filled_ns;
};

/** bucket_take(b, now_ns): Take a token; false if there is none. Time that goes back brings none, and begins anew. */
static inline bool
bucket_take(struct bucket *b, int64_t now_ns)
{
	int64_t each_ns = NS_PER_S / b->rate, since_ns = clock_minus(now_ns, b->filled_ns);

	if (since_ns < 0 || (uint64_t)since_ns / (uint64_t)each_ns >= b->missing) {
		if (since_ns >= 0)
			b->missing = 0;
		b->filled_ns = now_ns;
	} else {
		int64_t came = since_ns / each_ns;

		b->missing -= (uint32_t)came;
		b->filled_ns += came * each_ns;
	}
	if (b->missing == b->burst)
		return false;
	b->missing++;
	return true;
}

#endif
