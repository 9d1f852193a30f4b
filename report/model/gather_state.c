/* gather_state.c - what is still open: verdicts that wait, and times of which nothing is known. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "report/model/array.h"
#include "report/model/gather.h"
#include "report/model/health.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/model/pool.h"
#include "report/model/who.h"
#include "track/moments.h"
#include "track/pending.h"
#include "track/policy.h"

enum {
	/* Everything that is alive waits to vanish; a verdict waits for a day at most, and whoever waits for less comes first. */
	WAIT_HOURS = 25,
	LOOKED_AT = 50000,
};

struct waiting {
	struct report *r;
	const struct query_pending *row;
	size_t seen;
};

static int
pending_own(struct waiting *w, const struct report_pending *found)
{
	struct report *r = w->r;

	if (r->pending_total++ >= REPORT_PENDING)
		return 0;
	if (array_grow(&r->pending, r->pending_count, sizeof(*r->pending)) != 0)
		return -ENOMEM;
	struct report_pending *p = &r->pending[r->pending_count];
	*p = *found;
	p->sensor = pool_text(r->pool, w->row->sensor);
	p->realm = pool_text(r->pool, w->row->realm);
	p->host = pool_text(r->pool, w->row->host);
	p->service = report_service(&p->key.uuid);
	p->previous = pool_copy(r->pool, p->previous, p->previous_count * sizeof(*p->previous));
	p->current = pool_copy(r->pool, p->current, p->current_count * sizeof(*p->current));
	if (pool_failed(r->pool))
		return -ENOMEM;
	r->pending_count++;
	return 0;
}

/* A change of one interface of the server, held so that a restart can claim it. */
static int
held_add(void *ctx, const struct change *held, int64_t due)
{
	const struct report_pending p = {.key = held->key,
	    .kind = held->kind,
	    .previous_count = held->previous_count,
	    .current_count = held->current_count,
	    .previous = held->previous,
	    .current = held->current,
	    .since_ns = held->first_ns,
	    .due_ns = due};

	return pending_own(ctx, &p);
}

static int
mapping_add(struct waiting *w)
{
	struct pending_view view;

	/* What is damaged is the tracker's to tell of. */
	if (pending_read(w->row->state, &view) != 0 || view.kind == CHANGE_NONE)
		return 0;
	const struct report_pending p = {.key = w->row->key,
	    .kind = view.kind,
	    .previous_count = view.previous_count,
	    .current_count = view.current_count,
	    .previous = view.previous,
	    .current = view.current,
	    .since_ns = view.since_ns,
	    .due_ns = view.due_ns};
	return pending_own(w, &p);
}

static int
pending_add(void *ctx, const struct query_pending *row)
{
	struct waiting *w = ctx;

	w->row = row;
	if (w->seen++ == LOOKED_AT)
		return 1;
	if (!uuid_is_nil(&row->key.uuid))
		return mapping_add(w);
	int err = moments_read(row->state, &row->key, held_add, w);
	return err == ERR_MALFORMED ? 0 : err;
}

int
gather_pending(struct report *r)
{
	const struct query_filter soon = {
	    .until_ns = r->end_ns + WAIT_HOURS * 3600 * NS_PER_S};
	struct waiting w = {.r = r};

	/* What was pending at an earlier time is not known any more. */
	if (r->options.until_ns != 0 && r->options.until_ns <= r->end_ns)
		return 0;
	int err = query_pending(r->store, &soon, pending_add, &w);
	return err > 0 ? 0 : err;
}

struct stretches {
	struct report *r;
	const char *sensor, *realm; /* of the one before */
	struct health_sensor *health; /* NULL: nothing was counted of it */
	int64_t seen_ns;            /* up to there */
};

static void
clip(const struct report *r, int64_t *from_ns, int64_t *to_ns)
{
	if (r->options.since_ns != 0 && *from_ns < r->options.since_ns)
		*from_ns = r->options.since_ns;
	if (r->options.until_ns != 0 && *to_ns > r->options.until_ns)
		*to_ns = r->options.until_ns;
}

static int
hole_add(struct stretches *s, int64_t from_ns, int64_t to_ns)
{
	struct report *r = s->r;

	clip(r, &from_ns, &to_ns);
	if (from_ns >= to_ns)
		return 0;
	if (s->health != NULL) {
		s->health->holes++;
		s->health->hole_ns += to_ns - from_ns;
	}
	if (health_add_gap(r->health, s->sensor, from_ns, to_ns) != 0)
		return -ENOMEM;
	if (r->hole_total++ >= REPORT_HOLES)
		return 0;
	if (array_grow(&r->hole, r->hole_count, sizeof(*r->hole)) != 0)
		return -ENOMEM;
	r->hole[r->hole_count++] = (struct report_hole){s->sensor, s->realm, from_ns, to_ns};
	return 0;
}

/* A sensor that is up, and has seen nothing for long, has a hole that nothing ends. */
static int
last_hole_add(struct stretches *s)
{
	const struct health_realm *realm =
	    s->health != NULL ? health_realm_of(s->health, s->realm) : NULL;
	int64_t up_ns = realm != NULL ? realm->at_ns : 0;

	if (up_ns <= s->seen_ns || up_ns - s->seen_ns <= s->r->judge->thresholds.gap_ns)
		return 0;
	return hole_add(s, s->seen_ns, up_ns);
}

/* What no stretch before it covers. */
static void
time_add(struct stretches *s, const struct coverage *span, bool same)
{
	int64_t from_ns = same && span->from_ns < s->seen_ns ? s->seen_ns : span->from_ns;
	int64_t to_ns = span->to_ns;

	clip(s->r, &from_ns, &to_ns);
	if (s->health != NULL && from_ns < to_ns)
		s->health->seen_ns += to_ns - from_ns;
}

static int
stretch_add(void *ctx, const struct query_coverage *row)
{
	struct stretches *s = ctx;
	bool same = s->sensor != NULL && strcmp(s->sensor, row->sensor) == 0 &&
		    strcmp(s->realm, row->realm) == 0;
	int err = same                ? hole_add(s, s->seen_ns, row->span.from_ns)
		  : s->sensor != NULL ? last_hole_add(s)
				      : 0;

	if (!same) {
		s->r->watchers++;
		s->sensor = pool_text(s->r->pool, row->sensor);
		s->realm = pool_text(s->r->pool, row->realm);
		s->health = health_sensor_make(s->r, row->sensor);
	}
	time_add(s, &row->span, same);
	if (!same)
		s->seen_ns = row->span.to_ns;
	if (row->span.to_ns > s->seen_ns)
		s->seen_ns = row->span.to_ns;
	return err != 0 ? err : pool_failed(s->r->pool) ? -ENOMEM : 0;
}

int
gather_holes(struct report *r)
{
	/* From the start: the stretch that ended before the period is where its first hole begins. */
	const struct query_filter before = {.until_ns = r->options.until_ns};
	struct stretches s = {.r = r};
	int err = query_coverage(r->store, &before, stretch_add, &s);

	return err == 0 && s.sensor != NULL ? last_hole_add(&s) : err;
}

int
gather_newmail(struct report *r)
{
	const struct query_filter period = report_period(r);

	return newmail_read(&r->newmail, r->store, r->judge, r->standing, &period);
}

int
gather_who(struct report *r)
{
	const struct query_filter period = report_period(r);

	return who_read(&r->who, r->store, &period);
}
