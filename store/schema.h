/* schema.h - the tables of a store, as numbered steps that each store has taken up to some number.
 */
#ifndef EPMWATCH_STORE_SCHEMA_H
#define EPMWATCH_STORE_SCHEMA_H

#include <stddef.h>

struct db;

/* "EPMW": how a store says that it is one, at octet 68 of the file. */
#define SCHEMA_APPLICATION_ID 0x45504d57

struct schema_step {
	int version; /* PRAGMA user_version once it has been taken */
	const char *sql;
};

/** schema_steps(count): All steps, by version. Never changed once released: what is new is a new
 * step. */
const struct schema_step *schema_steps(size_t *count);

/** schema_version(): The version that the last step leads to. */
int schema_version(void);

/**
 * schema_migrate(db, steps, count):
 * Take the steps that ${db} has not taken yet, all in one transaction: each of its own would cost a new store several
 * syncs. If one fails the store is left as it was.
 */
int schema_migrate(struct db *db, const struct schema_step *steps, size_t count);

#endif
