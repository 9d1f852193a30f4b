/* column.c - see column.h. */
#include "store/column.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"

struct column_held {
	struct column_held *next;
	char text[];
};

enum {
	CLEANED = 3 /* bytes that one byte may become */
};

struct column
column_init(sqlite3_stmt *st)
{
	return (struct column){.st = st, .at = 0, .bad = false};
}

bool
column_is_null(const struct column *c)
{
	return sqlite3_column_type(c->st, c->at) == SQLITE_NULL;
}

void
column_skip(struct column *c, int n)
{
	c->at += n;
}

void
column_refuse(struct column *c)
{
	if (!c->bad)
		c->bad_at = c->at - 1;
	c->bad = true;
}

int64_t
column_int(struct column *c)
{
	return sqlite3_column_int64(c->st, c->at++);
}

int64_t
column_int_or(struct column *c, int64_t otherwise)
{
	bool null = column_is_null(c);
	int64_t v = column_int(c);

	return null ? otherwise : v;
}

uint64_t
column_range(struct column *c, uint64_t max)
{
	int64_t v = column_int(c);

	if (v >= 0 && (uint64_t)v <= max)
		return (uint64_t)v;
	column_refuse(c);
	return 0;
}

uint16_t
column_u16(struct column *c)
{
	return (uint16_t)column_range(c, UINT16_MAX);
}

const char *
column_text(struct column *c)
{
	bool null = column_is_null(c);
	const char *text = (const char *)sqlite3_column_text(c->st, c->at++);

	if (text == NULL && !null)
		column_refuse(c);
	return text;
}

/* Nearly all texts are, and need no second look. */
static bool
is_plain(const char *text)
{
	while (*text >= 0x20 && *text < 0x7f)
		text++;
	return *text == '\0';
}

const char *
column_shown(struct column *c)
{
	const char *text = column_text(c);
	struct column_held *held;
	size_t len, room;

	if (text == NULL || is_plain(text))
		return text;
	len = strlen(text);
	room = len * CLEANED + 1;
	if ((held = malloc(sizeof(*held) + room)) == NULL) {
		column_refuse(c);
		return "";
	}
	(void)text_clean((const uint8_t *)text, len, held->text, room);
	held->next = c->held;
	c->held = held;
	return held->text;
}

void
column_free(struct column *c)
{
	while (c->held != NULL) {
		struct column_held *next = c->held->next;

		free(c->held);
		c->held = next;
	}
}

void
column_copy(struct column *c, char *out, size_t size)
{
	const char *text = column_text(c);
	size_t len = text != NULL ? strlen(text) : 0;

	if (len >= size) {
		column_refuse(c);
		len = size - 1;
	}
	if (text != NULL && !is_plain(text)) {
		(void)text_clean((const uint8_t *)text, len, out, size);
		return;
	}
	memcpy(out, text != NULL ? text : "", len);
	out[len] = '\0';
}

void
column_octets(struct column *c, void *out, size_t len)
{
	const void *data = sqlite3_column_blob(c->st, c->at);
	int have = sqlite3_column_bytes(c->st, c->at++);

	if (data != NULL && have >= 0 && (size_t)have == len) {
		memcpy(out, data, len);
		return;
	}
	column_refuse(c);
	memset(out, 0, len);
}

struct addr
column_addr(struct column *c)
{
	struct addr a = {{0}};
	const char *text = column_text(c);

	if (text != NULL && addr_parse(text, &a) != 0)
		column_refuse(c);
	return a;
}
