/* verdict.c - see verdict.h. */
#include "track/verdict.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "track/change.h"
#include "track/episode.h"
#include "track/ident.h"
#include "track/pending.h"
#include "track/policy.h"

bool
verdict_is_new(const struct episode *e)
{
	return episode_in_set(e) && e->told[0] == '\0';
}

static bool
is_earlier(const struct episode *a, const struct episode *b)
{
	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns;
	return endpoint_compare(&a->endpoint, &b->endpoint) < 0;
}

/* Whether the complete answer lists something that came up after the last sight of ${gone}. */
static bool
is_replaced(const struct verdict *v, const struct episode *gone)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (episode_in_set(e) && e->first_ns > gone->last_ns &&
		    e->first_ns <= v->p->claim_end_ns && e->last_ns >= v->p->claim_ns)
			return true;
	}
	return false;
}

static bool
is_replacement(enum change_kind why)
{
	return why == CHANGE_MOVED || why == CHANGE_RETURNED || why == CHANGE_FLIP_FLOP ||
	       why == CHANGE_RESTARTED;
}

/* The episode of ${endpoint} that ended last of those that people heard of: one that was attempted only, or named by one answer only, was
 * never there. */
static const struct episode *
earlier(const struct verdict *v, const struct endpoint *endpoint)
{
	const struct episode *last = NULL;

	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (e->ended_ns == 0 || !episode_is_proven(e) || e->told[0] == '\0' ||
		    endpoint_compare(&e->endpoint, endpoint) != 0)
			continue;
		if (last == NULL || e->ended_ns >= last->ended_ns)
			last = e;
	}
	return last;
}

/* The episode of the same endpoint before ${e}, if another endpoint took its place; NULL where it is not that. */
static const struct episode *
replaced_before(const struct verdict *v, const struct episode *e)
{
	const struct episode *before;

	if (!verdict_is_new(e))
		return NULL;
	before = earlier(v, &e->endpoint);
	return before != NULL && is_replacement(before->why) ? before : NULL;
}

/* ${e} once took the place of an endpoint that is back, and was not seen since. */
static bool
gave_way(const struct verdict *v, const struct episode *e)
{
	if (e->told[0] == '\0')
		return false;
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *back = &v->m->episode[i];
		const struct episode *before = replaced_before(v, back);

		if (before != NULL && e->first_ns > before->last_ns && e->last_ns < back->first_ns)
			return true;
	}
	return false;
}

bool
verdict_has_gone(const struct verdict *v, const struct episode *e)
{
	if (!episode_in_set(e))
		return false;
	if (v->ground == VERDICT_WATCH)
		return e != v->watched && e->last_ns < v->watched->first_ns;
	if (v->p->claimed && e->last_ns < v->p->claim_ns && is_replaced(v, e))
		return true;
	return v->ground == VERDICT_TIME && gave_way(v, e);
}

bool
verdict_is_there(const struct verdict *v)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (verdict_is_new(e) || verdict_has_gone(v, e))
			return true;
	}
	return false;
}

static bool
has_two_witnesses(const struct episode *e)
{
	return e->client_count >= 2 || e->clients_estimated || (e->announced > 0 && e->used > 0);
}

bool
verdict_is_agreed(const struct verdict *v)
{
	bool came = false, gone = false;

	for (size_t i = 0; i < v->m->episode_count; i++)
		gone |= verdict_has_gone(v, &v->m->episode[i]);
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (!verdict_is_new(e))
			continue;
		if (!has_two_witnesses(e) || (!gone && replaced_before(v, e) != NULL))
			return false;
		came = true;
	}
	return came || (gone && v->p->claim_twice);
}

/* What is known once all episodes were looked at. */
struct view {
	const struct episode *newcomer; /* the first that came */
	bool stranger;                  /* something was never there before */
	size_t gone;
	int64_t lost_ns; /* last sight of what is gone, or end of the newcomer's earlier episode */
	const struct episode *successor; /* the first that came after that, told or not */
	const struct episode *corrected; /* what took the place of one that was there all along */
};

static void
look_at_gone(const struct verdict *v, struct view *out)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (!verdict_has_gone(v, e))
			continue;
		if (out->gone == 0 || e->last_ns > out->lost_ns)
			out->lost_ns = e->last_ns;
		out->gone++;
	}
}

static void
look_at_newcomer(const struct verdict *v, const struct episode *e, struct view *out)
{
	const struct episode *before = earlier(v, &e->endpoint);

	if (out->newcomer == NULL || is_earlier(e, out->newcomer))
		out->newcomer = e;
	if (before == NULL)
		out->stranger = true;
	else if (out->gone == 0 && before->ended_ns > out->lost_ns)
		out->lost_ns = before->ended_ns;
}

static void
look_at_successor(const struct verdict *v, const struct episode *e, struct view *out)
{
	if (out->successor == NULL || is_earlier(e, out->successor))
		out->successor = e;
	if (earlier(v, &e->endpoint) == NULL)
		out->stranger = true;
}

