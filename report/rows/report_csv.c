/* report_csv.c - cells are those of the listing verbs (rows_csv.c). */
#include "report/rows/report_csv.h"

#include <errno.h>

#include "report/rows/report_rows.h"
#include "report/rows/rows.h"

int
report_csv(const struct report *r, const struct report_table *table, FILE *out)
{
	size_t left;
	int err = report_rows_write(r, table, &rows_csv_ops, out, &left);

	return err != 0 ? err : fflush(out) != 0 || ferror(out) ? -EIO : 0;
}
