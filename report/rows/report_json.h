/* report_json.h - a report as one JSON object: what it is of, and its tables (report_rows.h) under `sections`. doc/report.schema.json
 * says what holds. */
#ifndef EPMWATCH_REPORT_REPORT_JSON_H
#define EPMWATCH_REPORT_REPORT_JSON_H

#include <stdio.h>

struct report;
struct report_table;

/** report_json(r, only, out): Write it; ${only} not NULL: that table alone, as an array. -ENOMEM, ERR_STORE, -EIO where ${out} failed. */
int report_json(const struct report *r, const struct report_table *only, FILE *out);

#endif
