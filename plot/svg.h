/* svg.h - markup as text: elements, attributes, numbers, and the only way for a text to get in.
 *
 * Numbers are whole or hundredths of a per cent, so that no locale and no rounding of a machine is in them. Positions along
 * a line are shares of the width: a figure then is as wide as the page, and its texts keep their size. */
#ifndef EPMWATCH_PLOT_SVG_H
#define EPMWATCH_PLOT_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	SVG_DEPTH = 12,
	SVG_TEXT = 1024,   /* bytes of a text that are kept */
	SVG_WHOLE = 10000, /* the share that is all: hundredths of a per cent */
};

/* Begins as {.out = ...}. */
struct svg {
	FILE *out;
	size_t depth;
	bool in_tag;                 /* attributes may still come */
	const char *open[SVG_DEPTH]; /* names of open elements; borrowed */
};

/** svg_open(s, name) / svg_close(s): Begin an element inside the one that is open; end the last one. At most SVG_DEPTH are open. ${name} is
 * borrowed until it is closed. An element without content is closed in its tag, which only those of SVG may be. */
void svg_open(struct svg *s, const char *name);
void svg_close(struct svg *s);

/** svg_attr(s, name, value): An attribute of the element that was opened last, before anything is in it. */
void svg_attr(struct svg *s, const char *name, const char *value);

/** svg_attr_format(s, name, format, ...): The same, put together; cut at SVG_TEXT bytes. */
void svg_attr_format(struct svg *s, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** svg_number(s, name, value) / svg_share(s, name, share): A whole number; a share of the width: 1234 is 12.34%, 600 is 6%. */
void svg_number(struct svg *s, const char *name, int64_t value);
void svg_share(struct svg *s, const char *name, unsigned share);

/** svg_text(s, text): Text, whatever is in it: it becomes no markup, and what is not printable U+FFFD, but for line breaks. Cut at SVG_TEXT
 * bytes. */
void svg_text(struct svg *s, const char *text);

/** svg_leaf(s, name, text): An element with a text and without attributes, such as `title`. */
void svg_leaf(struct svg *s, const char *name, const char *text);

/** svg_cut(text, columns, out, size): ${text} in at most ${columns} characters, the last of which is `…` if it had more. Returns ${out}. */
char *svg_cut(const char *text, size_t columns, char *out, size_t size);

/** svg_end(s): -EIO if something could not be written; else 0. All elements are to be closed. */
int svg_end(const struct svg *s);

#endif
