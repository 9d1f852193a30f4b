/* ng_clock.c - ticks to nanoseconds, without losing one. */
#include "capture/ng_clock.h"

#include "base/clock.h"

enum {
	BINARY = 0x80,
	MOST_DECIMAL = 19,
	MOST_BINARY = 63,
	DIRECT = 34, /* so many bits of ticks, times the nanoseconds of a second, fit 64 */
};

bool
ng_clock_set(struct ng_clock *c, uint8_t resolution, int64_t offset_s)
{
	unsigned power = resolution & ~(unsigned)BINARY;

	*c = (struct ng_clock){.per_second = 1, .offset_s = offset_s};
	if ((resolution & BINARY) != 0) {
		if (power > MOST_BINARY)
			return false;
		c->shift = power;
		c->per_second = UINT64_C(1) << power;
		return true;
	}
	if (power > MOST_DECIMAL)
		return false;
	while (power-- > 0)
		c->per_second *= 10;
	if (offset_s == 0 && c->per_second <= (uint64_t)NS_PER_S) {
		c->plain_ns = (uint64_t)NS_PER_S / c->per_second;
		c->plain_below = (uint64_t)INT64_MAX / c->plain_ns;
	}
	return true;
}

/* ${rest} * NS_PER_S >> shift; the product may need 93 bits, so its upper ones are taken apart. */
static uint64_t
binary_ns(uint64_t rest, unsigned shift)
{
	uint64_t low, high;

	if (shift <= DIRECT)
		return rest * (uint64_t)NS_PER_S >> shift;
	low = (rest & UINT32_MAX) * (uint64_t)NS_PER_S;
	high = (rest >> 32) * (uint64_t)NS_PER_S;
	return (high + (low >> 32)) >> (shift - 32);
}

/* Nanoseconds of less than a second. */
static uint64_t
part_ns(const struct ng_clock *c, uint64_t rest)
{
	if (c->shift > 0)
		return binary_ns(rest, c->shift);
	if (c->per_second > (uint64_t)NS_PER_S)
		return rest / (c->per_second / (uint64_t)NS_PER_S);
	return rest * ((uint64_t)NS_PER_S / c->per_second);
}

/* Seconds count modulo 2^64, as the offset is signed and they are not. */
int64_t
ng_clock_slow_ns(const struct ng_clock *c, uint64_t ticks)
{
	int64_t seconds = (int64_t)(ticks / c->per_second + (uint64_t)c->offset_s), ns;

	if (__builtin_mul_overflow(seconds, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)part_ns(c, ticks % c->per_second), &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}
