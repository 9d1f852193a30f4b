/* clock.h - packet time: nanoseconds since 1970 UTC, printed and parsed. No function here reads a clock, but one. */
#ifndef EPMWATCH_BASE_CLOCK_H
#define EPMWATCH_BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 32 };        /* 2026-11-22T01:40:48.123456Z and the NUL, with room for hostile years */

#define NS_PER_S INT64_C(1000000000)

/* Times come from captures and can be anything, so sums and differences of them stop at what 64 bits hold. */

/** clock_plus(a, b) / clock_minus(a, b): The sum, the difference; the first or the last number where that does not fit. */
static inline int64_t
clock_plus(int64_t a, int64_t b)
{
	int64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return r;
}

static inline int64_t
clock_minus(int64_t a, int64_t b)
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return a < b ? INT64_MIN : INT64_MAX;
	return r;
}

/** clock_format(ts_ns, out): RFC 3339, UTC, six digits, `Z`; returns ${out}. Any int64 is printable. */
char *clock_format(int64_t ts_ns, char out[CLOCK_TEXT]);

/** clock_put_microseconds(p, us): Their six digits, below a million, at ${p}; no NUL. */
void clock_put_microseconds(char *p, unsigned us);

/** clock_format_short(ts_ns, out): `2026-11-22 01:40:48`, UTC, for people; returns ${out}. */
char *clock_format_short(int64_t ts_ns, char out[CLOCK_TEXT]);

/**
 * clock_parse(text, now_ns, out):
 * Read RFC 3339, YYYY-MM-DD (midnight UTC), or a span back from ${now_ns}: 90s, 15m, 24h, 7d, 2w.
 * Times before or after what 64 bits of nanoseconds hold (1677 to 2262) become the first or the last of them.
 * ERR_MALFORMED for anything else, fields out of range included.
 */
int clock_parse(const char *text, int64_t now_ns, int64_t *out);

/** clock_now(): The system's real time. Only app/ has a reason to ask. */
int64_t clock_now(void);

#endif
