/* document.h - what the sections of a report are written with: heads, paragraphs, items with facts, tables, figures; whatever
 * they come to look like.
 *
 * A section (sections.h) says once what is to be said. A renderer says how it looks: text for a mail, Markdown for a
 * ticket, HTML for a browser. Renderers alone know of columns, markup and colours, and each has one function that writes a
 * text: whatever is handed over here may be a stranger's word, and none of it is ever markup.
 *
 * Nothing is kept: what is said is written at once. A new section ends what is open of the one before, a new part or item
 * likewise. The first error sticks (document_error()); what is said after it goes nowhere. */
#ifndef EPMWATCH_REPORT_DOCUMENT_H
#define EPMWATCH_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/document/line.h"
#include "report/figures/figures.h"

struct document;
struct document_ops;
struct report;

enum {
	DOCUMENT_COLUMNS = 12
};

struct document_column {
	const char *title;
	bool number; /* stands on the right */
	bool extra;  /* left out where lines are short */
};

/* A renderer. Each function writes one thing; ends are told, and always in the right order. The lines and texts are the caller's;
 * labels and commands are clean, too. Functions may be NULL where there is nothing to write. */
struct document_ops {
	const char *name; /* of --format */
	size_t own_size;  /* of what the renderer remembers (document_own()); zeros at first */
	void (*begin)(
	    struct document *d);         /* says what it is: the verdict line (report_headline()) */
	void (*end)(struct document *d); /* also after an error: lets go of what is owned */
	void (*section)(struct document *d, const char *id, const char *title);
	void (*section_end)(struct document *d);
	void (*part)(struct document *d, const struct line *title);
	void (*part_end)(struct document *d);
	void (*say)(struct document *d, const struct line *l);
	void (*item)(struct document *d, const struct line *l);
	void (*item_end)(struct document *d);
	void (*fact)(struct document *d, const char *label, const struct line *l);
	void (*command)(struct document *d, const char *label, const char *command);
	void (*table)(struct document *d, const struct document_column *column, size_t count,
	    const char *caption);
	void (*row)(struct document *d, const struct line *cell); /* one a column */
	void (*table_end)(struct document *d);
	void (*figure)(struct document *d, enum figure which, const void *about);
};

/**
 * document_write(ops, r, out, colour):
 * Write all of a report. -EIO where ${out} failed, -ENOMEM, or what reading the store came to. ${colour} is for terminals.
 */
int document_write(const struct document_ops *ops, const struct report *r, FILE *out, bool colour);

/* For sections (sections.h), which begin and end by themselves: */

/** document_part(d, l): Begin a part of it, which has a head of its own: a kind of change, a server. */
void document_part(struct document *d, const struct line *l);

/** document_say(d, l): A paragraph; ends an item. */
void document_say(struct document *d, const struct line *l);

/** document_item(d, l): Begin an item: what it is about. Facts and commands that follow belong to it. */
void document_item(struct document *d, const struct line *l);

/** document_fact(d, label, l): Of the item, or of the part or section where none is open: `expected  56001 (pinned)`. */
void document_fact(struct document *d, const char *label, const struct line *l);

/** document_command(d, label, command): A line for a shell, never wrapped; to be copied as it is. ${label} may be NULL. */
void document_command(struct document *d, const char *label, const char *command);

/** document_table(d, columns, count, caption) / document_row(d, cells) / document_table_end(d): A table of at most DOCUMENT_COLUMNS
 * columns; ${cells} is one line a column, which it borrows until it returns. ${columns} is borrowed until the table ends; ${caption} may
 * be NULL. */
void document_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption);
void document_row(struct document *d, const struct line *cell);
void document_table_end(struct document *d);

/** document_cells(d): DOCUMENT_COLUMNS empty lines to make a row of; good until it is called again. */
struct line *document_cells(struct document *d);

/** document_figure(d, which, about): A picture of it. ${about}: for FIGURE_TIMELINES the server (struct report_server), else NULL. */
void document_figure(struct document *d, enum figure which, const void *about);

/** document_draws(d): Are figures drawn? Where they are not, tables that only repeat what they show can be left out. */
bool document_draws(const struct document *d);

/** document_fail(d, err) / document_error(d): The first error, negative errno; 0: none so far. */
void document_fail(struct document *d, int err);
int document_error(const struct document *d);

/* For renderers and sections: */

/** document_contents(d, i, id, title): The ${i}th section of those that are to come, from begin() on; false: there are no more. */
bool document_contents(const struct document *d, size_t i, const char **id, const char **title);

/** document_report(d) / document_out(d) / document_own(d) / document_colour(d): What it is about, where it goes, what the renderer remembers, and
 * whether escape sequences for colours are wanted. */
const struct report *document_report(const struct document *d);
FILE *document_out(struct document *d);
void *document_own(struct document *d);
bool document_colour(const struct document *d);

#endif
