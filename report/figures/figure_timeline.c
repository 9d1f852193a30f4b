/* figure_timeline.c - one server's endpoints over the time of a report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/figures/figure_lanes.h"
#include "report/figures/figure_marks.h"
#include "report/figures/figure_parts.h"
#include "report/figures/figures.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "report/model/standing.h"

enum {
	LANES = 24,
	/* where the report has many servers: then its page has as many figures */
	LANES_OF_MANY = 7,
	MANY = 12,
	SEEN = 1000, /* a gap that is this part of the period can be seen, if it is drawn */
};

struct gathering {
	const struct report *r;
	const struct report_server *about;
	struct pool *pool;
	int64_t from_ns, to_ns;
	size_t sight_count, sights_left;
	struct figure_sight *sight;
	size_t spare[3]; /* by worth: no sight before it is worth less */
	size_t gap_count;
	struct plot_gap *gap;
	int64_t covered_ns; /* up to there */
	struct figure_lanes lanes;
	struct figure_marks marks;
};

/* Alive at the end of the period: the store's alerts judge it, else the policy alone, as in `list` and `history`. */
static void
sight_judge(const struct gathering *g, const struct query_episode *e, struct figure_sight *s)
{
	struct verdict verdict;
	char text[VERDICT_TEXT];

	s->grade = PLOT_UNKNOWN;
	s->rules = "";
	if (e->confidence == CONFIDENCE_ATTEMPTED)
		return;
	standing_judge(s->ended_ns == 0 ? g->r->standing : NULL, g->r->judge, e, &verdict);
	s->grade = figure_grade(&verdict);
	if (verdict.count > 0)
		s->rules = pool_text(g->pool, verdict_words(&verdict, text));
}

/* What is not right is worth most, then what is there. */
static size_t
sight_worth(const struct figure_sight *s)
{
	if (s->grade == PLOT_UNKNOWN)
		return 0;
	return s->grade != PLOT_OK ? 2 : s->ended_ns == 0;
}

/* Where there are too many: instead of the first that is worth less. */
static void
sight_replace(struct gathering *g, const struct figure_sight *s)
{
	size_t worth = sight_worth(s), *at = &g->spare[worth];

	g->sights_left++;
	while (*at < g->sight_count && sight_worth(&g->sight[*at]) >= worth)
		++*at;
	if (*at < g->sight_count)
		g->sight[(*at)++] = *s;
}

