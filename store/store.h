/* store.h - the history in SQLite: opening, writing, and reading back by key. The only folder that knows SQLite.
 *
 * Three ways to open: a writer (migrates, WAL, one at a time), a reader (read only; an older schema gets a clear
 * message), and memory. Every row carries sensor and realm. What belongs together is kept in one transaction. */
#ifndef EPMWATCH_STORE_STORE_H
#define EPMWATCH_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct store;
struct mapping;
struct mapping_key;
struct change;
struct alert;
struct addr;
struct server_facts;
struct coverage;
struct session;
struct accepted;
struct hosts;
struct push;
struct push_client;
struct push_registration;

/*
 * Captures in evidence. An index of this run is what store_keep_capture() said; the store keeps its own row for it.
 * What store_load_*() and the queries give back is such an index again if the capture is one of this run, else
 * STORE_CAPTURE_EARLIER plus the store's row, or STORE_CAPTURE_UNKNOWN where no capture was told. All of these may be
 * kept again and then mean what they meant, so evidence of an earlier run stays with its capture.
 */
#define STORE_CAPTURE_EARLIER UINT32_C(0x80000000)
#define STORE_CAPTURE_UNKNOWN UINT32_MAX

enum {
	STORE_SESSIONS = 200000,
	STORE_PUSHES = 200000, /* rows of pushes, of registrations, and of mailbox clients */
};

enum store_mode {
	STORE_WRITER,                    /* creates it where it is not there */
	STORE_READER,
	STORE_MEMORY,                    /* path is not looked at */
};

/**
 * store_open(out, path, mode):
 * Open a store. On failure ${out} is still set where memory allowed, so that store_error() can say what is wrong in one
 * line with the path; close it in any case. ERR_NOT_STORE (some other file, which is left as it was), ERR_NEWER,
 * ERR_OLDER (reader), ERR_BUSY, -ENOENT (reader), -EACCES, -EROFS, -ENOSPC, ERR_STORE.
 */
int store_open(struct store **out, const char *path, enum store_mode mode);

/**
 * store_memory(s, bytes):
 * Take about ${bytes} of memory and no more. Of a store in a file these are pages kept and all that SQLite works with; a
 * store in memory is as large as that at most, and -ENOSPC from then on. Without this call see connect.h.
 */
int store_memory(struct store *s, size_t bytes);

/** store_close(&s): Roll back what was not committed, close and free. NULL is fine. */
void store_close(struct store **s);

/** store_set_hosts(s, hosts) / store_hosts(s): Names for servers that gave themselves none: the `host` of rows. Borrowed as long as the
 * store is open; NULL: none. */
void store_set_hosts(struct store *s, const struct hosts *hosts);
const struct hosts *store_hosts(const struct store *s);

/** store_error(s): One line on the last failure; an empty string where there was none. */
const char *store_error(const struct store *s);

/**
 * store_realm(s, index, sensor, realm):
 * From now on realm ${index} of keys means the realm of that name, as seen by ${sensor}. Needed for each index before
 * its first row or load (else ERR_USAGE); captures and the policy belong to realm 0. Queries need none: their keys have
 * the index of a realm that was named, else 0, and the names beside it. -ENOMEM.
 */
int store_realm(struct store *s, uint8_t index, const char *sensor, const char *realm);

/**
 * store_begin(s) / store_commit(s) / store_rollback(s):
 * One transaction. A commit that fails has been rolled back when it returns. Writing calls outside a transaction are
 * errors of the program. A commit into a file that is not at its path any more, deleted or replaced by another, is
 * ERR_STORE: nobody would find what it wrote. A writing call that fails breaks the transaction: those after it, and the commit, return the
 * same error and write nothing. What was committed before stays, and after store_rollback() the program can go on: the
 * numbers of rows that were rolled back are never given to others, so records that bear them may simply be kept again.
 * A reader's transaction is one view of the store for several queries.
 */
int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);

/**
 * store_keep_mapping(s, m):
 * Write ${m} and those of its episodes that are dirty; sets row numbers that were 0. Endpoints of an episode never
 * change; clients are only added. The dirty marks are left to the caller, who knows when the transaction was committed.
 */
