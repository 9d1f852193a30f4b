/* gather_changes.c - changes of a period: all are counted, and of each kind the worst and newest held.
 *
 * They are read twice: to be counted, without the members of those that are about a whole server, of which there may be a hundred times
 * as many; then those that were chosen are held, with their members. */
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
	uint8_t kind, severity, realm;
	bool members; /* it has some, and they are not judged */
	bool chosen;
	int64_t row, ts_ns;
};

struct gathering {
	struct report *r;
	struct acceptance baseline;
	struct revisions *revisions;
	size_t count;
	struct counted *counted; /* owned; by time, as they came */
	size_t at;               /* the next of them that is read again */
};

/* The members of one change, as they come along: all are judged, the first held. */
struct membership {
	const struct policy *policy;
	struct pool *pool; /* NULL: none is held */
	struct verdict wrong;
	size_t count;
	struct change_member held[REPORT_MEMBERS];
};

static int
member_add(void *ctx, const struct change_member *m)
{
	struct membership *x = ctx;

	verdict_add_member(x->policy, m, &x->wrong);
	if (x->pool != NULL && x->count < REPORT_MEMBERS) {
		x->held[x->count] = *m;
		own_member(x->pool, &x->held[x->count]);
	}
	x->count++;
	return 0;
}

/* Of a server as a whole; what is about a sensor has none. */
static bool
has_members(const struct change *c)
{
	return uuid_is_nil(&c->key.uuid) && !addr_is_unspecified(&c->key.server);
}

/* Reads what query_changes() left out, into the pool. */
static int
members_own(struct report *r, struct report_change *c)
{
	struct membership x = {.policy = r->judge, .pool = r->pool, .wrong = c->wrong};
	struct change *change = &c->row.change;
	int err = query_members(r->store, c->row.row, change->key.realm, member_add, &x);

	if (err != 0 || x.count == 0)
		return err;
	size_t held = x.count < REPORT_MEMBERS ? x.count : REPORT_MEMBERS;
	change->member = pool_copy(r->pool, x.held, held * sizeof(*x.held));
	change->member_count = x.count;
	if (change->confidence != CONFIDENCE_ATTEMPTED)
		c->wrong = x.wrong;
	return 0;
}

static int
change_own(struct report *r, const struct query_change *row)
{
	if (array_grow(&r->change, r->change_count, sizeof(*r->change)) != 0)
		return -ENOMEM;
	struct report_change *c = &r->change[r->change_count];

	*c = (struct report_change){.row = *row, .service = report_service(&row->change.key.uuid)};
	/* What a change brought stays said, whatever became of it later: the policy alone judges. */
	verdict_of_change(r->judge, &row->change, &c->wrong);
	own_change(r->pool, &c->row, 0);
	int err = has_members(&row->change) ? members_own(r, c) : 0;
	if (err != 0 || pool_failed(r->pool))
		return err != 0 ? err : -ENOMEM;
	r->change_count++;
	return 0;
}

static int
change_count(struct gathering *g, const struct query_change *row)
{
	const struct change *c = &row->change;
	struct verdict wrong;

	if (array_grow(&g->counted, g->count, sizeof(*g->counted)) != 0)
		return -ENOMEM;
	struct counted *counted = &g->counted[g->count++];

	verdict_of_change(g->r->judge, c, &wrong);
	*counted = (struct counted){.kind = (uint8_t)c->kind,
	    .severity = (uint8_t)severity_of_change(g->r->judge, c, &wrong),
	    .realm = c->key.realm,
	    .members = has_members(c) && c->confidence != CONFIDENCE_ATTEMPTED,
	    .row = row->row,
	    .ts_ns = c->ts_ns};
	memcpy(counted->id, c->id, sizeof(counted->id));
	return 0;
}

static int
change_add(void *ctx, const struct query_change *row)
{
	struct gathering *g = ctx;
	bool accepted = false;

	if ((size_t)row->change.kind >= REPORT_KINDS)
		return 0;
	int err = revisions_add(g->revisions, row);
	if (err == 0)
		err = acceptance_of_change(&g->baseline, row, &accepted);
	if (err != 0 || accepted) {
		g->r->accepted_count += accepted;
		return err;
	}
	return change_count(g, row);
}

