/* grid.h - a table as text in so many columns: narrow columns keep their width, wide ones wrap.
 *
 * Nothing is cut: what a cell has no room for goes on in the line below. */
#ifndef EPMWATCH_REPORT_GRID_H
#define EPMWATCH_REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/document/line.h"

struct document_column;
struct grid;

/* How a piece of a role begins, and how it ends; empty where there are no colours. */
typedef void grid_paint(void *ctx, enum role role, bool begin);

/** grid_new(out, columns, count) / grid_free(&g): An empty table without the columns that are extra. ${columns} is borrowed until it is
 * printed. -ENOMEM. */
int grid_new(struct grid **out, const struct document_column *column, size_t count);
void grid_free(struct grid **g);

/** grid_add(g, cells): Append a row, one line for each of the columns, copied; of their roles the first that is not plain. -ENOMEM. */
int grid_add(struct grid *g, const struct line *cell);

/** grid_print(g, out, indent, width, paint, ctx): Write all of it, after the heads, each line at most ${width} wide. Columns that are empty in
 * every row are left out. */
void grid_print(
    const struct grid *g, FILE *out, unsigned indent, unsigned width, grid_paint *paint, void *ctx);

#endif
