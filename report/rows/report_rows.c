/* report_rows.c - which tables there are. */
#include "report/rows/report_rows.h"

#include <errno.h>
#include <string.h>

#include "report/model/model.h"
#include "report/rows/rows_kind.h"

static const struct report_table tables[] = {
    {"summary", &report_summary},
    {"coverage", &report_coverage},
    {"gaps", &report_gaps},
    {"captures", &report_captures},
    {"findings", &report_findings},
    {"changes", &report_changes},
    {"pending", &report_pending},
    {"newmail", &report_newmail},
    {"pushes", &rows_pushes},
    {"registrations", &rows_registrations},
    {"pinholes", &report_pinholes},
    {"alerts", &report_others},
    {"closed", &report_closed},
    {"clients", &report_clients},
    {"fleet", &report_fleet},
    {"endpoints", &report_endpoints},
    {"referrals", &report_referrals},
    {"suppressed", &report_suppressed},
};

const struct report_table *
report_rows_tables(size_t *count)
{
	*count = ROWS_COUNT(tables);
	return tables;
}

const struct report_table *
report_rows_table(const char *id)
{
	for (size_t i = 0; i < ROWS_COUNT(tables); i++)
		if (strcmp(tables[i].id, id) == 0)
			return &tables[i];
	return NULL;
}

int
report_rows_write(const struct report *r, const struct report_table *table,
    const struct rows_ops *ops, FILE *out, size_t *left)
{
	const struct query_filter period = report_period(r);
	const struct rows_options options = {
	    .out = out, .kind = table->kind, .policy = r->judge, .fail_on = r->options.fail_on};
	struct rows_run run = {.store = r->store,
	    .filter = &period,
	    .ops = ops,
	    .options = &options,
	    .servers = r->servers,
	    .state = {.out = out, .kind = table->kind},
	    .report = r};
	int err = ops->begin(&run.state);

	if (err == 0)
		err = table->kind->select(&run);
	/* The format frees what it holds in end(), so that is called in any case. */
	int ended = ops->end(&run.state);
	*left = run.left;
	return err != 0 ? err : ended != 0 ? ended : ferror(out) ? -EIO : 0;
}
