/* push_map.h - things found by a hash, and in the order in which they were touched. The nodes lie inside of the things; the map owns its
 * buckets only: 16 bytes a node. */
#ifndef EPMWATCH_TRACK_PUSH_MAP_H
#define EPMWATCH_TRACK_PUSH_MAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct push_node {
	struct push_node *next; /* in its bucket */
	TAILQ_ENTRY(push_node) age;
	uint64_t hash;
};

TAILQ_HEAD(push_ages, push_node);

struct push_map {
	struct push_node **bucket; /* owned; NULL before the first */
	size_t buckets, count;
	struct push_ages ages; /* touched longest ago first */
};

/* The thing of ${type} whose member ${name} ${node} is. */
#define PUSH_THING(node, type, name) ((type *)(void *)((char *)(node)-offsetof(type, name)))

/** push_map_init(m) / push_map_deinit(m): An empty map. The latter frees no thing. */
void push_map_init(struct push_map *m);
void push_map_deinit(struct push_map *m);

/** push_map_first(m, hash) / push_map_next(n): Those of one hash, in the order in which they were added; NULL: no more. */
struct push_node *push_map_first(const struct push_map *m, uint64_t hash);
struct push_node *push_map_next(const struct push_node *n);

/** push_map_add(m, n, hash): ${n} is in it, and was touched last. -ENOMEM. */
int push_map_add(struct push_map *m, struct push_node *n, uint64_t hash);

/** push_map_remove(m, n) / push_map_touch(m, n): It is in it no more; it was touched. */
void push_map_remove(struct push_map *m, struct push_node *n);
void push_map_touch(struct push_map *m, struct push_node *n);

#endif
