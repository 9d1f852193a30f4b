/* health.c - what was counted, added up; then what falls into bad times. */
#include "report/health.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/array.h"
#include "report/model.h"
#include "report/pool.h"
#include "track/policy.h"
#include "track/service.h"

/* While rows come in. They come by sensor within an hour, so the next one is nearly always where it is looked for first. */
struct counting {
	struct report *r;
	struct health *health;
	size_t next;
};

static int
compare_sensors(const void *a, const void *b)
{
	const struct health_sensor *x = a, *y = b;

	return strcmp(x->sensor, y->sensor);
}

static int
compare_realms(const void *a, const void *b)
{
	const struct health_realm *x = a, *y = b;

	return strcmp(x->realm, y->realm);
}

struct health_sensor *
health_sensor_of(struct health *h, const char *name)
{
	for (size_t i = 0; i < h->sensor_count; i++)
		if (strcmp(h->sensor[i].sensor, name) == 0)
			return &h->sensor[i];
	return NULL;
}

/* That sensor, a new one where it is not known; NULL where there is no room. */
static struct health_sensor *
sensor_make(struct counting *c, const char *name)
{
	struct health *h = c->health;

	for (size_t i = 0; i < h->sensor_count; i++) {
		size_t at = (c->next + i) % h->sensor_count;

		if (strcmp(h->sensor[at].sensor, name) == 0) {
			c->next = at;
			return &h->sensor[at];
		}
	}
	if (h->sensor_count == HEALTH_SENSORS ||
	    array_grow(&h->sensor, h->sensor_count, sizeof(*h->sensor)) != 0)
		return NULL;
	c->next = h->sensor_count++;
	h->sensor[c->next] = (struct health_sensor){.sensor = pool_text(c->r->pool, name)};
	return pool_failed(c->r->pool) ? NULL : &h->sensor[c->next];
}

static struct health_realm *
realm_make(struct counting *c, struct health_sensor *s, const char *name)
{
	for (size_t i = 0; i < s->realm_count; i++)
		if (strcmp(s->realm[i].realm, name) == 0)
			return &s->realm[i];
	if (array_grow(&s->realm, s->realm_count, sizeof(*s->realm)) != 0)
		return NULL;
	s->realm[s->realm_count] = (struct health_realm){.realm = pool_text(c->r->pool, name)};
	return pool_failed(c->r->pool) ? NULL : &s->realm[s->realm_count++];
}

/* More sensors than anybody has are a store that was made up: what is beyond is left out. */
static int
no_room(const struct counting *c)
{
	return c->health->sensor_count == HEALTH_SENSORS ? 0 : -ENOMEM;
}

static int
up_add(void *ctx, const char *sensor, const char *realm, int64_t ts_ns)
{
	struct counting *c = ctx;
	struct health_sensor *s = sensor_make(c, sensor);

	if (s == NULL)
		return no_room(c);
	struct health_realm *found = realm_make(c, s, realm);
	if (found == NULL)
		return -ENOMEM;
	s->live = c->health->live = true;
	found->at_ns = ts_ns;
	return 0;
}

static uint64_t
lost_of(const struct tally *t)
{
	return t->n[TALLY_DROPPED_KERNEL] + t->n[TALLY_DROPPED_INTERFACE] +
	       t->n[TALLY_DROPPED_QUEUE];
}

/* The time up of an hour that the period only touches is at least what is more than the rest of that hour. */
static int64_t
up_within(const struct report *r, const struct query_tally *x)
{
	int64_t from_ns = x->hour * TALLY_HOUR_NS, up = (int64_t)x->tally.n[TALLY_UP];
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

	if (s == NULL)
		return no_room(c);
	if (realm == NULL)
		return -ENOMEM;
	tally_add(&s->sum, &x->tally);
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
	if (s == NULL)
		return no_room(c);
	struct health_realm *found = realm_make(c, s, realm);
	if (found == NULL)
		return -ENOMEM;
	found->unnamed++;
	return 0;
}

static void
sum_up(struct health *h)
{
	if (h->sensor_count > 0)
		qsort(h->sensor, h->sensor_count, sizeof(*h->sensor), compare_sensors);
	for (size_t i = 0; i < h->sensor_count; i++) {
		struct health_sensor *s = &h->sensor[i];

		s->lost = lost_of(&s->sum);
		s->came = s->sum.n[TALLY_PACKETS];
		if (s->realm_count > 0)
			qsort(s->realm, s->realm_count, sizeof(*s->realm), compare_realms);
	}
}

int
health_read(struct report *r)
{
	const struct query_filter period = {
	    .since_ns = r->options.since_ns, .until_ns = r->options.until_ns};
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

	if (health_sensor_of(r->health, name) == NULL && sensor_make(&c, name) == NULL)
		return NULL;
	qsort(r->health->sensor, r->health->sensor_count, sizeof(*r->health->sensor),
	    compare_sensors);
	return health_sensor_of(r->health, name);
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
