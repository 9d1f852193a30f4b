/* report_rows.h - a report as tables for machines: a table a section, named as the sections of the documents are (sections.h).
 *
 * Rows are those of the listing verbs wherever there are such (rows_kind.h), and every format of tables writes the same: JSON
 * has them as arrays (report_json.h), CSV as files (report_csv.h). Nothing is held: rows are written as they are made. */
#ifndef EPMWATCH_REPORT_REPORT_ROWS_H
#define EPMWATCH_REPORT_REPORT_ROWS_H

#include <stddef.h>
#include <stdio.h>

struct json;
struct report;
struct rows_kind;
struct rows_ops;

struct report_table {
	const char *id; /* a word in lower case */
	const struct rows_kind *kind;
};

/** report_rows_tables(count): All of them, in the order of the report; the first is the summary, which has one row. Static storage. */
const struct report_table *report_rows_tables(size_t *count);

/** report_rows_table(id): The table of that name; NULL: there is none. */
const struct report_table *report_rows_table(const char *id);

/** report_rows_write(r, table, ops, out, left): Write that table; *${left} rows of it the report does not hold. -ENOMEM, ERR_STORE, -EIO where ${out}
 * failed. */
int report_rows_write(const struct report *r, const struct report_table *table,
    const struct rows_ops *ops, FILE *out, size_t *left);

/** report_rows_summary(o, r): The members of the summary's row, to the object that is open. */
void report_rows_summary(struct json *o, const struct report *r);

/* The kinds of their rows; run->report is whose they are. */
extern const struct rows_kind report_summary, report_coverage, report_gaps, report_captures,
    report_findings, report_changes, report_pending, report_newmail, report_pinholes, report_others,
    report_closed, report_clients, report_fleet, report_endpoints, report_referrals,
    report_suppressed;

#endif
