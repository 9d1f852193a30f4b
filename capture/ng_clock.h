/* ng_clock.h - the times of one pcapng interface: ticks of any length, from any second on. For
 * capture/ alone. */
#ifndef EPMWATCH_CAPTURE_NG_CLOCK_H
#define EPMWATCH_CAPTURE_NG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct ng_clock {
	uint64_t per_second;  /* ticks: a power of 10 or of 2 */
	unsigned shift;       /* the power of 2; 0: it is one of 10 */
	int64_t offset_s;     /* of tick 0 */
	uint64_t plain_ns;    /* a tick in nanoseconds where that is all there is to it */
	uint64_t plain_below; /* for fewer of them than this */
};

/**
 * ng_clock_set(c, resolution, offset_s):
 * A clock by the options if_tsresol and if_tsoffset: ${resolution} is the negative power of 10, or
 * with its highest bit the negative power of 2, of a second; the default is 6. False if so short a
 * tick fits no 64 bits: above 10^-19 and 2^-63.
 */
bool ng_clock_set(struct ng_clock *c, uint8_t resolution, int64_t offset_s);

/** ng_clock_slow_ns(c, ticks): As ng_clock_ns(), for any clock. */
int64_t ng_clock_slow_ns(const struct ng_clock *c, uint64_t ticks);

/** ng_clock_ns(c, ticks): Nanoseconds since 1970, rounded down; hostile times stop at the ends of
 * what 64 bits of them hold. */
static inline int64_t
ng_clock_ns(const struct ng_clock *c, uint64_t ticks)
{
	if (ticks < c->plain_below)
		return (int64_t)(ticks * c->plain_ns);
	return ng_clock_slow_ns(c, ticks);
}

#endif
