/* hot.c - a hash table of mappings, with a queue through what is clean and a list of what is not. */
#include "track/hot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "track/dossier.h"
#include "track/episode.h"
#include "track/pending.h"
#include "track/track.h"

enum {
	BLOCK = 16, /* what malloc takes for itself around a block */
	SLAB_ENTRIES = 16,
};

struct hot_slab {
	struct hot entry[SLAB_ENTRIES];
	struct hot_slab *next;
	size_t used;
};

/* What is looked up soon is hashed once. */
struct hot_expected {
	struct mapping_key key;
	struct hot **bucket;
};

static_assert(
    sizeof(struct mapping_key) == 36, "keys are hashed and compared as bytes: no padding");
static_assert(sizeof(struct hot) <= 576, "track.h says how large an entry is");

int
hot_init(struct hot_table *t, size_t count_max, size_t bytes_max, uint64_t secret,
    struct agenda *agenda, int64_t *store_due)
{
	size_t buckets = 2;

	/* at most half full, so that nearly each look-up ends at the first entry it comes to */
	while (buckets < 2 * count_max)
		buckets *= 2;
	*t = (struct hot_table){
	    .mask = buckets - 1,
	    .count_max = count_max,
	    .bytes_max = bytes_max,
	    .secret = secret,
	    .agenda = agenda,
	    .store_due = store_due};
	STAILQ_INIT(&t->queue);
	t->bucket = calloc(buckets, sizeof(struct hot *));
	t->dirty = calloc(count_max, sizeof(struct hot *));
	t->expected = calloc(TRACK_EXPECTED, sizeof(*t->expected));
	return t->bucket != NULL && t->dirty != NULL && t->expected != NULL ? ERR_OK : -ENOMEM;
}

static struct hot **
bucket_of(const struct hot_table *t, const struct mapping_key *key)
{
	return &t->bucket[hash_keyed(key, sizeof(*key), t->secret) & t->mask];
}

static void
free_contents(struct hot *h)
{
	mapping_clear(&h->mapping);
	dossier_free(&h->dossier);
	free(h->pending);
	h->pending = NULL;
}

void
hot_deinit(struct hot_table *t)
{
	/* a table that was never used has no pages either, unless they are looked at */
	for (size_t i = 0; t->slab != NULL && i <= t->mask; i++) {
		while (t->bucket[i] != NULL) {
			struct hot *h = t->bucket[i];

			t->bucket[i] = h->next;
			free_contents(h);
		}
	}
	while (t->slab != NULL) {
		struct hot_slab *s = t->slab;

		t->slab = s->next;
		free(s);
	}
	free(t->bucket);
	free(t->dirty);
	free(t->expected);
	t->bucket = t->dirty = NULL;
	t->expected = NULL;
}

/* All that a sighting will touch, so that the waits for it overlap. */
static void
fetch(const struct hot *h)
{
	const char *line = (const char *)h;

	for (size_t at = 0; at < offsetof(struct hot, first.endpoint.name); at += 64)
		__builtin_prefetch(line + at, 1);
}

void
hot_expect(struct hot_table *t, const struct mapping_key *key, size_t count)
{
	assert(count <= TRACK_EXPECTED);
	for (size_t i = 0; i < count; i++) {
		struct hot_expected *e = &t->expected[i];

		e->key = key[i];
		e->bucket = bucket_of(t, &key[i]);
		__builtin_prefetch(e->bucket);
	}
	t->expected_count = count;
	t->expected_at = 0;
	for (size_t i = 0; i < count; i++)
		if (*t->expected[i].bucket != NULL)
			fetch(*t->expected[i].bucket);
	for (size_t i = 0; i < count; i++)
		if (*t->expected[i].bucket != NULL)
			__builtin_prefetch((*t->expected[i].bucket)->first.client);
}

/* Piece by piece: one of them was written just now in just these pieces, and is read from where it waits to be. */
static inline bool
same_key(const struct mapping_key *a, const struct mapping_key *b)
{
	return addr_equal(&a->server, &b->server) && uuid_equal(&a->uuid, &b->uuid) &&
	       a->major == b->major && a->protseq == b->protseq && a->realm == b->realm;
}

/* Where one was said to come that does not, the one behind it is next. */
static struct hot **
bucket_expected(struct hot_table *t, const struct mapping_key *key)
{
	for (size_t i = t->expected_at; i < t->expected_count && i < t->expected_at + 2; i++) {
		if (!same_key(&t->expected[i].key, key))
			continue;
		t->expected_at = i + 1;
		return t->expected[i].bucket;
	}
	return bucket_of(t, key);
}

bool
hot_has(const struct hot_table *t, const struct mapping_key *key)
{
	const struct hot *h = *bucket_of(t, key);

	while (h != NULL && memcmp(&h->mapping.key, key, sizeof(*key)) != 0)
		h = h->next;
	return h != NULL;
}

