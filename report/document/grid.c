/* grid.c - measure, narrow the widest until all fit, print row by row. */
#include "report/document/grid.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/document/document.h"
#include "report/model/array.h"
#include "report/model/pool.h"

enum {
	GAP = 2,      /* between columns */
	NARROW = 12,  /* no column is made narrower */
	WIDEST = 128, /* cells that are wider count as that wide */
};

struct cell {
	const char *text;
	uint8_t role;
};

struct grid {
	size_t columns, rows;
	struct {
		const char *title;
		bool number, used;
		size_t from; /* which of the cells */
		size_t width;
		size_t cells[WIDEST + 1]; /* of that width */
	} column[DOCUMENT_COLUMNS];
	struct cell *cell; /* owned; columns a row */
	struct pool *pool;
};

/* As lists have their heads. */
static const char *
capitals(struct pool *pool, const char *title)
{
	char *copy = pool_copy(pool, title, strlen(title) + 1);

	for (char *c = copy; c != NULL && *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	return copy;
}

int
grid_new(struct grid **out, const struct document_column *column, size_t count)
{
	struct grid *g = *out = calloc(1, sizeof(*g));

	if (g == NULL || pool_new(&g->pool) != 0) {
		free(g);
		*out = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < count && i < DOCUMENT_COLUMNS; i++) {
		if (column[i].extra)
			continue;
		g->column[g->columns].title = capitals(g->pool, column[i].title);
		g->column[g->columns].number = column[i].number;
		g->column[g->columns].width = text_width(column[i].title);
		g->column[g->columns++].from = i;
	}
	if (pool_failed(g->pool)) {
		grid_free(out);
		return -ENOMEM;
	}
	return 0;
}

void
grid_free(struct grid **g)
{
	if (*g == NULL)
		return;
	free((*g)->cell);
	pool_free(&(*g)->pool);
	free(*g);
	*g = NULL;
}

static uint8_t
role_of(const struct line *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->piece[i].role != ROLE_PLAIN)
			return l->piece[i].role;
	return ROLE_PLAIN;
}

int
grid_add(struct grid *g, const struct line *cell)
{
	for (size_t i = 0; i < g->columns; i++) {
		const struct line *l = &cell[g->column[i].from];
		size_t n = g->rows * g->columns + i, width = text_width(l->text);

		if (array_grow(&g->cell, n, sizeof(*g->cell)) != 0)
			return -ENOMEM;
		g->cell[n] = (struct cell){pool_text(g->pool, l->text), role_of(l)};
		g->column[i].used |= width > 0;
		g->column[i].cells[width < WIDEST ? width : WIDEST]++;
		if (width > g->column[i].width)
			g->column[i].width = width;
	}
	g->rows++;
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

/* A table as it is printed. */
struct print {
	const struct grid *g;
	FILE *out;
	unsigned indent;
	grid_paint *paint;
	void *ctx;
	size_t width[DOCUMENT_COLUMNS]; /* 0: left out */
	size_t last;                    /* column */
};

static size_t
width_of(const struct print *p)
{
	size_t total = 0;

	for (size_t i = 0; i < p->g->columns; i++)
		total += p->width[i] > 0 ? p->width[i] + (total > 0 ? GAP : 0) : 0;
	return total;
}

/* How many cells of a column would wrap if it were narrower by one. */
static size_t
price(const struct print *p, size_t i)
{
	size_t cells = 0;

	for (size_t width = p->width[i]; width <= WIDEST; width++)
		cells += p->g->column[i].cells[width];
	return cells;
}

/* The column whose narrowing costs least: one long name is no reason to break a hundred others. Of two the wider; -1: none can be. */
static int
column_to_narrow(const struct print *p)
{
	int best = -1;
	size_t least = 0;

	for (size_t i = 0; i < p->g->columns; i++) {
		size_t cost = p->width[i] > WIDEST ? 0 : price(p, i);

		if (p->g->column[i].number || p->width[i] <= NARROW)
			continue;
		if (best >= 0 && (cost > least || (cost == least && p->width[i] < p->width[best])))
			continue;
		best = (int)i;
		least = cost;
	}
	return best;
}

static void
widths_narrow(struct print *p, size_t room)
{
	while (width_of(p) > room) {
		int i = column_to_narrow(p);

		if (i < 0)
			return;
		p->width[i]--;
	}
}

static void
widths_find(struct print *p, size_t room)
{
	for (size_t i = 0; i < p->g->columns; i++) {
		p->width[i] = p->g->column[i].used ? p->g->column[i].width : 0;
		if (p->width[i] > 0)
			p->last = i;
	}
	widths_narrow(p, room);
}

static const char *
next_character(const char *s)
{
	do
		s++;
	while (((unsigned char)*s & 0xc0) == 0x80);
	return s;
}

/* How many octets of ${text} stand in one line of ${width}: all, or up to where words or names end, or else where one can be broken. */
static size_t
piece_length(const char *text, size_t width)
{
	const char *s = text, *good = NULL, *better = NULL;

	for (size_t n = 0; *s != '\0' && n < width; n++) {
		s = next_character(s);
		if (strchr(" ,", s[-1]) != NULL)
			better = s;
		else if (strchr("_-/\\[", s[-1]) != NULL)
			good = s;
	}
	if (*s == '\0' || *s == ' ')
		return (size_t)(s - text);
	good = better != NULL ? better : good != NULL ? good : s;
	return (size_t)(good - text);
}

static size_t
trimmed(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

static size_t
columns_of(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* Where the next cell begins is told by ${*pad}, so that lines end without blanks. */
static void
piece_print(struct print *p, size_t i, const struct cell *c, const char **rest, size_t *pad)
{
	size_t len = piece_length(*rest, p->width[i]), shown = trimmed(*rest, len);
	size_t columns = columns_of(*rest, shown), left = p->width[i] - columns;

	if (p->g->column[i].number)
		*pad += left;
	if (shown > 0) {
		fprintf(p->out, "%*s", (int)*pad, "");
		p->paint(p->ctx, (enum role)c->role, true);
		fwrite(*rest, 1, shown, p->out);
		p->paint(p->ctx, (enum role)c->role, false);
		*pad = 0;
	}
	*pad += (p->g->column[i].number ? 0 : left) + GAP;
	*rest += len;
	*rest += strspn(*rest, " ");
}

static void
row_print(struct print *p, const struct cell *cell)
{
	const char *rest[DOCUMENT_COLUMNS];
	bool more = true;

	for (size_t i = 0; i < p->g->columns; i++)
		rest[i] = cell[i].text;
	while (more) {
		size_t pad = p->indent;

		more = false;
		for (size_t i = 0; i < p->g->columns; i++) {
			if (p->width[i] == 0)
				continue;
			piece_print(p, i, &cell[i], &rest[i], &pad);
			more |= *rest[i] != '\0';
		}
		fputc('\n', p->out);
	}
}

static void
titles_print(struct print *p)
{
	struct cell title[DOCUMENT_COLUMNS];

	for (size_t i = 0; i < p->g->columns; i++)
		title[i] = (struct cell){p->g->column[i].title, ROLE_PLAIN};
	row_print(p, title);
}

void
grid_print(
    const struct grid *g, FILE *out, unsigned indent, unsigned width, grid_paint *paint, void *ctx)
{
	struct print p = {.g = g, .out = out, .indent = indent, .paint = paint, .ctx = ctx};

	if (g->rows == 0)
		return;
	widths_find(&p, width - indent);
	titles_print(&p);
	for (size_t i = 0; i < g->rows; i++)
		row_print(&p, g->cell + i * g->columns);
}
