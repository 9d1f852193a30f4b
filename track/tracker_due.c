/* tracker_due.c - what time brings, in the order in which it is due: of what is in memory by the agenda, of the rest by the store. */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "track/episode.h"
#include "track/tracker.h"

enum {
	PASSED_OVER = 1024 /* keys that are in memory, and not due yet, until that is enough of a slice */
};

/* A slice being read. */
struct gathering {
	const struct track *t;
	struct tracker_slice *slice;
	int64_t reading;
	size_t passed;
};

static bool
is_server(const struct mapping_key *key)
{
	return key->protseq == PROTSEQ_UNKNOWN;
}

static bool
is_in_memory(const struct track *t, const struct mapping_key *key)
{
	return is_server(key) ? servers_has(&t->servers, key) : hot_has(&t->hot, key);
}

/* Until there are enough. */
static int
gather(void *to, const struct mapping_key *key, int64_t due_ns)
{
	struct gathering *g = to;
	struct tracker_slice *s = g->slice;
	bool in_memory = is_in_memory(g->t, key);

	g->passed += in_memory && due_ns > g->reading ? 1 : 0;
	if (in_memory && g->passed < PASSED_OVER)
		return 0;
	if (in_memory || s->count == TRACKER_SLICE) {
		s->end = due_ns;
		return 1;
	}
	s->at[s->count].key = *key;
	s->at[s->count++].due = due_ns;
	return 0;
}

/* The reading before which nothing is due that the slice does not name, nor what it names. */
static int64_t
slice_due(const struct tracker_slice *s)
{
	return s->taken < s->count ? s->at[s->taken].due : s->end;
}

/* The same with what was put out of memory since it was read. */
static int64_t
next_kept(const struct track *t)
{
	int64_t due = slice_due(&t->slice);

	return t->store_due < due ? t->store_due : due;
}

/* What is kept of keys in memory may say that they are due long before they are, and is passed over from where nothing else is. */
static int
gather_slice(struct track *t, int64_t reading)
{
	struct gathering g = {.t = t, .slice = &t->slice, .reading = reading};
	int64_t from = next_kept(t);
	int r = ERR_OK;

	t->slice = (struct tracker_slice){.end = STATE_NEVER};
	t->store_due = STATE_NEVER; /* what is put out from now on says when it is due */
	if (t->loader != NULL && t->loader->due != NULL)
		r = t->loader->due(t->loader->ctx, from, &g, gather);
	t->stats.sought++;
	if (r >= 0)
		return ERR_OK;
	t->slice.count = 0;
	t->slice.end = from;
	return r;
}

/* What was judged and is due still would be judged for ever. */
static void
make_progress(struct track *t, struct agenda_item *item, int64_t due)
{
	int64_t later;

	if (item->at != 0 && item->due_ns <= due)
		agenda_set(&t->agenda, item,
		    __builtin_add_overflow(due, NS_PER_S, &later) ? STATE_NEVER : later);
}

size_t
tracker_count_set(const struct mapping *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->episode_count; i++)
		n += episode_in_set(&m->episode[i]) ? 1 : 0;
	return n;
}

static int
judge_mapping(struct track *t, struct hot *h, int64_t due)
{
	size_t before = tracker_count_set(&h->mapping);
	struct change c;
	int r = ERR_OK;
	bool ripe = true;

	h->pin = t->hot.pin; /* what is told of others may want room */
	h->calm = false;
	tracker_begin(t, &h->mapping.key, clock_when(&t->clock, due), due);
	while (r == ERR_OK && ripe) {
		ripe = change_ripe(&h->mapping, tracker_pending(t, h), &t->room, &c);
		r = tracker_keep_pending(t, h);
		if (r != ERR_OK)
			tracker_forget_pending(t);
		if (r == ERR_OK && c.kind != CHANGE_NONE)
			r = tracker_conclude(t, h, &c);
	}
	if (tracker_count_set(&h->mapping) < before) {
		if (h->dossier != NULL)
			rules_gone(&t->rules, &h->mapping, t->room.now_ns, h->dossier);
		if (r == ERR_OK)
			r = intruders_unseen(&t->intruders, &h->mapping.key, t->room.now_ns);
	}
	if (r == ERR_OK && rules_due(&t->rules, h->dossier) <= due)
		r = rules_ripe(&t->rules, &h->mapping, t->room.now_ns, &h->dossier);
	tracker_stirred(t, h);
	hot_measure(&t->hot, h);
	make_progress(t, &h->due, due);
	return r;
}

