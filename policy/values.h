/* values.h - scalars of a policy: numbers, times, shares, addresses, interfaces. Each returns false for what is none, and then
 * leaves its result alone. */
#ifndef EPMWATCH_POLICY_VALUES_H
#define EPMWATCH_POLICY_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy_interface;
struct policy_network;

enum {
	VALUES_TIME = 24 /* bytes of a span as text */
};

/** values_number(text, most, out): Decimal digits, from 0 to ${most}. */
bool values_number(const char *text, uint64_t most, uint64_t *out);

/** values_span(text, out): A time such as 15m, 7d, 24h, 1ms or 60s, in nanoseconds; at most 3650d. */
bool values_span(const char *text, int64_t *out);

/** values_span_format(ns, out): The same as text, in the largest unit that says it without a rest; returns ${out}. */
char *values_span_format(int64_t ns, char out[VALUES_TIME]);

/** values_times(text, count, span): `3 in 24h`: a number from 1 to 1000, and a time. */
bool values_times(const char *text, uint32_t *count, int64_t *span);

/** values_share(text, ppm): A share such as 0.1%, in millionths; at most four digits behind the point. */
bool values_share(const char *text, uint32_t *ppm);

/** values_until(text, out): When something ends: RFC 3339, or a day, of which all belongs to it. */
bool values_until(const char *text, int64_t *out);

/** values_flag(text, out): true or false. */
bool values_flag(const char *text, bool *out);

/** values_network(text, out, whole): An address, or a block such as 10.1.0.0/16; *${whole} if no bit is set behind those that count. */
bool values_network(const char *text, struct policy_network *out, bool *whole);

/** values_interface(text, out): A UUID, or with its major version: UUID@1. */
bool values_interface(const char *text, struct policy_interface *out);

#endif
