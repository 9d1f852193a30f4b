/* param.h - values on their way into a statement, in the order of its parameters. The first failure
 * sticks. */
#ifndef EPMWATCH_STORE_PARAM_H
#define EPMWATCH_STORE_PARAM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;

struct param {
	sqlite3_stmt *st;
	int at; /* the last parameter that was given */
	int rc; /* SQLITE_OK, or the first failure */
};

/** param_init(st): Parameters from 1 on. */
struct param param_init(sqlite3_stmt *st);

/** param_int / param_count / param_null: A number; a count, at most INT64_MAX; NULL. */
void param_int(struct param *p, int64_t v);
void param_count(struct param *p, uint64_t v);
void param_null(struct param *p);

/** param_nonzero(p, v): A number for which 0 means none, so NULL. */
void param_nonzero(struct param *p, int64_t v);

/** param_unless(p, usual, v): A number; NULL where it is the usual one. */
void param_unless(struct param *p, bool usual, int64_t v);

/** param_text(p, text, max): Text up to its NUL, at most ${max} bytes; NULL where ${text} is. */
void param_text(struct param *p, const char *text, size_t max);

/** param_word(p, text, max): The same, but NULL for an empty one. */
void param_word(struct param *p, const char *text, size_t max);

/** param_octets(p, data, len): A BLOB; NULL where ${data} is. */
void param_octets(struct param *p, const void *data, size_t len);

/** param_addr(p, a): An address, as text. */
void param_addr(struct param *p, const struct addr *a);

#endif
