/* moments.h - what several changes of one server have in common: when they can have happened.
 *
 * A change happened between the last sight of the old and the first sight of the new endpoint. Where the intervals of enough
 * replacements (moved, returned; threshold restart-members) share a moment, that was a restart: one row with members. So a
 * replacement that settles is not told at once but held, and told alone only if its time comes and there is no restart that claims it.
 * One that has to be told at once (pinned, or what it came to breaks a rule) is told, and counts. What is found later joins the
 * row for MOMENTS_JOIN_NS, and rows told meanwhile are revised.
 *
 * What vanishes is held for a day, too, if nothing else of the server was seen since: where all of it vanishes, that is one row.
 *
 * At most MOMENTS_KEPT changes and MOMENTS_RESTARTS restarts of a server are remembered, the oldest go first; what was not told by then, is. */
#ifndef EPMWATCH_TRACK_MOMENTS_H
#define EPMWATCH_TRACK_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct clock;
struct octets;
struct thresholds;

#define MOMENTS_JOIN_NS (INT64_C(7) * 86400 * 1000000000)
#define MOMENTS_DAY_NS (INT64_C(86400) * 1000000000)

enum {
	MOMENTS_KEPT = 256,
	MOMENTS_RESTARTS = 8,
	MOMENTS_MEMBERS = 512, /* of one restart */
	MOMENTS_SET =
	    64, /* endpoints of a set that are kept; of a larger one the rest is not shown */
};

/* A change, for longer than the observation that caused it. */
struct moment {
	struct change change;  /* its sets are those below; it lends nothing else */
	struct endpoint *sets; /* owned: previous, then current; NULL where both are empty */
	int64_t due;           /* the reading at which it is judged or, where it was, forgotten */
	bool told, own;        /* it has a row; and keeps it, whatever claims it */
	bool judged;
};

struct restart {
	char id[HASH_ID_TEXT]; /* of the latest row */
	uint32_t rows;
	int64_t from_ns, to_ns; /* when it was */
	int64_t first_ns;       /* the first evidence of the first row */
	int64_t due;            /* the reading from which nothing joins it */
	size_t count;
	struct moment *member; /* owned; by key */
};

struct moments {
	struct moment *item; /* owned; by when they came */
	size_t count;
	struct restart *restart; /* owned; likewise */
	size_t restarts;
	bool dirty; /* something here changed since it was encoded */
};

/* What judging needs; borrowed for the time of a call. */
struct moments_room {
	const struct thresholds *thresholds;
	const struct clock *clock;
	struct mapping_key server; /* UUID nil, protseq 0 */
	uint64_t realm;            /* ident_realm() */
	int64_t now_ns, reading;
	uint64_t crowded; /* added to: what had to be forgotten or told for want of room */
	int (*tell)(void *ctx, const struct change *change);
	/* The reading at which anything of the server was seen last; INT64_MIN: never. */
	int (*seen)(void *ctx, const struct mapping_key *server, int64_t *seen_at);
	void *ctx;
};

/** moments_free(m): Free all; zeros are none. */
void moments_free(struct moments *m);

/** moments_bytes(m): Memory that hangs on it. */
size_t moments_bytes(const struct moments *m);

/**
 * moments_take(m, room, change, own):
 * A change of one key settled. A replacement is held, or told at once if it is its ${own}; a `vanished` is held or told; others are told, and
 * forgotten. What was held of the same key is told before. What tell() said; -ENOMEM.
 */
int moments_take(
    struct moments *m, struct moments_room *room, const struct change *change, bool own);

/** moments_was_told(m, id): Whether there is a row of that id: not if a restart claimed it before. True if nothing is known of it. */
bool moments_was_told(const struct moments *m, const char *id);

/** moments_due(m): The reading at which there is something to do; STATE_NEVER: never. */
int64_t moments_due(const struct moments *m);

/** moments_ripe(m, room): Do what is due at room->reading. What tell() said; -ENOMEM. */
int moments_ripe(struct moments *m, struct moments_room *room);

/** moments_encode(m, notes, notes_len, out): The state of the server as octets, with what the rules remember of it. */
void moments_encode(
    const struct moments *m, const uint8_t *notes, size_t notes_len, struct octets *out);

/** moments_decode(m, server, data, len, notes, notes_len): Read it into ${m}, which is empty. False, with nothing in it, where it is damaged or
 * memory is short. The notes are borrowed from ${data}. */
bool moments_decode(struct moments *m, const struct mapping_key *server, const uint8_t *data,
    size_t len, const uint8_t **notes, size_t *notes_len);

/** moments_read(state, server, each, ctx): Call ${each} for what is held of a server, and when it will be told at the latest (a reading),
 * for readers. ERR_MALFORMED where the state is damaged; otherwise what ${each} said. */
int moments_read(const struct state *state, const struct mapping_key *server,
    int (*each)(void *ctx, const struct change *held, int64_t due), void *ctx);

#endif
