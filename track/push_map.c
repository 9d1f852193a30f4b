/* push_map.c - buckets that grow, and one list. */
#include "track/push_map.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"

enum {
	FIRST = 64 /* buckets; their number stays a power of two */
};

void
push_map_init(struct push_map *m)
{
	*m = (struct push_map){.bucket = NULL};
	TAILQ_INIT(&m->ages);
}

void
push_map_deinit(struct push_map *m)
{
	free(m->bucket);
	push_map_init(m);
}

static struct push_node **
bucket_of(const struct push_map *m, uint64_t hash)
{
	return &m->bucket[hash & (m->buckets - 1)];
}

/* Behind all others of its hash, so that they come in the order in which they were added. */
static void
append(const struct push_map *m, struct push_node *n)
{
	struct push_node **at = bucket_of(m, n->hash);

	while (*at != NULL)
		at = &(*at)->next;
	n->next = NULL;
	*at = n;
}

static int
grow(struct push_map *m)
{
	struct push_map old = *m;
	size_t buckets = m->buckets == 0 ? FIRST : 2 * m->buckets;

	m->bucket = calloc(buckets, sizeof(struct push_node *));
	if (m->bucket == NULL) {
		m->bucket = old.bucket;
		return -ENOMEM;
	}
	m->buckets = buckets;
	for (size_t i = 0; i < old.buckets; i++) {
		for (struct push_node *n = old.bucket[i], *next; n != NULL; n = next) {
			next = n->next;
			append(m, n);
		}
	}
	free(old.bucket);
	return ERR_OK;
}

static struct push_node *
with_hash(struct push_node *n, uint64_t hash)
{
	while (n != NULL && n->hash != hash)
		n = n->next;
	return n;
}

struct push_node *
push_map_first(const struct push_map *m, uint64_t hash)
{
	return m->count == 0 ? NULL : with_hash(*bucket_of(m, hash), hash);
}

struct push_node *
push_map_next(const struct push_node *n)
{
	return with_hash(n->next, n->hash);
}

int
push_map_add(struct push_map *m, struct push_node *n, uint64_t hash)
{
	int err = m->count >= m->buckets ? grow(m) : ERR_OK;

	if (err != ERR_OK)
		return err;
	n->hash = hash;
	append(m, n);
	TAILQ_INSERT_TAIL(&m->ages, n, age);
	m->count++;
	return ERR_OK;
}

void
push_map_remove(struct push_map *m, struct push_node *n)
{
	struct push_node **at = bucket_of(m, n->hash);

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	TAILQ_REMOVE(&m->ages, n, age);
	m->count--;
}

void
push_map_touch(struct push_map *m, struct push_node *n)
{
	TAILQ_REMOVE(&m->ages, n, age);
	TAILQ_INSERT_TAIL(&m->ages, n, age);
}
