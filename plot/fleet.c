/* fleet.c - see fleet.h. */
#include "plot/fleet.h"

#include <string.h>

enum {
	TOP = 4,
	ROW = 38,
	LABEL = 12,
	CELL = 17,
	CELL_HEIGHT = 14,
	APART = 70,       /* shares between cells */
	WIDEST = 400,     /* of one, in shares */
	NAMES_BYTES = 64, /* of a row, more than has room */
	NAMES = 4,        /* that a cell of several names */
};

static size_t
grade_count(const struct fleet *f, enum plot_grade grade)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->server[i].grade == grade;
	return n;
}

/* The next server of that grade, from ${i} on. */
static size_t
grade_next(const struct fleet *f, enum plot_grade grade, size_t i)
{
	while (i < f->count && f->server[i].grade != grade)
		i++;
	return i;
}

/* The names of the first servers of a row, as far as they may fit. */
static void
row_note(const struct fleet *f, enum plot_grade grade, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = grade_next(f, grade, 0); i < f->count && used < NAMES_BYTES;
	     i = grade_next(f, grade, i + 1)) {
		int n = snprintf(
		    out + used, size - used, "%s%.60s", used > 0 ? ", " : "", f->server[i].name);

		used += n > 0 ? (size_t)n : 0;
	}
}

/* What is said of the servers of a cell, the first of which is number ${i}; returns the number of the one after them. */
static size_t
cell_tip(const struct fleet *f, size_t i, size_t servers, char *out, size_t size)
{
	enum plot_grade grade = f->server[i].grade;
	size_t used = 0;

	for (size_t n = 0; n < servers && i < f->count; n++) {
		const struct plot_server *s = &f->server[i];

		if (servers == 1)
			snprintf(out, size, "%.200s%s%.600s", s->name, s->tip != NULL ? "\n" : "",
			    s->tip != NULL ? s->tip : "");
		else if (n < NAMES)
			used += (size_t)snprintf(
			    out + used, size - used, "%s%.100s", n > 0 ? "\n" : "", s->name);
		i = grade_next(f, grade, i + 1);
	}
	if (servers > NAMES)
		snprintf(out + used, size - used, "\nand %zu more", servers - NAMES);
	return i;
}

/* Cells side by side; all rows have cells of one width, so that rows can be compared. */
static void
row_cells(
    struct svg *s, const struct fleet *f, enum plot_grade grade, size_t count, size_t most, int y)
{
	size_t each = (most + FLEET_CELLS - 1) / FLEET_CELLS, cells = (count + each - 1) / each;
	size_t across = (most + each - 1) / each;
	unsigned pitch = (unsigned)((PANEL_RIGHT - PANEL_LEFT) / across);
	size_t i = grade_next(f, grade, 0);

	if (pitch > WIDEST)
		pitch = WIDEST;
	for (size_t n = 0; n < cells; n++) {
		size_t left = count - n * each, servers = left < each ? left : each;
		unsigned x = PANEL_LEFT + (unsigned)n * pitch;
		char tip[SVG_TEXT];

		i = cell_tip(f, i, servers, tip, sizeof(tip));
		panel_bar(s, &f->panel, x, x + pitch - APART, y, CELL_HEIGHT, grade, "", tip);
	}
}

int
fleet_write(FILE *out, const struct fleet *f)
{
	/* What needs a look stands first. */
	static const enum plot_grade order[PLOT_GRADES] = {
	    PLOT_HIGH, PLOT_MEDIUM, PLOT_LOW, PLOT_OK, PLOT_UNKNOWN};
	struct svg s = {.out = out};
	size_t count[PLOT_GRADES], most = 1, rows = 0;

	for (size_t i = 0; i < PLOT_GRADES; i++) {
		count[i] = grade_count(f, order[i]);
		most = count[i] > most ? count[i] : most;
		rows += count[i] > 0;
	}
	panel_begin(&s, &f->panel, TOP + (int)rows * ROW);
	for (size_t i = 0, y = TOP; i < PLOT_GRADES; i++) {
		char label[64], note[SVG_TEXT];

		if (count[i] == 0)
			continue;
		snprintf(label, sizeof(label), "%zu %s", count[i], plot_grade_name(order[i]));
		row_note(f, order[i], note, sizeof(note));
		panel_label(&s, PANEL_LEFT, (int)y + LABEL, label, note);
		row_cells(&s, f, order[i], count[i], most, (int)y + CELL);
		y += ROW;
	}
	panel_end(&s, &f->panel, 0);
	return svg_end(&s);
}
