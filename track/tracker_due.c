/* tracker_due.c - what time brings, in the order in which it is due: of what is in memory by the agenda, of the rest by the store. */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "track/tracker.h"

enum {
	SLICE = 64 /* keys that are asked of the store at a time */
};

/* What the store has and memory has not. */
struct slice {
	const struct track *t;
	int64_t reading;
	size_t count;
	int64_t
	    next; /* due of the first that did not fit, or is not due yet; STATE_NEVER: there is none */
	struct {
		struct mapping_key key;
		int64_t due;
	} at[SLICE];
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

/* Until there are enough, or one that is still to come. */
static int
gather(void *to, const struct mapping_key *key, int64_t due_ns)
{
	struct slice *s = to;

	if (is_in_memory(s->t, key))
		return 0;
	if (due_ns > s->reading || s->count == SLICE) {
		s->next = due_ns;
		return 1;
	}
	s->at[s->count].key = *key;
	s->at[s->count++].due = due_ns;
	return 0;
}

static int
gather_slice(const struct track *t, int64_t reading, struct slice *s)
{
	int r;

	*s = (struct slice){.t = t, .reading = reading, .next = STATE_NEVER};
	if (t->loader == NULL || t->loader->due == NULL)
		return ERR_OK;
	r = t->loader->due(t->loader->ctx, STATE_NEVER - 1, s, gather);
	return r > 0 ? ERR_OK : r;
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

static int
judge_mapping(struct track *t, struct hot *h, int64_t due)
{
	struct change c;
	int r = ERR_OK;
	bool ripe = true;

	h->pin = t->hot.pin; /* what is told of others may want room */
	tracker_begin(t, &h->mapping.key, clock_when(&t->clock, due), due);
	while (r == ERR_OK && ripe) {
		ripe = change_ripe(&h->mapping, tracker_pending(t, h), &t->room, &c);
		r = tracker_keep_pending(t, h);
		if (r == ERR_OK && c.kind != CHANGE_NONE)
			r = tracker_conclude(t, h, &c);
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

static int
judge_sensor(struct track *t, int64_t due)
{
	int r = rules_ripe_all(&t->rules, clock_when(&t->clock, due));

	agenda_set(&t->agenda, &t->sensor, rules_next_due(&t->rules));
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

/* One that only the store had. */
static int
judge_kept(struct track *t, const struct slice *s, size_t at, size_t *left)
{
	const struct mapping_key *key = &s->at[at].key;
	struct agenda_item *item;
	bool there;
	int r = judge_before(t, s->at[at].due, key, left);

	if (r != ERR_OK || *left == 0)
		return r;
	if ((r = bring(t, key, &there)) != ERR_OK)
		return r;
	if (!there) {
		*left = 0;
		return ERR_OK;
	}
	item = agenda_first(&t->agenda);
	if (item != NULL && mapping_key_compare(item->key, key) == 0) {
		--*left;
		return judge_item(t, item);
	}
	return ERR_OK;
}

/* The next of what only the store has. */
static int
judge_slice(struct track *t, int64_t reading, size_t *left)
{
	struct slice s;
	int r = gather_slice(t, reading, &s);
	size_t i = 0;
	int64_t next;

	t->store_due = STATE_NEVER; /* what is put out meanwhile says when it is due */
	while (i < s.count && r == ERR_OK && *left > 0) {
		r = judge_kept(t, &s, i, left);
		if (*left > 0)
			i++;
	}
	next = i < s.count ? s.at[i].due : s.next;
	if (r != ERR_OK)
		next = INT64_MIN;
	if (next < t->store_due)
		t->store_due = next;
	return r;
}

int
tracker_settle(struct track *t, int64_t reading, size_t most, bool *more)
{
	const struct agenda_item *first;
	size_t left = most;
	int r = ERR_OK;

	while (r == ERR_OK && left > 0 && t->store_due <= reading)
		r = judge_slice(t, reading, &left);
	if (r == ERR_OK && left > 0)
		r = judge_before(t, reading, NULL, &left);
	first = agenda_first(&t->agenda);
	*more =
	    r == ERR_OK && (t->store_due <= reading || (first != NULL && first->due_ns <= reading));
	return r;
}
