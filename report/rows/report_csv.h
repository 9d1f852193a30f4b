/* report_csv.h - one table of a report (report_rows.h) as CSV (csv.h), with a head. */
#ifndef EPMWATCH_REPORT_REPORT_CSV_H
#define EPMWATCH_REPORT_REPORT_CSV_H

#include <stdio.h>

struct report;
struct report_table;

/** report_csv(r, table, out): Write it. -ENOMEM, ERR_STORE, -EIO where ${out} failed. */
int report_csv(const struct report *r, const struct report_table *table, FILE *out);

#endif
