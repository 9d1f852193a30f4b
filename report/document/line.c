/* line.c - clean, append, cut at a character. */
#include "report/document/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	CLEAN = 3, /* octets that one may become */
	ENDING = 2,
};

/* The most of the first ${most} octets that does not cut a character. */
static size_t
whole_characters(const char *text, size_t most)
{
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static void
octets_add(struct line *l, const char *text, size_t len)
{
	memcpy(l->text + l->used, text, len);
	l->used = (uint16_t)(l->used + len);
	l->text[l->used] = '\0';
	l->piece[l->count - 1].len = (uint16_t)(l->piece[l->count - 1].len + len);
}

/* False where there is no room for another piece: what comes belongs to the last one. */
static bool
piece_begin(struct line *l, enum role role)
{
	if (l->count > 0 && l->piece[l->count - 1].role == role)
		return true;
	if (l->count == LINE_PIECES)
		return false;
	l->piece[l->count].from = l->used;
	l->piece[l->count].len = 0;
	l->piece[l->count++].role = (uint8_t)role;
	return true;
}

static void
clean_add(struct line *l, enum role role, const char *text, size_t len)
{
	size_t room = LINE_TEXT - 1 - ENDING - l->used;

	if (l->full || len == 0)
		return;
	bool fits = piece_begin(l, role) && len <= room;
	if (fits) {
		octets_add(l, text, len);
		return;
	}
	if (l->piece[l->count - 1].role == role)
		octets_add(l, text, whole_characters(text, room < len ? room : len));
	octets_add(l, "..", ENDING);
	l->full = true;
}

struct line *
line_add(struct line *l, enum role role, const char *format, ...)
{
	char raw[LINE_TEXT + CLEAN], clean[sizeof(raw) * CLEAN]; /* more than there is room for */
	va_list args;

	va_start(args, format);
	int len = vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	if (len <= 0)
		return l;
	size_t most = (size_t)len;
	if (most >= sizeof(raw))
		most = whole_characters(raw, sizeof(raw) - 2);
	clean_add(l, role, clean, text_clean((const uint8_t *)raw, most, clean, sizeof(clean)));
	return l;
}

struct line *
line_append(struct line *l, const struct line *more)
{
	for (size_t i = 0; i < more->count; i++)
		clean_add(l, (enum role)more->piece[i].role, more->text + more->piece[i].from,
		    more->piece[i].len);
	return l;
}

struct line *
line_clear(struct line *l)
{
	l->count = l->used = 0;
	l->full = false;
	l->text[0] = '\0';
	return l;
}
