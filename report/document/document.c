/* document.c - what is open, and what ends it; how it looks is the renderer's. */
#include "report/document/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/sections/sections.h"

enum {
	COMMAND = 3 * 8192,
	LABEL = 64,
};

struct document {
	const struct document_ops *ops;
	const struct report *r;
	FILE *out;
	void *own;
	bool colour, part, item, table;
	int error;
	struct line cell[DOCUMENT_COLUMNS];
};

/* Calls a function of the renderer that may be missing. */
#define TELL(d, what, ...)                                                                         \
	do {                                                                                       \
		if ((d)->ops->what != NULL)                                                        \
			(d)->ops->what(__VA_ARGS__);                                               \
	} while (0)

void
document_fail(struct document *d, int err)
{
	if (d->error == 0)
		d->error = err;
}

int
document_error(const struct document *d)
{
	return d->error;
}

const struct report *
document_report(const struct document *d)
{
	return d->r;
}

FILE *
document_out(struct document *d)
{
	return d->out;
}

void *
document_own(struct document *d)
{
	return d->own;
}

bool
document_colour(const struct document *d)
{
	return d->colour;
}

struct line *
document_cells(struct document *d)
{
	for (size_t i = 0; i < DOCUMENT_COLUMNS; i++)
		line_clear(&d->cell[i]);
	return d->cell;
}

static bool
is_told(const struct section *s, const struct report *r)
{
	return s->any == NULL || s->any(r);
}

bool
document_contents(const struct document *d, size_t i, const char **id, const char **title)
{
	size_t count;
	const struct section *all = sections_all(&count);

	for (size_t k = 0; k < count; k++) {
		if (!is_told(&all[k], d->r) || i-- > 0)
			continue;
		*id = all[k].id;
		*title = all[k].title;
		return true;
	}
	return false;
}

static void
item_close(struct document *d)
{
	if (d->item)
		TELL(d, item_end, d);
	d->item = false;
}

static void
part_close(struct document *d)
{
	item_close(d);
	if (d->part)
		TELL(d, part_end, d);
	d->part = false;
}

void
document_part(struct document *d, const struct line *l)
{
	if (d->error != 0)
		return;
	part_close(d);
	TELL(d, part, d, l);
	d->part = true;
}

void
document_say(struct document *d, const struct line *l)
{
	if (d->error != 0)
		return;
	item_close(d);
	TELL(d, say, d, l);
}

void
document_item(struct document *d, const struct line *l)
{
	if (d->error != 0)
		return;
	item_close(d);
	TELL(d, item, d, l);
	d->item = true;
}

static const char *
clean_label(const char *label, char out[LABEL])
{
	if (label == NULL)
		return NULL;
	(void)text_clean((const uint8_t *)label, strlen(label), out, LABEL);
	return out;
}

void
document_fact(struct document *d, const char *label, const struct line *l)
{
	char clean[LABEL];

	if (d->error == 0)
		TELL(d, fact, d, clean_label(label, clean), l);
}

void
document_command(struct document *d, const char *label, const char *command)
{
	char clean[LABEL], line[COMMAND];

	if (d->error != 0)
		return;
	(void)text_clean((const uint8_t *)command, strlen(command), line, sizeof(line));
	TELL(d, command, d, clean_label(label, clean), line);
}

void
document_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption)
{
	if (d->error != 0)
		return;
	item_close(d);
	d->table = true;
	TELL(d, table, d, column, count, caption);
}

void
document_row(struct document *d, const struct line *cell)
{
	if (d->error == 0 && d->table)
		TELL(d, row, d, cell);
}

void
document_table_end(struct document *d)
{
	if (d->error == 0 && d->table)
		TELL(d, table_end, d);
	d->table = false;
}

bool
document_draws(const struct document *d)
{
	return d->ops->figure != NULL;
}

void
document_figure(struct document *d, enum figure which, const void *about)
{
	if (d->error != 0)
		return;
	item_close(d);
	TELL(d, figure, d, which, about);
}

static void
section_write(struct document *d, const struct section *s)
{
	TELL(d, section, d, s->id, s->title);
	s->write(d);
	if (d->error != 0)
		return;
	part_close(d);
	TELL(d, section_end, d);
	if (ferror(d->out))
		document_fail(d, -EIO);
}

static void
sections_write(struct document *d)
{
	size_t count;
	const struct section *all = sections_all(&count);

	for (size_t i = 0; i < count && d->error == 0; i++)
		if (is_told(&all[i], d->r))
			section_write(d, &all[i]);
}

static struct document *
document_new(const struct document_ops *ops)
{
	struct document *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->own = calloc(1, ops->own_size + 1);
	if (d->own == NULL) {
		free(d);
		return NULL;
	}
	d->ops = ops;
	return d;
}

int
document_write(const struct document_ops *ops, const struct report *r, FILE *out, bool colour)
{
	struct document *d = document_new(ops);

	if (d == NULL)
		return -ENOMEM;
	d->r = r;
	d->out = out;
	d->colour = colour;
	TELL(d, begin, d);
	sections_write(d);
	TELL(d, end, d);
	if (d->error == 0 && (fflush(out) != 0 || ferror(out)))
		d->error = -EIO;
	int err = d->error;
	free(d->own);
	free(d);
	return err;
}
