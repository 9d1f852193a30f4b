/* flow_hash.h - which connection a packet belongs to, as one number: the same for both directions, the same from a
 * packet's raw octets as from a flow's key, and foreseeable by nobody who does not know the salt.
 *
 * The sieve marks packets with its upper 24 bits, and a search of the flow table begins there. An end (address and port)
 * becomes 64 bits; both ends, masked with a secret, are multiplied, which does not ask which comes first, and the two
 * halves of the product are folded. So who wants to aim at one value has to know the mask. Values differ between machines
 * of different byte order; they never leave one. */
#ifndef EPMWATCH_DISSECT_FLOW_HASH_H
#define EPMWATCH_DISSECT_FLOW_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/packet.h"

struct flow_secret {
	uint64_t pair, high, low;
};

static inline uint64_t
flow_hash_load(const uint8_t *octets, size_t n)
{
	uint64_t x = 0;

	memcpy(&x, octets, n);
	return x;
}

/* Both halves of the product: each bit of it depends on all bits of one factor or of the other. */
static inline uint64_t
flow_hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Numbers made from ${salt} that tell nothing of each other (splitmix64). */
static inline uint64_t
flow_hash_expand(uint64_t salt, uint64_t n)
{
	uint64_t x = salt + n * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/** flow_secret_of(salt): What the functions below need of ${salt}; made once for many packets. */
static inline struct flow_secret
flow_secret_of(uint64_t salt)
{
	return (struct flow_secret){
	    flow_hash_expand(salt, 1), flow_hash_expand(salt, 2), flow_hash_expand(salt, 3)};
}

/** flow_end_v4(addr, port): One end, its address as the 4 octets of IPv4, its port as the 2 octets of TCP. */
static inline uint64_t
flow_end_v4(const uint8_t addr[4], const uint8_t port[2])
{
	return flow_hash_load(addr, 4) << 16 | flow_hash_load(port, 2);
}

/** flow_end_v6(secret, addr, port): One end, its address as 16 octets; where those are an IPv4 address (::ffff:a.b.c.d), the
 * same as flow_end_v4(), also if it came in an IPv6 header. */
static inline uint64_t
flow_end_v6(const struct flow_secret *secret, const uint8_t addr[16], const uint8_t port[2])
{
	static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};

	if (memcmp(addr, v4, sizeof(v4)) == 0)
		return flow_end_v4(addr + 12, port);
	return flow_hash_fold(flow_hash_load(addr, 8) ^ secret->high,
		   flow_hash_load(addr + 8, 8) ^ secret->low) ^
	       flow_hash_load(port, 2);
}

/** flow_hash_of(secret, end, other): The connection between two ends, in whatever order. */
static inline uint64_t
flow_hash_of(const struct flow_secret *secret, uint64_t end, uint64_t other)
{
	uint64_t folded = flow_hash_fold(end ^ secret->pair, other ^ secret->pair);

	return folded * UINT64_C(0x9e3779b97f4a7c15);
}

/** flow_hash_mark(hash, kind): What of it stands in a packet's mark. */
static inline struct mark
flow_hash_mark(uint64_t hash, uint8_t kind)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* all four octets at once: a first look has little else to do */
	uint32_t upper = (uint32_t)(hash >> 40),
		 all = (upper >> 8 | upper << 24) | (uint32_t)kind << 16;
	struct mark mark;

	_Static_assert(sizeof(mark) == sizeof(all) && offsetof(struct mark, kind) == 2 &&
			   offsetof(struct mark, tag) == 3,
	    "as put together here");
	memcpy(&mark, &all, sizeof(mark));
	return mark;
#else
	return (struct mark){
	    .flow = (uint16_t)(hash >> 48), .kind = kind, .tag = (uint8_t)(hash >> 40)};
#endif
}

#endif
