/* report_json.c - a row a line, and nothing held. */
#include "report/rows/report_json.h"

#include <errno.h>

#include "base/json.h"
#include "report/rows/report_rows.h"
#include "report/rows/rows.h"

/* Rows that the report does not hold, by table: known once they were written. */
struct lefts {
	const struct report_table *table;
	size_t count, left[64];
};

/* The members of ${o}, which is one open object, and what ends it is to come. */
static int
text_write(struct json *o, FILE *out)
{
	bool good = !o->failed && fwrite(o->text, 1, o->used, out) == o->used;
	int err = o->failed ? -ENOMEM : good ? 0 : -EIO;

	json_free(o);
	return err;
}

static int
head_write(const struct report *r, FILE *out)
{
	struct json o = {0};

	json_object_begin(&o, NULL);
	report_rows_summary(&o, r);
	return text_write(&o, out);
}

/* The first is the summary, which is the head. */
static int
tables_write(const struct report *r, struct lefts *l, FILE *out)
{
	int err = 0;

	for (size_t i = 1; i < l->count && err == 0; i++) {
		fprintf(out, "%s\"%s\":", i > 1 ? "," : "", l->table[i].id);
		err = report_rows_write(r, &l->table[i], &rows_json_ops, out, &l->left[i]);
	}
	return err;
}

static int
lefts_write(const struct lefts *l, FILE *out)
{
	struct json o = {0};

	json_object_begin(&o, NULL);
	for (size_t i = 1; i < l->count; i++)
		if (l->left[i] > 0)
			json_count(&o, l->table[i].id, l->left[i]);
	json_object_end(&o);
	return text_write(&o, out);
}

static int
whole_write(const struct report *r, FILE *out)
{
	struct lefts l = {0};
	int err = head_write(r, out);

	l.table = report_rows_tables(&l.count);
	if (err != 0)
		return err;
	fputs(",\n\"sections\":{\n", out);
	if ((err = tables_write(r, &l, out)) != 0)
		return err;
	fputs("},\n\"left\":", out);
	err = lefts_write(&l, out);
	fputs("}\n", out);
	return err;
}

int
report_json(const struct report *r, const struct report_table *only, FILE *out)
{
	size_t left;
	int err = only != NULL ? report_rows_write(r, only, &rows_json_ops, out, &left)
			       : whole_write(r, out);

	return err != 0 ? err : fflush(out) != 0 || ferror(out) ? -EIO : 0;
}