const struct hot *
hot_next(const struct hot_table *t, const struct hot *after)
{
	size_t at = 0;

	if (after != NULL && after->next != NULL)
		return after->next;
	if (after != NULL)
		at = (size_t)(bucket_of(t, &after->mapping.key) - t->bucket) + 1;
	while (at <= t->mask && t->bucket[at] == NULL)
		at++;
	return at <= t->mask ? t->bucket[at] : NULL;
}

void
hot_disturb(struct hot_table *t)
{
	for (size_t i = 0; i <= t->mask; i++) {
		for (struct hot *h = t->bucket[i]; h != NULL; h = h->next)
			h->calm = false;
	}
}

struct hot *
hot_find(struct hot_table *t, const struct mapping_key *key)
{
	struct hot *h = *bucket_expected(t, key);

	while (h != NULL && !same_key(&h->mapping.key, key))
		h = h->next;
	if (h == NULL)
		return NULL;
	h->pin = t->pin;
	h->used = true;
	return h;
}

static void
enqueue(struct hot_table *t, struct hot *h)
{
	STAILQ_INSERT_TAIL(&t->queue, h, age);
	h->queued = true;
	h->used = false;
}

static struct hot *
dequeue(struct hot_table *t)
{
	struct hot *h = STAILQ_FIRST(&t->queue);

	if (h == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&t->queue, age);
	h->queued = false;
	return h;
}

static void
drop(struct hot_table *t, struct hot *h)
{
	struct hot **at = bucket_of(t, &h->mapping.key);

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	t->count--;
	t->bytes -= h->bytes;
	if (h->due.due_ns < *t->store_due)
		*t->store_due = h->due.due_ns;
	agenda_leave(t->agenda, &h->due);
	free_contents(h);
	h->next = t->spare;
	t->spare = h;
}

/* What is dirty leaves the queue, and comes back once it is clean: so it is passed over once at most.
 * What is pinned was used just now, and so goes around until all else has gone. */
static bool
put_one_out(struct hot_table *t)
{
	struct hot *h, *first_pinned = NULL;

	while (t->puts_out && (h = dequeue(t)) != NULL) {
		bool pinned = h->pin == t->pin;

		if (h->mapping.dirty)
			continue;
		if (!pinned && !h->used) {
			drop(t, h);
			t->evicted++;
			return true;
		}
		if (h == first_pinned) {
			enqueue(t, h);
			return false;
		}
		if (pinned && first_pinned == NULL)
			first_pinned = h;
		if (!pinned)
			first_pinned = NULL;
		enqueue(t, h);
	}
	return false;
}

/* Entries are counted when they are taken for the first time; from then on they are there. */
static bool
fits(const struct hot_table *t, size_t count, size_t bytes)
{
	if (count > 0 && t->spare == NULL)
		bytes += sizeof(struct hot);
	return count <= t->count_max - t->count && bytes <= t->bytes_max &&
	       t->bytes <= t->bytes_max - bytes;
}

bool
hot_make_room(struct hot_table *t, size_t count, size_t bytes)
{
	assert(count <= 1);
	while (!fits(t, count, bytes)) {
		if (!put_one_out(t))
			return false;
	}
	return true;
}

static bool
add_slab(struct hot_table *t)
{
	struct hot_slab *s = aligned_alloc(_Alignof(struct hot_slab), sizeof(*s));

	if (s == NULL)
		return false;
	s->next = t->slab;
	s->used = 0;
	t->slab = s;
	return true;
}

/* An entry that was put out makes room for the one that is wanted. */
static struct hot *
take_entry(struct hot_table *t)
{
	struct hot *h = t->spare;

	if (h != NULL) {
		t->spare = h->next;
		return h;
	}
	if ((t->slab == NULL || t->slab->used == SLAB_ENTRIES) && !add_slab(t))
		return NULL;
	t->bytes += sizeof(*h);
	return &t->slab->entry[t->slab->used++];
}

/* The room for a first episode, to a mapping that has no more than that. */
static void
lend(struct hot *h)
{
	struct mapping *m = &h->mapping;

	if (m->episode_count == 1)
		h->first = m->episode[0];
	free(m->episode);
	m->episode = &h->first;
	m->lent = true;
}

