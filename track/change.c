/* change.c - sightings folded, and what is due judged. */
#include "track/change.h"

#include <string.h>

#include "base/err.h"
#include "track/clock.h"
#include "track/correction.h"
#include "track/episode.h"
#include "track/lifetime.h"
#include "track/pending.h"
#include "track/policy.h"
#include "track/sighting.h"
#include "track/verdict.h"

enum {
	WATCH_SIGHTS = 3,
	WATCH_CLIENTS = 2,
};

/* One group being folded into one mapping. */
struct fold {
	struct mapping *m;
	struct pending *p;
	const struct group *g;
	struct change_room *room;
	int64_t ts_ns;
	size_t proven, attempted; /* alive, as sightings are folded */
	size_t came;
	bool replaces; /* a complete answer lacks something: one may come for it */
};

/* The ended episode that evidence of that time belongs to; the one that ended last suffices, older
 * evidence is rarer still. */
static struct episode *
late_episode(const struct fold *f, const struct endpoint *endpoint)
{
	struct episode *e = episode_ended(f->m, endpoint);

	return e != NULL && f->ts_ns < e->ended_ns ? e : NULL;
}

static struct episode *
known_episode(const struct fold *f, const struct endpoint *endpoint)
{
	struct episode *e = episode_alive(f->m, endpoint);

	return e != NULL ? e : late_episode(f, endpoint);
}

static void
count_alive(struct fold *f)
{
	for (size_t i = 0; i < f->m->episode_count; i++) {
		const struct episode *e = &f->m->episode[i];

		if (e->ended_ns != 0)
			continue;
		*(episode_is_proven(e) ? &f->proven : &f->attempted) += 1;
		if (f->g->complete && e->last_ns < f->g->since_ns &&
		    !group_lists(f->g, &e->endpoint))
			f->replaces |= episode_is_proven(e);
	}
}

static bool
has_room(const struct fold *f, bool proven)
{
	size_t most = f->room->episodes / (proven ? 2 : 4);

	if (f->m->episode_count >= f->room->episodes * 2)
		return false;
	if (proven && f->replaces && f->came == 0)
		return true;
	return (proven ? f->proven : f->attempted) < (most > 0 ? most : 1);
}

static void
see(struct change_room *room, const struct group *g, const struct sighting *s, struct episode *e)
{
	uint32_t clients = e->client_count;
	int64_t before_ns = episode_is_proven(e) ? e->last_ns : INT64_MIN;

	episode_see(e, s, g->evidence);
	if (sighting_proves(s))
		lifetime_see(e, before_ns, s, g->evidence, room);
	else if (before_ns == INT64_MIN)
		e->seen_at = room->reading;
	room->grew |= e->client_count != clients;
	room->folded++;
}

static int
see_one(struct fold *f, const struct sighting *s)
{
	struct episode *e = known_episode(f, &s->endpoint);
	bool proves = sighting_proves(s);
	bool comes = e == NULL || (proves && !episode_is_proven(e));
	int r;

	if (comes && !has_room(f, proves)) {
		f->room->refused++;
		return ERR_OK;
	}
	if (comes) {
		*(proves ? &f->proven : &f->attempted) += 1;
		f->came += proves;
		f->room->stirred = true;
	}
	if (e == NULL) {
		if ((r = episode_open(f->m, &s->endpoint, &e)) != ERR_OK)
			return r;
		f->room->grew = true;
	}
	see(f->room, f->g, s, e);
	return ERR_OK;
}

static struct verdict
judge(struct mapping *m, struct pending *p, struct change_room *room, enum verdict_ground ground)
{
	return (struct verdict){.m = m, .p = p, .room = room, .ground = ground};
}

/* A newcomer that only one answer named, and that this one lacks, was none. */
static void
drop_unconfirmed(struct fold *f)
{
	for (size_t i = 0; i < f->m->episode_count; i++) {
		struct episode *e = &f->m->episode[i];

		if (!verdict_is_new(e) || e->last_ns >= f->g->since_ns || e->used > 0 ||
		    e->client_count > 1)
			continue;
		episode_end(e, f->ts_ns);
		e->why = CHANGE_UNSEEN;
		f->room->stirred = true;
	}
}

