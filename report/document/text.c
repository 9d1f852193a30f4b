/* text.c - a report as plain text in 80 columns: for a terminal, a mail, a log.
 *
 * Words go to the next line, under the text that they belong to; a word that no line holds is broken. Commands are never
 * wrapped, for they are copied. Lines are clean (line.h), so no word of a stranger's holds an escape sequence. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/document/grid.h"
#include "report/model/model.h"

enum {
	WIDTH = 80,
	STEP = 2,   /* an item's facts are so much farther in */
	LABEL = 10, /* columns of a label */
	HEADLINE = 512,
};

struct text {
	FILE *out;
	bool colour;
	bool begun;      /* something was written in this section */
	bool part, item; /* is open */
	bool parted;     /* what follows the item stands apart: it ends in a command */
	unsigned column;
	struct grid *grid;
};

static const char *
colour_of(enum role role)
{
	switch (role) {
	case ROLE_STRONG:
		return "\033[1m";
	case ROLE_GOOD:
		return "\033[32m";
	case ROLE_BAD:
		return "\033[31m";
	case ROLE_MUTED:
		return "\033[2m";
	case ROLE_PLAIN:
	case ROLE_CODE:
	case ROLE_TIME:
		break;
	}
	return NULL;
}

static void
paint(void *ctx, enum role role, bool begin)
{
	struct text *t = ctx;
	const char *colour = colour_of(role);

	if (t->colour && colour != NULL)
		fputs(begin ? colour : "\033[0m", t->out);
}

static unsigned
indent_of(const struct text *t)
{
	return (t->part ? (unsigned)STEP : 0) + (t->item ? (unsigned)STEP : 0);
}

static void
line_end(struct text *t)
{
	fputc('\n', t->out);
	t->column = 0;
}

static void
move_to(struct text *t, unsigned column)
{
	if (column > t->column) {
		fprintf(t->out, "%*s", (int)(column - t->column), "");
		t->column = column;
	}
}

/* Octets of ${l}, each piece in its colour. */
static void
octets_write(struct text *t, const struct line *l, size_t from, size_t to)
{
	for (size_t i = 0; i < l->count; i++) {
		size_t low = l->piece[i].from, high = low + l->piece[i].len;

		low = low > from ? low : from;
		high = high < to ? high : to;
		if (low >= high)
			continue;
		paint(t, (enum role)l->piece[i].role, true);
		fwrite(l->text + low, 1, high - low, t->out);
		paint(t, (enum role)l->piece[i].role, false);
	}
}

static size_t
columns_of(const struct line *l, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += ((unsigned char)l->text[from] & 0xc0) != 0x80;
	return n;
}

/* Octets that have room in ${columns}. */
static size_t
octets_in(const struct line *l, size_t from, size_t to, size_t columns)
{
	size_t end = from;

	while (end < to && (columns > 0 || ((unsigned char)l->text[end] & 0xc0) == 0x80))
		columns -= ((unsigned char)l->text[end++] & 0xc0) != 0x80;
	return end;
}

/* Words on this line, or one that is longer than a line and broken. */
static void
words_write(struct text *t, const struct line *l, size_t from, size_t to, unsigned hang)
{
	while (from < to) {
		size_t end = octets_in(l, from, to, WIDTH - t->column);

		octets_write(t, l, from, end);
		t->column += (unsigned)columns_of(l, from, end);
		from = end;
		if (from < to) {
			line_end(t);
			move_to(t, hang);
		}
	}
}

/* Where the word ends that begins at ${at}, behind blanks; ${at} itself: there is none. */
static size_t
word_end(const struct line *l, size_t at)
{
	size_t from = at + strspn(l->text + at, " "), end = from + strcspn(l->text + from, " ");

	return end > from ? end : at;
}

/* ... and the last one that is still on the line, if that word is. */
static size_t
words_end(const struct text *t, const struct line *l, size_t from)
{
	size_t end = word_end(l, from), next;

	while ((next = word_end(l, end)) > end && t->column + columns_of(l, from, next) <= WIDTH)
		end = next;
	return end;
}

