/* servers.h - what is known of servers beside their endpoints: what they are called, how much of their
 * talk could not be read, and where they send clients. Found by realm and address, bounded in number
 * and bytes, put out when cold.
 *
 * The newest name that a server gives itself is its host name; the one before becomes an alias, beside
 * the other names and addresses that were told. Time is packet time, and within a minute a name that is
 * told again counts as told once, so that a busy server costs a write a minute. Names compare without
 * regard to case, as DNS and NetBIOS do. Where there are SERVER_ALIASES, the one that was told longest ago goes;
 * where there are SERVER_REFERRALS, no further one is taken.
 *
 * What changed is dirty, and stays until it was kept for good. Without somewhere to read it back from,
 * nothing is put out. What finds no room is refused and counted. A run adds at most so many servers and
 * bytes, so that forged names cannot fill the store; sealed calls are counted beyond that. */
#ifndef EPMWATCH_TRACK_SERVERS_H
#define EPMWATCH_TRACK_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "track/agenda.h"
#include "track/moments.h"
#include "track/records.h"

struct dossier;
struct obs;
struct track_limits;
struct track_loader;

/* One server. */
struct servers_entry {
	struct server_facts facts;   /* its `dirty` says in which list it stands */
	struct mapping_key key;      /* of the server as a whole: UUID nil, protseq 0 */
	struct moments moments;      /* what its changes have in common */
	struct dossier *dossier;     /* owned; what the rules know of it; mostly NULL */
	struct agenda_item due;
	struct servers_entry *next;  /* in its bucket */
	TAILQ_ENTRY(servers_entry) place;
	size_t bytes;                /* with what hangs on it, as counted last */
};

TAILQ_HEAD(servers_queue, servers_entry);

struct servers {
	struct servers_entry **bucket; /* owned */
	uint64_t secret;
	struct servers_queue clean, dirty; /* the coldest first; by when they became it */
	size_t bytes, bytes_max;
	size_t dirty_bytes;
	size_t made, made_max;             /* servers of which nothing was known before */
	size_t grown, grown_max;           /* bytes that came to be known */
	uint64_t refused;                  /* facts */
	const struct track_loader *loader; /* borrowed; NULL: nothing is known beforehand */
	struct agenda *agenda;             /* borrowed: what is due of them */
	int64_t *store_due;                /* borrowed: lowered to when what is put out is due */
	uint64_t damaged;                  /* states that could not be read */
	bool flushed;                      /* and nothing was taken since */
};

/** servers_init(s, limits, loader, agenda) / servers_deinit(s): An empty table; ${loader}, ${agenda} and ${store_due} are borrowed. -ENOMEM. */
int servers_init(struct servers *s, const struct track_limits *limits,
    const struct track_loader *loader, struct agenda *agenda, int64_t *store_due);
void servers_deinit(struct servers *s);

/** servers_take(s, obs): Fold what ${obs} says of its server as a whole; nothing where it says nothing
 * such. The loader's error, then it was not folded. -ENOMEM: it may be folded in part. */
int servers_take(struct servers *s, const struct obs *obs);

/** servers_begin(s): What counts as new is counted anew, as in census.h. */
void servers_begin(struct servers *s);

/** servers_place(s, key, out): The server of ${key}, loaded or made where it is not in memory; NULL where there is no room for it. It stays
 * until the next call for another server. -ENOMEM; the loader's error. */
int servers_place(
    struct servers *s, const struct mapping_key *key, struct servers_entry **out);

/** servers_has(s, key): It is in memory. */
bool servers_has(const struct servers *s, const struct mapping_key *key);

/** servers_touch(s, e): Its moments or its dossier may have changed: it is due when they say so, ${rules_due} included, and it is kept. */
void servers_touch(struct servers *s, struct servers_entry *e, int64_t rules_due);

/** servers_flush(s, keep, ctx): As track_flush_servers(). */
int servers_flush(
    struct servers *s, int (*keep)(void *ctx, const struct server_facts *f), void *ctx);

/** servers_settle(s): What the last flush handed over is clean from now on; nothing where none was. */
void servers_settle(struct servers *s);

/** servers_filling(s): What a flush would hand over takes three quarters of the bytes. */
bool servers_filling(const struct servers *s);

#endif