/* The first that came up after ${ns} and was told of. */
static const struct episode *
first_told_after(const struct verdict *v, int64_t ns)
{
	const struct episode *found = NULL;

	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (!episode_in_set(e) || e->told[0] == '\0' || e->first_ns <= ns)
			continue;
		if (found == NULL || is_earlier(e, found))
			found = e;
	}
	return found;
}

static struct view
look(const struct verdict *v)
{
	struct view w = {.newcomer = NULL};

	look_at_gone(v, &w);
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i], *before;

		if (!episode_in_set(e) || verdict_has_gone(v, e))
			continue;
		if (verdict_is_new(e))
			look_at_newcomer(v, e, &w);
		if (w.gone > 0 && e->first_ns > w.lost_ns)
			look_at_successor(v, e, &w);
		if (w.gone == 0 && (before = replaced_before(v, e)) != NULL)
			w.corrected = first_told_after(v, before->last_ns);
	}
	return w;
}

static int
compare(const void *a, const void *b)
{
	return endpoint_compare(a, b);
}

static void
sort_set(struct endpoint *set, size_t count)
{
	if (count > 1)
		qsort(set, count, sizeof(*set), compare);
}

/* The set before: what was told, but for those that came after what is gone. */
static void
write_sets(const struct verdict *v, const struct view *w, struct change *out)
{
	struct endpoint *previous = v->room->previous, *current = v->room->current;

	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];
		bool gone = verdict_has_gone(v, e);

		if (!episode_in_set(e))
			continue;
		if (!gone)
			current[out->current_count++] = e->endpoint;
		if (e->told[0] != '\0' && (gone || w->gone == 0 || e->first_ns <= w->lost_ns))
			previous[out->previous_count++] = e->endpoint;
	}
	sort_set(previous, out->previous_count);
	sort_set(current, out->current_count);
	out->previous = previous;
	out->current = current;
}

static bool
is_known(const struct verdict *v)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (episode_is_proven(e) && (e->told[0] != '\0' || e->ended_ns != 0))
			return true;
	}
	return false;
}

static enum change_kind
kind_of(const struct verdict *v, const struct view *w, const struct change *c)
{
	bool replaces = w->gone > 0 || c->previous_count == 0;

	if (w->newcomer == NULL && w->gone == 0)
		return CHANGE_NONE;
	if (!is_known(v))
		return CHANGE_NEW;
	if (!replaces)
		return CHANGE_ADDITIONAL;
	return w->stranger ? CHANGE_MOVED : CHANGE_RETURNED;
}

static bool
is_flapping(const struct verdict *v)
{
	const struct pending *p = v->p;

	return p->flip_at != 0 &&
	       v->room->reading - p->flip_at < v->room->thresholds->flip_flop_span_ns;
}

/* Returns within the span, the one that is judged included. */
static uint32_t
count_returns(const struct verdict *v)
{
	const struct pending *p = v->p;
	uint32_t n = 1;

	for (size_t i = 0; i < p->returns; i++)
		n += v->room->reading - p->return_at[i] < v->room->thresholds->flip_flop_span_ns;
	return n;
}

static bool
is_flip_flop(const struct verdict *v)
{
	uint32_t most = v->room->thresholds->flip_flop_count;

	return count_returns(v) >= (most < PENDING_RETURNS ? most : PENDING_RETURNS);
}

void
verdict_describe(const struct verdict *v, const struct episode *about, struct change *out)
{
	assert(about != NULL);
	out->key = v->m->key;
	out->mapping = v->m;
	out->minor = about->minor;
	out->confidence = episode_confidence(about);
	out->ts_ns = v->room->now_ns;
	out->first_ns = about->first_ns;
	out->not_after_ns = about->first_ns;
	out->clients = about->client_count;
	out->evidence = about->first;
	(void)ident_make(&out->key, v->room->realm, change_kind_name(out->kind), out->current,
	    out->current_count, out->first_ns, out->id);
}

static void
copy_id(char *to, const char *from)
{
	memcpy(to, from, HASH_ID_TEXT);
}

/* When the last of what was there before ${ns} ended; 0: nothing was. */
static int64_t
last_end(const struct verdict *v, int64_t ns)
{
	int64_t last_ns = 0;

	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (e->ended_ns != 0 && e->ended_ns <= ns && e->told[0] != '\0' &&
		    e->ended_ns > last_ns)
			last_ns = e->ended_ns;
	}
	return last_ns;
}

