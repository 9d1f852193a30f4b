/* hot.c - a hash table of mappings with two lists by age through it. */
#include "track/hot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "track/episode.h"

/* What malloc takes for itself around a block. */
enum {
	BLOCK = 16
};

static_assert(
    sizeof(struct mapping_key) == 36, "keys are hashed as bytes, so they have no padding");
static_assert(
    sizeof(struct hot) <= 64 && sizeof(struct mapping) <= 72, "track.h says how large these are");
static_assert(sizeof(struct alert) <= 1024, "track.h says how large an alert is");

int
hot_init(struct hot_table *t, size_t count_max, size_t bytes_max, bool puts_out)
{
	size_t buckets = 1;

	while (buckets < count_max)
		buckets *= 2;
	*t = (struct hot_table){.mask = buckets - 1,
	    .count_max = count_max,
	    .bytes_max = bytes_max,
	    .puts_out = puts_out};
	TAILQ_INIT(&t->clean);
	TAILQ_INIT(&t->dirty);
	t->bucket = calloc(buckets, sizeof(*t->bucket));
	return t->bucket != NULL ? ERR_OK : -ENOMEM;
}

static struct hot **
bucket_of(const struct hot_table *t, const struct mapping_key *key)
{
	return &t->bucket[hash_bytes(key, sizeof(*key)) & t->mask];
}

static struct hot_list *
list_of(struct hot_table *t, const struct hot *h)
{
	return h->mapping->dirty ? &t->dirty : &t->clean;
}

static void
drop(struct hot_table *t, struct hot *h)
{
	struct hot **at = bucket_of(t, &h->mapping->key);

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	TAILQ_REMOVE(list_of(t, h), h, age);
	t->count--;
	t->dirty_count -= h->mapping->dirty ? 1 : 0;
	t->bytes -= h->bytes;
	mapping_free(&h->mapping);
	free(h->alert);
	h->alert = NULL;
	h->next = t->spare;
	t->spare = h;
}

/* An entry that was put out makes room for the one that is wanted. */
static struct hot *
take_spare(struct hot_table *t)
{
	struct hot *h = t->spare;

	if (h == NULL)
		return calloc(1, sizeof(*h));
	t->spare = h->next;
	memset(h, 0, sizeof(*h));
	return h;
}

void
hot_deinit(struct hot_table *t)
{
	while (!TAILQ_EMPTY(&t->clean))
		drop(t, TAILQ_FIRST(&t->clean));
	while (!TAILQ_EMPTY(&t->dirty))
		drop(t, TAILQ_FIRST(&t->dirty));
	while (t->spare != NULL)
		free(take_spare(t));
	free(t->bucket);
	t->bucket = NULL;
}

struct hot *
hot_find(struct hot_table *t, const struct mapping_key *key)
{
	struct hot *h = *bucket_of(t, key);

	while (h != NULL && mapping_key_compare(&h->mapping->key, key) != 0)
		h = h->next;
	if (h == NULL)
		return NULL;
	h->pin = t->pin;
	TAILQ_REMOVE(list_of(t, h), h, age);
	TAILQ_INSERT_TAIL(list_of(t, h), h, age);
	return h;
}

/* What is pinned stands at the end, so the first in the list tells for all. */
static bool
put_one_out(struct hot_table *t)
{
	struct hot *h = TAILQ_FIRST(&t->clean);

	if (!t->puts_out || h == NULL || h->pin == t->pin)
		return false;
	drop(t, h);
	t->evicted++;
	return true;
}

bool
hot_make_room(struct hot_table *t, size_t count, size_t bytes)
{
	if (count > t->count_max || bytes > t->bytes_max)
		return false;
	while (t->count > t->count_max - count || t->bytes > t->bytes_max - bytes) {
		if (!put_one_out(t))
			return false;
	}
	return true;
}

int
hot_add(struct hot_table *t, struct mapping *m, struct hot **out)
{
	struct hot **at = bucket_of(t, &m->key);
	struct hot *h = take_spare(t);

	if (h == NULL)
		return -ENOMEM;
	h->mapping = m;
	h->pin = t->pin;
	h->next = *at;
	*at = h;
	TAILQ_INSERT_TAIL(list_of(t, h), h, age);
	t->count++;
	t->dirty_count += m->dirty ? 1 : 0;
	hot_measure(t, h);
	*out = h;
	return ERR_OK;
}

void
hot_measure(struct hot_table *t, struct hot *h)
{
	size_t bytes = sizeof(*h) + BLOCK + episode_bytes(h->mapping);

	if (h->alert != NULL)
		bytes += sizeof(*h->alert) + BLOCK;
	t->bytes = t->bytes - h->bytes + bytes;
	h->bytes = bytes;
}

void
hot_touch(struct hot_table *t, struct hot *h)
{
	if (h->mapping->dirty)
		return;
	TAILQ_REMOVE(&t->clean, h, age);
	h->mapping->dirty = true;
	TAILQ_INSERT_TAIL(&t->dirty, h, age);
	t->dirty_count++;
}

static void
make_clean(struct hot_table *t, struct hot *h, size_t episodes)
{
	for (size_t i = 0; i < h->mapping->episode_count; i++)
		h->mapping->episode[i].dirty = false;
	TAILQ_REMOVE(&t->dirty, h, age);
	h->mapping->dirty = false;
	TAILQ_INSERT_TAIL(&t->clean, h, age);
	t->dirty_count--;
	episode_trim(h->mapping, episodes);
	hot_measure(t, h);
}

int
hot_flush(
    struct hot_table *t, size_t episodes, int (*keep)(void *ctx, struct mapping *m), void *ctx)
{
	struct hot *h;

	while ((h = TAILQ_FIRST(&t->dirty)) != NULL) {
		int r = keep(ctx, h->mapping);

		h->mapping->dirty = true; /* which list it is in, whatever ${keep} did with it */
		if (r != 0)
			return r;
		make_clean(t, h, episodes);
	}
	return ERR_OK;
}
