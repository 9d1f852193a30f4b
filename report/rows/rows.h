/* rows.h - what the listing verbs print: rows as JSON, CSV or aligned text.
 *
 * The JSON object of a row is its one description; CSV and text are
 * projections of it, so the three cannot disagree. A format is a row of functions (struct rows_ops)
 * in a file of its own; a kind of rows says where they come from and which of their members are cells
 * (struct rows_kind, rows_kind.h). */
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
struct rows_kind;
struct rows_state;
struct store;
struct verdict;

/* list: endpoints that are alive; history: every endpoint, with `ended` and `why`; changes; alerts in their latest state;
 * sessions; pushes: flows of new-mail datagrams; registrations for them; baseline: what was accepted; difference: what is there and was not, or was and is not there, each of which is a
 * finding. At a time (filter->at_ns) they are those that stood then: of changes, those that may
 * have happened then. */
extern const struct rows_kind rows_list, rows_history, rows_changes, rows_alerts, rows_sessions,
    rows_pushes, rows_registrations, rows_baseline, rows_difference;

struct rows_options {
	FILE *out;
	const struct rows_kind *kind;
	const struct policy *policy; /* judges each row */
	const char *service;         /* only interfaces of that name; NULL: any */
	enum severity fail_on;       /* what counts as a finding */
	bool colour;                 /* of text, on a terminal */
};

/* How rows are written. Each returns 0 or a negative errno; write errors show on the FILE. */
struct rows_ops {
	const char *name;
	int (*begin)(struct rows_state *s);
	/* One of the two, and the other NULL: a row as the JSON that describes it, or that read again as an object. */
	int (*text)(struct rows_state *s, const char *row, size_t len);
	int (*row)(struct rows_state *s, json_t *row);
	int (*end)(struct rows_state *s);
};

/* Shared by the formats while rows are written. */
struct rows_state {
	FILE *out;
	const struct rows_kind *kind;
	size_t count; /* rows before this one */
	size_t places; /* sensors and realms that they may be of */
	bool colour;
	void *own;    /* the format's */
};

extern const struct rows_ops rows_json_ops, rows_csv_ops, rows_text_ops;

/** rows_format(name): The format of that name; NULL where there is none. */
const struct rows_ops *rows_format(const char *name);

/**
 * rows_write(store, filter, ops, options, findings):
 * Select rows by ${filter} and write them; *${findings} is how many of them are of at least options->fail_on: endpoints that
 * break a rule, changes by their kind and what they break, alerts that are open and not suppressed, pushes outside of the
 * policy, registrations of clients that nothing is delivered to.
 * 0, ERR_STORE, -ENOMEM, -EIO where the output could not be written.
 */
int rows_write(struct store *store, const struct query_filter *filter, const struct rows_ops *ops,
    const struct rows_options *options, size_t *findings);

/** rows_object(e, server, verdict, history): The row of one episode: a new object. ${server} is what is known of its server,
 * NULL: nothing. */
json_t *rows_object(const struct query_episode *e, const struct server_facts *server,
    const struct verdict *verdict, bool history);

#endif
