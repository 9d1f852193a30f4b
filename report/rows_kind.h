/* rows_kind.h - what a kind of rows consists of: where they come from, and which members of a row become cells.
 *
 * Included by the files of rows only. */
#ifndef EPMWATCH_REPORT_ROWS_KIND_H
#define EPMWATCH_REPORT_ROWS_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "report/rows.h"
#include "report/table.h"

struct json;
struct servers;
struct uuid;

/* A cell of CSV: a member of the row; where ${of} is not NULL, that member of the object that it is, or of the first
 * in the array. */
struct rows_cell {
	const char *key, *of;
};

/* A column of text: the first of up to two members of the row that is there. */
struct rows_column {
	struct table_column look;
	const char *key, *other;
	bool is_time;
};

/* Rows as they are written. */
struct rows_run {
	struct store *store;
	const struct query_filter *filter;
	const struct rows_ops *ops;
	const struct rows_options *options;
	const struct servers *servers; /* those of the filter */
	struct rows_state state;
	size_t findings;
};

struct rows_kind {
	const struct rows_cell *cell;
	const struct rows_column *column; /* sensor and realm are the first two */
	size_t cells, columns;
	int (*select)(struct rows_run *run); /* calls rows_put() for each */
};

#define ROWS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** rows_put(run, row): Write the row whose object is the text of ${row}, and free that. -ENOMEM, -EIO. */
int rows_put(struct rows_run *run, struct json *row);

/** rows_wanted(run, uuid): Is it an interface that the options ask for? */
bool rows_wanted(const struct rows_run *run, const struct uuid *uuid);

#endif
