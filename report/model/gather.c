/* gather.c - changes and alerts of a period. */
#include "report/model/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/acceptance.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/own.h"
#include "report/model/pool.h"
#include "report/model/revisions.h"

struct gathering {
	struct report *r;
	struct acceptance baseline;
	struct revisions *revisions;
	/* Every change that counts, held or not: a later one may correct it. */
	size_t count;
	struct counted {
		char id[HASH_ID_TEXT];
		uint8_t kind;
	} * counted;
};

static int
change_own(struct report *r, const struct query_change *row)
{
	struct report_change *c = &r->change[r->change_count];

	*c = (struct report_change){.row = *row, .service = report_service(&row->change.key.uuid)};
	/* What a change brought stays said, whatever became of it later: the policy alone judges. */
	verdict_of_change(r->judge, &row->change, &c->wrong);
	own_change(r->pool, &c->row, REPORT_MEMBERS);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->change_count++;
	return 0;
}

static int
change_count(struct gathering *g, const struct change *c)
{
	if (array_grow(&g->counted, g->count, sizeof(*g->counted)) != 0)
		return -ENOMEM;
	struct counted *counted = &g->counted[g->count++];
	memcpy(counted->id, c->id, sizeof(counted->id));
	counted->kind = (uint8_t)c->kind;
	return 0;
}

static int
change_add(void *ctx, const struct query_change *row)
{
	struct gathering *g = ctx;
	struct report *r = g->r;
	size_t kind = (size_t)row->change.kind;
	bool accepted = false;

	if (kind >= REPORT_KINDS)
		return 0;
	int err = revisions_add(g->revisions, row);
	if (err == 0)
		err = acceptance_of_change(&g->baseline, row, &accepted);
	if (err != 0 || accepted) {
		r->accepted_count += accepted;
		return err;
	}
	err = change_count(g, &row->change);
	if (err != 0 || r->kind_count[kind]++ >= REPORT_CHANGES)
		return err;
	if (array_grow(&r->change, r->change_count, sizeof(*r->change)) != 0)
		return -ENOMEM;
	return change_own(r, row);
}

/* What was corrected later is told by what corrected it. */
static void
corrected_drop(struct gathering *g)
{
	struct report *r = g->r;
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++)
		if (revisions_of(g->revisions, g->counted[i].id) != NULL)
			r->kind_count[g->counted[i].kind]--;
	for (size_t i = 0; i < r->change_count; i++) {
		if (revisions_of(g->revisions, r->change[i].row.change.id) != NULL)
			continue;
		r->change[kept++] = r->change[i];
		r->kind_held[r->change[i].row.change.kind]++;
	}
	r->change_count = kept;
}

/* What comes behind the end of the period may correct what is in it. */
static int
revisions_behind(struct gathering *g)
{
	const struct query_filter behind = {.since_ns = g->r->options.until_ns};

	return behind.since_ns == 0 ? 0 : revisions_read(g->revisions, g->r->store, &behind);
}

int
gather_changes(struct report *r)
{
	const struct query_filter period = {
	    .since_ns = r->options.since_ns, .until_ns = r->options.until_ns};
	struct gathering g = {.r = r};
	int err = acceptance_init(&g.baseline, r->store);

	if (err == 0)
		err = revisions_new(&g.revisions);
	if (err == 0)
		err = query_changes(r->store, &period, change_add, &g);
	if (err == 0)
		err = revisions_behind(&g);
	if (err == 0)
		corrected_drop(&g);
	revisions_free(&g.revisions);
	acceptance_deinit(&g.baseline);
	free(g.counted);
	return err;
}

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
	const struct query_filter period = {
	    .since_ns = r->options.since_ns, .until_ns = r->options.until_ns};
	struct gathering g = {.r = r};
	int err = acceptance_init(&g.baseline, r->store);

	if (err == 0)
		err = query_alerts(r->store, &period, alert_add, &g);
	acceptance_deinit(&g.baseline);
	return err;
}
