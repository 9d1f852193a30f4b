/* line.h - lines for people, made piece by piece: what a format would write, without reading one for each alert. What does not fit
 * is cut. */
#ifndef EPMWATCH_TRACK_LINE_H
#define EPMWATCH_TRACK_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where the next piece goes; what is there always ends with NUL. */
struct line {
	char *at;
	size_t left; /* with the NUL: at least 1 */
};

/** line_begin(out, size): An empty line; ${size} is at least 1. */
static inline struct line
line_begin(char *out, size_t size)
{
	*out = '\0';
	return (struct line){out, size};
}

/** line_cut(l, text, most) / line_text(l, text) / line_number(l, n): Append ${text}, of the first at most ${most} octets, or a number. */
static inline void
line_cut(struct line *l, const char *text, size_t most)
{
	size_t len = strnlen(text, most < l->left - 1 ? most : l->left - 1);

	memcpy(l->at, text, len);
	l->at += len;
	l->left -= len;
	*l->at = '\0';
}

static inline void
line_text(struct line *l, const char *text)
{
	line_cut(l, text, SIZE_MAX);
}

static inline void
line_number(struct line *l, uint64_t n)
{
	char digits[24], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	line_text(l, at);
}

/** line_copy(out, size, text): ${text} alone. ${size} is at least 1. */
static inline void
line_copy(char *out, size_t size, const char *text)
{
	struct line l = line_begin(out, size);

	line_text(&l, text);
}

#endif
