/* rows_json.c - one JSON array, a row a line. */
#include <errno.h>

#include "report/rows/rows.h"

static int
json_begin(struct rows_state *s)
{
	fputc('[', s->out);
	return 0;
}

static int
json_text_row(struct rows_state *s, const char *row, size_t len)
{
	fputs(s->count == 0 ? "\n" : ",\n", s->out);
	return fwrite(row, 1, len, s->out) == len ? 0 : -EIO;
}

static int
json_end(struct rows_state *s)
{
	fputs("\n]\n", s->out);
	return 0;
}

const struct rows_ops rows_json_ops = {"json", json_begin, json_text_row, NULL, json_end};