static bool
lacks_something(const struct fold *f, int64_t before_ns)
{
	struct verdict v = judge(f->m, f->p, f->room, VERDICT_CLAIM);

	for (size_t i = 0; i < f->m->episode_count; i++) {
		const struct episode *e = &f->m->episode[i];

		if (verdict_has_gone(&v, e) && e->last_ns >= before_ns)
			return true;
	}
	return false;
}

/* A complete answer: what it lacks is gone if something took its place. A second one that lacks the same is a witness. */
static void
claim(struct fold *f)
{
	struct pending *p = f->p;
	bool before = p->claimed;

	if (before && f->g->since_ns < p->claim_ns)
		return;
	p->claimed = true;
	p->claim_ns = f->g->since_ns;
	p->claim_end_ns = f->ts_ns;
	if (!lacks_something(f, INT64_MIN)) {
		p->claimed = false;
	} else if (!before || lacks_something(f, p->claim_first_ns)) {
		p->claim_first_ns = f->g->since_ns;
		p->claim_client = f->g->evidence->client;
		p->claim_twice = false;
	} else if (!addr_equal(&p->claim_client, &f->g->evidence->client)) {
		p->claim_twice = true;
	}
	f->room->stirred |= before || p->claimed;
}

static bool
is_known(const struct mapping *m)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];

		if (episode_is_proven(e) && (e->ended_ns != 0 || e->told[0] != '\0'))
			return true;
	}
	return false;
}

/* What came of it: nothing, something that waits, or a change. */
static void
conclude(struct fold *f, bool was_known, struct change *out)
{
	struct verdict v = judge(f->m, f->p, f->room, VERDICT_CLAIM);
	struct pending *p = f->p;

	if (!verdict_is_there(&v)) {
		f->room->stirred |= p->open;
		p->open = p->claimed = false;
		return;
	}
	if (!p->open) {
		p->open = true;
		p->since_ns = f->ts_ns;
		if (__builtin_add_overflow(
			f->room->reading, f->room->thresholds->settle_ns, &p->settle_at))
			p->settle_at = INT64_MAX;
		f->room->stirred = true;
	}
	if (!was_known || p->settle_at <= f->room->reading || verdict_is_agreed(&v))
		verdict_settle(&v, out);
}

static int64_t
watch_due(const struct episode *e, const struct change_room *room)
{
	int64_t due;

	if (__builtin_add_overflow(clock_at(room->clock, e->first_ns), CHANGE_WATCH_NS, &due))
		return STATE_NEVER;
	return due;
}

static bool
has_enough_sights(const struct episode *e)
{
	return e->announced + e->used >= WATCH_SIGHTS && e->client_count >= WATCH_CLIENTS;
}

/* The first that was watched for long enough. */
static struct episode *
watched_episode(const struct mapping *m, const struct change_room *room)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		struct episode *e = &m->episode[i];

		if (episode_in_set(e) && (e->marks & EPISODE_WATCHED) != 0 &&
		    has_enough_sights(e) && watch_due(e, room) <= room->reading)
			return e;
	}
	return NULL;
}

/* Whether a watched one took the place of others. It is watched no more either way. */
static void
judge_watched(struct mapping *m, struct pending *p, struct change_room *room, struct episode *e,
    struct change *out)
{
	struct verdict v = judge(m, p, room, VERDICT_WATCH);
	bool open = p->open, claimed = p->claimed;

	v.watched = e;
	room->stirred = true;
	verdict_unwatch(p, e);
	for (size_t i = 0; i < m->episode_count; i++) {
		if (verdict_has_gone(&v, &m->episode[i])) {
			verdict_settle(&v, out);
			break;
		}
	}
	/* What else is pending goes on, if there is still something. */
	v.ground = VERDICT_CLAIM;
	p->claimed = claimed;
	p->open = open && verdict_is_there(&v);
	p->claimed = p->open && claimed;
}