int store_keep_mapping(struct store *s, struct mapping *m);

/** store_keep_change(s, change): Write one verdict. The same id again changes nothing. */
int store_keep_change(struct store *s, const struct change *change);

/** store_keep_alert(s, alert): Write an alert's state after a transition, and the evidence of that transition, once. Of an alert's evidence the first and the newest 63 pieces are kept. */
int store_keep_alert(struct store *s, const struct alert *alert);

/** store_keep_server(s, facts): Write what is known of a server as a whole, of its lists those that are dirty. */
int store_keep_server(struct store *s, const struct server_facts *facts);

/** store_load_server(s, server, realm, out): What is known of that server as a whole: new facts that the caller frees, NULL
 * where the store does not know it. */
int store_load_server(struct store *s, const struct addr *server, uint8_t realm, struct server_facts **out);

/** store_load_mapping(s, key, out): What is known of ${key}: a new mapping that the caller frees, NULL where there is nothing. Of more than 1024 episodes, those alive and the latest. */
int store_load_mapping(struct store *s, const struct mapping_key *key, struct mapping **out);

/** store_load_alert(s, rule, key, out, found): The latest alert of ${rule} on ${key}; *${found} is 0 where there is none. */
int store_load_alert(struct store *s, const char *rule, const struct mapping_key *key, struct alert *out, int *found);

/** store_load_alerts(s, key, each, ctx): Call ${each} for every alert of ${key} that is open, and then for the 64 others that
 * were updated last. A key without a server is the sensor itself. ${each} may load, and stops it by other than 0, which is returned. */
int store_load_alerts(struct store *s, const struct mapping_key *key, int (*each)(void *ctx, const struct alert *alert), void *ctx);

/**
 * store_next_due(s, out) / store_each_due(s, from_ns, each, ctx):
 * What is pending (struct state of mappings and of servers as a whole) in the realms that were named. The earliest due_ns, STATE_NEVER
 * where there is none; and ${each} for every key that is due at ${from_ns} or later, by due_ns, then by key: of a server as a whole
 * the UUID is nil and protseq 0. ${each} may load, but keep nothing; it stops it by other than 0, which is returned. Rows are
 * read as ${each} is called, so stopping early costs nothing.
 */
int store_next_due(struct store *s, int64_t *out);
int store_each_due(struct store *s, int64_t from_ns, int (*each)(void *ctx, const struct mapping_key *key, int64_t due_ns), void *ctx);

/** store_each_key(s, server, realm, each, ctx): Call ${each} for every key of that server that has an episode, by key. It stops it by
 * other than 0, which is returned. */
int store_each_key(struct store *s, const struct addr *server, uint8_t realm, int (*each)(void *ctx, const struct mapping_key *key), void *ctx);

/** store_seen(s, server, realm, out): The latest sight of an endpoint of that server that was announced or used; INT64_MIN: none. */
int store_seen(struct store *s, const struct addr *server, uint8_t realm, int64_t *out);

/** store_keep_state(s, name, data, len): Remember octets under a name, in place of those before; without any it is forgotten. Of
 * realm 0, that is of this sensor. */
int store_keep_state(struct store *s, const char *name, const void *data, size_t len);

/** store_load_state(s, name, data, len): The octets, a copy that the caller frees; NULL and 0 where there are none. */
int store_load_state(struct store *s, const char *name, uint8_t **data, size_t *len);

/** store_keep_coverage(s, c): Write a stretch of time, of realm 0; sets its row if it was 0. */
int store_keep_coverage(struct store *s, struct coverage *c);

/** store_keep_session(s, session): Add to what is kept of that session: its count is added, the span widened, and the client's port and
 * the authentication are those of the later one. At most STORE_SESSIONS rows, those unseen for longest go first. */
int store_keep_session(struct store *s, const struct session *session);

/** store_each_session_at(s, at, each, ctx): Call ${each} for every session of that client, client's port, server, realm and server's port
 * (of ${at} nothing else is looked at). It stops it by other than 0, which is returned. */
int store_each_session_at(struct store *s, const struct session *at, int (*each)(void *ctx, const struct session *x), void *ctx);

