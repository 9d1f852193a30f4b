/* figure_marks.c - changes as signs beside the lanes of what they are about. */
#include "report/figures/figure_marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/figures/figure_parts.h"
#include "report/figures/figures.h"
#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"

enum {
	SET = 96
};

struct gathering {
	struct figure_marks *out;
	const struct report_server *about;
	const struct figure_sight *sight;
	size_t sight_count;
	struct pool *pool;
};

static unsigned
sign_of(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_MOVED:
		return PLOT_SIGN_MOVED;
	case CHANGE_RETURNED:
		return PLOT_SIGN_RETURNED;
	case CHANGE_FLIP_FLOP:
		return PLOT_SIGN_FLIP_FLOP;
	case CHANGE_VANISHED:
		return PLOT_SIGN_VANISHED;
	case CHANGE_RESTARTED:
		return PLOT_SIGN_RESTARTED;
	case CHANGE_ADDITIONAL:
		return PLOT_SIGN_ADDITIONAL;
	default:
		return PLOT_SIGNS;
	}
}

/* The lane of the endpoint that came or, if none did, that went. */
static size_t
lane_of(const struct gathering *g, const struct change *c)
{
	bool gone = c->kind == CHANGE_VANISHED;
	const struct endpoint *set = gone ? c->previous : c->current;
	const struct endpoint *other = gone ? c->current : c->previous;
	size_t count = gone ? c->previous_count : c->current_count;
	size_t others = gone ? c->current_count : c->previous_count;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < g->sight_count && found == SIZE_MAX; i++) {
		const struct figure_sight *s = &g->sight[i];

		if (memcmp(&s->key.uuid, &c->key.uuid, sizeof(s->key.uuid)) == 0 &&
		    s->key.major == c->key.major && s->key.protseq == c->key.protseq &&
		    report_set_has(set, count, &s->endpoint) &&
		    !report_set_has(other, others, &s->endpoint))
			found = s->lane;
	}
	return found;
}

static void
set_words(const struct endpoint *set, size_t count, char out[SET])
{
	size_t used = (size_t)snprintf(out, SET, "%s", count == 0 ? "nothing" : "");

	for (size_t i = 0; i < count && used < SET; i++) {
		char text[ENDPOINT_TEXT];

		used += (size_t)snprintf(out + used, SET - used, "%s%s", i > 0 ? "," : "",
		    endpoint_format(&set[i], text));
	}
}

static const char *
change_tip(const struct gathering *g, const struct report_change *c, int64_t at_ns)
{
	const struct change *change = &c->row.change;
	char tip[FIGURE_WORDS], from[SET], to[SET], uuid[UUID_TEXT], at[CLOCK_TEXT];

	clock_format_short(at_ns, at);
	if (change->member_count > 0 || uuid_is_nil(&change->key.uuid)) {
		snprintf(tip, sizeof(tip), "%s: %zu interfaces\n%s UTC",
		    change_kind_name(change->kind), change->member_count, at);
		return pool_text(g->pool, tip);
	}
	set_words(change->previous, change->previous_count, from);
	set_words(change->current, change->current_count, to);
	snprintf(tip, sizeof(tip), "%s: %.100s from %s to %s\n%s UTC",
	    change_kind_name(change->kind), figure_service(&change->key.uuid, uuid), from, to, at);
	return pool_text(g->pool, tip);
}

/* Drawn where what is new was seen first; what vanished where it was seen last. */
static int64_t
change_at(const struct change *c)
{
	int64_t at = c->kind == CHANGE_VANISHED ? c->not_before_ns : c->first_ns;

	return at != 0 ? at : c->ts_ns;
}

static int
mark_add(const struct gathering *g, const struct report_change *c)
{
	struct figure_marks *m = g->out;
	const struct change *change = &c->row.change;
	bool whole = uuid_is_nil(&change->key.uuid);
	size_t lane = whole ? SIZE_MAX : lane_of(g, change);
	int64_t at = change_at(change);

	if (sign_of(change->kind) == PLOT_SIGNS || (!whole && lane == SIZE_MAX))
		return 0;
	if (array_grow(&m->mark, m->count, sizeof(*m->mark)) != 0)
		return -ENOMEM;
	m->mark[m->count++] = (struct figure_mark){
	    lane, {.at_ns = at, .sign = sign_of(change->kind), .tip = change_tip(g, c, at)}};
	return pool_failed(g->pool) ? -ENOMEM : 0;
}

static int
mark_compare(const void *a, const void *b)
{
	const struct figure_mark *x = a, *y = b;
	int order = (x->lane > y->lane) - (x->lane < y->lane);

	if (order == 0)
		order = (x->mark.at_ns > y->mark.at_ns) - (x->mark.at_ns < y->mark.at_ns);
	return order != 0 ? order : strcmp(x->mark.tip, y->mark.tip);
}

static bool
is_of_server(const struct report_server *about, const struct query_change *c)
{
	return addr_equal(&c->change.key.server, &about->server) &&
	       strcmp(c->realm, about->realm) == 0 && strcmp(c->sensor, about->sensor) == 0;
}

int
figure_marks_gather(struct figure_marks *out, const struct report *r,
    const struct report_server *about, const struct figure_sight *sight, size_t sights,
    struct pool *pool)
{
	const struct gathering g = {out, about, sight, sights, pool};
	int err = 0;

	for (size_t i = 0; i < r->change_count && err == 0; i++)
		if (is_of_server(about, &r->change[i].row))
			err = mark_add(&g, &r->change[i]);
	if (out->count > 0)
		qsort(out->mark, out->count, sizeof(*out->mark), mark_compare);
	return err;
}

int
figure_marks_give(
    const struct figure_marks *m, struct pool *pool, struct figure_lanes *lanes, struct timeline *t)
{
	struct plot_mark *mark = pool_alloc(pool, (m->count + 1) * sizeof(*mark));

	if (mark == NULL)
		return -ENOMEM;
	for (size_t i = 0, n; i < m->count; i += n) {
		for (n = 0; i + n < m->count && m->mark[i + n].lane == m->mark[i].lane; n++)
			mark[i + n] = m->mark[i + n].mark;
		if (m->mark[i].lane == SIZE_MAX) {
			t->mark = &mark[i];
			t->mark_count = n;
		} else {
			lanes->lane[m->mark[i].lane].mark = &mark[i];
			lanes->lane[m->mark[i].lane].mark_count = n;
		}
	}
	return 0;
}

void
figure_marks_deinit(struct figure_marks *m)
{
	free(m->mark);
	*m = (struct figure_marks){.count = 0};
}
