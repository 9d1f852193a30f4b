/* incoming.h - what was kept in this transaction and is not in SQLite's tables yet: rows of each kind,
 * until there are enough for one statement.
 *
 * Whoever reads such rows within the transaction has them written first, by incoming_settle(), or by incoming_settle_of() if there
 * may be some of the key that it reads; a commit does. Memory: INCOMING_BYTES for each kind, for the sets of changes, and for the
 * octets of what is pending; 8 KiB of marks for each group. */
#ifndef EPMWATCH_STORE_INCOMING_H
#define EPMWATCH_STORE_INCOMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/rows.h"

struct addr;
struct alert;
struct change;
struct db;
struct episode;
struct session;
struct state;
struct key_rows;
struct store;

enum {
	INCOMING_BYTES = 1 << 19,
	INCOMING_MARKS = 1024, /* words of 64 keys each */
};

/* What is read back by key, each with its own rows. */
enum incoming_group {
	INCOMING_EPISODES,
	INCOMING_CLIENTS,
	INCOMING_ALERTS,
	INCOMING_PENDING,
	INCOMING_GROUPS
};

struct incoming {
	struct rows fresh, other, maybe; /* episodes; see incoming_rows.h */
	struct rows client, change, member, alert, pending, session;
	/* Numbers reserved for new episodes: those of other ones follow those of fresh ones, so that
	 * each comes at the end of the table, although two statements write them. */
	int64_t fresh_next, fresh_end, other_next, other_end;
	char *set; /* owned: the texts of the sets and lists of changes */
	size_t set_len, set_room;
	uint8_t *octets; /* owned: those of what is pending */
	size_t octets_len, octets_room;
	bool dropping; /* something is not pending any more */
	/* A bit for the hash of each key that has rows of that group here. */
	uint64_t mark[INCOMING_GROUPS][INCOMING_MARKS];
};

/** incoming_init(in, db) / incoming_deinit(in): Nothing has come in. ERR_STORE, -ENOMEM. Zeros can be
 * deinitialized. */
int incoming_init(struct incoming *in, struct db *db);
void incoming_deinit(struct incoming *in);

/** incoming_client_is_first(e): True if the only client of ${e} is that of its first sight, which then
 * needs no row of its own. */
bool incoming_client_is_first(const struct episode *e);

/* How the store has an episode. */
enum incoming_state {
	INCOMING_NEW,   /* not yet */
	INCOMING_MAYBE, /* unless a rollback took it */
	INCOMING_THERE, /* but for what its dirty marks say */
};

/**
 * incoming_episode(s, key, e, state) / incoming_client(s, key, episode, client) / incoming_change(s, key,
 * row, change) / incoming_alert(s, key, row, alert) / incoming_pending(s, key, state) / incoming_session(s, key, session):
 * Take a copy. A new episode gets its number; a change's and an alert's ${row} was given to nothing
 * else. -ENOMEM, or what writing those that came before returned.
 */
int incoming_episode(
    struct store *s, const struct key_rows *key, struct episode *e, enum incoming_state state);
int incoming_client(struct store *s, const struct key_rows *key, int64_t episode, const struct addr *client);
int incoming_change(
    struct store *s, const struct key_rows *key, int64_t row, const struct change *change);
int incoming_alert(
    struct store *s, const struct key_rows *key, int64_t row, const struct alert *alert);
int incoming_pending(struct store *s, const struct key_rows *key, const struct state *state);
int incoming_session(struct store *s, const struct key_rows *key, const struct session *session);

/** incoming_has_alert(in, row): True if the alert of that number has come in and is not written yet. */
bool incoming_has_alert(const struct incoming *in, int64_t row);

/** incoming_settle(s) / incoming_settle_changes(s) / incoming_settle_alerts(s) / incoming_settle_pending(s) /
 * incoming_settle_sessions(s): Write all, or all of a
 * kind, into SQLite's tables. 0 outside a transaction, where nothing comes in. */
int incoming_settle(struct store *s);
int incoming_settle_changes(struct store *s);
int incoming_settle_alerts(struct store *s);
int incoming_settle_pending(struct store *s);
int incoming_settle_sessions(struct store *s);

/** incoming_settle_of(s, key, group): Write all of ${group}, if anything of it may be of the server and interface of ${key}. */
int incoming_settle_of(struct store *s, const struct key_rows *key, enum incoming_group group);

/** incoming_committed(s): Numbers that were reserved and not given to anything are free again. */
void incoming_committed(struct store *s);

/** incoming_drop(in): Forget what was not written. */
void incoming_drop(struct incoming *in);

#endif
