/* rows_text.c - the same rows for people: aligned, in the spirit of rpcdump, wide columns cut. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows/rows_kind.h"
#include "report/words/table.h"

enum {
	CELL_TEXT = 512,
	ROWS_HELD = 10000, /* these say how wide columns are; those behind are written as they come */
};

/* Every table begins with who saw it. */
enum {
	PLACES = 2
};

/* The format's own: the table, and how its columns look. */
struct text_state {
	char place[PLACES][CELL_TEXT]; /* sensor and realm of the first row */
	bool places;                   /* other rows are of others */
	struct table_column look[TABLE_COLUMNS];
	struct table *table;
};

/* What breaks a rule, and how badly. */
static const char *
cell_colour(const void *ctx, size_t column, const char *cell)
{
	static const char red[] = "\033[31m", yellow[] = "\033[33m";
	const struct rows_kind *kind = ctx;
	const char *key = kind->column[column].key;

	if (strcmp(key, "verdict") == 0)
		return strcmp(cell, "ok") != 0 ? red : NULL;
	if (strcmp(key, "severity") != 0)
		return NULL;
	return strcmp(cell, "high") == 0 ? red : strcmp(cell, "medium") == 0 ? yellow : NULL;
}

static int
text_begin(struct rows_state *s)
{
	struct text_state *t = calloc(1, sizeof(*t));

	s->own = t;
	if (t == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < s->kind->columns; i++)
		t->look[i] = s->kind->column[i].look;
	int err = table_new(&t->table, t->look, s->kind->columns);
	if (err == 0 && s->colour)
		table_paint(t->table, cell_colour, s->kind);
	return err;
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
members_join(const json_t *members, char out[CELL_TEXT])
{
	size_t used = 0, i;
	json_t *member;

	json_array_foreach(members, i, member)
	{
		char number[24];
		const char *word = json_string_value(member);

		if (json_is_integer(member)) {
			snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			    json_integer_value(member));
			word = number;
		}
		if (word == NULL || used + 2 + strlen(word) >= CELL_TEXT)
			return;
		used += (size_t)snprintf(
		    out + used, CELL_TEXT - used, "%s%s", i == 0 ? "" : ", ", word);
	}
}

/* The words in an object: `ntlmssp privacy`. */
static void
words_join(json_t *object, char out[CELL_TEXT])
{
	size_t used = 0;
	const char *key;
	json_t *member;

	json_object_foreach(object, key, member)
	{
		const char *word = json_string_value(member);

		if (word == NULL || used + 2 + strlen(word) >= CELL_TEXT)
			return;
		used += (size_t)snprintf(
		    out + used, CELL_TEXT - used, "%s%s", used == 0 ? "" : " ", word);
	}
}

static void
value_text(json_t *value, char out[CELL_TEXT])
{
	out[0] = '\0';
	if (json_is_integer(value))
		snprintf(out, CELL_TEXT, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_string(value))
		table_cut(out, CELL_TEXT, json_string_value(value), 0);
	else if (json_is_object(json_array_get(value, 0)))
		snprintf(out, CELL_TEXT, "%zu", json_array_size(value));
	else if (json_is_array(value))
		members_join(value, out);
	else if (json_is_object(value))
		words_join(value, out);
}

/* What is said in a word for people beside a member, and in a member of its own for machines. */
static const struct {
	const char *key, *flag;
} remarks[] = {
    {"verdict", "settling"},
    {"state", "suppressed"},
    {"context", "sealed"},
};

static const char *
cell_text(const struct rows_column *column, json_t *row, char out[CELL_TEXT])
{
	json_t *value = json_object_get(row, column->key);

	if (value == NULL && column->other != NULL)
		value = json_object_get(row, column->other);
	value_text(value, out);
	/* As error codes are written: 0x80040305. */
	if (strcmp(column->key, "status") == 0 && json_integer_value(value) != 0)
		snprintf(out, CELL_TEXT, "0x%08" PRIx64, (uint64_t)json_integer_value(value));
	if (column->is_time)
		time_shorten(out);
	for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++) {
		size_t used = strlen(out);

		if (strcmp(column->key, remarks[i].key) == 0 &&
		    json_is_true(json_object_get(row, remarks[i].flag)))
			snprintf(out + used, CELL_TEXT - used, "%s%s",
			    used > 0 ? " " : "", remarks[i].flag);
	}
	return out;
}

/* Whether places differ is not known before the end, so it depends on whether they can. */
static void
text_held(struct rows_state *s)
{
	struct text_state *t = s->own;

	for (size_t i = 0; i < PLACES && s->places <= 1; i++)
		table_hide(t->table, i);
	table_stream(t->table, s->out, 0);
}

static int
text_row(struct rows_state *s, json_t *row)
{
	struct text_state *t = s->own;
	char text[TABLE_COLUMNS][CELL_TEXT];
	const char *cell[TABLE_COLUMNS];

	for (size_t i = 0; i < s->kind->columns; i++)
		cell[i] = cell_text(&s->kind->column[i], row, text[i]);
	for (size_t i = 0; i < PLACES; i++) {
		if (s->count == 0)
			memcpy(t->place[i], text[i], CELL_TEXT);
		else
			t->places |= strcmp(t->place[i], text[i]) != 0;
	}
	int err = table_add(t->table, cell);
	if (err == 0 && s->count + 1 == ROWS_HELD)
		text_held(s);
	return err;
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

const struct rows_ops rows_text_ops = {"text", text_begin, NULL, text_row, text_end};
