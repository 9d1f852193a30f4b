/* table.h - rows of text under column heads, each column as wide as its content, within reason.
 *
 * Cells hold what strangers wrote (annotations, pipe and host names), so a column has a widest
 * width: what is wider is cut and ends in `..`. Lines end without trailing blanks. */
#ifndef EPMWATCH_REPORT_TABLE_H
#define EPMWATCH_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table;

enum {
	TABLE_COLUMNS = 24
};

struct table_column {
	const char *title;
	unsigned widest; /* columns; 0: never cut */
	bool right;      /* numbers stand on the right */
};

/** table_new(out, columns, count) / table_free(&t): An empty table of at most TABLE_COLUMNS
 * columns. ${columns} is borrowed. -ENOMEM. */
int table_new(struct table **out, const struct table_column *columns, size_t count);
void table_free(struct table **t);

/** table_add(t, cells): Append a row, one string for each column, copied; NULL is an empty cell.
 * -ENOMEM. */
int table_add(struct table *t, const char *const cells[]);

/** table_rows(t): How many rows were added. */
size_t table_rows(const struct table *t);

/** table_hide(t, column): Leave that column out, whatever is in it. */
void table_hide(struct table *t, size_t column);

/** table_paint(t, paint, ctx): Colour cells: what ${paint} says of one is written before it, an escape sequence of a terminal or NULL for
 * none; it takes no room. Heads have none. */
void table_paint(struct table *t,
    const char *(*paint)(const void *ctx, size_t column, const char *cell), const void *ctx);

/** table_print(t, out, indent, titles): Write the rows, every line ${indent} blanks in, after the
 * heads where ${titles}. A column empty in every row is left out. */
void table_print(const struct table *t, FILE *out, unsigned indent, bool titles);

/** table_stream(t, out, indent): Write the rows so far, with the heads, and let go of them; what is added from now on is written at
 * once, in columns as wide as these rows made them: a longer cell moves what follows in its line. For tables of any length.
 * table_print() has nothing to do then. */
void table_stream(struct table *t, FILE *out, unsigned indent);

/** table_cut(out, size, text, widest): Copy ${text} in at most ${widest} columns, cut at a
 * character and ended by `..`; returns ${out}. */
char *table_cut(char *out, size_t size, const char *text, unsigned widest);

#endif
