/* table.c - a table is a flat array of strings, measured when it is printed. */
#include "report/words/table.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/model/pool.h"

enum {
	CELL_TEXT = 1024
};

struct table {
	const struct table_column *column;
	size_t columns, rows, room;
	const char **cell; /* rows * columns, in the pool */
	bool hidden[TABLE_COLUMNS];
	struct pool *pool;
	const char *(*paint)(
	    const void *ctx, size_t column, const char *cell); /* NULL: no colours */
	const void *paint_ctx;
	/* Once rows are written as they come: */
	FILE *out;
	unsigned indent;
	size_t width[TABLE_COLUMNS];
};

static void line_print(const struct table *t, FILE *out, unsigned indent, const size_t width[],
    const char *const cells[], bool painted);

int
table_new(struct table **out, const struct table_column *columns, size_t count)
{
	struct table *t = count > TABLE_COLUMNS ? NULL : calloc(1, sizeof(*t));

	*out = t;
	if (t == NULL)
		return -ENOMEM;
	t->column = columns;
	t->columns = count;
	if (pool_new(&t->pool) != 0) {
		table_free(out);
		return -ENOMEM;
	}
	return 0;
}

void
table_free(struct table **t)
{
	if (*t == NULL)
		return;
	pool_free(&(*t)->pool);
	free((void *)(*t)->cell);
	free(*t);
	*t = NULL;
}

static int
rows_grow(struct table *t)
{
	size_t room = t->room == 0 ? 64 : t->room * 2;

	if (room > SIZE_MAX / t->columns / sizeof(*t->cell))
		return -ENOMEM;
	const char **cell = realloc((void *)t->cell, room * t->columns * sizeof(*cell));
	if (cell == NULL)
		return -ENOMEM;
	t->cell = cell;
	t->room = room;
	return 0;
}

static void
row_print(const struct table *t, const char *const cells[])
{
	char cut[TABLE_COLUMNS][CELL_TEXT];
	const char *cell[TABLE_COLUMNS];

	for (size_t i = 0; i < t->columns; i++)
		cell[i] = table_cut(
		    cut[i], CELL_TEXT, cells[i] == NULL ? "" : cells[i], t->column[i].widest);
	line_print(t, t->out, t->indent, t->width, cell, true);
}

int
table_add(struct table *t, const char *const cells[])
{
	char cut[CELL_TEXT];

	if (t->out != NULL) {
		row_print(t, cells);
		return 0;
	}

	if (t->rows == t->room && rows_grow(t) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < t->columns; i++) {
		const char *text = cells[i] == NULL ? "" : cells[i];

		table_cut(cut, sizeof(cut), text, t->column[i].widest);
		t->cell[t->rows * t->columns + i] = pool_text(t->pool, cut);
	}
	if (pool_failed(t->pool))
		return -ENOMEM;
	t->rows++;
	return 0;
}

size_t
table_rows(const struct table *t)
{
	return t->rows;
}

void
table_paint(struct table *t, const char *(*paint)(const void *ctx, size_t column, const char *cell),
    const void *ctx)
{
	t->paint = paint;
	t->paint_ctx = ctx;
}

void
table_hide(struct table *t, size_t column)
{
	t->hidden[column] = true;
}

static size_t
column_width(const struct table *t, size_t column, bool titles)
{
	size_t widest = 0;

	for (size_t row = 0; row < t->rows; row++) {
		size_t width = text_width(t->cell[row * t->columns + column]);

		widest = width > widest ? width : widest;
	}
	if (widest > 0 && titles && strlen(t->column[column].title) > widest)
		widest = strlen(t->column[column].title);
	return widest;
}

static void
blanks(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

static void
cell_print(const struct table *t, FILE *out, size_t column, const char *cell, bool painted)
{
	const char *colour =
	    painted && t->paint != NULL ? t->paint(t->paint_ctx, column, cell) : NULL;

	if (colour == NULL)
		fputs(cell, out);
	else
		fprintf(out, "%s%s\033[0m", colour, cell);
}

/* One line. Blanks are owed until the next cell that is not empty pays for them, so that none
 * trail. */
static void
line_print(const struct table *t, FILE *out, unsigned indent, const size_t width[],
    const char *const cells[], bool painted)
{
	size_t owed = indent;

	for (size_t i = 0; i < t->columns; i++) {
		if (width[i] == 0)
			continue;
		size_t len = text_width(cells[i]), pad = len < width[i] ? width[i] - len : 0;
		if (t->column[i].right)
			owed += pad;
		if (len > 0) {
			blanks(out, owed);
			cell_print(t, out, i, cells[i], painted);
			owed = 0;
		}
		owed += (t->column[i].right ? 0 : pad) + 2;
	}
	fputc('\n', out);
}

static void
titles_print(const struct table *t, FILE *out, unsigned indent, const size_t width[])
{
	const char *title[TABLE_COLUMNS];

	for (size_t i = 0; i < t->columns; i++)
		title[i] = t->column[i].title;
	line_print(t, out, indent, width, title, false);
}

void
table_print(const struct table *t, FILE *out, unsigned indent, bool titles)
{
	size_t width[TABLE_COLUMNS];

	if (t->rows == 0 || t->out != NULL)
		return;
	for (size_t i = 0; i < t->columns; i++)
		width[i] = t->hidden[i] ? 0 : column_width(t, i, titles);
	if (titles)
		titles_print(t, out, indent, width);
	for (size_t row = 0; row < t->rows; row++)
		line_print(t, out, indent, width, t->cell + row * t->columns, true);
}

/* What is empty so far may not stay so, and is as wide as its head. */
void
table_stream(struct table *t, FILE *out, unsigned indent)
{
	for (size_t i = 0; i < t->columns; i++) {
		size_t title = strlen(t->column[i].title), width = column_width(t, i, true);

		t->width[i] = t->hidden[i] ? 0 : width > title ? width : title;
	}
	titles_print(t, out, indent, t->width);
	for (size_t row = 0; row < t->rows; row++)
		line_print(t, out, indent, t->width, t->cell + row * t->columns, true);
	t->out = out;
	t->indent = indent;
	t->rows = t->room = 0;
	free((void *)t->cell);
	t->cell = NULL;
	pool_free(&t->pool);
}

/* Bytes of the first ${columns} characters of ${text}, as far as they fit ${room}. */
static size_t
prefix_bytes(const char *text, size_t columns, size_t room)
{
	size_t end = 0;

	for (size_t i = 0; i <= room && text[i] != '\0'; i++) {
		if (((unsigned char)text[i] & 0xc0) == 0x80)
			continue;
		end = i;
		if (columns-- == 0)
			return end;
	}
	size_t len = strlen(text);
	return len <= room ? len : end;
}

char *
table_cut(char *out, size_t size, const char *text, unsigned widest)
{
	size_t len = strlen(text), columns = text_width(text);

	if (len < size && (widest == 0 || columns <= widest)) {
		memcpy(out, text, len + 1);
		return out;
	}
	size_t keep = widest >= 2 && widest < columns ? widest - 2 : columns;
	size_t n = prefix_bytes(text, keep, size - 3);
	memcpy(out, text, n);
	memcpy(out + n, "..", 3);
	return out;
}
