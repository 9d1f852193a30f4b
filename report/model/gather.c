/* gather.c - alerts of a period. */
#include "report/model/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/acceptance.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/own.h"
#include "report/model/pool.h"

struct gathering {
	struct report *r;
	struct acceptance baseline;
};

static int
alert_own(
    struct report *r, struct report_alerts *list, const struct query_alert *row, const char *reason)
{
	if (list->total++ >= REPORT_ALERTS)
		return 0;
	if (array_grow(&list->alert, list->count, sizeof(*list->alert)) != 0)
		return -ENOMEM;
	struct report_alert *a = &list->alert[list->count];
	*a = (struct report_alert){*row, pool_text(r->pool, reason)};
	own_alert(r->pool, &a->row);
	if (pool_failed(r->pool))
		return -ENOMEM;
	list->count++;
	return 0;
}

/* Later it was still open at the end of the period. */
static bool
closed_in(const struct report *r, const struct alert *a)
{
	return r->options.until_ns == 0 || a->closed_ns < r->options.until_ns;
}

/* Closed later it was still open at the end of the period. */
static int
pinhole_add(struct report *r, const struct query_alert *row)
{
	struct query_alert as_then = *row;

	if (row->alert.state == ALERT_CLOSED && !closed_in(r, &row->alert))
		as_then.alert.state = ALERT_OPEN;
	return alert_own(r, &r->pinholes, &as_then, NULL);
}

/* Those that are open on a state are findings, where the policy is the store's own. */
static int
alert_add(void *ctx, const struct query_alert *row)
{
	struct gathering *g = ctx;
	const struct alert *a = &row->alert;
	bool accepted;
	int err = acceptance_of_alert(&g->baseline, row, &accepted);

	if (err != 0)
		return err;
	if (a->suppressed || accepted)
		return a->state == ALERT_CLOSED ? 0
						: alert_own(g->r, &g->r->suppressed, row,
						      accepted ? g->baseline.reason : NULL);
	if (strcmp(a->rule, "EPM-013") == 0)
		err = pinhole_add(g->r, row);
	if (err != 0)
		return err;
	if (a->once && a->severity >= g->r->options.fail_on)
		g->r->failed = true;
	if (a->state == ALERT_CLOSED)
		return closed_in(g->r, a) ? alert_own(g->r, &g->r->closed, row, NULL) : 0;
	return a->once && a->change[0] == '\0' ? alert_own(g->r, &g->r->others, row, NULL) : 0;
}

int
gather_alerts(struct report *r)
{
	const struct query_filter period = report_period(r);
	struct gathering g = {.r = r};
	int err = acceptance_init(&g.baseline, r->store);

	if (err == 0)
		err = query_alerts(r->store, &period, alert_add, &g);
	acceptance_deinit(&g.baseline);
	return err;
}
