/* json.c - see json.h. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char hex_digit[] = "0123456789abcdef";

char *
json_put_number(char *p, uint64_t n)
{
	char digits[JSON_NUMBER];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (len > 0)
		*p++ = digits[--len];
	return p;
}

/* What JSON has a letter for: line feed is n, and so on; NUL for what it has none for. */
static char
json_letter(char c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return '\0';
	}
}

static char *
put_escaped(char *p, char c)
{
	char letter = c == '"' || c == '\\' ? c : json_letter(c);

	*p++ = '\\';
	if (letter != '\0') {
		*p++ = letter;
		return p;
	}
	*p++ = 'u';
	*p++ = '0';
	*p++ = '0';
	*p++ = hex_digit[c >> 4];
	*p++ = hex_digit[c & 15];
	return p;
}

char *
json_put_string(char *p, const char *text, size_t max)
{
	*p++ = '"';
	for (size_t i = 0; i < max && text[i] != '\0'; i++) {
		char c = text[i];

		if ((unsigned char)c >= ' ' && c != '"' && c != '\\')
			*p++ = c;
		else
			p = put_escaped(p, c);
	}
	*p++ = '"';
	return p;
}

/* Room for ${size} more octets at the end, where they may be written; NULL without. */
static char *
room_for(struct json *j, size_t size)
{
	if (size <= j->room - j->used)
		return j->text + j->used;
	size_t room = (j->used + size) * 2;
	char *grown = j->failed ? NULL : realloc(j->text, room);

	if (grown == NULL) {
		j->failed = true;
		return NULL;
	}
	j->text = grown;
	j->room = room;
	return grown + j->used;
}

static void
wrote(struct json *j, const char *end)
{
	j->used = (size_t)(end - j->text);
	j->follows = true;
}

/* Keys and most values are short: two copies that overlap spare the way to the library. */
static inline char *
put(char *p, const char *text, size_t len)
{
	if (len > 16) {
		memcpy(p, text, len);
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

/* The comma, the key and the colon, as far as they are due, and then room for ${size} octets. */
static char *
value_begin_of(struct json *j, const char *key, size_t len, size_t size)
{
	char *p = room_for(j, len + size + sizeof(",\"\":"));

	if (p == NULL)
		return NULL;
	if (j->follows)
		*p++ = ',';
	if (key == NULL)
		return p;
	*p++ = '"';
	p = put(p, key, len);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static char *
value_begin(struct json *j, const char *key, size_t size)
{
	return value_begin_of(j, key, key != NULL ? strlen(key) : 0, size);
}

static void
begin(struct json *j, const char *key, char bracket)
{
	char *p = value_begin(j, key, 1);

	if (p == NULL)
		return;
	*p++ = bracket;
	wrote(j, p);
	j->follows = false;
}

static void
end(struct json *j, char bracket)
{
	char *p = room_for(j, 1);

	if (p == NULL)
		return;
	*p++ = bracket;
	wrote(j, p);
}

void
json_object_begin(struct json *j, const char *key)
{
	begin(j, key, '{');
}

void
json_object_end(struct json *j)
{
	end(j, '}');
}

void
json_array_begin(struct json *j, const char *key)
{
	begin(j, key, '[');
}

void
json_array_end(struct json *j)
{
	end(j, ']');
}

void
json_text(struct json *j, const char *key, const char *s)
{
	size_t len = strlen(s);

	if (!text_is_utf8(s, len))
		return;
	char *p = value_begin(j, key, len * JSON_CHAR + 2);
	if (p != NULL)
		wrote(j, json_put_string(p, s, len));
}

void
json_plain_of(struct json *j, const char *key, size_t key_len, const char *s, size_t len)
{
	char *p = value_begin_of(j, key, key_len, len + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	p = put(p, s, len);
	*p++ = '"';
	wrote(j, p);
}

void
json_count_of(struct json *j, const char *key, size_t key_len, uint64_t n)
{
	char *p = value_begin_of(j, key, key_len, JSON_NUMBER);

	if (p != NULL)
		wrote(j, json_put_number(p, n > INT64_MAX ? INT64_MAX : n));
}

static void
word(struct json *j, const char *key, const char *text)
{
	size_t len = strlen(text);
	char *p = value_begin(j, key, len);

	if (p != NULL)
		wrote(j, put(p, text, len));
}

void
json_bool(struct json *j, const char *key, bool value)
{
	word(j, key, value ? "true" : "false");
}

void
json_nothing(struct json *j, const char *key)
{
	word(j, key, "null");
}

void
json_hex(struct json *j, const char *key, const uint8_t *octets, size_t len)
{
	char *p = value_begin(j, key, len * 2 + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	for (size_t i = 0; i < len; i++) {
		*p++ = hex_digit[octets[i] >> 4];
		*p++ = hex_digit[octets[i] & 15];
	}
	*p++ = '"';
	wrote(j, p);
}

void
json_members(struct json *j, const char *text, size_t len)
{
	char *p = value_begin(j, NULL, len);

	if (p != NULL && len > 0)
		wrote(j, put(p, text, len));
}

void
json_line(struct json *j)
{
	end(j, '\n');
	j->follows = false;
}

void
json_free(struct json *j)
{
	free(j->text);
	*j = (struct json){0};
}
