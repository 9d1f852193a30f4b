/* rows_kind.h - what a kind of rows consists of: where they come from, and which members of a row become cells.
 *
 * Included by the files of rows only. */
#ifndef EPMWATCH_REPORT_ROWS_KIND_H
#define EPMWATCH_REPORT_ROWS_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "report/rows/rows.h"
#include "report/words/table.h"

struct addr;
struct json;
struct report;
struct query_alert;
struct query_change;
struct query_evidence;
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
	const struct report *report; /* whose tables they are (report_rows.h); NULL: of a listing */
	size_t left;                 /* rows that the report does not hold */
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

/** rows_client_host(run, o, client): `client_host`, where a file of names says who that is (store_set_hosts()). */
void rows_client_host(const struct rows_run *run, struct json *o, const struct addr *client);

/** rows_wanted(run, uuid): Is it an interface that the options ask for? */
bool rows_wanted(const struct rows_run *run, const struct uuid *uuid);

/* What came of a change since, and what is known beside it. */
struct rows_since {
	const char *revised_by; /* NULL: nothing */
	bool accepted;
	const struct query_evidence *shown; /* of each of its members; NULL: that is not told */
};

/*
 * Rows that listings and reports have in common. Each begins the object and adds all its members but the evidence, which comes last
 * and is the caller's, as is the end.
 */

/** rows_of_episode(o, e, server, verdict, history): Of `list` or `history`. ${server} is what is known of its server, NULL: nothing. */
void rows_of_episode(struct json *o, const struct query_episode *e,
    const struct server_facts *server, const struct verdict *verdict, bool history);

/** rows_of_change(o, row, host, wrong, since): Of `changes`. */
void rows_of_change(struct json *o, const struct query_change *row, const char *host,
    const struct verdict *wrong, const struct rows_since *since);

/** rows_of_alert(o, row, host, suppressed): Of `alerts`; ${suppressed} though its alert is not: by a baseline. */
void rows_of_alert(
    struct json *o, const struct query_alert *row, const char *host, bool suppressed);

/** rows_aliases(o, server): `aliases`, where ${server} has some; NULL: nothing is known of it. */
void rows_aliases(struct json *o, const struct server_facts *server);

#endif
