/* traffic_bytes.h - octets in either order, and numbers that look random and are the same every time. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_BYTES_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** mixed(x): A number that depends on ${x} alone (the finalizer of splitmix64). */
static inline uint64_t
mixed(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/** put_le(p, v, bytes), put_be(p, v, bytes): Write the low ${bytes} octets of ${v}; the place behind. */
static inline uint8_t *
put_le(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

static inline uint8_t *
put_be(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

/** put(p, data, n): Copy ${n} octets; the place behind. */
static inline uint8_t *
put(uint8_t *p, const void *data, size_t n)
{
	memcpy(p, data, n);
	return p + n;
}

#endif
