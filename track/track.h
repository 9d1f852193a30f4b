/* track.h - observations in, what is true over time out. Pure: no SQLite, no I/O, no clock; time is packet time.
 *
 * Hot mappings live in a table with a cap; one that is not there is asked of the loader, so that the store may hold
 * far more than memory does. What changed is handed out by track_flush(), for the store to keep in one transaction; it
 * stays in memory until track_committed(), so the caller flushes when track_is_filling(). Changes and alerts are kept
 * as they come out, before the flush of their mapping.
 *
 * Judged are new, additional, moved and returned (change.h), and EPM-001 (rules.h). What is said of a server as a whole is
 * kept beside that (servers.h), and handed out by track_flush_servers().
 *
 * Memory, at the default bounds: mappings with all that hangs on them at most 64 MiB, malloc's own included (448 bytes a
 * hot entry with its first episode, which stay when it is put out and wait for the next one, 328 an episode of several,
 * 16 a client, 1024 an alert); their index and lists 1.5 MiB; servers 1.1 MiB, and 4 MiB for what they are called
 * and the like (160 bytes a server, its names and referrals); 150 KiB to work with; and what one
 * observation causes, at most 10 MiB for an answer forged for that. Beyond a bound sightings are refused and counted,
 * never half folded. */
#ifndef EPMWATCH_TRACK_TRACK_H
#define EPMWATCH_TRACK_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct track;
struct policy;
struct obs;

/* Bounds. Zero means the default. */
struct track_limits {
	size_t mappings;                 /* hot at a time; default 65536 */
	size_t servers;                  /* that this run makes mappings for; default 16384 */
	size_t mappings_per_server;      /* that this run makes new; default 4096 */
	size_t mappings_new;             /* that this run makes new in all, a quarter of them attempted only; default 1048576 */
	size_t episodes_per_mapping;     /* alive and ended that are held; default 256. Half may be alive and proven, a quarter attempted only */
	size_t bytes;                    /* of all hot mappings; default 64 MiB */
	size_t server_bytes;             /* of names, referrals and the like; default 4 MiB; of at most `servers` servers that this run makes */
	size_t server_bytes_new;         /* of the same that this run adds to what is kept; default 64 MiB */
	uint64_t secret;                 /* a number that nobody can guess, so that nobody can choose keys that collide in memory; results are the same whatever it is */
};

/*
 * Reads what is already known of a key: a new mapping that the caller owns, or NULL where there is none. Returns 0 or an
 * enum err. The episodes come as they were handed to keep(), `told` included, in any order, with clients sorted; the alert is
 * the latest that came out. The alert is asked for once after a mapping was found. Facts of a server come likewise, as they were
 * handed to track_flush_servers(); NULL for the function where none are kept.
 */
struct track_loader {
	int (*mapping)(void *ctx, const struct mapping_key *key, struct mapping **out);
	int (*alert)(void *ctx, const char *rule, const struct mapping_key *key, struct alert *out, int *found);
	void *ctx;
	int (*server)(void *ctx, const struct addr *server, uint8_t realm, struct server_facts **out);
};

enum {
	TRACK_EXPECTED = 16
};

/* What one observation caused; borrowed until the next call. */
struct track_output {
	size_t change_count, alert_count;
	const struct change *change;
	const struct alert *alert;
};

struct track_stats {
	uint64_t observed;               /* observations taken */
	uint64_t folded;                 /* sightings of an endpoint that they held */
	uint64_t mappings;               /* hot now */
	uint64_t evicted;                /* cold mappings put out of memory */
	uint64_t capped;                 /* sightings, and facts of servers, refused because a bound was reached */
};

/**
 * track_new(out, limits, policy, loader) / track_free(&t):
 * ${limits} may be NULL, ${loader} may be NULL (nothing is known). ${policy} and ${loader} are borrowed. -ENOMEM.
 */
int track_new(struct track **out, const struct track_limits *limits, const struct policy *policy, const struct track_loader *loader);
void track_free(struct track **t);

/** track_name_realm(t, index, name): Realm ${index} of observations has that name, which ids are made of. Without it, it counts
 * as the default one. */
void track_name_realm(struct track *t, uint8_t index, const char *name);

/**
 * track_observe(t, obs, out):
 * Fold one observation, and say what that changed. Verdicts as in change.h, EPM-001 as in rules.h. 0, or the loader's error:
 * then the observation was not folded. -ENOMEM: it may be folded in part.
 */
int track_observe(struct track *t, const struct obs *obs, struct track_output *out);

/**
 * track_expect(t, obs, count):
 * Those observations, at most TRACK_EXPECTED, are given to track_observe() next. That changes no result, but what is known
 * of them is asked of memory at once, where otherwise each would wait for its own.
 */
void track_expect(const struct track *t, const struct obs *const *obs, size_t count);

/**
 * track_flush(t, keep, ctx):
 * Hand every mapping that changed since the last track_committed() to ${keep}, which may set row numbers in it. Stops at
 * the first error and returns it. Nothing is clean yet, so after a transaction that failed the next flush hands over the
 * same again.
 */
int track_flush(struct track *t, int (*keep)(void *ctx, struct mapping *m), void *ctx);

/** track_flush_servers(t, keep, ctx): The same for every server whose facts changed; ${keep} changes nothing in them. Between
 * track_flush() and track_committed(); facts stay dirty where nobody asks. */
int track_flush_servers(struct track *t, int (*keep)(void *ctx, const struct server_facts *f), void *ctx);

/** track_committed(t): What the last flush handed over is kept for good: it is clean from now on, and may be put out of memory. Follows a flush that succeeded, with nothing observed between. */
void track_committed(struct track *t);

/** track_dirty(t): Mappings that track_flush() would hand over. */
size_t track_dirty(const struct track *t);

/** track_is_filling(t): What a flush would hand over takes three quarters of a bound, of all mappings, of one's episodes or of servers' facts; beyond, observations may find no room. */
bool track_is_filling(const struct track *t);

/** track_stats(t): The counters; valid as long as ${t}. */
const struct track_stats *track_stats(const struct track *t);

#endif