/* What was corrected later is told by what corrected it. */
static void
corrected_drop(struct gathering *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (revisions_of(g->revisions, g->counted[i].id) != NULL)
			continue;
		g->r->kind_count[g->counted[i].kind]++;
		g->counted[kept++] = g->counted[i];
	}
	g->count = kept;
}

/* Only what its members break makes such a change worse. */
static int
members_judge(struct report *r, struct counted *c)
{
	struct membership x = {.policy = r->judge, .wrong = {.severity = SEVERITY_INFO}};
	const struct change change = {.kind = (enum change_kind)c->kind};
	int err = query_members(r->store, c->row, c->realm, member_add, &x);

	c->severity = (uint8_t)severity_of_change(r->judge, &change, &x.wrong);
	return err;
}

/* Where there is no room for all, and of the newest only: a year's may have tens of millions of members. */
static int
newest_judge(struct gathering *g)
{
	size_t left = REPORT_JUDGED;
	int err = 0;

	for (size_t i = g->count; i-- > 0 && left > 0 && err == 0;) {
		struct counted *c = &g->counted[i];

		if (!c->members || g->r->kind_count[c->kind] <= REPORT_CHANGES)
			continue;
		err = members_judge(g->r, c);
		left--;
	}
	return err;
}

/* How many of each kind and severity are to be held: the worst first. */
static void
rooms_share(struct gathering *g, size_t room[REPORT_KINDS][SEVERITIES])
{
	memset(room, 0, sizeof(*room) * REPORT_KINDS);
	for (size_t i = 0; i < g->count; i++)
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

/* Of what is equally bad the newest; the others are forgotten. */
static void
counted_choose(struct gathering *g)
{
	size_t room[REPORT_KINDS][SEVERITIES];
	size_t kept = 0;

	rooms_share(g, room);
	for (size_t i = g->count; i-- > 0;) {
		struct counted *c = &g->counted[i];

		c->chosen = room[c->kind][c->severity] > 0;
		room[c->kind][c->severity] -= c->chosen;
	}
	for (size_t i = 0; i < g->count; i++)
		if (g->counted[i].chosen)
			g->counted[kept++] = g->counted[i];
	g->count = kept;
}

/* Gives back what there is no use for any more, before there is more to hold. */
static void
counted_shrink(struct gathering *g)
{
	struct counted *less =
	    g->count > 0 ? realloc(g->counted, g->count * sizeof(*less)) : NULL;

	if (less != NULL)
		g->counted = less;
}

/* They come in the order in which they were counted. What has come since is not among them, and what is gone is passed over. */
static int
change_again(void *ctx, const struct query_change *row)
{
	struct gathering *g = ctx;

	while (g->at < g->count && g->counted[g->at].ts_ns < row->change.ts_ns)
		g->at++;
	if (g->at == g->count || g->counted[g->at].row != row->row)
		return 0;
	g->at++;
	return change_own(g->r, row);
}

static int
changes_hold(struct gathering *g)
{
	struct report *r = g->r;
	struct query_filter those = {.until_ns = r->options.until_ns, .without_members = true};

	if (g->count == 0)
		return 0;
	counted_choose(g);
	counted_shrink(g);
	those.since_ns = g->counted[0].ts_ns;
	int err = query_changes(r->store, &those, change_again, g);
	for (size_t i = 0; i < r->change_count; i++)
		r->kind_held[r->change[i].row.change.kind]++;
	return err;
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
	struct query_filter period = report_period(r);
	struct gathering g = {.r = r};
	int err = acceptance_init(&g.baseline, r->store);

	period.without_members = true;
	if (err == 0)
		err = revisions_new(&g.revisions);
	if (err == 0)
		err = query_changes(r->store, &period, change_add, &g);
	if (err == 0)
		err = revisions_behind(&g);
	if (err == 0) {
		corrected_drop(&g);
		err = newest_judge(&g);
	}
	if (err == 0)
		err = changes_hold(&g);
	revisions_free(&g.revisions);
	acceptance_deinit(&g.baseline);
	free(g.counted);
	return err;
}
