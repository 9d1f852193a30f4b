/* json.h - JSON text, written from front to back into one buffer.
 *
 * Events are written by the hundred thousand in a second, and each has a few dozen members: a tree of objects
 * for each would take many times what all else does with the packets behind it. Text is compact; strings
 * are escaped as SQLite's and jansson's writers do it, so that what is written here and there is equal. */
#ifndef EPMWATCH_BASE_JSON_H
#define EPMWATCH_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	JSON_NUMBER = 20, /* octets of a number at most */
	JSON_CHAR = 6     /* octets that one of a string can become, \u001f */
};

/** json_put_number(p, n) / json_put_string(p, text, max): Write at ${p}, without a NUL; return where it
 * ends. A string goes up to its NUL, or ${max} octets, and gets its quotes. */
char *json_put_number(char *p, uint64_t n);
char *json_put_string(char *p, const char *text, size_t max);

/* Text as it grows; {0} is empty. Without memory it turns `failed`, and stays so until whoever owns it says otherwise:
 * what is written then goes nowhere. */
struct json {
	char *text; /* owned, ${used} octets, no NUL */
	size_t used, room;
	bool follows; /* a member of the innermost object or array: a comma comes first */
	bool failed;
};

/** json_free(j): Its memory, too. */
void json_free(struct json *j);

/** json_grow(j, size): The same as json_room(), where there is less. */
char *json_grow(struct json *j, size_t size);

/** json_room(j, size): Room for ${size} more octets at the end, where they may be written; NULL without. */
static inline char *
json_room(struct json *j, size_t size)
{
	return size <= j->room - j->used ? j->text + j->used : json_grow(j, size);
}

/** json_wrote(j, end): A value was written there, up to ${end}. */
static inline void
json_wrote(struct json *j, const char *end)
{
	j->used = (size_t)(end - j->text);
	j->follows = true;
}

/** json_put(p, text, len): Write at ${p}; return where it ends. Keys and most values are short: two copies that overlap spare the way to
 * the library. */
static inline char *
json_put(char *p, const char *text, size_t len)
{
	if (len > 32) {
		memcpy(p, text, len);
	} else if (len >= 16) {
		memcpy(p, text, 16);
		memcpy(p + len - 16, text + len - 16, 16);
	} else if (len >= 8) {
		memcpy(p, text, 8);
		memcpy(p + len - 8, text + len - 8, 8);
	} else if (len >= 4) {
		memcpy(p, text, 4);
		memcpy(p + len - 4, text + len - 4, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			p[i] = text[i];
	}
	return p + len;
}

/*
 * Each of the following adds one value: to an object under ${key}, to an array or at the top with ${key} NULL. Keys are the
 * program's own words, which need no escaping. What is begun is ended by whoever began it.
 */

/** json_object_begin(j, key) ... json_object_end(j): What is added between goes in. */
void json_object_begin(struct json *j, const char *key);
void json_object_end(struct json *j);

/** json_array_begin(j, key) ... json_array_end(j): The same. */
void json_array_begin(struct json *j, const char *key);
void json_array_end(struct json *j);

/** json_text(j, key, s): A string, escaped. One that is not UTF-8, which no cleaned text is (base/text.h), adds nothing. */
void json_text(struct json *j, const char *key, const char *s);

/** json_plain_of(j, key, key_len, s, len) / json_count_of(j, key, key_len, n): For the two below, with the lengths at hand. */
void json_plain_of(struct json *j, const char *key, size_t key_len, const char *s, size_t len);
void json_count_of(struct json *j, const char *key, size_t key_len, uint64_t n);

/** json_plain(j, key, s): A string of letters, digits and signs that need no escaping: an address, a UUID, a name of ours. Here, since the
 * compiler knows how long words are that it sees. */
static inline void
json_plain(struct json *j, const char *key, const char *s)
{
	json_plain_of(j, key, key != NULL ? strlen(key) : 0, s, strlen(s));
}

/** json_count(j, key, n): A number; what is beyond INT64_MAX stays there. */
static inline void
json_count(struct json *j, const char *key, uint64_t n)
{
	json_count_of(j, key, key != NULL ? strlen(key) : 0, n);
}

/** json_bool(j, key, value) / json_nothing(j, key): true or false; null. */
void json_bool(struct json *j, const char *key, bool value);
void json_nothing(struct json *j, const char *key);

/** json_hex(j, key, octets, len): A string of two digits an octet. */
void json_hex(struct json *j, const char *key, const uint8_t *octets, size_t len);

/** json_members(j, text, len): Members that are text already, with commas between but none around. */
void json_members(struct json *j, const char *text, size_t len);

/** json_line(j): The end of what is at the top, so that the next begins a line. */
void json_line(struct json *j);

#endif