static int
judge_server(struct track *t, struct servers_entry *e, int64_t due)
{
	int r;

	tracker_begin(t, &e->key, clock_when(&t->clock, due), due);
	r = tracker_conclude_server(t, e);
	make_progress(t, &e->due, due);
	return r;
}

void
tracker_sensor_stirred(struct track *t)
{
	int64_t rules = rules_next_due(&t->rules), pushes = pushes_due(&t->pushes);

	agenda_set(&t->agenda, &t->sensor, rules < pushes ? rules : pushes);
}

static int
judge_sensor(struct track *t, int64_t due)
{
	int64_t now_ns = clock_when(&t->clock, due);
	int r = ERR_OK;

	if (rules_next_due(&t->rules) <= due)
		r = rules_ripe_all(&t->rules, now_ns);
	if (r == ERR_OK && pushes_due(&t->pushes) <= due)
		r = pushes_ripe(&t->pushes, now_ns);
	tracker_sensor_stirred(t);
	make_progress(t, &t->sensor, due);
	return r;
}

#define CONTAINER(item, type, member) ((type *)(void *)((char *)(item)-offsetof(type, member)))

static int
judge_item(struct track *t, struct agenda_item *item)
{
	int64_t due = item->due_ns;

	t->hot.pin++;
	t->stats.judged++;
	if (item == &t->sensor)
		return judge_sensor(t, due);
	if (is_server(item->key))
		return judge_server(t, CONTAINER(item, struct servers_entry, due), due);
	return judge_mapping(t, CONTAINER(item, struct hot, due), due);
}

/* All that is in memory and due before. */
static int
judge_before(struct track *t, int64_t due, const struct mapping_key *key, size_t *left)
{
	struct agenda_item *item;
	int r = ERR_OK;

	while (r == ERR_OK && *left > 0 && (item = agenda_first(&t->agenda)) != NULL &&
	       (key != NULL ? agenda_is_before(item->due_ns, item->key, due, key)
			    : item->due_ns <= due)) {
		r = judge_item(t, item);
		--*left;
	}
	return r;
}

/* Bring it into memory, where the agenda has it. False where there is no room. */
static int
bring(struct track *t, const struct mapping_key *key, bool *there)
{
	struct servers_entry *e;
	struct hot *h;
	bool refused;
	int r;

	t->hot.pin++;
	if (is_server(key)) {
		r = servers_place(&t->servers, key, &e);
		*there = e != NULL;
		return r;
	}
	r = tracker_fetch(t, key, &h, &refused);
	*there = h != NULL || !refused;
	return r;
}

/* The next that only the store had. Where it finds no room, nothing goes on. */
static int
judge_kept(struct track *t, size_t *left)
{
	struct tracker_slice *s = &t->slice;
	const struct mapping_key *key = &s->at[s->taken].key;
	int64_t due = s->at[s->taken].due;
	struct agenda_item *item;
	bool there;
	int r = judge_before(t, due, key, left);

	if (r != ERR_OK || *left == 0 || t->store_due <= due)
		return r;
	if ((r = bring(t, key, &there)) != ERR_OK)
		return r;
	if (!there) {
		*left = 0;
		return ERR_OK;
	}
	s->taken++;
	item = agenda_first(&t->agenda);
	if (item == NULL || item->due_ns > due || mapping_key_compare(item->key, key) != 0)
		return ERR_OK;
	--*left;
	return judge_item(t, item);
}

/* The slice is read anew when all of it was taken, or where something that was put out since comes before, or may. */
static int
judge_next_kept(struct track *t, int64_t reading, size_t *left)
{
	if (t->slice.taken == t->slice.count || t->store_due <= slice_due(&t->slice))
		return gather_slice(t, reading);
	return judge_kept(t, left);
}

int64_t
tracker_next_due(const struct track *t)
{
	const struct agenda_item *first = agenda_first(&t->agenda);
	int64_t kept = next_kept(t);

	return first != NULL && first->due_ns < kept ? first->due_ns : kept;
}

int
tracker_settle(struct track *t, int64_t reading, size_t most, bool *more)
{
	size_t left = most;
	int r = ERR_OK;

	while (r == ERR_OK && left > 0 && next_kept(t) <= reading)
		r = judge_next_kept(t, reading, &left);
	if (r == ERR_OK && left > 0)
		r = judge_before(t, reading, NULL, &left);
	*more = r == ERR_OK && tracker_next_due(t) <= reading;
	return r;
}
