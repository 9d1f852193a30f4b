/* column.h - a row on its way out of a statement, column by column.
 *
 * A store may have been edited, or made, by others: what is out of range, or no address where one
 * should be, reads as zero and marks the row as bad. */
#ifndef EPMWATCH_STORE_COLUMN_H
#define EPMWATCH_STORE_COLUMN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;

struct column_held;

struct column {
	sqlite3_stmt *st;
	int at;                   /* the next column */
	bool bad;                 /* something made no sense, */
	int bad_at;               /* first in this column */
	struct column_held *held; /* texts that had to be cleaned */
};

/** column_init(st): Columns from the first on, of the row that the last step gave. */
struct column column_init(sqlite3_stmt *st);

/** column_is_null(c): True if the next column is NULL; it stays the next. */
bool column_is_null(const struct column *c);

/** column_skip(c, n): Pass over ${n} columns. */
void column_skip(struct column *c, int n);

/** column_refuse(c): The column before the next makes no sense. */
void column_refuse(struct column *c);

/** column_int(c): A number; 0 for NULL. */
int64_t column_int(struct column *c);

/** column_int_or(c, otherwise): A number; ${otherwise} for NULL. */
int64_t column_int_or(struct column *c, int64_t otherwise);

/** column_range(c, max): A number from 0 to ${max}; 0 for NULL. */
uint64_t column_range(struct column *c, uint64_t max);

/** column_u16(c): The same up to 65535. */
uint16_t column_u16(struct column *c);

/** column_text(c): Borrowed until the next step; NULL for NULL, and marked as bad where memory ran
 * out. */
const char *column_text(struct column *c);

/** column_shown(c): The same for people: as base/text.h cleans it, whoever wrote it. It lasts until column_free(), where it
 * had to be cleaned. */
const char *column_shown(struct column *c);

/** column_free(c): Give up what column_shown() made. Again is fine. */
void column_free(struct column *c);

/** column_copy(c, out, size): The text, cleaned likewise and cut to ${size}; an empty string for NULL. */
void column_copy(struct column *c, char *out, size_t size);

/** column_octets(c, out, len): A BLOB of exactly ${len} octets. */
void column_octets(struct column *c, void *out, size_t len);

/** column_addr(c): An address, from text; zeros for NULL. */
struct addr column_addr(struct column *c);

#endif
