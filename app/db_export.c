/* db_export.c - every row of a store as one line. See db.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/db.h"
#include "app/exits.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/show.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "report/rows/csv.h"
#include "store/store.h"
#include "store/upkeep.h"

enum {
	CLEANED = 3 /* bytes that one byte may become */
};

struct exporting {
	FILE *out;
	char table[32]; /* that rows came from last */
};

static void
put_octets(FILE *out, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", octets[i]);
}

/* Strings as JSON has them: the escapes of base/json.h. */
static void
put_json_text(FILE *out, const char *text)
{
	char piece[JSON_CHAR + 3];

	putc('"', out);
	for (; *text != '\0'; text++) {
		char *end = json_put_string(piece, text, 1);

		fwrite(piece + 1, 1, (size_t)(end - piece) - 2, out);
	}
	putc('"', out);
}

/* Names are cleaned where they come in; whoever edited the store did not. Lines of a policy stay lines. */
static void
clean_lines(const char *text, char *out, size_t size)
{
	for (size_t used = 0;;) {
		size_t len = strcspn(text, "\n\t");

		used += text_clean((const uint8_t *)text, len, out + used, size - used);
		text += len;
		if (*text == '\0')
			return;
		out[used++] = *text++;
	}
}

static void
put_text(void (*put)(FILE *out, const char *text), FILE *out, const struct upkeep_value *v)
{
	size_t size = strlen(v->text) * CLEANED + 1;
	char *text = malloc(size);

	if (text == NULL) {
		put(out, "");
		return;
	}
	clean_lines(v->text, text, size);
	put(out, text);
	free(text);
}

static void
put_json_value(FILE *out, const struct upkeep_value *v)
{
	switch (v->kind) {
	case UPKEEP_NULL:
		fputs("null", out);
		break;
	case UPKEEP_NUMBER:
		fprintf(out, "%" PRId64, v->number);
		break;
	case UPKEEP_TEXT:
		put_text(put_json_text, out, v);
		break;
	case UPKEEP_OCTETS:
		putc('"', out);
		put_octets(out, v->octets, v->len);
		putc('"', out);
		break;
	}
}

static int
json_row(void *ctx, const char *table, const struct upkeep_value *value, size_t count)
{
	FILE *out = ((struct exporting *)ctx)->out;

	fprintf(out, "{\"table\":\"%s\"", table);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, ",\"%s\":", value[i].name);
		put_json_value(out, &value[i]);
	}
	fputs("}\n", out);
	return ferror(out) ? -EIO : 0;
}

static void
put_csv_value(FILE *out, const struct upkeep_value *v)
{
	if (v->kind == UPKEEP_NUMBER)
		fprintf(out, "%" PRId64, v->number);
	else if (v->kind == UPKEEP_TEXT && v->text[0] == '\0')
		fputs("\"\"", out); /* which NULL is not */
	else if (v->kind == UPKEEP_TEXT)
		put_text(csv_text, out, v);
	else if (v->kind == UPKEEP_OCTETS)
		put_octets(out, v->octets, v->len);
}

/* Before the first row of a table a line with the names of its columns, which begins with a `#`. */
static void
put_csv_header(
    struct exporting *e, const char *table, const struct upkeep_value *value, size_t count)
{
	if (strcmp(e->table, table) == 0)
		return;
	snprintf(e->table, sizeof(e->table), "%s", table);
	fputs("#table", e->out);
	for (size_t i = 0; i < count; i++)
		fprintf(e->out, ",%s", value[i].name);
	csv_line(e->out);
}

static int
csv_row(void *ctx, const char *table, const struct upkeep_value *value, size_t count)
{
	struct exporting *e = ctx;

	put_csv_header(e, table, value, count);
	fputs(table, e->out);
	for (size_t i = 0; i < count; i++) {
		putc(',', e->out);
		put_csv_value(e->out, &value[i]);
	}
	csv_line(e->out);
	return ferror(e->out) ? -EIO : 0;
}

static int
export_to(const struct settings *s, struct store *store, bool csv)
{
	struct exporting e = {.table = ""};
	struct output out;
	int err = output_replace(
	    &out, s->output == NULL ? "-" : s->output, &(struct output_spared){.store = s->store});

	if (err != 0)
		return err;
	e.out = out.file;
	errno = 0;
	err = upkeep_export(store, csv ? csv_row : json_row, &e);
	if (err != 0 && ferror(out.file))
		err = output_failed(&out);
	else if (err != 0)
		log_error("%s", store_error(store));
	int closed = output_close(&out, err == 0);
	return err != 0 ? err : closed;
}

int
db_export(struct settings *s)
{
	const char *format = s->format;
	bool csv = strcmp(format, "csv") == 0;
	struct store *store;

	/* `text` is what the option is without being given */
	if (!csv && strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
		log_error("format `%s' is none: json or csv is wanted", format);
		return exits_of(ERR_USAGE);
	}
	int err = show_open(s, &store);
	if (err == 0)
		err = export_to(s, store, csv);
	store_close(&store);
	return exits_of(err);
}
