/* give.h - values on their way into a row of rows.h. Where nothing is given the column is NULL. */
#ifndef EPMWATCH_STORE_GIVE_H
#define EPMWATCH_STORE_GIVE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

struct addr;

/** give_int / give_count: A number; a count, at most INT64_MAX. */
static inline void
give_int(sqlite3_context *out, int64_t v)
{
	sqlite3_result_int64(out, v);
}

static inline void
give_count(sqlite3_context *out, uint64_t v)
{
	sqlite3_result_int64(out, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

/** give_nonzero(out, v): A number for which 0 means none. */
static inline void
give_nonzero(sqlite3_context *out, int64_t v)
{
	if (v != 0)
		sqlite3_result_int64(out, v);
}

/** give_other(out, v, usual): A number, where it is not what NULL stands for. */
static inline void
give_other(sqlite3_context *out, int64_t v, int64_t usual)
{
	if (v != usual)
		sqlite3_result_int64(out, v);
}

/** give_text(out, text, len): Text that stays where it is until the statement ends. */
static inline void
give_text(sqlite3_context *out, const char *text, size_t len)
{
	sqlite3_result_text64(out, text, len, SQLITE_STATIC, SQLITE_UTF8);
}

/** give_string / give_word: The same up to a NUL; an empty word is none. */
void give_string(sqlite3_context *out, const char *text);
void give_word(sqlite3_context *out, const char *text);

/** give_addr(out, a): An address as text. */
void give_addr(sqlite3_context *out, const struct addr *a);

#endif
