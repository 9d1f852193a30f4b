/* flow.h - the table of TCP connections: found by addresses and ports, given up by idleness.
 *
 * It holds at most as many as it was made for and grows to that only as needed, so traffic that is
 * never entered costs nothing. An entry is small: what belongs to a connection with payload lies
 * behind its pointer. The table knows nothing of TCP; its owner decides what to enter, what an
 * entry is worth, and what to give up. A pointer to an entry is valid until the next flow_add(). */
#ifndef EPMWATCH_DISSECT_FLOW_H
#define EPMWATCH_DISSECT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct conn;
struct where;

/* Which connection: the same for both directions. Hashed as bytes. */
struct flow_key {
	struct addr addr[2]; /* the lower one first */
	uint16_t port[2];
	uint32_t salt;
};

_Static_assert(sizeof(struct flow_key) == 40, "no padding: hashed as bytes");

/* What an entry is worth, least first. */
enum flow_rank {
	FLOW_EMPTY,   /* without payload so far, or closed */
	FLOW_PAYLOAD, /* carries something */
	FLOW_RPC,     /* carries what was proved to be DCE/RPC */
	FLOW_RANKS
};

struct flow {
	struct flow_key key;
	uint32_t newer, older; /* neighbours of its rank, by last use */
	uint32_t isn[2];       /* initial sequence number by side, where isn_known has its bit */
	uint32_t next[2]; /* where next_known has its bit, and no conn or closed: the next byte */
	uint8_t isn_known, next_known;
	uint8_t rank;
	bool closed;     /* ended; kept so that late copies of its segments are known as such */
	int8_t client;   /* the side that sent the SYN, or -1 */
	uint64_t serial; /* order of the connections' first packets, from 1; 0 in unused entries */
	struct conn *conn; /* NULL without payload; owned by the table's owner */
};

_Static_assert(sizeof(struct flow) <= 88, "with 16 to 32 bytes of slots, what a connection costs");

struct flow_table {
	struct flow *flow; /* entries; unused ones are chained by older */
	size_t max, size, count;
	struct flow_slot *slot;
	size_t slots; /* a power of two, at least twice size; 0 before the first entry */
	uint32_t unused;
	uint64_t serial;
	struct {
		uint32_t newest, oldest;
		size_t count;
	} rank[FLOW_RANKS];
};

/** flow_table_init(t, max) / flow_table_deinit(t): An empty table of at most ${max} connections, 1
 * to 2^24. Allocates nothing yet. */
void flow_table_init(struct flow_table *t, size_t max);
void flow_table_deinit(struct flow_table *t);

/** flow_key_of(at, salt, out): The connection of packet ${at}. Returns the side that sent it, 0
 * or 1. */
int flow_key_of(const struct where *at, uint32_t salt, struct flow_key *out);

/** flow_find(t, key): The entry of ${key}, or NULL. */
struct flow *flow_find(const struct flow_table *t, const struct flow_key *key);

/** flow_add(t, key): A fresh entry of rank FLOW_EMPTY for ${key}, which must not be there; NULL
 * without memory or where the table is full. */
struct flow *flow_add(struct flow_table *t, const struct flow_key *key);

/** flow_renew(t, flow): Make ${flow}, which must have no conn, as fresh as flow_add() does. */
void flow_renew(struct flow_table *t, struct flow *flow);

/** flow_remove(t, flow): Forget ${flow}, which must have no conn. */
void flow_remove(struct flow_table *t, struct flow *flow);

/** flow_use(t, flow, rank): ${flow} was used just now and is worth ${rank}. */
void flow_use(struct flow_table *t, struct flow *flow, enum flow_rank rank);

/** flow_full(t): True if an entry must go before another can be added. */
bool flow_full(const struct flow_table *t);

/**
 * flow_victim(t):
 * The entry to give up next: the idlest of the lowest rank, but the idlest of FLOW_RPC once that
 * fills seven eighths of the table, so that new connections always find some room. NULL in an empty
 * table.
 */
struct flow *flow_victim(const struct flow_table *t);

/** flow_victim_with_conn(t): The same among those of rank FLOW_PAYLOAD or higher; NULL where there
 * is none. */
struct flow *flow_victim_with_conn(const struct flow_table *t);

/**
 * flow_table_sort(t):
 * For the end: put the entries in the order of their serials at t->flow[0] to t->flow[t->count -
 * 1]. Nothing but flow_table_deinit() may follow.
 */
void flow_table_sort(struct flow_table *t);

#endif
