/* svg.c - see svg.h. */
#include "plot/svg.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

static void
tag_end(struct svg *s)
{
	if (s->in_tag)
		fputc('>', s->out);
	s->in_tag = false;
}

void
svg_open(struct svg *s, const char *name)
{
	assert(s->depth < SVG_DEPTH);
	tag_end(s);
	fprintf(s->out, "<%s", name);
	s->open[s->depth++] = name;
	s->in_tag = true;
}

void
svg_close(struct svg *s)
{
	assert(s->depth > 0);
	const char *name = s->open[--s->depth];

	if (s->in_tag)
		fputs("/>", s->out);
	else
		fprintf(s->out, "</%s>", name);
	s->in_tag = false;
	if (s->depth <= 1)
		fputc('\n', s->out);
}

/* The one function that writes what is not ours: ${line} has been cleaned. */
static void
escape(FILE *out, const char *line)
{
	for (; *line != '\0'; line++) {
		switch (*line) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*line, out);
		}
	}
}

/* Line by line, since a line break is the one thing to stay that is not printable. */
static void
text_write(FILE *out, const char *text)
{
	char line[SVG_TEXT];
	size_t left = SVG_TEXT - 1;

	for (;;) {
		size_t len = strcspn(text, "\n");

		text_clean((const uint8_t *)text, len < left ? len : left, line, sizeof(line));
		escape(out, line);
		if (len >= left || text[len] == '\0')
			return;
		fputc('\n', out);
		text += len + 1;
		left -= len + 1;
		if (left == 0)
			return;
	}
}

void
svg_attr(struct svg *s, const char *name, const char *value)
{
	assert(s->in_tag);
	fprintf(s->out, " %s=\"", name);
	text_write(s->out, value);
	fputc('"', s->out);
}

void
svg_attr_format(struct svg *s, const char *name, const char *format, ...)
{
	char value[SVG_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	svg_attr(s, name, value);
}

void
svg_number(struct svg *s, const char *name, int64_t value)
{
	assert(s->in_tag);
	fprintf(s->out, " %s=\"%" PRId64 "\"", name, value);
}

void
svg_share(struct svg *s, const char *name, unsigned share)
{
	unsigned whole = share / 100, part = share % 100;

	assert(s->in_tag);
	if (part == 0)
		fprintf(s->out, " %s=\"%u%%\"", name, whole);
	else if (part % 10 == 0)
		fprintf(s->out, " %s=\"%u.%u%%\"", name, whole, part / 10);
	else
		fprintf(s->out, " %s=\"%u.%02u%%\"", name, whole, part);
}

void
svg_text(struct svg *s, const char *text)
{
	tag_end(s);
	text_write(s->out, text);
}

void
svg_leaf(struct svg *s, const char *name, const char *text)
{
	svg_open(s, name);
	svg_text(s, text);
	svg_close(s);
}

/* Bytes of the first ${columns} characters of cleaned UTF-8. */
static size_t
columns_bytes(const char *text, size_t columns)
{
	size_t i = 0;

	for (; text[i] != '\0'; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return i;
}

char *
svg_cut(const char *text, size_t columns, char *out, size_t size)
{
	static const char more[] = "\xe2\x80\xa6";
	char clean[SVG_TEXT];

	assert(columns > 0 && size > sizeof(more));
	text_clean((const uint8_t *)text, strlen(text), clean, sizeof(clean));
	size_t len = columns_bytes(clean, columns);

	if (clean[len] != '\0' || len >= size) {
		len = columns_bytes(clean, columns - 1);
		while (len > size - sizeof(more))
			len = columns_bytes(clean, --columns - 1);
		memcpy(clean + len, more, sizeof(more));
	}
	return memcpy(out, clean, strlen(clean) + 1);
}

int
svg_end(const struct svg *s)
{
	assert(s->depth == 0);
	return ferror(s->out) ? -EIO : 0;
}
