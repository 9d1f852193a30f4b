/* upkeep.h - a store as a whole: is it sound, what of it may go, how two become one, and all of it in plain rows. */
#ifndef EPMWATCH_STORE_UPKEEP_H
#define EPMWATCH_STORE_UPKEEP_H

#include <stddef.h>
#include <stdint.h>

struct store;

/** upkeep_check(s, wrong, ctx): Look at every page and every row, and call ${wrong} with one line for each kind of thing that is not as it
 * has to be. 0 even then; ERR_STORE where the store cannot be read at all. */
int upkeep_check(struct store *s, void (*wrong)(void *ctx, const char *what), void *ctx);

/* How long things stay, in nanoseconds of packet time. */
struct upkeep_ages {
	int64_t now_ns;   /* back from then; 0: from the latest time that is covered */
	int64_t sessions; /* that were not seen since */
	int64_t keys;     /* unseen for so long, with all that belongs to them */
	int64_t pushes;   /* and registrations, that ended, and clients, that were not seen since */
};

struct upkeep_pruned {
	int64_t sessions, keys, episodes, changes, alerts, servers, pushes; /* rows that went */
};

/** upkeep_prune(s, ages, out): Of a writer, in one transaction. What stands, an open alert, stays with its key. */
int upkeep_prune(struct store *s, const struct upkeep_ages *ages, struct upkeep_pruned *out);

/** upkeep_vacuum(s, bytes): Give free pages back to the file system; *${bytes} became free. Of a writer. */
int upkeep_vacuum(struct store *s, int64_t *bytes);

struct upkeep_merged {
	int64_t episodes, changes, alerts; /* rows that came in */
	int64_t same; /* changes that ${s} had already, from this or another sensor */
};

/**
 * upkeep_merge(s, path, skew_ns, out):
 * Take in all of the store at ${path}, in one transaction. Rows keep their sensor and realm, and two realms are never mixed. Two changes
 * are one where realm, key, kind and current set are equal and their intervals, widened by ${skew_ns}, overlap: the one that
 * is there stays. Doing it twice is doing it once. What the store at ${path} has pending goes on only where ${s} does not
 * know its sensor and realm. ${s} is a writer that keeps nothing else afterwards: it does not know the new numbers. The error, of
 * either store, is store_error(s)'s.
 */
int upkeep_merge(struct store *s, const char *path, int64_t skew_ns, struct upkeep_merged *out);

/** upkeep_disjoint(s, each, ctx): Call ${each} with one line for each server that two sensors of a realm place on disjoint ports at the same
 * time. */
int upkeep_disjoint(struct store *s, void (*each)(void *ctx, const char *text), void *ctx);

enum upkeep_kind {
	UPKEEP_NULL,
	UPKEEP_NUMBER,
	UPKEEP_TEXT,
	UPKEEP_OCTETS,
};

struct upkeep_value {
	const char *name; /* of the column */
	enum upkeep_kind kind;
	int64_t number;
	const char *text; /* with a NUL; borrowed */
	const uint8_t *octets;
	size_t len; /* of octets */
};

/** upkeep_export(s, row, ctx): Call ${row} for every row of every table, in the order of schema_now.c and of row numbers. It stops it by
 * other than 0, which is returned. */
int upkeep_export(struct store *s,
    int (*row)(void *ctx, const char *table, const struct upkeep_value *value, size_t count),
    void *ctx);

#endif
