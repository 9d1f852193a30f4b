/* rows.h - records on their way into the store, many to a statement: a table of SQLite's whose rows
 * lie in this program's memory.
 *
 * A statement for each row opens its tables and walks down each of their trees anew. One that inserts
 * from such a table goes on where its last row went, and takes less than half of the time. */
#ifndef EPMWATCH_STORE_ROWS_H
#define EPMWATCH_STORE_ROWS_H

#include <sqlite3.h>
#include <stddef.h>

struct db;

/* What the rows of a table are like. */
struct rows_kind {
	const char *name;    /* by which statements know it */
	const char *columns; /* as in CREATE TABLE */
	size_t size;         /* bytes of a row */
	/* Give column ${column} of ${row} to ${out}; nothing is NULL. */
	void (*column)(sqlite3_context *out, const void *row, int column);
};

struct rows {
	const struct rows_kind *kind;
	size_t count, room;
	void *row; /* owned: an array of rows */
};

/** rows_init(r, kind, db): An empty table, known to ${db}'s statements. ${kind} and ${r} outlive the
 * connection, until rows_deinit() they stay where they are. ERR_STORE, -ENOMEM. */
int rows_init(struct rows *r, const struct rows_kind *kind, struct db *db);

/** rows_deinit(r): Free what it owns. Zeros are fine. */
void rows_deinit(struct rows *r);

/** rows_add(r): Room for one more row, whose octets are what they were; NULL without memory. Until the
 * next rows_add(). */
void *rows_add(struct rows *r);

/** rows_clear(r): Without rows; its memory is kept for the next ones. */
void rows_clear(struct rows *r);

#endif