static int
fold_all(struct fold *f)
{
	count_alive(f);
	for (size_t i = 0; i < f->g->count; i++) {
		int r = see_one(f, &f->g->sighting[i]);

		if (r != ERR_OK)
			return r;
	}
	return ERR_OK;
}

bool
change_is_listed(const struct mapping *m, const struct group *g)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];

		if (episode_in_set(e) && e->last_ns >= g->since_ns)
			return true;
	}
	return false;
}

/* Nobody saw it since, so it is denied; or this says so first. */
static void
deny(struct fold *f)
{
	struct pending *p = f->p;
	int64_t last_ns = INT64_MIN;
	bool any = false;

	for (size_t i = 0; i < f->m->episode_count; i++) {
		const struct episode *e = &f->m->episode[i];

		any |= episode_in_set(e);
		if (episode_in_set(e) && e->last_ns > last_ns)
			last_ns = e->last_ns;
	}
	if (!any || last_ns >= f->g->since_ns || f->ts_ns <= p->denied_ns)
		return;
	if (p->denied_ns == 0 || last_ns > p->denied_ns)
		p->denied_first_ns = f->ts_ns;
	p->denied_ns = f->ts_ns;
	f->room->stirred = true;
}

/* Everything that may come of it. */
static int
fold_and_judge(struct fold *f, struct change *out)
{
	bool was_known = is_known(f->m);
	struct episode *watched;
	int r = fold_all(f);

	if (r != ERR_OK)
		return r;
	if (f->g->complete && f->g->count == 0)
		deny(f);
	if (f->g->complete && was_known)
		drop_unconfirmed(f);
	if (f->g->complete && change_is_listed(f->m, f->g))
		claim(f);
	conclude(f, was_known, out);
	if (out->kind == CHANGE_NONE && (watched = watched_episode(f->m, f->room)) != NULL)
		judge_watched(f->m, f->p, f->room, watched, out);
	return ERR_OK;
}

static size_t
set_size(const struct mapping *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->episode_count; i++)
		n += episode_in_set(&m->episode[i]) ? 1 : 0;
	return n;
}

/* What nearly all of the traffic is: endpoints that are in the set and stay there, and no other that a
 * complete answer could end. */
static bool
is_repetition(const struct mapping *m, const struct pending *p, const struct group *g)
{
	if (p->open || p->watched > 0)
		return false;
	for (size_t i = 0; i < g->count; i++) {
		const struct episode *e = episode_alive(m, &g->sighting[i].endpoint);

		if (e == NULL || !episode_is_proven(e))
			return false;
	}
	return !g->complete || (g->count > 0 && set_size(m) == g->count);
}

/* A watched endpoint may turn out to have replaced others as soon as its time has come. */
static bool
may_be_judged(const struct mapping *m, const struct change_room *room)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];

		if (e->ended_ns == 0 && (e->marks & EPISODE_WATCHED) != 0 &&
		    watch_due(e, room) <= room->reading)
			return true;
	}
	return false;
}

bool
change_repeats(const struct mapping *m, const struct pending *p, const struct group *g,
    const struct change_room *room)
{
	if (p->open || g->count == 0 || (p->watched > 0 && may_be_judged(m, room)))
		return false;
	for (size_t i = 0; i < g->count; i++) {
		const struct episode *e = episode_alive(m, &g->sighting[i].endpoint);

		if (e == NULL || !episode_is_proven(e))
			return false;
	}
	return !g->complete || set_size(m) == g->count;
}

void
change_see_again(struct mapping *m, const struct group *g, struct change_room *room)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct sighting *s = &g->sighting[i];

		see(room, g, s, episode_alive(m, &s->endpoint));
	}
}

int
change_fold(struct mapping *m, struct pending *p, const struct group *g, struct change_room *room,
    struct change *out)
{
	struct fold f = {.m = m, .p = p, .g = g, .room = room, .ts_ns = g->evidence->ts_ns};

