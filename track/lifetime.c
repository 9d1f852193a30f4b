/* lifetime.c - gaps, days and users of an endpoint. */
#include "track/lifetime.h"

#include "base/hash.h"
#include "track/change.h"
#include "track/clock.h"
#include "track/policy.h"
#include "track/records.h"
#include "track/sighting.h"

#define SECOND_NS INT64_C(1000000000)

/* The difference may be anything; what does not fit is long enough. */
static void
note_gap(struct episode *e, struct change_room *room)
{
	int64_t gap;

	if (__builtin_sub_overflow(room->reading, e->seen_at, &gap))
		gap = INT64_MAX;
	if (gap < ((int64_t)e->gap_s + 1) * SECOND_NS)
		return;
	gap /= SECOND_NS;
	e->gap_s = gap < UINT32_MAX ? (uint32_t)gap : UINT32_MAX;
	room->stirred = true;
}

/* Where the clock went back, the last sight does not say when it was seen last. */
static void
note_order(struct episode *e, bool ahead, struct change_room *room)
{
	if (!ahead && (e->marks & EPISODE_AHEAD) == 0)
		return;
	e->marks = (uint8_t)(ahead ? e->marks | EPISODE_AHEAD : e->marks & ~EPISODE_AHEAD);
	room->stirred = true;
}

static void
note_day(struct episode *e, struct change_room *room)
{
	uint16_t day = (uint16_t)(room->reading / CHANGE_DAY_NS);

	if (e->days > 0 && day == e->day)
		return;
	e->day = day;
	e->days++;
	room->stirred = true;
}

static void
note_binder(struct episode *e, const struct addr *client, struct change_room *room)
{
	uint32_t binder = (uint32_t)hash_bytes(client->b, sizeof(client->b)) | 1;

	if (binder == e->binder)
		return;
	if (e->binder == 0)
		e->binder = binder;
	else
		e->marks |= EPISODE_TWO_BINDERS;
	room->stirred = true;
}

static void
note_mapper(struct episode *e, enum evidence_source source, struct change_room *room)
{
	if (source != EVIDENCE_MAP && source != EVIDENCE_LOOKUP)
		return;
	e->marks |= EPISODE_MAPPED;
	room->stirred = true;
}

void
lifetime_see(struct episode *e, int64_t before_ns, const struct sighting *s,
    const struct evidence *evidence, struct change_room *room)
{
	if (before_ns != INT64_MIN)
		note_gap(e, room);
	if (before_ns == INT64_MIN || room->reading > e->seen_at)
		e->seen_at = room->reading;
	note_order(e, evidence->ts_ns < before_ns, room);
	if (e->days < EPISODE_DAYS)
		note_day(e, room);
	if ((e->marks & EPISODE_TWO_BINDERS) == 0 && evidence_uses(s->source))
		note_binder(e, &evidence->client, room);
	if ((e->marks & EPISODE_MAPPED) == 0)
		note_mapper(e, s->source, room);
}

void
lifetime_load(struct episode *e, const struct clock *clock)
{
	int64_t seen_at = clock_at(clock, e->last_ns);

	if ((e->marks & EPISODE_AHEAD) == 0 || seen_at > e->seen_at)
		e->seen_at = seen_at;
}

int64_t
lifetime_due(const struct episode *e, const struct change_room *room)
{
	const struct thresholds *t = room->thresholds;
	int64_t allowed, due;

	if (__builtin_mul_overflow(
		(int64_t)e->gap_s * SECOND_NS, (int64_t)t->vanish_factor, &allowed))
		return STATE_NEVER;
	if (allowed < t->vanish_ns)
		allowed = t->vanish_ns;
	if (__builtin_add_overflow(e->seen_at, allowed, &due))
		return STATE_NEVER;
	return due;
}

bool
lifetime_counts(const struct episode *e)
{
	return e->days >= EPISODE_DAYS || (e->marks & EPISODE_TWO_BINDERS) != 0;
}
