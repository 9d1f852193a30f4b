/* known.h - whether the store can know a key at all, so that what is certainly new needs no look-up.
 *
 * A Bloom filter over all keys of the history: it says `certainly not there` or `maybe`, and never
 * errs in the first. It is filled with what a store holds once the look-ups that found nothing would
 * have paid for that; until then everything is a maybe. A store has one writer, so what is in the
 * filter from then on is what this process kept. A reader's filter knows nothing: maybe. */
#ifndef EPMWATCH_STORE_KNOWN_H
#define EPMWATCH_STORE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping_key;
struct store;

struct known {
	uint64_t *word; /* owned; NULL: there is none, and everything is a maybe */
	size_t mask;    /* of blocks */
	uint64_t secret;
	bool filled;
	uint64_t in_vain; /* look-ups that found nothing */
};

/* What stands for a rule, where any alert of a key is meant. */
#define KNOWN_ALERT "alert"
/* The same, but those of this process only if the filter was filled after they were kept. */
#define KNOWN_OLDER "older"

/* Stands for a rule, too, with a key of a server as a whole: there is a row of it. */
#define KNOWN_SERVER "server"

enum {
	KNOWN_BYTES = 1 << 21 /* two bytes for each of a million keys: one maybe in a thousand errs */
};

/** known_init(k, secret) / known_deinit(k): Nothing is known. -ENOMEM. Zeros can be deinitialized. */
int known_init(struct known *k, uint64_t secret);
void known_deinit(struct known *k);

/**
 * known_maybe(s, scope, key, rule):
 * False if the store certainly has no episode of ${key}, which has a server and an interface, and nothing pending; or, with KNOWN_ALERT or
 * KNOWN_OLDER as ${rule}, no alert on ${key}, which has a server; or, with KNOWN_SERVER, no such server. Fills the filter when that pays.
 */
bool known_maybe(
    struct store *s, int64_t scope, const struct mapping_key *key, const char *rule);

/** known_note(s, scope, key, rule): From now on there may be such a row. */
void known_note(struct store *s, int64_t scope, const struct mapping_key *key, const char *rule);

/** known_maybe_id(s, id) / known_note_id(s, id): The same for ids of changes and alerts that this process kept;
 * what a store had before is not in it. */
bool known_maybe_id(const struct store *s, const char *id);
void known_note_id(struct store *s, const char *id);

/** known_missed(s): A look-up found nothing. */
void known_missed(struct store *s);

#endif
