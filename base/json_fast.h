/* json_fast.h - the same as json.h, in line, for what is written with every packet that tells something: a key is a literal, so that its
 * quotes and its length are the compiler's business, and a short copy is a few moves. Elsewhere it would make the program
 * larger, and nothing faster. */
#ifndef EPMWATCH_BASE_JSON_FAST_H
#define EPMWATCH_BASE_JSON_FAST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"

/* The comma, where one is due: what comes next overwrites it otherwise. */
static inline char *
json_fast_comma(const struct json *j, char *p)
{
	*p = ',';
	return p + j->follows;
}

/** json_fast_member(j, text, len): json_members() of at least one: with none no comma is due. */
static inline void
json_fast_member(struct json *j, const char *text, size_t len)
{
	char *p = json_room(j, len + 1);

	if (p == NULL)
		return;
	p = json_fast_comma(j, p);
	memcpy(p, text, len);
	json_wrote(j, p + len);
}

static inline void
json_fast_begin(struct json *j, const char *text, size_t len)
{
	json_fast_member(j, text, len);
	j->follows = false;
}

static inline void
json_fast_plain(struct json *j, const char *key, size_t key_len, const char *s, size_t len)
{
	char *p = json_room(j, key_len + len + 2);

	if (p == NULL)
		return;
	p = json_fast_comma(j, p);
	memcpy(p, key, key_len);
	p = json_put(p + key_len, s, len);
	*p++ = '"';
	json_wrote(j, p);
}

static inline void
json_fast_string(struct json *j, const char *key, size_t key_len, const char *s)
{
	json_fast_plain(j, key, key_len, s, strlen(s));
}

static inline void
json_fast_count(struct json *j, const char *key, size_t key_len, uint64_t n)
{
	char *p = json_room(j, key_len + JSON_NUMBER + 1);

	if (p == NULL)
		return;
	p = json_fast_comma(j, p);
	memcpy(p, key, key_len);
	json_wrote(j, json_put_number(p + key_len, n > INT64_MAX ? INT64_MAX : n));
}

static inline void
json_fast_end(struct json *j, const char *brackets, size_t len)
{
	char *p = json_room(j, len);

	if (p == NULL)
		return;
	memcpy(p, brackets, len);
	json_wrote(j, p + len);
}

/* A literal and its length, as two arguments; and a key with what stands around it. */
#define JSON_LITERAL(text) "" text "", sizeof(text) - 1
#define JSON_KEY(key, after) JSON_LITERAL("\"" key "\":" after)

/** JSON_WORD(j, key, word): A string; both are literals that need no escaping. */
#define JSON_WORD(j, key, word) json_fast_member((j), JSON_KEY(key, "\"" word "\""))

/** JSON_PLAIN(j, key, s) / JSON_PLAIN_OF(j, key, s, len): json_plain(). */
#define JSON_PLAIN(j, key, s) json_fast_string((j), JSON_KEY(key, "\""), (s))
#define JSON_PLAIN_OF(j, key, s, len) json_fast_plain((j), JSON_KEY(key, "\""), (s), (len))

/** JSON_COUNT(j, key, n): json_count(). */
#define JSON_COUNT(j, key, n) json_fast_count((j), JSON_KEY(key, ""), (n))

/** JSON_OBJECT_BEGIN(j, key) / JSON_ARRAY_BEGIN(j, key): What is begun is ended as any other. */
#define JSON_OBJECT_BEGIN(j, key) json_fast_begin((j), JSON_KEY(key, "{"))
#define JSON_ARRAY_BEGIN(j, key) json_fast_begin((j), JSON_KEY(key, "["))

/** JSON_ITEM_BEGIN(j): An object as a value of an array. */
#define JSON_ITEM_BEGIN(j) json_fast_begin((j), JSON_LITERAL("{"))

/** JSON_END(j, brackets): One or more of } and ], of what was begun. */
#define JSON_END(j, brackets) json_fast_end((j), JSON_LITERAL(brackets))

#endif
