/* change.c - verdicts on a set of endpoints. */
#include "track/change.h"

#include <string.h>

#include "base/err.h"
#include "track/episode.h"
#include "track/ident.h"
#include "track/sighting.h"

/* One group being folded into one mapping. */
struct fold {
	struct mapping *m;
	const struct group *g;
	struct change_room *room;
	int64_t ts_ns;
	bool was_known;                  /* something was proven of this key before */
	size_t previous;                 /* endpoints in the set before */
	size_t proven, attempted;        /* alive, as sightings are folded */
	const struct endpoint *newcomer; /* the first that came into the set; NULL where none did */
	bool stranger;                   /* something came up that was never there before */
	size_t ended;
	int64_t lost_ns; /* last sight of what ended, or end of a newcomer's earlier episode */
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
	f->proven = f->attempted = 0;
	for (size_t i = 0; i < f->m->episode_count; i++) {
		const struct episode *e = &f->m->episode[i];

		if (e->ended_ns == 0)
			*(episode_is_proven(e) ? &f->proven : &f->attempted) += 1;
	}
}

static bool
has_room(const struct fold *f, bool proven)
{
	size_t most = f->room->episodes / (proven ? 2 : 4);

	if (f->m->episode_count >= f->room->episodes * 2)
		return false;
	if (proven && f->ended > 0 && f->newcomer == NULL)
		return true; /* something ended for this one */
	return (proven ? f->proven : f->attempted) < (most > 0 ? most : 1);
}

/* Whether the set gets something new, asked before anything ends for it. An answer holds proof
 * only. */
static bool
brings_newcomer(const struct fold *f)
{
	bool may_open = f->m->episode_count < f->room->episodes * 2;

	for (size_t i = 0; i < f->g->count; i++) {
		const struct sighting *s = &f->g->sighting[i];
		const struct episode *e = known_episode(f, &s->endpoint);

		if (may_open && (e == NULL || !episode_is_proven(e)))
			return true;
	}
	return false;
}

static bool
is_earlier(const struct episode *a, const struct episode *b)
{
	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns;
	return endpoint_compare(&a->endpoint, &b->endpoint) < 0;
}

/* The listed endpoint that came up first after ${ns}; NULL where none did. It is seen now, so one
 * that is not later than ${ns} tells nothing of what came after. */
static struct episode *
successor(const struct fold *f, int64_t ns)
{
	struct episode *found = NULL;

	if (f->ts_ns <= ns)
		return NULL;
	for (size_t i = 0; i < f->m->episode_count; i++) {
		struct episode *e = &f->m->episode[i];

		if (!episode_in_set(e) || e->first_ns <= ns || !group_lists(f->g, &e->endpoint))
			continue;
		if (found == NULL || is_earlier(e, found))
			found = e;
	}
	return found;
}

static void
end_episode(struct fold *f, struct episode *e)
{
	if (f->ended == 0 || e->last_ns > f->lost_ns)
		f->lost_ns = e->last_ns;
	episode_end(e, f->ts_ns);
	f->ended++;
}

/* What a complete answer does not list has ended, if something took its place. */
static void
end_unlisted(struct fold *f)
{
	bool replaced = brings_newcomer(f);

	for (size_t i = 0; i < f->m->episode_count; i++) {
		struct episode *e = &f->m->episode[i];

		if (!episode_in_set(e) || e->last_ns > f->ts_ns || group_lists(f->g, &e->endpoint))
			continue;
		if (replaced || successor(f, e->last_ns) != NULL)
			end_episode(f, e);
	}
}

static void
count_newcomer(struct fold *f, const struct endpoint *endpoint)
{
	const struct episode *before = episode_ended(f->m, endpoint);

	if (f->newcomer == NULL)
		f->newcomer = endpoint;
	if (before == NULL)
		f->stranger = true;
	else if (f->ended == 0 && before->ended_ns > f->lost_ns)
		f->lost_ns = before->ended_ns;
}

static void
see(struct change_room *room, const struct group *g, const struct sighting *s, struct episode *e)
{
	uint32_t clients = e->client_count;

	episode_see(e, s, g->evidence);
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
	if (comes && proves)
		count_newcomer(f, &s->endpoint);
	if (comes)
		*(proves ? &f->proven : &f->attempted) += 1;
	if (e == NULL) {
		if ((r = episode_open(f->m, &s->endpoint, &e)) != ERR_OK)
			return r;
		f->room->grew = true;
	}
	see(f->room, f->g, s, e);
	return ERR_OK;
}

static enum change_kind
verdict(const struct fold *f)
{
	bool alone = f->previous == 0;

	if (f->newcomer == NULL && f->ended == 0)
		return CHANGE_NONE;
	if (!f->was_known)
		return CHANGE_NEW;
	if (!f->stranger && (f->ended > 0 || alone))
		return CHANGE_RETURNED;
	return f->ended > 0 || (alone && f->g->complete) ? CHANGE_MOVED : CHANGE_ADDITIONAL;
}

