/* hot.h - the mappings that are in memory: found by key, bounded in number and bytes, put out when
 * cold.
 *
 * What changed since it was settled last (dirty) is never put out. What did not stands in a queue: at
 * its front, what was used since it was queued goes to the back, and the first that was not is put out;
 * so a use costs no more than a mark. Without somewhere to read it back from, nothing is put out. */
#ifndef EPMWATCH_TRACK_HOT_H
#define EPMWATCH_TRACK_HOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "track/agenda.h"
#include "track/records.h"

/* What a sighting of what is known touches stands together, in a few lines of a processor's cache that
 * are asked for at once. */
struct hot {
	_Alignas(64) struct mapping mapping; /* its `dirty` says whether it may be put out */
	struct pending *pending; /* owned; what may come of it yet; mostly NULL */
	uint64_t pin;            /* the observation that used it last */
	uint32_t bytes;          /* of what hangs on it, as counted when it was last measured */
	bool queued, used;
	bool stirred;            /* its state is not what the store has */
	bool calm;               /* the rules have nothing to say of its set, see rules_state_is_calm() */
	struct episode first;    /* lent to the mapping, for most have one */
	/* From here on, what is known has no use for. */
	struct dossier *dossier; /* owned; what the rules know of it; mostly NULL */
	struct hot *next;        /* in its bucket */
	STAILQ_ENTRY(hot) age;
	struct agenda_item due;
};

STAILQ_HEAD(hot_queue, hot);

struct dossier;
struct hot_expected;
struct hot_slab;
struct pending;

struct hot_table {
	struct hot **bucket;   /* owned */
	struct hot **dirty;    /* owned; by when they became it */
	struct agenda *agenda; /* borrowed: what is due of them */
	int64_t *store_due;    /* borrowed: lowered to when what is put out is due */
	struct hot_slab *slab; /* owned: where entries lie; the first one may have room */
	struct hot *spare;     /* entries that were put out, chained by next, for the next ones */
	struct hot_expected *expected; /* owned: where those keys are that are looked up next */
	size_t expected_count, expected_at;
	size_t mask;
	uint64_t secret;
	struct hot_queue queue; /* all that is clean, and some that is not */
	size_t count, dirty_count, bytes, dirty_bytes;
	size_t count_max, bytes_max;
	bool puts_out;
	uint64_t pin; /* the observation being worked on: what it uses stays */
	uint64_t evicted;
};

/** hot_init(t, count_max, bytes_max, secret, agenda) / hot_deinit(t): An empty table, that puts nothing out
 * until t->puts_out is set. Who does not know ${secret} cannot choose keys that collide. ${agenda} and ${store_due} are borrowed. -ENOMEM. */
int hot_init(struct hot_table *t, size_t count_max, size_t bytes_max, uint64_t secret,
    struct agenda *agenda, int64_t *store_due);
void hot_deinit(struct hot_table *t);

/** hot_find(t, key): The mapping of ${key}, pinned until t->pin changes; NULL where it is not hot.
 */
struct hot *hot_find(struct hot_table *t, const struct mapping_key *key);

/** hot_has(t, key): It is there; that is no use of it. */
bool hot_has(const struct hot_table *t, const struct mapping_key *key);

/** hot_next(t, after): The entry after that one, in no order but that; NULL: from the first. NULL at the end. */
const struct hot *hot_next(const struct hot_table *t, const struct hot *after);

/** hot_disturb(t): The rules are others now: none is calm. */
void hot_disturb(struct hot_table *t);

/** hot_expect(t, key, count): Those keys, at most TRACK_EXPECTED, are looked up next: ask memory for what
 * is known of them, so that the waits overlap. */
void hot_expect(struct hot_table *t, const struct mapping_key *key, size_t count);

/** hot_make_room(t, count, bytes): Put out cold mappings until ${count} more, at most 1, fit, with
 * ${bytes} that hang on them. False if that cannot be. */
bool hot_make_room(struct hot_table *t, size_t count, size_t bytes);

/** hot_add(t, m, out): Take over what ${m} holds, a clean mapping of a key that is not hot, and pin it.
 * ${m} itself stays the caller's. -ENOMEM: so does what it holds. */
int hot_add(struct hot_table *t, const struct mapping *m, struct hot **out);

/** hot_measure(t, h): Count its bytes anew. */
void hot_measure(struct hot_table *t, struct hot *h);

/** hot_touch(t, h): It changed. */
void hot_touch(struct hot_table *t, struct hot *h);

/** hot_is_filling(t): What is dirty takes three quarters of what there may be, in number or bytes, or of what there is, where that is
 * nearly all that there may be. */
bool hot_is_filling(const struct hot_table *t);

/** hot_flush(t, keep, ctx): As track_flush(). In the order of the store's numbers as far as they are
 * known, so that what stands together is written together. */
int hot_flush(struct hot_table *t, int (*keep)(void *ctx, struct hot *h), void *ctx);

/** hot_settle(t, episodes): All that is dirty is clean from now on, and trimmed to ${episodes}
 * episodes. */
void hot_settle(struct hot_table *t, size_t episodes);

#endif
