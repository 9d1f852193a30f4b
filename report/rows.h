/* rows.h - what `list` and `history` print: one row an endpoint, as JSON, CSV or aligned text.
 *
 * The JSON object of a row is its one description; CSV and text are
 * projections of it, so the three cannot disagree. A format is a row of functions (struct rows_ops)
 * in a file of its own. */
#ifndef EPMWATCH_REPORT_ROWS_H
#define EPMWATCH_REPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "track/records.h"

struct policy;
struct query_episode;
struct query_filter;
struct rows_state;
struct store;
struct verdict;

struct rows_options {
	FILE *out;
	bool history; /* every episode, with `ended` and `why`; else endpoints alive */
	const struct policy *policy; /* judges each row */
	const char *service;         /* only interfaces of that name; NULL: any */
	enum severity fail_on;       /* what counts as a finding */
};

/* How rows are written. Each returns 0 or a negative errno; write errors show on the FILE. */
struct rows_ops {
	const char *name;
	int (*begin)(struct rows_state *s);
	int (*row)(struct rows_state *s, json_t *row);
	int (*end)(struct rows_state *s);
};

/* Shared by the formats while rows are written. */
struct rows_state {
	FILE *out;
	bool history;
	size_t count; /* rows before this one */
	void *own;    /* the format's */
};

extern const struct rows_ops rows_json_ops, rows_csv_ops, rows_text_ops;

/** rows_format(name): The format of that name; NULL where there is none. */
const struct rows_ops *rows_format(const char *name);

/**
 * rows_write(store, filter, ops, options, findings):
 * Select rows by ${filter} and write them; *${findings} is how many of them break a rule of at
 * least options->fail_on. 0, ERR_STORE, -ENOMEM, -EIO where the output could not be written.
 */
int rows_write(struct store *store, const struct query_filter *filter, const struct rows_ops *ops,
    const struct rows_options *options, size_t *findings);

/** rows_object(e, server, verdict, history): The row of one episode: a new object. ${server} is what is known of its server,
 * NULL: nothing. */
json_t *rows_object(const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history);

#endif
