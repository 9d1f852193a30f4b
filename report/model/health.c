/* health.c - what was counted, added up; then what falls into bad times. */
#include "report/model/health.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model/array.h"
#include "report/model/model.h"
#include "report/model/pool.h"
#include "track/policy.h"
#include "track/service.h"

/* While rows come in. */
struct counting {
	struct report *r;
	struct health *health;
};

/* Where ${name} stands in an array by name, or belongs: of ${count} items of so many octets, of which the first is the name. */
static size_t
place_of(const void *array, size_t count, size_t item, const char *name)
{
	size_t from = 0, to = count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const char *const *its = (const void *)((const char *)array + middle * item);

		if (strcmp(*its, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static size_t
sensor_place(const struct health *h, const char *name)
{
	return place_of(h->sensor, h->sensor_count, sizeof(*h->sensor), name);
}

static size_t
realm_place(const struct health_sensor *s, const char *name)
{
	return place_of(s->realm, s->realm_count, sizeof(*s->realm), name);
}

struct health_sensor *
health_sensor_of(struct health *h, const char *name)
{
	size_t at = sensor_place(h, name);

	return at < h->sensor_count && strcmp(h->sensor[at].sensor, name) == 0 ? &h->sensor[at]
									       : NULL;
}

struct health_realm *
health_realm_of(struct health_sensor *s, const char *name)
{
	size_t at = realm_place(s, name);

	return at < s->realm_count && strcmp(s->realm[at].realm, name) == 0 ? &s->realm[at] : NULL;
}

/* That sensor, a new one where it is not known; NULL where there is no room. */
static struct health_sensor *
sensor_make(struct counting *c, const char *name)
{
	struct health *h = c->health;
	struct health_sensor *found = health_sensor_of(h, name);
	size_t at = sensor_place(h, name);

	if (found != NULL)
		return found;
	if (h->sensor_count == HEALTH_SENSORS ||
	    array_grow(&h->sensor, h->sensor_count, sizeof(*h->sensor)) != 0)
		return NULL;
	const struct health_sensor made = {.sensor = pool_text(c->r->pool, name)};
	if (pool_failed(c->r->pool))
		return NULL;
	found = h->sensor + at;
	memmove(found + 1, found, (h->sensor_count++ - at) * sizeof(*found));
	*found = made;
	return found;
}

static struct health_realm *
realm_make(struct counting *c, struct health_sensor *s, const char *name)
{
	struct health_realm *found = health_realm_of(s, name);
	size_t at = realm_place(s, name);

	if (found != NULL)
		return found;
	if (s->realm_count == HEALTH_REALMS ||
	    array_grow(&s->realm, s->realm_count, sizeof(*s->realm)) != 0)
		return NULL;
	const struct health_realm made = {.realm = pool_text(c->r->pool, name)};
	if (pool_failed(c->r->pool))
		return NULL;
	found = s->realm + at;
	memmove(found + 1, found, (s->realm_count++ - at) * sizeof(*found));
	*found = made;
	return found;
}

/* More sensors or realms than anybody has are a store that was made up: what is beyond is left out. ${s} is NULL where there was none. */
static int
no_room(const struct counting *c, const struct health_sensor *s)
{
	bool full =
	    s == NULL ? c->health->sensor_count == HEALTH_SENSORS : s->realm_count == HEALTH_REALMS;

	return full && !pool_failed(c->r->pool) ? 0 : -ENOMEM;
}

static int
up_add(void *ctx, const char *sensor, const char *realm, int64_t ts_ns)
{
	struct counting *c = ctx;
	struct health_sensor *s = sensor_make(c, sensor);
	struct health_realm *found = s != NULL ? realm_make(c, s, realm) : NULL;

	if (s != NULL)
		s->live = c->health->live = true;
	if (found == NULL)
		return no_room(c, s);
	found->at_ns = ts_ns;
	return 0;
}

/* A store that was edited may have more than there is room for. */
static uint64_t
lost_of(const struct tally *t)
{
	uint64_t two, all;

	if (__builtin_add_overflow(
		t->n[TALLY_DROPPED_KERNEL], t->n[TALLY_DROPPED_INTERFACE], &two) ||
	    __builtin_add_overflow(two, t->n[TALLY_DROPPED_QUEUE], &all))
		return UINT64_MAX;
	return all;
}

/* The time up of an hour that the period only touches is at least what is more than the rest of that hour. */
static int64_t
up_within(const struct report *r, const struct query_tally *x)
{
	/* commits are seconds apart, so what is much more than an hour was made up; and sums stay far from overflow */
	uint64_t most = 2 * (uint64_t)TALLY_HOUR_NS, up_ns = x->tally.n[TALLY_UP];
	int64_t from_ns = x->hour * TALLY_HOUR_NS, up = (int64_t)(up_ns < most ? up_ns : most);
	int64_t since_ns = r->options.since_ns, until_ns = r->options.until_ns;

	if (since_ns != 0 && since_ns > from_ns)
		up -= since_ns - from_ns;
	if (until_ns != 0 && until_ns < from_ns + TALLY_HOUR_NS)
		up -= from_ns + TALLY_HOUR_NS - until_ns;
	return up > 0 ? up : 0;
}

static bool
is_lossy(const struct report *r, const struct tally *t)
{
	double lost = (double)lost_of(t), all = lost + (double)t->n[TALLY_PACKETS];

	return lost > 0 && lost * 1e6 > (double)r->judge->thresholds.loss_ppm * all;
}

/* Hours in a row are one span. */
static int
lossy_add(struct health *h, struct health_sensor *s, int64_t hour)
{
	struct health_span *last = s->lossy > 0 ? &h->lossy[s->lossy - 1] : NULL;
	int64_t from_ns = hour * TALLY_HOUR_NS;

	if (last != NULL && last->to_ns >= from_ns) {
		last->to_ns = from_ns + TALLY_HOUR_NS;
		return 0;
	}
	if (h->lossy_total++ >= HEALTH_SPANS)
		return 0;
	if (array_grow(&h->lossy, h->lossy_count, sizeof(*h->lossy)) != 0)
		return -ENOMEM;
	assert(h->lossy != NULL);
	h->lossy[h->lossy_count++] =
	    (struct health_span){s->sensor, from_ns, from_ns + TALLY_HOUR_NS};
	s->lossy = h->lossy_count;
	return 0;
}

static int
tally_take(void *ctx, const struct query_tally *x)
{
	struct counting *c = ctx;
	struct health_sensor *s = sensor_make(c, x->sensor);
	struct health_realm *realm = s != NULL ? realm_make(c, s, x->realm) : NULL;

	if (s == NULL || (realm == NULL && no_room(c, s) != 0))
		return no_room(c, s);
	tally_add(&s->sum, &x->tally);
	if (realm != NULL)
		tally_add(&realm->sum, &x->tally);
	s->up_ns += up_within(c->r, x);
	return is_lossy(c->r, &x->tally) ? lossy_add(c->health, s, x->hour) : 0;
}

static int
interface_take(void *ctx, const char *sensor, const char *realm, const struct uuid *uuid)
{
	struct counting *c = ctx;

	if (service_find(uuid) != NULL)
		return 0;
	struct health_sensor *s = sensor_make(c, sensor);
	struct health_realm *found = s != NULL ? realm_make(c, s, realm) : NULL;
	if (found == NULL)
		return no_room(c, s);
	found->unnamed++;
	return 0;
}

static void
sum_up(struct health *h)
{
	for (size_t i = 0; i < h->sensor_count; i++) {
		struct health_sensor *s = &h->sensor[i];

		s->lost = lost_of(&s->sum);
		s->came = s->sum.n[TALLY_PACKETS];
	}
}

int
health_read(struct report *r)
{
	const struct query_filter period = report_period(r);
	struct counting c = {.r = r, .health = calloc(1, sizeof(*c.health))};

	r->health = c.health;
	if (c.health == NULL)
		return -ENOMEM;
	int err = query_ups(r->store, up_add, &c);
	if (err == 0)
		err = query_tallies(r->store, &period, tally_take, &c);
	if (err == 0)
		err = query_interfaces(r->store, period.until_ns, interface_take, &c);
	if (err == 0)
		sum_up(c.health);
	return err;
}

struct health_sensor *
health_sensor_make(struct report *r, const char *name)
{
	struct counting c = {.r = r, .health = r->health};

	return sensor_make(&c, name);
}

void
health_free(struct health **h)
{
	if (*h == NULL)
		return;
	for (size_t i = 0; i < (*h)->sensor_count; i++)
		free((*h)->sensor[i].realm);
	free((*h)->sensor);
	free((*h)->lossy);
	free((*h)->gap);
	free(*h);
	*h = NULL;
}

int
health_add_gap(struct health *h, const char *sensor, int64_t from_ns, int64_t to_ns)
{
	if (h->gap_count == HEALTH_SPANS)
		return 0;
	if (array_grow(&h->gap, h->gap_count, sizeof(*h->gap)) != 0)
		return -ENOMEM;
	h->gap[h->gap_count++] = (struct health_span){sensor, from_ns, to_ns};
	return 0;
}

static bool
touches(const struct health_span *span, size_t count, const char *sensor, int64_t from_ns,
    int64_t to_ns)
{
	for (size_t i = 0; i < count; i++)
		if (span[i].from_ns <= to_ns && span[i].to_ns >= from_ns &&
		    strcmp(span[i].sensor, sensor) == 0)
			return true;
	return false;
}

static unsigned
doubt_of(const struct health *h, const char *sensor, int64_t from_ns, int64_t to_ns)
{
	unsigned doubt = 0;

	if (touches(h->gap, h->gap_count, sensor, from_ns, to_ns))
		doubt |= DOUBT_GAP;
	if (touches(h->lossy, h->lossy_count, sensor, from_ns, to_ns))
		doubt |= DOUBT_LOSS;
	return doubt;
}

/* What was seen first or last beside a gap may have been so for longer, or not be so any more. */
static unsigned
doubt_of_finding(const struct health *h, const struct report_finding *f)
{
	unsigned doubt = doubt_of(h, f->sensor, f->first_ns, f->first_ns);

	if (f->last_ns != 0)
		doubt |= doubt_of(h, f->sensor, f->last_ns, f->last_ns);
	if (f->evidence.ts_ns != 0)
		doubt |= doubt_of(h, f->sensor, f->evidence.ts_ns, f->evidence.ts_ns);
	return doubt;
}

/* The moment of a change lies between two sights, where both are known. */
static unsigned
doubt_of_change(const struct health *h, const struct query_change *row)
{
	const struct change *c = &row->change;
	int64_t to_ns = c->not_after_ns != 0 ? c->not_after_ns : c->first_ns;
	int64_t from_ns = c->not_before_ns != 0 ? c->not_before_ns : to_ns;
	unsigned doubt = doubt_of(h, row->sensor, from_ns, to_ns);

	if (row->evidence.ts_ns != 0)
		doubt |= doubt_of(h, row->sensor, row->evidence.ts_ns, row->evidence.ts_ns);
	return doubt;
}

void
health_doubt(struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++)
		r->finding[i].doubt = doubt_of_finding(r->health, &r->finding[i]);
	for (size_t i = 0; i < r->change_count; i++)
		r->change[i].doubt = doubt_of_change(r->health, &r->change[i].row);
}
