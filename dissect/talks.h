/* talks.h - a fixed table of connections and exchanges of datagrams that are looked at for a while: who talks, and how much of
 * it was looked at. For connections that are followed see flow.h.
 *
 * An entry takes 80 bytes, and 8 more to be found: 352 KiB for 4,096, taken with the first one. Where all are taken, the one
 * that was idle longest has to go, which its owner sees to. The packets of an entry that is watched pass the flow filter. */
#ifndef EPMWATCH_DISSECT_TALKS_H
#define EPMWATCH_DISSECT_TALKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/flow.h"

struct talk {
	struct flow_key key;
	uint8_t proto;
	uint8_t server;   /* the side that is one, as its owner sees it */
	uint8_t told;     /* the following are its owner's */
	uint8_t asked;    /* packets that nDPI was given */
	uint16_t verdict; /* what it said; 0: nothing */
	bool watched : 1;
	bool over : 1;
	bool answered : 1; /* the server spoke */
	bool ours : 1;     /* something of it passes probe.h */
	bool learned : 1;  /* the server's port was */
	uint32_t source;   /* of the packet of that number: the last one */
	uint32_t newer, older;
	int64_t since_ns;
	uint64_t frame;
};

_Static_assert(sizeof(struct talk) == 80, "as said above");

struct talks {
	struct flow_table *flows; /* borrowed: whose filter and secret are used */
	struct talk *talk;        /* NULL before the first */
	uint32_t *slot;           /* index + 1; 0: empty */
	uint32_t most, count;
	uint32_t newest, oldest, unused;
};

/** talks_init(t, most, flows) / talks_deinit(t): An empty table for ${most} entries, a power of two. Allocates nothing yet. */
void talks_init(struct talks *t, uint32_t most, struct flow_table *flows);
void talks_deinit(struct talks *t);

/** talks_find(t, key, proto): The entry, or NULL. */
struct talk *talks_find(const struct talks *t, const struct flow_key *key, uint8_t proto);

/** talks_oldest(t): The entry that was used least lately; NULL in an empty table. */
struct talk *talks_oldest(const struct talks *t);

/** talks_is_full(t): One has to be removed before another can be added. */
bool talks_is_full(const struct talks *t);

/** talks_add(t, key, proto): A new entry, which is not there yet; all its owner's is zero. NULL without memory, or if the table is full. */
struct talk *talks_add(struct talks *t, const struct flow_key *key, uint8_t proto);

/** talks_use(t, talk): It was used just now. */
void talks_use(struct talks *t, struct talk *talk);

/** talks_watch(t, talk, on): Let packets of it pass the flow filter, or no longer. */
void talks_watch(struct talks *t, struct talk *talk, bool on);

/** talks_remove(t, talk): Forget it. */
void talks_remove(struct talks *t, struct talk *talk);

#endif
