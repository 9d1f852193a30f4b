/* addr.h - IPv4 and IPv6 addresses as one plain value. */
#ifndef EPMWATCH_BASE_ADDR_H
#define EPMWATCH_BASE_ADDR_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* IPv4 is kept as ::ffff:a.b.c.d, so that one comparison and one hash serve both. */
struct addr {
	uint8_t b[16];
};

enum { ADDR_TEXT = 46 };         /* INET6_ADDRSTRLEN */

static inline bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/** addr_compare(a, b): Order as memcmp() does; IPv4 sorts by value among itself. */
static inline int
addr_compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/** addr_is_v4(a): True for an IPv4 address. */
static inline bool
addr_is_v4(const struct addr *a)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(a->b, prefix, sizeof(prefix)) == 0;
}

/** addr_is_unspecified(a): True for 0.0.0.0 and ::. */
bool addr_is_unspecified(const struct addr *a);

/** addr_from_v4(octets) / addr_from_v6(octets): From 4 or 16 octets in network order. */
static inline struct addr
addr_from_v4(const uint8_t octets[4])
{
	struct addr a = {{0}};
	uint64_t half;
	uint32_t v4;

	/* by halves: for each packet that is followed, they are read again at once */
	memcpy(&v4, octets, sizeof(v4));
	half = htobe64(UINT64_C(0xffff) << 32 | be32toh(v4));
	memcpy(a.b + 8, &half, sizeof(half));
	return a;
}

static inline struct addr
addr_from_v6(const uint8_t octets[16])
{
	struct addr a;

	memcpy(a.b, octets, sizeof(a.b));
	return a;
}

/** addr_parse(text, out): Dotted IPv4 or IPv6 text. ERR_MALFORMED otherwise. */
int addr_parse(const char *text, struct addr *out);

/** addr_format(a, out): Dotted IPv4, or IPv6 as RFC 5952 has it; returns ${out}. */
char *addr_format(const struct addr *a, char out[ADDR_TEXT]);

#endif
