/* json.c - see json.h. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char hex_digit[] = "0123456789abcdef";

/* Two digits at a time take half as many divisions. */
static const char digit_pair[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static size_t
count_digits(uint64_t n)
{
	static const uint64_t power[] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
	    100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
	    100000000000000, 1000000000000000, 10000000000000000, 100000000000000000,
	    1000000000000000000, 10000000000000000000U};
	/* from the binary digits, by the logarithm of 2: at most one too many */
	size_t count = (size_t)(64 - __builtin_clzll(n | 1)) * 1233 >> 12;

	return count + 1 - (n < power[count]);
}

char *
json_put_number(char *p, uint64_t n)
{
	char *end = p + count_digits(n), *q = end;

	for (; n >= 100; n /= 100) {
		q -= 2;
		memcpy(q, digit_pair + n % 100 * 2, 2);
	}
	if (n >= 10)
		memcpy(p, digit_pair + n * 2, 2);
	else
		*p = (char)('0' + n);
	return end;
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

char *
json_grow(struct json *j, size_t size)
{
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

/* The comma, the key and the colon, as far as they are due, and then room for ${size} octets. */
static char *
value_begin_of(struct json *j, const char *key, size_t len, size_t size)
{
	char *p = json_room(j, len + size + sizeof(",\"\":"));

	if (p == NULL)
		return NULL;
	if (j->follows)
		*p++ = ',';
	if (key == NULL)
		return p;
	*p++ = '"';
	p = json_put(p, key, len);
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
	json_wrote(j, p);
	j->follows = false;
}

static void
end(struct json *j, char bracket)
{
	char *p = json_room(j, 1);

	if (p == NULL)
		return;
	*p++ = bracket;
	json_wrote(j, p);
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
		json_wrote(j, json_put_string(p, s, len));
}

void
json_plain_of(struct json *j, const char *key, size_t key_len, const char *s, size_t len)
{
	char *p = value_begin_of(j, key, key_len, len + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	p = json_put(p, s, len);
	*p++ = '"';
	json_wrote(j, p);
}

void
json_count_of(struct json *j, const char *key, size_t key_len, uint64_t n)
{
	char *p = value_begin_of(j, key, key_len, JSON_NUMBER);

	if (p != NULL)
		json_wrote(j, json_put_number(p, n > INT64_MAX ? INT64_MAX : n));
}

static void
word(struct json *j, const char *key, const char *text)
{
	size_t len = strlen(text);
	char *p = value_begin(j, key, len);

	if (p != NULL)
		json_wrote(j, json_put(p, text, len));
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
	json_wrote(j, p);
}

void
json_members(struct json *j, const char *text, size_t len)
{
	char *p = value_begin(j, NULL, len);

	if (p != NULL && len > 0)
		json_wrote(j, json_put(p, text, len));
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
