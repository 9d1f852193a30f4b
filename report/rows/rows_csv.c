/* rows_csv.c - CSV (csv.h), with a header row. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/rows/csv.h"
#include "report/rows/rows_kind.h"

enum {
	CELL_NAMES = 16384, /* of all that stands in one cell: aliases, sets of endpoints */
	CELL_NUMBER = 24,
};

/* The text of a member of an array; NULL for what has none. */
static const char *
member_text(const json_t *value, char number[CELL_NUMBER])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (!json_is_integer(value))
		return NULL;
	snprintf(number, CELL_NUMBER, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return number;
}

/* Several names or numbers in one cell. */
static void
members_write(FILE *out, const json_t *members)
{
	char text[CELL_NAMES] = "", number[CELL_NUMBER];
	size_t used = 0, i;
	json_t *member;

	json_array_foreach(members, i, member)
	{
		const char *word = member_text(member, number);
		size_t len = word != NULL ? strlen(word) : 0;

		if (used + 2 + len >= sizeof(text))
			break;
		if (i > 0)
			text[used++] = ';';
		if (word == NULL)
			continue;
		memcpy(text + used, word, len + 1);
		used += len;
	}
	csv_text(out, text);
}

/* Of objects, how many there are. */
static void
array_write(FILE *out, const json_t *array)
{
	if (json_is_object(json_array_get(array, 0)))
		fprintf(out, "%zu", json_array_size(array));
	else
		members_write(out, array);
}

static void
value_write(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		csv_text(out, json_string_value(value));
	else if (json_is_array(value))
		array_write(out, value);
	else if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_true(value))
		fputs("true", out);
	else if (json_is_false(value))
		fputs("false", out);
}

static int
csv_begin(struct rows_state *s)
{
	const struct rows_cell *cell = s->kind->cell;

	for (size_t i = 0; i < s->kind->cells; i++)
		fprintf(s->out, "%s%s", i == 0 ? "" : ",",
		    cell[i].of != NULL ? cell[i].of : cell[i].key);
	csv_line(s->out);
	return 0;
}

static int
csv_row(struct rows_state *s, json_t *row)
{
	for (size_t i = 0; i < s->kind->cells; i++) {
		const struct rows_cell *cell = &s->kind->cell[i];
		const json_t *value = json_object_get(row, cell->key);

		if (i > 0)
			fputc(',', s->out);
		if (cell->of != NULL)
			value = json_object_get(
			    json_is_array(value) ? json_array_get(value, 0) : value, cell->of);
		value_write(s->out, value);
	}
	csv_line(s->out);
	return 0;
}

static int
csv_end(struct rows_state *s)
{
	(void)s;
	return 0;
}

const struct rows_ops rows_csv_ops = {"csv", csv_begin, NULL, csv_row, csv_end};
