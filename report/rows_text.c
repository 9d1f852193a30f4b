/* rows_text.c - the same rows for people: aligned, in the spirit of rpcdump, wide columns cut. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows.h"
#include "report/table.h"

enum {
	CELL_TEXT = 512
};

/* What a column shows: the first of up to two members of the row that is there. */
struct text_column {
	struct table_column look;
	const char *key, *other;
	bool is_time;
};

static const struct text_column alive_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"SERVICE", 0, false}, "service", NULL, false},
    {{"INTERFACE", 0, false}, "interface", NULL, false},
    {{"VERSION", 0, false}, "version", NULL, false},
    {{"PROTSEQ", 0, false}, "protseq", NULL, false},
    {{"ENDPOINT", 30, false}, "port", "endpoint", false},
    {{"CONFIDENCE", 0, false}, "confidence", NULL, false},
    {{"CLIENTS", 0, true}, "clients", NULL, false},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
    {{"ANNOTATION", 40, false}, "annotation", NULL, false},
    {{"ALIASES", 40, false}, "aliases", NULL, false},
};

static const struct text_column history_columns[] = {
    {{"SENSOR", 20, false}, "sensor", NULL, false},
    {{"REALM", 20, false}, "realm", NULL, false},
    {{"SERVER", 0, false}, "server", NULL, false},
    {{"HOST", 20, false}, "host", NULL, false},
    {{"SERVICE", 0, false}, "service", NULL, false},
    {{"INTERFACE", 0, false}, "interface", NULL, false},
    {{"VERSION", 0, false}, "version", NULL, false},
    {{"PROTSEQ", 0, false}, "protseq", NULL, false},
    {{"ENDPOINT", 30, false}, "port", "endpoint", false},
    {{"CONFIDENCE", 0, false}, "confidence", NULL, false},
    {{"FIRST SEEN (UTC)", 0, false}, "first_seen", NULL, true},
    {{"LAST SEEN (UTC)", 0, false}, "last_seen", NULL, true},
    {{"ENDED (UTC)", 0, false}, "ended", NULL, true},
    {{"WHY", 0, false}, "why", NULL, false},
    {{"VERDICT", 0, false}, "verdict", NULL, false},
};

enum {
	ALIVE_COLUMNS = sizeof(alive_columns) / sizeof(alive_columns[0]),
	HISTORY_COLUMNS = sizeof(history_columns) / sizeof(history_columns[0]),
};

/* Both tables begin with who saw it. */
enum {
	PLACES = 2
};

/* The format's own: the table, and the columns it was made of. */
struct text_state {
	char place[PLACES][CELL_TEXT]; /* sensor and realm of the first row */
	bool places;                   /* other rows are of others */
	const struct text_column *column;
	size_t columns;
	struct table_column look[TABLE_COLUMNS];
	struct table *table;
};

static int
text_begin(struct rows_state *s)
{
	struct text_state *t = calloc(1, sizeof(*t));

	s->own = t;
	if (t == NULL)
		return -ENOMEM;
	t->column = s->history ? history_columns : alive_columns;
	t->columns = s->history ? HISTORY_COLUMNS : ALIVE_COLUMNS;
	for (size_t i = 0; i < t->columns; i++)
		t->look[i] = t->column[i].look;
	return table_new(&t->table, t->look, t->columns);
}

/* 2026-11-22T01:40:48.123456Z reads better as 2026-11-22 01:40:48. */
static void
time_shorten(char *text)
{
	char *clock = strchr(text, 'T');

	if (clock == NULL || strlen(clock) < sizeof("T01:40:48"))
		return;
	clock[0] = ' ';
	clock[sizeof("T01:40:48") - 1] = '\0';
}

/* As many as there is room for; the column is cut anyway. */
static void
names_join(const json_t *names, char out[CELL_TEXT])
{
	size_t used = 0, i;
	json_t *name;

	json_array_foreach(names, i, name)
	{
		const char *word = json_string_value(name);

		if (word == NULL || used + 2 + strlen(word) >= CELL_TEXT)
			return;
		used += (size_t)snprintf(
		    out + used, CELL_TEXT - used, "%s%s", i == 0 ? "" : ", ", word);
	}
}

static const char *
cell_text(const struct text_column *column, json_t *row, char out[CELL_TEXT])
{
	const json_t *value = json_object_get(row, column->key);

	if (value == NULL && column->other != NULL)
		value = json_object_get(row, column->other);
	out[0] = '\0';
	if (json_is_integer(value))
		snprintf(out, CELL_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_string(value))
		table_cut(out, CELL_TEXT, json_string_value(value), 0);
	else if (json_is_array(value))
		names_join(value, out);
	if (column->is_time)
		time_shorten(out);
	/* The verdict of a row says what; that it passes by itself is a word for people. */
	if (strcmp(column->key, "verdict") == 0 && json_is_true(json_object_get(row, "settling")))
		strncat(out, " settling", CELL_TEXT - 1 - strlen(out));
	return out;
}

static int
text_row(struct rows_state *s, json_t *row)
{
	struct text_state *t = s->own;
	char text[TABLE_COLUMNS][CELL_TEXT];
	const char *cell[TABLE_COLUMNS];

	for (size_t i = 0; i < t->columns; i++)
		cell[i] = cell_text(&t->column[i], row, text[i]);
	for (size_t i = 0; i < PLACES; i++) {
		if (s->count == 0)
			memcpy(t->place[i], text[i], CELL_TEXT);
		else
			t->places |= strcmp(t->place[i], text[i]) != 0;
	}
	return table_add(t->table, cell);
}

static int
text_end(struct rows_state *s)
{
	struct text_state *t = s->own;

	if (t == NULL)
		return 0;
	for (size_t i = 0; i < PLACES && t->table != NULL && !t->places; i++)
		table_hide(t->table, i);
	if (t->table != NULL)
		table_print(t->table, s->out, 0, true);
	table_free(&t->table);
	free(t);
	s->own = NULL;
	return 0;
}

const struct rows_ops rows_text_ops = {"text", text_begin, text_row, text_end};
