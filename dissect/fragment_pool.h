/* fragment_pool.h - IP datagrams under way: found by name, listed by age, with their bytes. For fragments.c alone.
 *
 * There are FRAGMENT_DATAGRAMS at most, 1.1 KiB each without their bytes, made with the first one; all is charged to the
 * budget. What makes room for others is the oldest that is done, or else the oldest. */
#ifndef EPMWATCH_DISSECT_FRAGMENT_POOL_H
#define EPMWATCH_DISSECT_FRAGMENT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dissect/fragments.h"

/* Which datagram. Compared as bytes. */
struct fragment_name {
	struct addr src, dst;
	const void *tunnel;
	uint32_t id;
	uint8_t protocol; /* IPv6: 0, since fragments need not agree */
	uint8_t realm, v6, zero;
};

_Static_assert(
    sizeof(struct fragment_name) == 2 * sizeof(struct addr) + sizeof(void *) + 8, "no padding");

struct fragment_piece {
	uint16_t from, to;
	uint32_t sum; /* hash of its bytes, for when they are gone */
};

/* Which list a datagram is in. */
enum fragment_state {
	FRAGMENT_DONE, /* kept for copies of its fragments */
	FRAGMENT_OPEN, /* waits for more, or is given up */
	FRAGMENT_STATES
};

struct fragment_datagram {
	struct fragment_name name;
	int64_t since_ns; /* its first fragment, or where it is done its last */
	uint8_t *data;    /* owned; NULL where nothing is kept */
	uint32_t cap, got;
	uint32_t end; /* of the last fragment; 0: not seen */
	uint16_t chain, older, newer;
	uint8_t state, protocol, pieces;
	bool given_up;
	struct fragment_piece piece[FRAGMENT_PIECES];
};

struct fragment_pool {
	struct budget *budget; /* borrowed */
	uint64_t salt;
	uint64_t *evicted;                      /* counts what went for others; borrowed */
	size_t bytes;                           /* in all buffers */
	struct fragment_datagram *datagram;     /* owned; NULL before the first */
	uint16_t chain[2 * FRAGMENT_DATAGRAMS]; /* by hash of the name: the first one */
	uint16_t unused;                        /* the first one, chained */
	struct {
		uint16_t oldest, newest;
	} list[FRAGMENT_STATES];
};

/** fragment_pool_init(p, budget, salt, evicted) / fragment_pool_deinit(p): An empty pool. Allocates nothing yet. */
void fragment_pool_init(
    struct fragment_pool *p, struct budget *budget, uint64_t salt, uint64_t *evicted);
void fragment_pool_deinit(struct fragment_pool *p);

/** fragment_pool_ready(p): Make the place for datagrams, once. False where there is no memory. All below need it. */
bool fragment_pool_ready(struct fragment_pool *p);

/** fragment_pool_oldest(p, state): The oldest of that list, or NULL. */
struct fragment_datagram *fragment_pool_oldest(
    const struct fragment_pool *p, enum fragment_state state);

/** fragment_pool_find(p, name): The datagram of that name, or NULL. */
struct fragment_datagram *fragment_pool_find(
    const struct fragment_pool *p, const struct fragment_name *name);

/** fragment_pool_add(p, name, ts_ns): A fresh one, which must not be there. Cannot fail: another makes room. */
struct fragment_datagram *fragment_pool_add(
    struct fragment_pool *p, const struct fragment_name *name, int64_t ts_ns);

/** fragment_pool_done(p, d, ts_ns): ${d}, whose bytes were taken out, is complete. */
void fragment_pool_done(struct fragment_pool *p, struct fragment_datagram *d, int64_t ts_ns);

/** fragment_pool_forget(p, d): There is no ${d}. */
void fragment_pool_forget(struct fragment_pool *p, struct fragment_datagram *d);

/** fragment_pool_grow(p, d, to): Room for ${to} bytes in ${d}, at the cost of older ones. False where there is none. */
bool fragment_pool_grow(struct fragment_pool *p, struct fragment_datagram *d, uint32_t to);

/** fragment_pool_give(p, data, cap): Give back a buffer of a datagram, which may be taken out of it; NULL is fine. Sets both to 0. */
void fragment_pool_give(struct fragment_pool *p, uint8_t **data, uint32_t *cap);

#endif
