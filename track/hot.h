/* hot.h - the mappings that are in memory: found by key, bounded in number and bytes, put out when
 * cold.
 *
 * What changed since the last flush (dirty) is never put out; what did not goes in the order of its
 * last use. Without somewhere to read it back from, nothing is put out at all. */
#ifndef EPMWATCH_TRACK_HOT_H
#define EPMWATCH_TRACK_HOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "track/records.h"

struct hot {
	struct mapping *mapping; /* owned; its `dirty` says which list this is in */
	struct alert
	    *alert; /* owned; latest state of EPM-001 on the key; NULL where there never was one */
	struct hot *next; /* in its bucket */
	TAILQ_ENTRY(hot) age;
	uint64_t pin; /* the observation that used it last */
	size_t bytes; /* as counted when it was last measured */
};

TAILQ_HEAD(hot_list, hot);

struct hot_table {
	struct hot **bucket; /* owned */
	struct hot *spare;   /* owned: entries that were put out, chained by next, for the next ones */
	size_t mask;
	struct hot_list clean, dirty; /* oldest first */
	size_t count, dirty_count, bytes;
	size_t count_max, bytes_max;
	bool puts_out;
	uint64_t pin; /* the observation being worked on: what it uses stays */
	uint64_t evicted;
};

/** hot_init(t, count_max, bytes_max, puts_out) / hot_deinit(t): An empty table. -ENOMEM. */
int hot_init(struct hot_table *t, size_t count_max, size_t bytes_max, bool puts_out);
void hot_deinit(struct hot_table *t);

/** hot_find(t, key): The mapping of ${key}, pinned until t->pin changes; NULL where it is not hot.
 */
struct hot *hot_find(struct hot_table *t, const struct mapping_key *key);

/** hot_make_room(t, count, bytes): Put out cold mappings until ${count} more, with ${bytes} more in
 * all, fit. False if that cannot be. */
bool hot_make_room(struct hot_table *t, size_t count, size_t bytes);

/** hot_add(t, m, out): Take over ${m}, and pin it. -ENOMEM: then it is still the caller's. */
int hot_add(struct hot_table *t, struct mapping *m, struct hot **out);

/** hot_measure(t, h): Count its bytes anew. */
void hot_measure(struct hot_table *t, struct hot *h);

/** hot_touch(t, h): It changed. */
void hot_touch(struct hot_table *t, struct hot *h);

/** hot_flush(t, episodes, keep, ctx): As track_flush(); what is clean afterwards is trimmed to
 * ${episodes} episodes. */
int hot_flush(
    struct hot_table *t, size_t episodes, int (*keep)(void *ctx, struct mapping *m), void *ctx);

#endif