int
hot_add(struct hot_table *t, const struct mapping *m, struct hot **out)
{
	struct hot **at = bucket_of(t, &m->key);
	struct hot *h;

	assert(!m->dirty && !m->lent);
	if (agenda_join(t->agenda) != ERR_OK)
		return -ENOMEM;
	if ((h = take_entry(t)) == NULL) {
		t->agenda->members--;
		return -ENOMEM;
	}
	h->mapping = *m;
	h->dossier = NULL;
	h->pending = NULL;
	h->due = (struct agenda_item){.due_ns = STATE_NEVER, .key = &h->mapping.key};
	h->stirred = h->calm = false;
	h->next = *at;
	h->pin = t->pin;
	h->bytes = 0;
	if (m->episode_count <= 1)
		lend(h);
	*at = h;
	enqueue(t, h);
	t->count++;
	hot_measure(t, h);
	*out = h;
	return ERR_OK;
}

void
hot_measure(struct hot_table *t, struct hot *h)
{
	size_t bytes = episode_bytes(&h->mapping) + dossier_bytes(h->dossier);

	if (h->pending != NULL)
		bytes += sizeof(*h->pending) + BLOCK;
	t->bytes = t->bytes - h->bytes + bytes;
	if (h->mapping.dirty)
		t->dirty_bytes = t->dirty_bytes - h->bytes + bytes;
	h->bytes = (uint32_t)bytes;
}

void
hot_touch(struct hot_table *t, struct hot *h)
{
	if (h->mapping.dirty)
		return;
	h->mapping.dirty = true;
	t->dirty[t->dirty_count++] = h;
	t->dirty_bytes += sizeof(*h) + h->bytes;
}

/* Hardly anything may be put out, and the room is nearly used: by what is there, or by entries that are spare. */
static bool
is_stuck(const struct hot_table *t)
{
	return t->dirty_count > 0 && t->dirty_count >= t->count - t->count / 4 &&
	       t->bytes > t->bytes_max - t->bytes_max / 4;
}

bool
hot_is_filling(const struct hot_table *t)
{
	return t->dirty_count >= t->count_max - t->count_max / 4 ||
	       t->dirty_bytes >= t->bytes_max - t->bytes_max / 4 || is_stuck(t);
}

/* One that is to be sorted by its number. */
struct numbered {
	uint64_t number;
	struct hot *hot;
};

enum {
	DIGITS = 256
};

/* One pass of a radix sort, by the octet at ${shift}: what is equal stays in its order. False if there
 * was nothing to do. */
static bool
sort_pass(const struct numbered *from, struct numbered *to, size_t count, unsigned shift)
{
	size_t start[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		start[from[i].number >> shift & (DIGITS - 1)]++;
	if (start[from[0].number >> shift & (DIGITS - 1)] == count)
		return false;
	for (size_t i = 0; i < DIGITS; i++) {
		size_t these = start[i];

		start[i] = sum;
		sum += these;
	}
	for (size_t i = 0; i < count; i++)
		to[start[from[i].number >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

static void
sort_numbered(struct numbered *these, struct numbered *others, size_t count, struct hot **out)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (sort_pass(these, others, count, shift)) {
			struct numbered *sorted = others;

			others = these;
			these = sorted;
		}
	}
	for (size_t i = 0; i < count; i++)
		out[i] = these[i].hot;
}

/* Without memory they stay as they are; that only takes longer to write. */
static void
sort_dirty(struct hot_table *t)
{
	struct numbered *all = malloc(2 * t->dirty_count * sizeof(*all));

	if (all == NULL)
		return;
	for (size_t i = 0; i < t->dirty_count; i++)
		all[i] = (struct numbered){(uint64_t)t->dirty[i]->mapping.row, t->dirty[i]};
	sort_numbered(all, all + t->dirty_count, t->dirty_count, t->dirty);
	free(all);
}

int
hot_flush(struct hot_table *t, int (*keep)(void *ctx, struct hot *h), void *ctx)
{
	if (t->dirty_count > 1)
		sort_dirty(t);
	for (size_t i = 0; i < t->dirty_count; i++) {
		struct hot *h = t->dirty[i];
		int r = keep(ctx, h);

		h->mapping.dirty = true; /* whatever ${keep} did with it */
		if (r != 0)
			return r;
	}
	return ERR_OK;
}

static void
make_clean(struct hot_table *t, struct hot *h, size_t episodes)
{
	for (size_t i = 0; i < h->mapping.episode_count; i++)
		h->mapping.episode[i].dirty = 0;
	free(h->mapping.state.data);
	h->mapping.state.data = NULL;
	h->mapping.state.len = 0;
	h->mapping.state.dirty = h->stirred = false;
	h->mapping.dirty = false;
	if (!h->queued)
		enqueue(t, h);
	if (h->mapping.episode_count <= episodes)
		return;
	episode_trim(&h->mapping, episodes);
	hot_measure(t, h);
}

void
hot_settle(struct hot_table *t, size_t episodes)
{
	for (size_t i = 0; i < t->dirty_count; i++)
		make_clean(t, t->dirty[i], episodes);
	t->dirty_count = t->dirty_bytes = 0;
}