/* Something that ended was followed by endpoints told of before: they are what is new, and the set
 * before is that without them. */
static void
revise(struct fold *f, struct change *out)
{
	const struct episode *first = successor(f, f->lost_ns);
	size_t kept = 0;

	if (first != NULL && first->first_ns < f->ts_ns)
		memcpy(out->revises, first->told, sizeof(out->revises));
	for (size_t i = 0; i < f->previous; i++) {
		const struct endpoint *p = &f->room->previous[i];
		const struct episode *e = episode_alive(f->m, p);

		if (e == NULL || e->first_ns <= f->lost_ns) {
			f->room->previous[kept++] = *p;
			continue;
		}
		if (episode_ended(f->m, p) == NULL)
			f->stranger = true;
	}
	f->previous = kept;
}

/* The endpoint that the verdict is about: what came up now, else what had come up after the last
 * sight of what ended. */
static const struct episode *
subject(const struct fold *f)
{
	if (f->newcomer != NULL)
		return episode_alive(f->m, f->newcomer);
	return f->ended > 0 ? successor(f, f->lost_ns) : NULL;
}

static void
describe(const struct fold *f, const struct episode *about, struct change *out)
{
	out->key = f->m->key;
	out->mapping = f->m;
	out->minor = about->minor;
	out->confidence = episode_confidence(about);
	out->ts_ns = f->ts_ns;
	out->first_ns = about->first_ns;
	out->not_before_ns = f->lost_ns;
	out->not_after_ns = about->first_ns;
	out->clients = about->client_count;
	out->evidence = *f->g->evidence;
	out->evidence.source = f->g->sighting[0].source;
	out->previous = f->room->previous;
	out->previous_count = f->previous;
	out->current = f->room->current;
	out->current_count = episode_set(f->m, f->room->current);
	(void)ident_make(&out->key, f->g->realm, change_kind_name(out->kind), out->current,
	    out->current_count, out->first_ns, out->id);
}

/* The store has to learn it too, also of one that this evidence did not show. */
static void
set_told(struct episode *e, const char *id)
{
	memcpy(e->told, id, sizeof(e->told));
	e->dirty |= EPISODE_TOLD;
}

/* Write the verdict on the episodes that it ended and told of. */
static void
mark(const struct fold *f, const struct change *c)
{
	for (size_t i = 0; i < f->m->episode_count; i++) {
		struct episode *e = &f->m->episode[i];

		if (e->ended_ns != 0 && e->why == CHANGE_NONE)
			e->why = c->kind;
		if (episode_in_set(e) &&
		    (e->told[0] == '\0' || (f->ended > 0 && e->first_ns > f->lost_ns)))
			set_told(e, c->id);
	}
}

static bool
is_known(const struct mapping *m)
{
	for (size_t i = 0; i < m->episode_count; i++) {
		if (episode_is_proven(&m->episode[i]))
			return true;
	}
	return false;
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
is_repetition(const struct mapping *m, const struct group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct episode *e = episode_alive(m, &g->sighting[i].endpoint);

		if (e == NULL || !episode_is_proven(e))
			return false;
	}
	return !g->complete || set_size(m) == g->count;
}

/* Everything that may come of it. */
static int
fold_and_judge(
    struct mapping *m, const struct group *g, struct change_room *room, struct change *out)
{
	struct fold f = {.m = m, .g = g, .room = room, .ts_ns = g->evidence->ts_ns};
	const struct episode *about;

	memset(out, 0, sizeof(*out));
	f.was_known = is_known(m);
	f.previous = episode_set(m, room->previous);
	if (g->complete)
		end_unlisted(&f);
	count_alive(&f);
	for (size_t i = 0; i < g->count; i++) {
		int r = see_one(&f, &g->sighting[i]);

		if (r != ERR_OK)
			return r;
	}
	if (f.ended > 0)
		revise(&f, out);
	about = subject(&f);
	out->kind = about != NULL ? verdict(&f) : CHANGE_NONE;
	if (out->kind == CHANGE_NONE)
		return ERR_OK;
	describe(&f, about, out);
	mark(&f, out);
	return ERR_OK;
}

int
change_fold(struct mapping *m, const struct group *g, struct change_room *room, struct change *out)
{
	if (!is_repetition(m, g))
		return fold_and_judge(m, g, room, out);
	for (size_t i = 0; i < g->count; i++) {
		const struct sighting *s = &g->sighting[i];

		see(room, g, s, episode_alive(m, &s->endpoint));
	}
	out->kind = CHANGE_NONE;
	out->id[0] = '\0';
	return ERR_OK;
}
