/* dossier.h - what the rules know of one mapping, or of one server as a whole: its alerts in their latest state, and what they
 * remember beside that.
 *
 * A mapping that nothing was ever said of has none: NULL. What is said of occurrences, which is nearly all, is kept packed, in a
 * quarter of what an alert takes while it is worked with. Alerts are the store's, which gives back those that are open and the
 * latest of the others; what is remembered beside them goes into the state of the mapping or server, as octets. Which of both
 * is loaded first does not matter. */
#ifndef EPMWATCH_TRACK_DOSSIER_H
#define EPMWATCH_TRACK_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct octets;

enum {
	DOSSIER_ENTRIES = 48, /* alerts of one dossier; of occurrences the oldest go first */
};

/* One alert. */
struct dossier_entry {
	struct alert alert; /* state 0: it was never opened, or was not loaded so far */
	int64_t wrong_ns;   /* while it is open: what is wrong was seen last */
	int64_t right_ns;   /* ... and what is right first since; 0: not yet */
};

struct dossier {
	size_t count;
	struct dossier_entry *entry; /* owned; in no order */
	uint8_t *packed;             /* owned: those of occurrences; dossier.c knows how they are written */
	uint32_t packed_count, packed_len;
	int64_t denied_ns;           /* the server said that the interface is not there, for the first time since it was; 0: no */
	int64_t born_ns;             /* of a server: when its first interface was seen; 0: nobody knows */
	bool dirty;                  /* what dossier_encode() writes has changed */
};

/** dossier_make(d): *d, made if it was NULL. NULL without memory. */
struct dossier *dossier_make(struct dossier **d);

/** dossier_free(&d): NULL is fine. */
void dossier_free(struct dossier **d);

/** dossier_bytes(d): Memory that it takes, malloc's own included; 0 for NULL. */
size_t dossier_bytes(const struct dossier *d);

/** dossier_find(d, rule, about): The entry, also one whose alert is closed, unpacked; NULL where there is none. Valid until the next
 * call but dossier_bytes() and the like. ${d} may be NULL. */
struct dossier_entry *dossier_find(struct dossier *d, const char *rule, const char *about);

/** dossier_take(d, rule, about): The same, made where it is not there, with nothing in it but those. NULL without memory, or where
 * DOSSIER_ENTRIES are open. */
struct dossier_entry *dossier_take(struct dossier *d, const char *rule, const char *about);

/** dossier_add(&d, a): ${a} was kept earlier: it is the latest state of its alert. -ENOMEM. */
int dossier_add(struct dossier **d, const struct alert *a);

/** dossier_pack(d) / dossier_unpack(d): Make the alerts of occurrences small, or entries again; NULL is fine. Without memory they
 * stay as they are. */
void dossier_pack(struct dossier *d);
void dossier_unpack(struct dossier *d);

/** dossier_is_dirty(d) / dossier_settle(d): What dossier_encode() writes has changed; it was kept. NULL is clean. */
bool dossier_is_dirty(const struct dossier *d);
void dossier_settle(struct dossier *d);

/** dossier_has_memory(d): dossier_encode() has anything to write. */
bool dossier_has_memory(const struct dossier *d);

/** dossier_encode(d, out): Append what is remembered beside the alerts; nothing for NULL. */
void dossier_encode(const struct dossier *d, struct octets *out);

/** dossier_decode(&d, data, len): Take it over. -ENOMEM; ERR_MALFORMED where the octets are damaged: then what is left of it counts. */
int dossier_decode(struct dossier **d, const uint8_t *data, size_t len);

#endif
