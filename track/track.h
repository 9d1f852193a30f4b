/* track.h - observations in, what is true over time out. Pure: no SQLite, no I/O, no clock; time is packet time.
 *
 * Hot mappings live in a table with a cap; one that is not there is asked of the loader, so that the store may hold
 * far more than memory does. What changed is handed out by track_flush(), for the store to keep in one transaction; it
 * stays in memory until track_committed(), so the caller flushes when track_is_filling(). Changes and alerts are kept
 * as they come out, before the flush of their mapping.
 *
 * Judged is all of change.h, and all rules of rules.h. What is said of a server as a whole is
 * kept beside that (servers.h), and handed out by track_flush_servers().
 *
 * Beside the mappings stand new-mail notifications (push.h, with its own bounds: 15 MiB) and ports that something else has taken (intruders.h, 16 KiB).
 *
 * Memory, at the default bounds: mappings with all that hangs on them at most 64 MiB, malloc's own included (576 bytes a
 * hot entry with its first episode, which stay when it is put out and wait for the next one, 352 an episode of several,
 * 16 a client, 1304 an alert, 240 where something is pending); their index and lists 1.5 MiB; servers 1.1 MiB, and 4 MiB for what they are called
 * and the like (at most 320 bytes a server, its names, referrals and alerts); 150 KiB to work with; and what one
 * observation causes, at most 10 MiB for an answer forged for that. Beyond a bound sightings are refused and counted,
 * never half folded. */
#ifndef EPMWATCH_TRACK_TRACK_H
#define EPMWATCH_TRACK_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/baseline.h"
#include "track/records.h"

struct track;
struct policy;
struct obs;
struct clock;

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
 * Reads what is already known. All functions return 0 or an enum err; those with ${each} stop at the first answer of it that is
 * not 0, and return that. All but `mapping` may be NULL: then nothing such is known. A key with a nil UUID and protseq 0 is a
 * server as a whole.
 */
struct track_loader {
	/* A new mapping that the caller owns, as it was handed to keep(): its state and what its episodes `told` included, episodes in any
	 * order, clients sorted; it may have no episodes. NULL where there is none. */
	int (*mapping)(void *ctx, const struct mapping_key *key, struct mapping **out);
	void *ctx;
	/* Likewise facts of a server, as they were handed to track_flush_servers(). */
	int (*server)(void *ctx, const struct addr *server, uint8_t realm, struct server_facts **out);
	/* Alerts of that key: those open, and the latest others. Asked for once after a mapping or a server was found. */
	int (*alerts)(void *ctx, const struct mapping_key *key, void *to, int (*each)(void *to, const struct alert *alert));
	/* What of all that is kept is due from ${from_ns} on, by due_ns, then by key. */
	int (*due)(void *ctx, int64_t from_ns, void *to, int (*each)(void *to, const struct mapping_key *key, int64_t due_ns));
	/* What was handed to track_flush_state() under that name, a copy that the caller frees; NULL where there is none. */
	int (*state)(void *ctx, const char *name, uint8_t **data, size_t *len);
	/* Every key of that server. */
	int (*keys)(void *ctx, const struct addr *server, uint8_t realm, void *to, int (*each)(void *to, const struct mapping_key *key));
	/* The latest last sight of any endpoint of that server that was announced or used; INT64_MIN where there is none. */
	int (*seen)(void *ctx, const struct addr *server, uint8_t realm, int64_t *out);
	/* Each flow of new-mail datagrams, each registration for them, that is not final, by when it was touched last; each client. */
	int (*pushes)(void *ctx, void *to, int (*each)(void *to, const struct push *push));
	int (*registrations)(void *ctx, void *to, int (*each)(void *to, const struct push_registration *registration));
	int (*push_clients)(void *ctx, void *to, int (*each)(void *to, const struct push_client *client));
	/* Each living endpoint of EMSMDB over TCP, and those of its clients that are known one by one. */
	int (*mailboxes)(void *ctx, void *to, int (*each)(void *to, const struct addr *server, uint8_t realm, uint16_t port, size_t client_count,
	    const struct addr *client));
};

/* Where rows of new-mail notifications are kept. */
struct push_keeper {
	int (*push)(void *ctx, const struct push *push);
	int (*registration)(void *ctx, const struct push_registration *registration);
	int (*client)(void *ctx, const struct push_client *client);
	void *ctx;
};

enum {
	TRACK_EXPECTED = 16
};

/* What one observation caused; borrowed until the next call. */
struct track_output {
	size_t change_count, alert_count, pinhole_count, push_count, registration_count;
	const struct change *change;
	const struct alert *alert;
	const struct pinhole *pinhole;
	const struct push *push;         /* that began or ended */
	const struct push_registration *registration; /* likewise */
};

struct track_stats {
	uint64_t observed;               /* observations taken */
	uint64_t folded;                 /* sightings of an endpoint that they held */
	uint64_t repeated;               /* sets of them, of one key each, that were known to say nothing new before they were folded */
	uint64_t mappings;               /* hot now */
	uint64_t evicted;                /* cold mappings put out of memory */
	uint64_t capped;                 /* sightings, and facts of servers, refused because a bound was reached */
	uint64_t judged;                 /* verdicts that time brought up */
	uint64_t crowded;                /* moments, held verdicts and listings that had to be forgotten for others */
	uint64_t damaged;                /* states that could not be read */
	uint64_t sought;                 /* times that the store was asked what is due */
	uint64_t forgotten;              /* stretches of time that the clock has no room for any more */
	uint64_t binds;                  /* sightings of an endpoint by an accepted bind, at ports of their own */
	uint64_t unannounced;            /* of these, at endpoints that no answer had named */
	uint64_t unruled;                /* alerts for which there was no room */
};

