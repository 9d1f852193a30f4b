/* html_table.c - tables, which scroll by themselves where they are too wide, and can be reached by the keyboard then. */
#include "report/html_parts.h"

#include "report/html_text.h"

static void
head_write(FILE *out, const struct document_column *column, size_t count)
{
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "<th scope=\"col\"%s>", column[i].number ? " class=\"n\"" : "");
		html_string(out, column[i].title);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void
html_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption)
{
	struct html *h = document_own(d);
	FILE *out = document_out(d);

	html_close(d);
	h->column = column;
	h->columns = count;
	fputs("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Table: ", out);
	html_string(out, caption != NULL ? caption : h->section);
	fputs("\">\n<table>\n", out);
	if (caption != NULL) {
		fputs("<caption>", out);
		html_string(out, caption);
		fputs("</caption>\n", out);
	}
	head_write(out, column, count);
}

/* Cells and rows end where the next one begins, as HTML has it: a page of many servers is mostly these. */
void
html_row(struct document *d, const struct line *cell)
{
	const struct html *h = document_own(d);
	FILE *out = document_out(d);

	fputs("<tr>", out);
	for (size_t i = 0; i < h->columns; i++) {
		fprintf(out, "<%s%s>", i == 0 ? "th scope=\"row\"" : "td",
		    h->column[i].number ? " class=\"n\"" : "");
		html_cell(out, &cell[i]);
	}
	fputc('\n', out);
}

void
html_table_end(struct document *d)
{
	fputs("</tbody>\n</table>\n</div>\n", document_out(d));
}