static int
sight_add(void *ctx, const struct query_episode *e)
{
	struct gathering *g = ctx;
	struct figure_sight s = {.key = e->key,
	    .endpoint = e->endpoint,
	    .weight = e->announced + e->used,
	    .first_ns = e->first_ns,
	    .last_ns = e->last_ns,
	    .ended_ns = e->ended_ns > g->to_ns && g->r->options.until_ns != 0 ? 0 : e->ended_ns,
	    .why = e->why};
	sight_judge(g, e, &s);
	/* What came later is not the period's to tell. */
	if (g->to_ns != 0 && s.last_ns > g->to_ns)
		s.last_ns = g->to_ns;
	if (g->sight_count == FIGURE_SIGHTS)
		sight_replace(g, &s);
	else if (array_grow(&g->sight, g->sight_count, sizeof(*g->sight)) != 0)
		return -ENOMEM;
	else
		g->sight[g->sight_count++] = s;
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

static int
gap_add(struct gathering *g, int64_t from_ns, int64_t to_ns)
{
	if (from_ns >= to_ns ||
	    clock_minus(to_ns, from_ns) < clock_minus(g->to_ns, g->from_ns) / SEEN)
		return 0;
	if (array_grow(&g->gap, g->gap_count, sizeof(*g->gap)) != 0)
		return -ENOMEM;
	g->gap[g->gap_count++] = (struct plot_gap){from_ns, to_ns};
	return 0;
}

static int
stretch_add(void *ctx, const struct query_coverage *row)
{
	struct gathering *g = ctx;
	int err = gap_add(g, g->covered_ns, row->span.from_ns);

	if (row->span.to_ns > g->covered_ns)
		g->covered_ns = row->span.to_ns;
	return err;
}

/* Where its sensor saw nothing in the period. */
static int
gaps_read(struct gathering *g)
{
	const struct query_filter period = {.sensor = g->about->sensor,
	    .realm = g->about->realm,
	    .since_ns = g->from_ns,
	    .until_ns = g->to_ns};

	g->covered_ns = g->from_ns;
	int err = query_coverage(g->r->store, &period, stretch_add, g);
	/* Of a store that knows of no coverage nothing is said. */
	if (err == 0 && g->covered_ns > g->from_ns)
		err = gap_add(g, g->covered_ns, g->to_ns);
	return err;
}

/* What there is to be seen, whatever the store says of its captures. */
static void
period_widen(struct gathering *g)
{
	bool known = g->from_ns < g->to_ns;

	for (size_t i = 0; i < g->sight_count && !known; i++) {
		const struct figure_sight *s = &g->sight[i];

		g->from_ns = i == 0 || s->first_ns < g->from_ns ? s->first_ns : g->from_ns;
		g->to_ns = i == 0 || s->last_ns > g->to_ns ? s->last_ns : g->to_ns;
	}
}

/* An id that no other server of the page has. */
static void
id_make(const struct report_server *about, char id[PANEL_ID])
{
	char text[FIGURE_WORDS], address[ADDR_TEXT], hash[HASH_ID_TEXT];
	int len = snprintf(text, sizeof(text), "%s\n%.150s\n%.150s",
	    addr_format(&about->server, address), about->sensor, about->realm);

	snprintf(id, PANEL_ID, "t-%.12s", hash_id(text, (size_t)len, hash));
}

static int
timeline_draw(FILE *out, struct gathering *g)
{
	size_t most = g->r->server_count > MANY ? LANES_OF_MANY : LANES;
	size_t count = g->lanes.count < most ? g->lanes.count : most;
	char id[PANEL_ID], title[FIGURE_TITLE + 32], about[FIGURE_WORDS], left[FIGURE_WORDS];
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	struct timeline t = {.from_ns = g->from_ns,
	    .to_ns = g->to_ns,
	    .lane_count = count,
	    .lane = g->lanes.lane,
	    .gap_count = g->gap_count,
	    .gap = g->gap};
	int err = figure_marks_give(&g->marks, g->pool, &g->lanes, &t);

	id_make(g->about, id);
	snprintf(title, sizeof(title), "Endpoints of %s",
	    figure_name(g->r, g->pool, g->about->sensor, g->about->realm, &g->about->server));
	snprintf(about, sizeof(about),
	    "When which of its endpoints were seen, from %s to %s UTC: %zu lanes, %zu marked "
	    "changes.",
	    clock_format_short(g->from_ns, from), clock_format_short(g->to_ns, to), g->lanes.count,
	    g->marks.count);
	snprintf(left, sizeof(left), "%zu more lane%s not drawn.", g->lanes.count - count,
	    g->lanes.count - count == 1 ? " is" : "s are");
	if (g->sights_left > 0)
		snprintf(left, sizeof(left),
		    "%zu more lanes are not drawn, and %zu episodes not looked at.",
		    g->lanes.count - count, g->sights_left);
	t.panel = (struct panel){.kind = "timeline",
	    .id = id,
	    .title = title,
	    .about = about,
	    .left = g->lanes.count > count || g->sights_left > 0 ? left : NULL};
	return err != 0 ? err : timeline_write(out, &t);
}

static int
timeline_gather(struct gathering *g)
{
	const struct query_filter own = {.sensor = g->about->sensor,
	    .realm = g->about->realm,
	    .has_server = true,
	    .server = g->about->server,
	    .since_ns = g->r->options.since_ns,
	    .until_ns = g->r->options.until_ns};
	int err = query_history(g->r->store, &own, sight_add, g);

	if (err != 0 || g->sight_count == 0)
		return err;
	period_widen(g);
	if ((err = gaps_read(g)) == 0)
		err = figure_lanes_make(g->pool, g->sight, g->sight_count, g->to_ns, &g->lanes);
	return err != 0 ? err
			: figure_marks_gather(
			      &g->marks, g->r, g->about, g->sight, g->sight_count, g->pool);
}

int
figure_timeline(FILE *out, const struct report *r, const struct report_server *about)
{
	struct gathering g = {.r = r, .about = about};
	int err = pool_new(&g.pool);

	figure_period(r, &g.from_ns, &g.to_ns);
	if (err == 0)
		err = timeline_gather(&g);
	if (err == 0 && g.lanes.count > 0)
		err = timeline_draw(out, &g);
	free(g.sight);
	free(g.gap);
	figure_marks_deinit(&g.marks);
	pool_free(&g.pool);
	return err;
}