/* From where the line stands; what is wrapped begins at ${hang}. What is on one line is written at once, so that its colours are told once. */
static void
wrapped_write(struct text *t, const struct line *l, unsigned hang)
{
	size_t at = 0, end;

	while (at < l->used && (end = word_end(l, at)) > at) {
		size_t gap = strspn(l->text + at, " ");

		if (t->column > hang && t->column + columns_of(l, at, end) > WIDTH) {
			line_end(t);
			move_to(t, hang);
		} else {
			move_to(t, t->column + (unsigned)gap);
		}
		end = words_end(t, l, at + gap);
		words_write(t, l, at + gap, end, hang);
		at = end;
	}
	line_end(t);
}

static void
text_begin(struct document *d)
{
	struct text *t = document_own(d);
	char headline[HEADLINE];
	struct line l = {0};

	t->out = document_out(d);
	t->colour = document_colour(d);
	line_add(
	    &l, ROLE_STRONG, "%s", report_headline(document_report(d), headline, sizeof(headline)));
	wrapped_write(t, &l, 0);
}

static void
text_end(struct document *d)
{
	struct text *t = document_own(d);

	grid_free(&t->grid);
}

static void
text_section(struct document *d, const char *id, const char *title)
{
	struct text *t = document_own(d);

	fputc('\n', t->out);
	t->begun = t->parted = false;
	/* The head of the first would say nothing. */
	if (strcmp(id, "summary") == 0)
		return;
	paint(t, ROLE_STRONG, true);
	for (; *title != '\0'; title++)
		fputc(*title >= 'a' && *title <= 'z' ? *title - 'a' + 'A' : *title, t->out);
	paint(t, ROLE_STRONG, false);
	fputc('\n', t->out);
}

static void
text_part(struct document *d, const struct line *title)
{
	struct text *t = document_own(d);

	if (t->begun)
		fputc('\n', t->out);
	wrapped_write(t, title, STEP);
	t->part = t->begun = true;
	t->parted = false;
}

static void
text_part_end(struct document *d)
{
	struct text *t = document_own(d);

	t->part = false;
}

static void
paragraph_begin(struct text *t)
{
	if (t->parted)
		fputc('\n', t->out);
	t->parted = false;
	t->begun = true;
	move_to(t, indent_of(t));
}

static void
text_say(struct document *d, const struct line *l)
{
	struct text *t = document_own(d);

	paragraph_begin(t);
	wrapped_write(t, l, indent_of(t));
}

static void
text_item(struct document *d, const struct line *l)
{
	struct text *t = document_own(d);

	paragraph_begin(t);
	wrapped_write(t, l, indent_of(t) + 3 * STEP);
	t->item = true;
}

static void
text_item_end(struct document *d)
{
	struct text *t = document_own(d);

	t->item = false;
}

/* Leaves the line where the fact begins. */
static unsigned
label_write(struct text *t, const char *label)
{
	unsigned indent = indent_of(t), text = indent + LABEL;

	t->begun = true;
	move_to(t, indent);
	if (label == NULL)
		label = "";
	fputs(label, t->out);
	t->column += (unsigned)text_width(label);
	move_to(t, t->column + 1 > text ? t->column + STEP : text);
	return text;
}

static void
text_fact(struct document *d, const char *label, const struct line *l)
{
	struct text *t = document_own(d);

	wrapped_write(t, l, label_write(t, label));
}

static void
text_command(struct document *d, const char *label, const char *command)
{
	struct text *t = document_own(d);

	(void)label_write(t, label);
	t->parted = t->item;
	fputs(command, t->out);
	line_end(t);
}

static void
text_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption)
{
	struct text *t = document_own(d);

	(void)caption;
	if (t->parted)
		fputc('\n', t->out);
	t->parted = false;
	t->begun = true;
	grid_free(&t->grid);
	int err = grid_new(&t->grid, column, count);
	if (err != 0)
		document_fail(d, err);
}

static void
text_row(struct document *d, const struct line *cell)
{
	struct text *t = document_own(d);
	int err = grid_add(t->grid, cell);

	if (err != 0)
		document_fail(d, err);
}

static void
text_table_end(struct document *d)
{
	struct text *t = document_own(d);

	grid_print(t->grid, t->out, indent_of(t), WIDTH, paint, t);
	grid_free(&t->grid);
}

const struct document_ops document_text = {
    .name = "text",
    .own_size = sizeof(struct text),
    .begin = text_begin,
    .end = text_end,
    .section = text_section,
    .part = text_part,
    .part_end = text_part_end,
    .say = text_say,
    .item = text_item,
    .item_end = text_item_end,
    .fact = text_fact,
    .command = text_command,
    .table = text_table,
    .row = text_row,
    .table_end = text_table_end,
};
