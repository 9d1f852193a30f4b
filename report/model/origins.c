/* origins.c - see origins.h. */
#include "report/model/origins.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "report/model/model.h"
#include "report/model/own.h"
#include "report/model/pool.h"
#include "store/query.h"

/* A set of one key that became another. */
struct step {
	const struct mapping_key *key;
	size_t previous_count, current_count;
	const struct endpoint *previous, *current;
	int64_t came_ns, went_ns; /* about when what is new was seen first, and what is gone last */
	bool gains;               /* something is new */
	bool found;
	uint64_t off_ns; /* of what was found */
	struct query_evidence *shown;
};

struct search {
	struct pool *pool;
	size_t count;
	struct step *step;
};

/* Is it in the one, and not in the other? */
static bool
is_new(const struct step *s, const struct endpoint *e)
{
	return report_set_has(s->current, s->current_count, e) &&
	       !report_set_has(s->previous, s->previous_count, e);
}

static bool
is_gone(const struct step *s, const struct endpoint *e)
{
	return report_set_has(s->previous, s->previous_count, e) &&
	       !report_set_has(s->current, s->current_count, e);
}

static void
step_begin(struct step *s)
{
	for (size_t i = 0; i < s->current_count; i++)
		s->gains |= is_new(s, &s->current[i]);
	*s->shown = (struct query_evidence){.ts_ns = 0};
}

static void
step_offer(struct search *x, struct step *s, const struct query_evidence *e, int64_t at_ns)
{
	uint64_t off_ns = e->ts_ns > at_ns ? (uint64_t)e->ts_ns - (uint64_t)at_ns
					   : (uint64_t)at_ns - (uint64_t)e->ts_ns;

	if (e->ts_ns == 0 || (s->found && off_ns >= s->off_ns))
		return;
	s->found = true;
	s->off_ns = off_ns;
	*s->shown = *e;
	own_evidence(x->pool, s->shown);
}

static void
step_look(struct search *x, struct step *s, const struct query_episode *e)
{
	if (s->gains && is_new(s, &e->endpoint)) {
		step_offer(x, s, &e->first, s->came_ns);
		step_offer(x, s, &e->last, s->came_ns);
	} else if (!s->gains && is_gone(s, &e->endpoint)) {
		step_offer(x, s, &e->last, s->went_ns);
	}
}

static bool
is_same_key(const struct mapping_key *a, const struct mapping_key *b)
{
	return a->major == b->major && a->protseq == b->protseq && uuid_equal(&a->uuid, &b->uuid);
}

static int
episode_look(void *ctx, const struct query_episode *e)
{
	struct search *x = ctx;

	for (size_t i = 0; i < x->count; i++)
		if (is_same_key(x->step[i].key, &e->key))
			step_look(x, &x->step[i], e);
	return pool_failed(x->pool) ? -ENOMEM : 0;
}

static void
member_step(struct step *s, const struct change_member *m, struct query_evidence *shown)
{
	*s = (struct step){.key = &m->key,
	    .previous_count = m->previous_count,
	    .current_count = m->current_count,
	    .previous = m->previous,
	    .current = m->current,
	    .came_ns = m->not_after_ns,
	    .went_ns = m->not_before_ns,
	    .shown = shown};
	step_begin(s);
}

/* What touches the time in which it happened, and its end, too. A time of which nothing is known is 0, and bounds nothing. */
static struct query_filter
filter_of_members(const struct query_change *row, size_t count)
{
	const struct change *c = &row->change;
	struct query_filter f = {.sensor = row->sensor,
	    .realm = row->realm,
	    .has_server = true,
	    .server = c->key.server,
	    .since_ns = INT64_MAX};

	for (size_t i = 0; i < count; i++) {
		const struct change_member *m = &c->member[i];

		f.since_ns = m->not_before_ns < f.since_ns ? m->not_before_ns : f.since_ns;
		f.until_ns = m->not_after_ns >= f.until_ns ? m->not_after_ns + 1 : f.until_ns;
	}
	return f;
}

int
origins_of_members(struct store *store, struct pool *pool, const struct query_change *row,
    struct query_evidence *out, size_t count)
{
	const struct query_filter f = filter_of_members(row, count);
	struct search x = {.pool = pool, .count = count};

	if (count == 0)
		return 0;
	x.step = calloc(count, sizeof(*x.step));
	if (x.step == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		member_step(&x.step[i], &row->change.member[i], &out[i]);
	int err = query_history(store, &f, episode_look, &x);
	free(x.step);
	return err;
}

int
origins_of_pending(struct store *store, struct pool *pool, const struct report_pending *p,
    struct query_evidence *out)
{
	struct step s = {.key = &p->key,
	    .previous_count = p->previous_count,
	    .current_count = p->current_count,
	    .previous = p->previous,
	    .current = p->current,
	    .came_ns = p->since_ns,
	    .went_ns = p->since_ns,
	    .shown = out};
	struct search x = {.pool = pool, .count = 1, .step = &s};
	const struct query_filter f = {.sensor = p->sensor,
	    .realm = p->realm,
	    .has_server = true,
	    .server = p->key.server,
	    .has_uuid = true,
	    .uuid = p->key.uuid,
	    .protseq = p->key.protseq,
	    .since_ns = p->since_ns};

	step_begin(&s);
	return query_history(store, &f, episode_look, &x);
}
