/* markdown.c - a report as Markdown for a ticket: GitHub's and GitLab's kind, with headings, lists, tables and code spans.
 *
 * Whatever a line holds is written by span_write() alone. It has no way to escape, for a ticket system reads on after Markdown is done:
 * mentions, references and addresses without a scheme work in text however it was written. So a word is text only if it
 * is made of what means nothing anywhere (markdown_word.h). Every other word is a code span, as are all that machines spell. */
#include <stdbool.h>
#include <string.h>

#include "report/document/document.h"
#include "report/document/formats.h"
#include "report/document/markdown_word.h"
#include "report/model/model.h"

enum {
	HEADLINE = 512,
};

/* What was written last: blocks of different kinds stand apart. */
enum block {
	BLOCK_NONE,
	BLOCK_TEXT,
	BLOCK_LIST,
	BLOCK_TABLE,
};

struct markdown {
	FILE *out;
	enum block block;
	bool item;  /* is open */
	bool table; /* a bar would end a cell */
	bool bold;
	bool first; /* no word of the line was written */
	size_t columns;
	size_t code_len;
	char code[LINE_TEXT]; /* of the span that is open */
};

static void
block_begin(struct markdown *m, enum block block)
{
	if (m->block != BLOCK_NONE && (m->block != block || block != BLOCK_LIST))
		fputc('\n', m->out);
	m->block = block;
}

