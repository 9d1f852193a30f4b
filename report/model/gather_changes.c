/* gather_changes.c - changes of a period: all are counted, and of each kind the worst and newest held. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/acceptance.h"
#include "report/model/array.h"
#include "report/model/gather.h"
#include "report/model/model.h"
#include "report/model/own.h"
#include "report/model/pool.h"
#include "report/model/revisions.h"
#include "report/model/severity.h"

enum {
	SEVERITIES = SEVERITY_HIGH + 1
};

/* A change that counts, held or not: a later one may correct it. */
struct counted {
	char id[HASH_ID_TEXT];
	uint8_t kind, severity;
	bool chosen;
	int64_t ts_ns;
};

struct gathering {
	struct report *r;
	struct acceptance baseline;
	struct revisions *revisions;
	size_t count;
	struct counted *counted; /* owned; by time, as they came */
	size_t at;               /* the next of them that is read again */
};

static int
change_own(struct report *r, const struct query_change *row, const struct verdict *wrong)
{
	if (array_grow(&r->change, r->change_count, sizeof(*r->change)) != 0)
		return -ENOMEM;
	struct report_change *c = &r->change[r->change_count];

	*c = (struct report_change){
	    .row = *row, .service = report_service(&row->change.key.uuid), .wrong = *wrong};
	own_change(r->pool, &c->row, REPORT_MEMBERS);
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->change_count++;
	return 0;
}

static int
change_count(struct gathering *g, const struct change *c, const struct verdict *wrong)
{
	if (array_grow(&g->counted, g->count, sizeof(*g->counted)) != 0)
		return -ENOMEM;
	struct counted *counted = &g->counted[g->count++];

	*counted = (struct counted){.kind = (uint8_t)c->kind,
	    .severity = (uint8_t)severity_of_change(g->r->judge, c, wrong),
	    .ts_ns = c->ts_ns};
	memcpy(counted->id, c->id, sizeof(counted->id));
	return 0;
}

/* Holds what there is room for; mostly that is all. */
static int
change_add(void *ctx, const struct query_change *row)
{
	struct gathering *g = ctx;
	struct report *r = g->r;
	size_t kind = (size_t)row->change.kind;
	struct verdict wrong;
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
	/* What a change brought stays said, whatever became of it later: the policy alone judges. */
	verdict_of_change(r->judge, &row->change, &wrong);
	err = change_count(g, &row->change, &wrong);
	if (err != 0 || r->kind_count[kind]++ >= REPORT_CHANGES)
		return err;
	return change_own(r, row, &wrong);
}

/* What was corrected later is told by what corrected it. */
static bool
is_corrected(const struct gathering *g, const char *id)
{
	return revisions_of(g->revisions, id) != NULL;
}

static void
corrected_drop(struct gathering *g)
{
	struct report *r = g->r;
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++)
		if (is_corrected(g, g->counted[i].id))
			r->kind_count[g->counted[i].kind]--;
	for (size_t i = 0; i < r->change_count; i++)
		if (!is_corrected(g, r->change[i].row.change.id))
			r->change[kept++] = r->change[i];
	r->change_count = kept;
}

/* How many of each kind and severity are to be held: the worst first. */
static void
rooms_share(struct gathering *g, size_t room[REPORT_KINDS][SEVERITIES])
{
	memset(room, 0, sizeof(*room) * REPORT_KINDS);
	for (size_t i = 0; i < g->count; i++)
		if (!is_corrected(g, g->counted[i].id))
			room[g->counted[i].kind][g->counted[i].severity]++;
	for (size_t kind = 0; kind < REPORT_KINDS; kind++) {
		size_t left = REPORT_CHANGES;

		for (size_t k = SEVERITIES; k-- > 0;) {
			if (room[kind][k] > left)
				room[kind][k] = left;
			left -= room[kind][k];
		}
	}
}

/* Of what is equally bad the newest; the first that is chosen is the next to be read. */
static void
counted_choose(struct gathering *g)
{
	size_t room[REPORT_KINDS][SEVERITIES];

	rooms_share(g, room);
	for (size_t i = g->count; i-- > 0;) {
		struct counted *c = &g->counted[i];

		if (room[c->kind][c->severity] == 0 || is_corrected(g, c->id))
			continue;
		room[c->kind][c->severity]--;
		c->chosen = true;
		g->at = i;
	}
}

/* They come in the order in which they were counted; one that has come since is not among them. */
static int
change_again(void *ctx, const struct query_change *row)
{
	struct gathering *g = ctx;
	struct verdict wrong;
	size_t i = g->at;

	while (i < g->count && strcmp(g->counted[i].id, row->change.id) != 0)
		i++;
	if (i == g->count)
		return 0;
	g->at = i + 1;
	if (!g->counted[i].chosen)
		return 0;
	verdict_of_change(g->r->judge, &row->change, &wrong);
	return change_own(g->r, row, &wrong);
}

static bool
all_are_held(const struct report *r)
{
	size_t total = 0;

	for (size_t kind = 0; kind < REPORT_KINDS; kind++)
		total += r->kind_count[kind];
	return r->change_count == total;
}

/* Where there is no room for all, those that came first are held: others may be worth more. */
static int
changes_choose(struct gathering *g)
{
	struct report *r = g->r;
	struct query_filter those = {.until_ns = r->options.until_ns};

	if (all_are_held(r))
		return 0;
	counted_choose(g);
	those.since_ns = g->counted[g->at].ts_ns;
	r->change_count = 0;
	return query_changes(r->store, &those, change_again, g);
}

static void
held_count(struct report *r)
{
	for (size_t i = 0; i < r->change_count; i++)
		r->kind_held[r->change[i].row.change.kind]++;
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
	const struct query_filter period = report_period(r);
	struct gathering g = {.r = r};
	int err = acceptance_init(&g.baseline, r->store);

	if (err == 0)
		err = revisions_new(&g.revisions);
	if (err == 0)
		err = query_changes(r->store, &period, change_add, &g);
	if (err == 0)
		err = revisions_behind(&g);
	if (err == 0) {
		corrected_drop(&g);
		err = changes_choose(&g);
	}
	held_count(r);
	revisions_free(&g.revisions);
	acceptance_deinit(&g.baseline);
	free(g.counted);
	return err;
}
