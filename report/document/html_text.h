/* html_text.h - the one way in which text comes into a page. */
#ifndef EPMWATCH_REPORT_HTML_TEXT_H
#define EPMWATCH_REPORT_HTML_TEXT_H

#include <stddef.h>
#include <stdio.h>

struct line;

/** html_text(out, s, len): Write ${len} octets at ${s} so that they mean themselves, between tags and in a quoted attribute alike. Octets
 * that no page may hold (control characters, ill-formed UTF-8) become U+FFFD. */
void html_text(FILE *out, const char *s, size_t len);

/** html_string(out, s): The same of a whole string. */
void html_string(FILE *out, const char *s);

/** html_line(out, l): Write a line, each piece as what it is: <strong>, <code>, <time>, ... */
void html_line(FILE *out, const struct line *l);

/** html_cell_class(l): What a cell is as a whole, as a class of its element: "good", "bad", "muted", "c" (code); "" where it is not all of one
 * kind. Static storage. */
const char *html_cell_class(const struct line *l);

/** html_cell(out, l): Write a line in an element of that class, in a table whose columns say of times what they are. */
void html_cell(FILE *out, const struct line *l);

#endif