static void
fill(const struct verdict *v, const struct view *w, struct change *out)
{
	memset(out, 0, sizeof(*out));
	write_sets(v, w, out);
	out->kind = kind_of(v, w, out);
	if (out->kind == CHANGE_NONE)
		return;
	if (out->kind == CHANGE_RETURNED && !is_flapping(v) && is_flip_flop(v))
		out->kind = CHANGE_FLIP_FLOP;
	verdict_describe(v, w->newcomer != NULL ? w->newcomer : w->successor, out);
	out->not_before_ns = w->lost_ns;
	if (w->lost_ns == 0 && out->kind == CHANGE_MOVED)
		out->not_before_ns = last_end(v, out->not_after_ns);
	if (w->gone > 0 && w->successor != NULL)
		copy_id(out->revises, w->successor->told);
	else if (out->kind == CHANGE_ADDITIONAL && w->corrected != NULL)
		copy_id(out->revises, w->corrected->told);
}

void
verdict_look(const struct verdict *v, struct change *out)
{
	struct view w = look(v);

	fill(v, &w, out);
}

void
verdict_unwatch(struct pending *p, struct episode *e)
{
	if ((e->marks & EPISODE_WATCHED) == 0)
		return;
	e->marks &= (uint8_t)~EPISODE_WATCHED;
	p->watched--;
}

/* When what is gone ended: by the answer that lacked it, or when it came to be known. */
static int64_t
end_of(const struct verdict *v, const struct episode *e)
{
	if (v->ground != VERDICT_WATCH && v->p->claimed && e->last_ns < v->p->claim_ns)
		return v->p->claim_ns;
	return v->room->now_ns;
}

static void
end_gone(const struct verdict *v, const struct view *w, enum change_kind why)
{
	/* All are known before the first ends: they may hang on each other. */
	for (size_t i = 0, left = w->gone; i < v->m->episode_count && left > 0; i++) {
		struct episode *e = &v->m->episode[i];

		if (!verdict_has_gone(v, e))
			continue;
		verdict_unwatch(v->p, e);
		episode_end(e, end_of(v, e));
		e->why = why;
		left--;
	}
}

/* Another was there before, and was not seen since ${e} came: time will tell. */
static bool
may_have_replaced(const struct verdict *v, const struct episode *e)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *other = &v->m->episode[i];

		if (other != e && episode_in_set(other) && other->last_ns < e->first_ns)
			return true;
	}
	return false;
}

static void
mark_told(const struct verdict *v, const struct view *w, const struct change *c, const char *id)
{
	for (size_t i = 0; i < v->m->episode_count; i++) {
		struct episode *e = &v->m->episode[i];
		bool came = verdict_is_new(e);

		if (!episode_in_set(e) || (!came && (w->gone == 0 || e->first_ns <= w->lost_ns)))
			continue;
		if (came && c->kind == CHANGE_ADDITIONAL && may_have_replaced(v, e)) {
			e->marks |= EPISODE_WATCHED;
			v->p->watched++;
		} else if (!came) {
			verdict_unwatch(v->p, e);
		}
		copy_id(e->told, id);
		e->dirty |= EPISODE_TOLD;
	}
}

static void
note_return(struct pending *p, int64_t reading)
{
	if (p->returns == PENDING_RETURNS) {
		memmove(&p->return_at[0], &p->return_at[1],
		    (PENDING_RETURNS - 1) * sizeof(p->return_at[0]));
		p->returns--;
	}
	p->return_at[p->returns++] = reading;
}

/* What was told last, which stands for what is not told any more. Empty: nothing was. */
static void
last_told(const struct verdict *v, char id[HASH_ID_TEXT])
{
	const struct episode *last = NULL;

	id[0] = '\0';
	for (size_t i = 0; i < v->m->episode_count; i++) {
		const struct episode *e = &v->m->episode[i];

		if (e->told[0] != '\0' && (last == NULL || is_earlier(last, e)))
			last = e;
	}
	if (last != NULL)
		copy_id(id, last->told);
}

/* One more return of a flip-flop that was told. */
static bool
is_untold(const struct verdict *v, const struct change *c)
{
	return c->kind == CHANGE_RETURNED && is_flapping(v);
}

/* A return is remembered; while a flip-flop lasts that was told, it is not told. */
static void
judge_returns(const struct verdict *v, struct change *out)
{
	bool flapping = is_untold(v, out);

	if (out->kind != CHANGE_RETURNED && out->kind != CHANGE_FLIP_FLOP)
		return;
	note_return(v->p, v->room->reading);
	if (flapping || out->kind == CHANGE_FLIP_FLOP)
		v->p->flip_at = v->room->reading;
	if (flapping)
		memset(out, 0, sizeof(*out));
}

void
verdict_settle(const struct verdict *v, struct change *out)
{
	struct view w = look(v);
	char before[HASH_ID_TEXT];

	fill(v, &w, out);
	if (out->kind != CHANGE_NONE) {
		last_told(v, before);
		end_gone(v, &w, out->kind);
		mark_told(v, &w, out, is_untold(v, out) ? before : out->id);
		judge_returns(v, out);
	}
	v->p->open = v->p->claimed = false;
	v->room->stirred = true;
}
