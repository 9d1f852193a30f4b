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

/* Both ways to the tables of today. */
struct schema {
	const struct schema_step *step; /* by version, never changed once released: what is new is a new step */
	size_t count;
	const char *tables; /* what all steps together lead to; NULL: nobody wrote it down */
	const char *face;   /* words and views, made anew after either; without effect where they are there */
};

/** schema_today(): That of this program. Static storage. */
const struct schema *schema_today(void);

/** schema_version(): The version that the last step leads to. */
int schema_version(void);

/**
 * schema_migrate(db, schema):
 * Bring ${db} up to date, in one transaction: a new one is made at once, an old one takes the steps that it has not taken. On
 * a failure the store is left as it was.
 */
int schema_migrate(struct db *db, const struct schema *schema);

#endif