	out->kind = CHANGE_NONE;
	out->id[0] = '\0';
	room->stirred |= correction_of_mapping(m, p, room->clock);
	if (!is_repetition(m, p, g)) {
		memset(out, 0, sizeof(*out));
		return fold_and_judge(&f, out);
	}
	change_see_again(m, g, room);
	return ERR_OK;
}

int64_t
change_due(const struct mapping *m, const struct pending *p, const struct change_room *room)
{
	int64_t due = p->open ? p->settle_at : STATE_NEVER;

	for (size_t i = 0; i < m->episode_count; i++) {
		const struct episode *e = &m->episode[i];
		int64_t then;

		if (e->ended_ns != 0)
			continue;
		then = lifetime_due(e, room);
		due = then < due ? then : due;
		if ((e->marks & EPISODE_WATCHED) == 0)
			continue;
		/* One that was seen too seldom so far is judged when it is seen again. */
		then = watch_due(e, room);
		if (then < due && (then > room->reading || has_enough_sights(e)))
			due = then;
	}
	return due;
}

/* What is over for being unseen. The one that is worth telling and was seen last; NULL where none is. */
static const struct episode *
end_unseen(const struct verdict *v, size_t *ended)
{
	const struct episode *about = NULL;

	for (size_t i = 0; i < v->m->episode_count; i++) {
		struct episode *e = &v->m->episode[i];
		bool counts = episode_in_set(e) && e->told[0] != '\0' && lifetime_counts(e);

		if (e->ended_ns != 0 || lifetime_due(e, v->room) > v->room->reading)
			continue;
		verdict_unwatch(v->p, e);
		episode_end(e, v->room->now_ns);
		e->why = counts ? CHANGE_VANISHED : CHANGE_UNSEEN;
		++*ended;
		if (counts && (about == NULL || e->last_ns > about->last_ns))
			about = e;
	}
	return about;
}

/* Told are what vanished now and what is left, not what ends untold. */
static void
judge_unseen(const struct verdict *v, struct change *out)
{
	struct change before;
	const struct episode *about;
	size_t ended = 0;

	before = (struct change){.previous_count = episode_set(v->m, v->room->previous)};
	about = end_unseen(v, &ended);
	if (ended == 0)
		return;
	v->room->stirred = true;
	if (!verdict_is_there(v))
		v->p->open = v->p->claimed = false;
	if (about == NULL)
		return;
	out->kind = CHANGE_VANISHED;
	out->previous = v->room->previous;
	out->previous_count = before.previous_count;
	out->current = v->room->current;
	out->current_count = episode_set(v->m, v->room->current);
	verdict_describe(v, about, out);
	out->not_before_ns = about->last_ns;
	out->not_after_ns = v->room->now_ns;
	out->evidence = about->last;
	if (v->p->denied_ns > about->last_ns)
		out->confidence = CONFIDENCE_DENIED;
}

bool
change_ripe(struct mapping *m, struct pending *p, struct change_room *room, struct change *out)
{
	struct verdict v = judge(m, p, room, VERDICT_TIME);
	struct episode *watched;

	memset(out, 0, sizeof(*out));
	room->stirred |= correction_of_mapping(m, p, room->clock);
	if (change_due(m, p, room) > room->reading)
		return false;
	if (p->open && p->settle_at <= room->reading)
		verdict_settle(&v, out);
	else if ((watched = watched_episode(m, room)) != NULL)
		judge_watched(m, p, room, watched, out);
	else
		judge_unseen(&v, out);
	return true;
}

void
change_preview(struct mapping *m, struct pending *p, struct change_room *room, struct change *out)
{
	struct verdict v = judge(m, p, room, VERDICT_TIME);

	memset(out, 0, sizeof(*out));
	if (p->open)
		verdict_look(&v, out);
}

bool
change_replaces(const struct change *c)
{
	return c->kind == CHANGE_MOVED || c->kind == CHANGE_RETURNED;
}
