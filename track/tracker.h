/* tracker.h - the inside of a tracker, for its parts: track.c the front, tracker.c fetching, tracker_tell.c what is told,
 * tracker_due.c what time brings, tracker_keep.c what lasts. */
#ifndef EPMWATCH_TRACK_TRACKER_H
#define EPMWATCH_TRACK_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/agenda.h"
#include "track/census.h"
#include "track/change.h"
#include "track/clock.h"
#include "track/hot.h"
#include "track/intruders.h"
#include "track/lookups.h"
#include "track/output.h"
#include "track/pending.h"
#include "track/policy.h"
#include "track/push.h"
#include "track/rules.h"
#include "track/servers.h"
#include "track/sighting.h"
#include "track/track.h"

/* Where the sightings of one key go. */
struct place {
	struct group group;
	struct hot *hot; /* pinned; NULL: nothing is known of the key */
	bool refused;    /* it is known, and memory has no room for it */
};

enum {
	TRACKER_SLICE = 64 /* keys that are asked of the store at a time */
};

/* What the store has and memory had not when it was asked: the first of it, in order, from which the next is taken as its time comes. */
struct tracker_slice {
	size_t count, taken;
	int64_t end; /* nothing else that the store had then is due before; STATE_NEVER: there is nothing else */
	struct {
		struct mapping_key key;
		int64_t due;
	} at[TRACKER_SLICE];
};

struct track {
	struct track_limits limits;
	const struct policy *policy;       /* borrowed */
	const struct track_loader *loader; /* borrowed; NULL: nothing is known beforehand */
	struct hot_table hot;
	struct census census;
	struct servers servers;
	struct agenda agenda;          /* what is due of all that is in memory */
	int64_t store_due;             /* what was put out of memory since the slice was read is not due before */
	struct tracker_slice slice;
	struct mapping_key nobody;     /* of the sensor */
	uint64_t realm[UINT8_MAX + 1]; /* ident_realm() of each */
	struct clock clock;
	int64_t now_ns,
	    reading; /* of the observation: packet time, and what the clock shows then */
	struct lookups lookups;
	struct rules rules;
	struct pushes pushes;
	struct intruders intruders;
	struct agenda_item sensor; /* what is due of rules and notifications beside mappings and servers */
	struct change_room room;   /* its sets are owned */
	size_t set_room;           /* endpoints that fit into each */
	struct output output;
	struct track_stats stats;
	struct pending blank; /* what is pending of a key of which nothing is */
	bool told;            /* of packets: the clock needs no observations */
	bool flushed;         /* and nothing was observed since */
	bool
	    crowded; /* a mapping holds so many episodes that only a commit makes room for others */
	size_t place_count;
	struct place place[SIGHTINGS_MAX];
	struct sightings seen;
};

/** tracker_sets(t, count): Room for sets of ${count} endpoints. -ENOMEM. */
int tracker_sets(struct track *t, size_t count);

/** tracker_fetch(t, key, hot, refused): What is known of ${key}, pinned; NULL where nothing is, or where there is no room for it: then
 * *${refused}. The loader's error; -ENOMEM. */
int tracker_fetch(struct track *t, const struct mapping_key *key, struct hot **hot, bool *refused);

/** tracker_pending(t, h): What is pending of it, to be changed; to be followed by tracker_keep_pending(), before anything else is pending.
 * -ENOMEM. */
struct pending *tracker_pending(struct track *t, struct hot *h);
int tracker_keep_pending(struct track *t, struct hot *h);

/** tracker_forget_pending(t): What was handed out is not kept, because something failed: it shall be pending of nothing else. */
void tracker_forget_pending(struct track *t);

/** tracker_stirred(t, h): What is pending of it, or what the rules know, may have changed: it is due when they say so. */
void tracker_stirred(struct track *t, struct hot *h);

/** tracker_begin(t, key, now_ns, reading): What is judged from now on is of ${key}, and at that time. */
void tracker_begin(struct track *t, const struct mapping_key *key, int64_t now_ns, int64_t reading);

/** tracker_conclude(t, h, c): ${c} settled: it is told, or held (moments.h). c->id becomes empty where it is not told now. */
int tracker_conclude(struct track *t, struct hot *h, struct change *c);

/** tracker_conclude_server(t, e): What is due of a server as a whole. */
int tracker_conclude_server(struct track *t, struct servers_entry *e);

/** tracker_next_due(t): Nothing is due before that reading, be it in memory or not; it may be that nothing is due then either. */
int64_t tracker_next_due(const struct track *t);

/** tracker_settle(t, reading, most, more): Judge what is due up to ${reading}, at most ${most}. */
int tracker_settle(struct track *t, int64_t reading, size_t most, bool *more);

/** tracker_fold(t, h, g): What the sightings ${g} change of a key that is in memory, and what the rules say. */
int tracker_fold(struct track *t, struct hot *h, const struct group *g);

/** tracker_absent(t): What was read is complete: so it says of the keys that it covers and does not name that they are not there. */
int tracker_absent(struct track *t);

/** tracker_count_set(m): How many endpoints ${m} has that are alive and proven. */
size_t tracker_count_set(const struct mapping *m);

/** tracker_sensor_stirred(t): What is due of the sensor may have changed. */
void tracker_sensor_stirred(struct track *t);

/** tracker_answers(t, server, realm, port, out): Whether the history has an endpoint there that is alive, over TCP. The loader's error; -ENOMEM. */
int tracker_answers(void *t, const struct addr *server, uint8_t realm, uint16_t port, bool *out);

/** tracker_load(t): What is remembered of the sensor itself, once. */
int tracker_load(struct track *t);

#endif