/**
 * store_keep_push(s, x) / store_keep_push_registration(s, x) / store_keep_push_client(s, x):
 * Write a flow of new-mail datagrams, a registration, a mailbox client, as they are now: in place of what is kept of the same
 * server, client, port and first time, or of the same server and client. Pushes and registrations that ended go after ninety days,
 * and so do clients; there are at most STORE_PUSHES rows of each, those unseen for longest go first. A final one stays as it is only if nobody keeps it again.
 */
int store_keep_push(struct store *s, const struct push *x);
int store_keep_push_registration(struct store *s, const struct push_registration *x);
int store_keep_push_client(struct store *s, const struct push_client *x);

/** store_each_open_push(s, each, ctx) / store_each_open_registration(s, each, ctx) / store_each_push_client(s, each, ctx): Those of the
 * realms that were named, by realm; pushes and registrations that did not end, by their first time; of clients the 65536 that were
 * seen last. ${each} stops it by other than 0, which is returned; it keeps nothing. */
int store_each_open_push(struct store *s, int (*each)(void *ctx, const struct push *x), void *ctx);
int store_each_open_registration(
    struct store *s, int (*each)(void *ctx, const struct push_registration *x), void *ctx);
int store_each_push_client(
    struct store *s, int (*each)(void *ctx, const struct push_client *x), void *ctx);

/** store_each_mailbox(s, each, ctx): Call ${each} for every endpoint alive of EMSMDB over TCP that was announced or used, in the
 * realms that were named, with the clients that are told apart of those that were used. It stops it by other than 0, which is returned. -ENOMEM. */
int store_each_mailbox(struct store *s,
    int (*each)(void *ctx, const struct addr *server, uint8_t realm, uint16_t port,
	size_t client_count, const struct addr *clients),
    void *ctx);

/** store_keep_accepted(s, a): Write what was accepted, in place of what was for the same key, endpoint and id. */
int store_keep_accepted(struct store *s, const struct accepted *a);

/** store_drop_accepted(s, key): Forget all that was accepted of ${key}; NULL: of everything, and what store_accept_whole() did. */
int store_drop_accepted(struct store *s, const struct mapping_key *key);

/** store_accept_whole(s, accepted_ns, reason): All changes and alerts that are there, of every sensor and realm, are accepted; ${reason}
 * NULL: none. */
int store_accept_whole(struct store *s, int64_t accepted_ns, const char *reason);

/** store_each_endpoint(s, each, ctx): Call ${each} for every endpoint alive that is a TCP port, of HTTP, too: what the dissector may know beforehand. */
int store_each_endpoint(struct store *s, void (*each)(void *ctx, const struct addr *server, uint16_t port), void *ctx);

/* A capture as the store knows it. */
struct store_capture {
	int64_t row;                     /* 0 until the store has it */
	const char *name;                /* as given on the command line, the first time */
	uint32_t link;                   /* enum link */
	uint8_t first_record[HASH_DIGEST];
	uint8_t digest[HASH_DIGEST];     /* of its first `bytes` bytes */
	uint64_t bytes, frames;          /* done: what lies before is folded */
	int64_t first_ns, last_ns;       /* of its packets so far */
	uint64_t damaged;                /* byte where it broke, 0 where it did not */
};

/**
 * store_find_captures(s, link, first_record, each, ctx):
 * Call ${each} for every capture of realm 0 that begins like this one, the one with the most bytes first, until it
 * returns true. Another sensor's reading, or another realm's, of the same capture is a capture of its own.
 */
int store_find_captures(struct store *s, uint32_t link, const uint8_t first_record[HASH_DIGEST],
    bool (*each)(void *ctx, const struct store_capture *known), void *ctx);

/** store_keep_capture(s, index, capture): Write how far it has been read; sets its row if it was 0. From now on evidence with capture ${index} means this one. Indices go up to 2^20. */
int store_keep_capture(struct store *s, uint32_t index, struct store_capture *capture);

/** store_keep_policy(s, name, text): Remember the policy last used, for list and report, and with it hash_id() of its text. */
int store_keep_policy(struct store *s, const char *name, const char *text);

#endif
