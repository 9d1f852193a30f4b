/* html_table.c - tables, which scroll by themselves where they are too wide, and can be reached by the keyboard then. */
#include "report/document/html_parts.h"

#include "report/document/html_text.h"

/* A row of nothing but heads is a head of columns without being told. What HTML ends by itself is not ended here, nor are
 * words quoted that need no quotes: a page of many servers is mostly tables. */
static void
head_write(FILE *out, const struct document_column *column, size_t count)
{
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < count; i++) {
		fputs(column[i].number ? "<th class=n>" : "<th>", out);
		html_string(out, column[i].title);
	}
	fputs("</thead>\n<tbody>\n", out);
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

static void
cell_begin(FILE *out, const char *element, bool number, const char *class)
{
	fprintf(out, "<%s", element);
	if (number && class[0] != '\0')
		fprintf(out, " class=\"n %s\"", class);
	else if (number || class[0] != '\0')
		fprintf(out, " class=%s", number ? "n" : class);
	fputc('>', out);
}

void
html_row(struct document *d, const struct line *cell)
{
	const struct html *h = document_own(d);
	FILE *out = document_out(d);

	fputs("<tr>", out);
	for (size_t i = 0; i < h->columns; i++) {
		const char *class = html_cell_class(&cell[i]);

		cell_begin(out, i == 0 ? "th scope=row" : "td", h->column[i].number, class);
		if (i == 0 && class[0] == '\0')
			html_line(out, &cell[i]);
		else
			html_cell(out, &cell[i]);
	}
	fputc('\n', out);
}

void
html_table_end(struct document *d)
{
	fputs("</tbody>\n</table>\n</div>\n", document_out(d));
}
