/* line.h - a line of text in pieces, each with what it is, so that every format can show it its own way.
 *
 * Its text is clean (base/text.h) whoever chose it: no control characters, no line breaks, no direction marks. */
#ifndef EPMWATCH_REPORT_LINE_H
#define EPMWATCH_REPORT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a piece is. Without colours and markup all of them read as plain text. */
enum role {
	ROLE_PLAIN,
	ROLE_STRONG, /* what the line is about */
	ROLE_GOOD,
	ROLE_BAD,   /* rules that are broken, and how badly */
	ROLE_MUTED, /* less worth reading */
	ROLE_CODE,  /* addresses, ports, UUIDs, names as machines spell them */
	ROLE_TIME,  /* RFC 3339, or the short form of it */
};

enum {
	LINE_PIECES = 256,
	LINE_TEXT = 4096,
};

/* Begins as {0}, or after line_clear(), which costs less. What does not fit ends in `..`. */
struct line {
	uint16_t count, used;
	bool full;
	struct {
		uint16_t from, len; /* in text */
		uint8_t role;       /* enum role */
	} piece[LINE_PIECES];
	char text[LINE_TEXT];
};

/** line_add(l, role, format, ...): Append a piece; returns ${l}. Adjoining pieces of one role are one. */
struct line *line_add(struct line *l, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** line_append(l, more): Append all pieces of ${more}; returns ${l}. */
struct line *line_append(struct line *l, const struct line *more);

/** line_clear(l): Begin again; returns ${l}. */
struct line *line_clear(struct line *l);

#endif
