/* rows_csv.c - RFC 4180, with a header row.
 *
 * Spreadsheets run a cell that begins with = + - @ as a formula, also behind a tab or a return;
 * such a cell gets a single quote in front. Lines end in CR LF. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows.h"

/* The members of a row that become cells, in the contract's order; what came later stands last. */
static const struct {
	const char *key;
	bool history_only;
} column[] = {
    {"sensor", false},
    {"realm", false},
    {"server", false},
    {"host", false},
    {"interface", false},
    {"version", false},
    {"service", false},
    {"annotation", false},
    {"protseq", false},
    {"port", false},
    {"endpoint", false},
    {"confidence", false},
    {"first_seen", false},
    {"last_seen", false},
    {"clients", false},
    {"announced", false},
    {"used", false},
    {"attempted", false},
    {"verdict", false},
    {"ended", true},
    {"why", true},
    {"aliases", false},
};

enum {
	COLUMNS = sizeof(column) / sizeof(column[0]),
	CELL_NAMES = SERVER_ALIASES * (SERVER_NAME + 2), /* aliases, all of the longest */
};

/* Would a program that shows tables take it for one? */
static bool
is_formula(const char *text)
{
	return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static void
cell_write(FILE *out, const char *text)
{
	bool guard = is_formula(text);
	bool quote = strpbrk(text, "\",;\t\r\n") != NULL; /* some programs separate cells by semicolons */

	if (quote)
		fputc('"', out);
	if (guard)
		fputc('\'', out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	if (quote)
		fputc('"', out);
}

/* Several names in one cell. */
static void
names_write(FILE *out, const json_t *names)
{
	char text[CELL_NAMES] = "";
	size_t used = 0, i;
	json_t *name;

	json_array_foreach(names, i, name)
	{
		const char *word = json_is_string(name) ? json_string_value(name) : "";
		size_t len = strlen(word);

		if (used + 2 + len >= sizeof(text))
			break;
		if (i > 0)
			text[used++] = ';';
		if (i > 0 && is_formula(word))
			text[used++] = '\'';
		memcpy(text + used, word, len + 1);
		used += len;
	}
	cell_write(out, text);
}

static void
value_write(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		cell_write(out, json_string_value(value));
	else if (json_is_array(value))
		names_write(out, value);
	else if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

static int
csv_begin(struct rows_state *s)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (!column[i].history_only || s->history)
			fprintf(s->out, "%s%s", i == 0 ? "" : ",", column[i].key);
	fputs("\r\n", s->out);
	return 0;
}

static int
csv_row(struct rows_state *s, json_t *row)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (column[i].history_only && !s->history)
			continue;
		if (i > 0)
			fputc(',', s->out);
		value_write(s->out, json_object_get(row, column[i].key));
	}
	fputs("\r\n", s->out);
	return 0;
}

static int
csv_end(struct rows_state *s)
{
	(void)s;
	return 0;
}

const struct rows_ops rows_csv_ops = {"csv", csv_begin, csv_row, csv_end};