static size_t
longest_fence(const char *code, size_t len)
{
	size_t longest = 0, n = 0;

	for (size_t i = 0; i < len; i++) {
		n = code[i] == '`' ? n + 1 : 0;
		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Without a bar, where those end cells. */
static void
code_write(struct markdown *m, const char *code, size_t len)
{
	if (len == 0)
		return;
	size_t fence = longest_fence(code, len) + 1;
	bool pad =
	    code[0] == '`' || code[len - 1] == '`' || (code[0] == ' ' && code[len - 1] == ' ');

	for (size_t i = 0; i < fence; i++)
		fputc('`', m->out);
	fprintf(m->out, "%s%.*s%s", pad ? " " : "", (int)len, code, pad ? " " : "");
	for (size_t i = 0; i < fence; i++)
		fputc('`', m->out);
}

/* A bar in a cell cannot be written in a span so that all readers agree; between two it can. */
static void
code_end(struct markdown *m)
{
	const char *code = m->code, *end = m->code + m->code_len;

	while (code < end) {
		const char *bar = m->table ? memchr(code, '|', (size_t)(end - code)) : NULL;

		code_write(m, code, (size_t)((bar != NULL ? bar : end) - code));
		if (bar == NULL)
			break;
		fputs("&#124;", m->out);
		code = bar + 1;
	}
	m->code_len = 0;
}

static void
bold_set(struct markdown *m, bool bold)
{
	if (m->bold == bold)
		return;
	code_end(m);
	fputs("**", m->out);
	m->bold = bold;
}

static void
code_add(struct markdown *m, const char *text, size_t len)
{
	memcpy(m->code + m->code_len, text, len);
	m->code_len += len;
	m->first = false;
}

static void
word_write(struct markdown *m, const char *word, size_t len)
{
	if (!markdown_word_is_plain(word, len, m->first)) {
		code_add(m, word, len);
		return;
	}
	code_end(m);
	/* An arrow is the one word that needs a spelling of its own. */
	if (len == 2 && memcmp(word, "->", 2) == 0)
		fputs("-&gt;", m->out);
	else
		fwrite(word, 1, len, m->out);
	m->first = false;
}

static bool
is_strong(enum role role)
{
	return role == ROLE_STRONG || role == ROLE_BAD;
}

/* The role of the octet at ${at}; ${*i} is the piece of an earlier one. */
static enum role
role_at(const struct line *l, size_t at, size_t *i)
{
	while (*i + 1 < l->count && l->piece[*i + 1].from <= at)
		++*i;
	return (enum role)l->piece[*i].role;
}

/* The end of what begins at ${at}: of a piece of code, or of a word of other pieces. */
static size_t
fragment_end(const struct line *l, size_t at, size_t i)
{
	if (l->piece[i].role == ROLE_CODE)
		return l->piece[i].from + l->piece[i].len;
	size_t end = at + strcspn(l->text + at, " ");
	for (; i + 1 < l->count && l->piece[i + 1].from < end; i++)
		if (l->piece[i + 1].role == ROLE_CODE)
			return l->piece[i + 1].from;
	return end;
}

/* Nothing else writes what a line holds. */
static void
span_write(struct markdown *m, const struct line *l)
{
	bool gap = false;

	m->first = true;
	for (size_t at = 0, i = 0; at < l->used;) {
		enum role role = role_at(l, at, &i);

		if (role != ROLE_CODE && l->text[at] == ' ') {
			gap = true;
			at++;
			continue;
		}
		size_t end = fragment_end(l, at, i);
		if (!is_strong(role))
			bold_set(m, false);
		if (gap && !m->first) {
			code_end(m);
			fputc(' ', m->out);
		}
		gap = false;
		if (is_strong(role))
			bold_set(m, true);
		if (role == ROLE_CODE)
			code_add(m, l->text + at, end - at);
		else
			word_write(m, l->text + at, end - at);
		at = end;
	}
	bold_set(m, false);
	code_end(m);
}

static void
text_write(struct markdown *m, enum role role, const char *text)
{
	struct line l = {0};

	span_write(m, line_add(&l, role, "%s", text));
}

static void
markdown_begin(struct document *d)
{
	struct markdown *m = document_own(d);
	char headline[HEADLINE];

	m->out = document_out(d);
	fputs("# ", m->out);
	text_write(m, ROLE_PLAIN, report_headline(document_report(d), headline, sizeof(headline)));
	fputc('\n', m->out);
	m->block = BLOCK_TEXT;
}

static void
markdown_section(struct document *d, const char *id, const char *title)
{
	struct markdown *m = document_own(d);

	(void)id;
	block_begin(m, BLOCK_TEXT);
	fputs("## ", m->out);
	text_write(m, ROLE_PLAIN, title);
	fputc('\n', m->out);
}

static void
markdown_part(struct document *d, const struct line *title)
{
	struct markdown *m = document_own(d);

	block_begin(m, BLOCK_TEXT);
	fputs("### ", m->out);
	span_write(m, title);
	fputc('\n', m->out);
}

static void
markdown_say(struct document *d, const struct line *l)
{
	struct markdown *m = document_own(d);

	block_begin(m, BLOCK_TEXT);
	span_write(m, l);
	fputc('\n', m->out);
}

static void
markdown_item(struct document *d, const struct line *l)
{
	struct markdown *m = document_own(d);

	block_begin(m, BLOCK_LIST);
	fputs("- ", m->out);
	span_write(m, l);
	fputc('\n', m->out);
	m->item = true;
}

static void
markdown_item_end(struct document *d)
{
	struct markdown *m = document_own(d);

	m->item = false;
}

static void
label_write(struct markdown *m, const char *label)
{
	block_begin(m, BLOCK_LIST);
	fputs(m->item ? "  - " : "- ", m->out);
	if (label == NULL)
		return;
	text_write(m, ROLE_PLAIN, label);
	fputs(": ", m->out);
}

static void
markdown_fact(struct document *d, const char *label, const struct line *l)
{
	struct markdown *m = document_own(d);

	label_write(m, label);
	span_write(m, l);
	fputc('\n', m->out);
}

static void
markdown_command(struct document *d, const char *label, const char *command)
{
	struct markdown *m = document_own(d);

	label_write(m, label);
	code_write(m, command, strlen(command));
	fputc('\n', m->out);
}

static void
markdown_table(
    struct document *d, const struct document_column *column, size_t count, const char *caption)
{
	struct markdown *m = document_own(d);

	(void)caption;
	block_begin(m, BLOCK_TABLE);
	m->columns = count;
	m->table = true;
	for (size_t i = 0; i < count; i++) {
		fputs("| ", m->out);
		text_write(m, ROLE_PLAIN, column[i].title);
		fputc(' ', m->out);
	}
	fputs("|\n", m->out);
	for (size_t i = 0; i < count; i++)
		fputs(column[i].number ? "| ---: " : "| --- ", m->out);
	fputs("|\n", m->out);
}

static void
markdown_row(struct document *d, const struct line *cell)
{
	struct markdown *m = document_own(d);

	for (size_t i = 0; i < m->columns; i++) {
		fputs("| ", m->out);
		span_write(m, &cell[i]);
		fputs(cell[i].used > 0 ? " " : "", m->out);
	}
	fputs("|\n", m->out);
}

static void
markdown_table_end(struct document *d)
{
	struct markdown *m = document_own(d);

	m->table = false;
}

const struct document_ops document_markdown = {
    .name = "markdown",
    .own_size = sizeof(struct markdown),
    .begin = markdown_begin,
    .section = markdown_section,
    .part = markdown_part,
    .say = markdown_say,
    .item = markdown_item,
    .item_end = markdown_item_end,
    .fact = markdown_fact,
    .command = markdown_command,
    .table = markdown_table,
    .row = markdown_row,
    .table_end = markdown_table_end,
};
