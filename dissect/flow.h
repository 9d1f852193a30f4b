/* flow.h - the table of TCP connections: found by addresses and ports, given up by idleness.
 *
 * It holds at most as many as it was made for and grows to that only as needed, so traffic that is
 * never entered costs nothing. An entry is small: 104 to 120 bytes with all that finds it, so 1.7 MB for
 * 16384, and 128 KiB for the filter that spares packets of other connections the search. What belongs to a connection
 * with payload lies behind its pointer. The table knows nothing of TCP; its owner decides what to enter, what an
 * entry is worth, and what to give up. A pointer to an entry is valid until the next flow_add(). */
#ifndef EPMWATCH_DISSECT_FLOW_H
#define EPMWATCH_DISSECT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dissect/flow_filter.h"
#include "dissect/flow_hash.h"

struct conn;
struct where;

/* Which connection: the same for both directions. */
struct flow_key {
	struct addr addr[2]; /* the lower one first */
	uint16_t port[2];
	uint16_t
	    realm; /* whose addresses they are; no part of the hash, so a sieve need not know it */
};

_Static_assert(sizeof(struct flow_key) == 38, "no padding: compared as bytes");

/* What an entry is worth, least first. */
enum flow_rank {
	FLOW_EMPTY,   /* without payload so far, or closed */
	FLOW_PAYLOAD, /* carries something */
	FLOW_RPC,     /* carries what was proved to be DCE/RPC */
	FLOW_RANKS
};

/* What a packet of a connection that is followed needs: one line of the cache. */
struct flow {
	struct flow_key key;
	uint8_t next_known; /* by side a bit: next is known */
	bool closed : 1;    /* ended; kept so that late copies of its segments are known as such */
	uint8_t rank : 3;
	uint8_t idle_segments : 4; /* since its streams last got on */
	uint32_t newer, older;     /* neighbours of its rank, by last use */
	uint32_t next[2];          /* by side: the next byte; where known, and no conn */
	struct conn *conn;         /* NULL without payload; owned by the table's owner */
};

/* How it began: for SYNs, and for the end. */
struct flow_origin {
	uint64_t serial; /* order of the connections' first packets, from 1; 0 in unused entries */
	uint32_t isn[2]; /* initial sequence number by side, where isn_known has its bit */
	uint32_t entry;  /* whose origin this is */
	uint8_t isn_known;
	int8_t client; /* the side that sent the SYN, or -1 */
	uint8_t reach; /* what was said of whether it gets through: enum reach_state */
};

_Static_assert(sizeof(struct flow) == 64, "one line of the cache");
_Static_assert(sizeof(struct flow_origin) == 24, "with the slots 104 to 120 bytes a connection");

enum {
	FLOW_RECENT = 1024, /* connections whose packets are found without a search; a power of two */
	FLOWS_NEAR = 8192 /* of more than these not all are in a near cache */
};

/* Open addressing with linear probing; the tag spares a look at the entry. A search begins at a place that the upper 24 bits
 * of the tag tell, which are those of a packet's mark. */
struct flow_slot {
	uint32_t tag;   /* the upper half of the hash */
	uint32_t entry; /* index + 1; 0: empty */
};

/* One that was found lately. */
struct flow_recent {
	uint32_t ends;  /* something of both ends that spares a look at the entry, too */
	uint32_t entry; /* index + 1; 0: none */
};

struct flow_table {
	struct flow *flow; /* entries, aligned to their size; unused ones are chained by older */
	struct flow_origin *origin; /* of each entry */
	size_t max, size, count;
	struct flow_slot *slot;
	size_t slots; /* a power of two, at least twice size; 0 before the first entry */
	uint32_t unused;
	uint64_t serial;
	struct {
		uint32_t newest, oldest;
		size_t count;
	} rank[FLOW_RANKS];
	struct flow_recent recent[FLOW_RECENT];
	struct flow_secret secret;
	struct flow_filter filter; /* passes the marks of all entries */
};

/** flow_table_init(t, max, salt) / flow_table_deinit(t): An empty table of at most ${max} connections, 1
 * to 2^24. ${salt} is that of the sieve which marked the packets. Allocates nothing yet. */
void flow_table_init(struct flow_table *t, size_t max, uint64_t salt);
void flow_table_deinit(struct flow_table *t);

/** flow_key_of(at, out): The connection of packet ${at}. Returns the side that sent it, 0 or 1. */
int flow_key_of(const struct where *at, struct flow_key *out);

/** flow_mark_of(t, key): The mark, of kind MARK_FLOW, that a sieve with the salt of ${t} gives packets of ${key}. */
struct mark flow_mark_of(const struct flow_table *t, const struct flow_key *key);

/** flow_origin_of(t, flow): How ${flow} began. */
static inline struct flow_origin *
flow_origin_of(const struct flow_table *t, const struct flow *flow)
{
	return &t->origin[flow - t->flow];
}

/** flow_home(t, mark): Where a search for the connection of ${mark} begins, in a table that is not empty. */
static inline const struct flow_slot *
flow_home(const struct flow_table *t, struct mark mark)
{
	uint64_t place = (uint64_t)mark.flow << 8 | mark.tag;

	return &t->slot[place * t->slots >> 24];
}

/* Of a function that only fetches ahead compilers may think that it does nothing, unless it is part of another from the start. */
#define FLOW_FETCH __attribute__((always_inline)) static inline void

/** flow_fetch_far(t, mark): A packet of ${mark} comes later: of a large table, ask memory for what flow_fetch_near() needs. */
FLOW_FETCH
flow_fetch_far(const struct flow_table *t, struct mark mark)
{
	if (t->count > FLOWS_NEAR)
		__builtin_prefetch(flow_home(t, mark));
}

/** flow_fetch_near(t, mark): It comes soon: ask for what flow_find() needs. Nothing but time depends on either. */
FLOW_FETCH
flow_fetch_near(const struct flow_table *t, struct mark mark)
{
	uint32_t entry;

	if (t->count <= FLOWS_NEAR || (entry = flow_home(t, mark)->entry) == 0)
		return;
	__builtin_prefetch(&t->flow[entry - 1]);
	__builtin_prefetch(&t->origin[entry - 1].client);
}

/** flow_find(t, key): The entry of ${key}, or NULL. */
struct flow *flow_find(const struct flow_table *t, const struct flow_key *key);

/** flow_find_marked(t, key, mark): The same, where the sieve has said that the mark of ${key} is ${mark}, of whatever kind. */
struct flow *flow_find_marked(
    const struct flow_table *t, const struct flow_key *key, struct mark mark);

/** flow_recall(t, at, from): The entry of packet ${at}, as flow_find() would find it, and the side that sent it, if
 * flow_remember() was told of it and of none since that takes its place; else NULL. */
struct flow *flow_recall(const struct flow_table *t, const struct where *at, int *from);

/** flow_remember(t, at, flow): Packet ${at} belongs to ${flow}. */
void flow_remember(struct flow_table *t, const struct where *at, const struct flow *flow);

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
 * For the end: put the origins in the order of their serials at t->origin[0] to t->origin[t->count -
 * 1]; their entries stay where they are. Nothing but flow_table_deinit() may follow.
 */
void flow_table_sort(struct flow_table *t);

#endif