/**
 * track_new(out, limits, policy, loader) / track_free(&t):
 * ${limits} may be NULL, ${loader} may be NULL (nothing is known). ${policy} and ${loader} are borrowed. -ENOMEM.
 */
int track_new(struct track **out, const struct track_limits *limits, const struct policy *policy, const struct track_loader *loader);

/** track_go_by(t, policy): What comes from now on is judged by ${policy}, which is borrowed instead of the one before. */
void track_go_by(struct track *t, const struct policy *policy);
void track_free(struct track **t);

/** track_name_realm(t, index, name): Realm ${index} of observations has that name, which ids are made of. Without it, it counts
 * as the default one. */
void track_name_realm(struct track *t, uint8_t index, const char *name);

/**
 * track_advance(t, first_ns, last_ns) / track_walk(t, ts_ns):
 * Packets of times from ${first_ns} to ${last_ns} have come, in any order; one packet of that time has. The first is false, and does nothing,
 * where their order matters: then walk them. Each before what was observed in them is given to track_observe(). On a
 * link that is seen to carry packets, ticks count as packets. Where neither is ever called, observations count.
 */
bool track_advance(struct track *t, int64_t first_ns, int64_t last_ns);
void track_walk(struct track *t, int64_t ts_ns);

/**
 * track_settle(t, ts_ns, out, more):
 * Judge what is due up to packet time ${ts_ns}, a slice of it, in order of its due time, and say what that changed. *${more}: call
 * again; if nothing was judged (the counter), what is left finds no room in memory before the next commit. To be called until it is not, before track_observe() of an observation of that
 * time, which does the same where that was left out, but for what finds no room; and now and then where nothing is observed. Errors
 * as track_observe().
 */
int track_settle(struct track *t, int64_t ts_ns, struct track_output *out, bool *more);

struct sensor_facts;

/** track_sensor(t, facts, out): What is wrong with the sensor itself, see rules_sensor.h. -ENOMEM. */
int track_sensor(struct track *t, const struct sensor_facts *facts, struct track_output *out);

/** track_baseline(t, source, ctx): What was accepted is asked of ${source}, when an alert comes up. Both are borrowed. */
void track_baseline(struct track *t, baseline_source *source, void *ctx);

/** track_clock(t): The healthy clock (clock.h); valid as long as ${t}. */
const struct clock *track_clock(const struct track *t);

/**
 * track_observe(t, obs, out):
 * Fold one observation, and say what that changed. Verdicts as in change.h, alerts as in rules.h. 0, or the loader's error:
 * then the observation was not folded. -ENOMEM: it may be folded in part.
 */
int track_observe(struct track *t, const struct obs *obs, struct track_output *out);

/**
 * track_expect(t, obs, count):
 * Those observations, at most TRACK_EXPECTED, are given to track_observe() next. That changes no result, but what is known
 * of them is asked of memory at once, where otherwise each would wait for its own.
 */
void track_expect(struct track *t, const struct obs *const *obs, size_t count);

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

/** track_flush_coverage(t, keep, ctx): The same for intervals of coverage; ${keep} may set row numbers. The last one grows: it comes again
 * under its number. */
int track_flush_coverage(struct track *t, int (*keep)(void *ctx, struct coverage *cover), void *ctx);

/** track_flush_state(t, keep, ctx): The same for what is remembered of the sensor itself: octets under names. */
int track_flush_state(struct track *t, int (*keep)(void *ctx, const char *name, const void *data, size_t len), void *ctx);

/** track_awaits_push(t, address, port): True if new-mail notifications that can be read are registered to go there, in whatever realm, and that
 * has not ended. */
bool track_awaits_push(const struct track *t, const struct addr *address, uint16_t port);

/** track_flush_pushes(t, keeper): The same for rows of new-mail notifications. What ended comes out of track_observe() and the like, in its last state. */
int track_flush_pushes(struct track *t, const struct push_keeper *keeper);

/** track_finish(t, out): The run is over: *${out} has all notifications that are open, as if they ended now. They stay open. -ENOMEM. */
int track_finish(struct track *t, struct track_output *out);

/** track_committed(t): What the last flush handed over is kept for good: it is clean from now on, and may be put out of memory. Follows a flush that succeeded, with nothing observed between. */
void track_committed(struct track *t);

/** track_dirty(t): Mappings that track_flush() would hand over. */
size_t track_dirty(const struct track *t);

/** track_is_filling(t): What a flush would hand over takes three quarters of a bound, of all mappings, of one's episodes or of servers' facts; beyond, observations may find no room;
 * or so many stretches of time have begun since that the coverage of the first would be forgotten. */
bool track_is_filling(const struct track *t);

/** track_stats(t): The counters; valid as long as ${t}. */
const struct track_stats *track_stats(const struct track *t);

#endif
