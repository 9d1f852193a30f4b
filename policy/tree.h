/* tree.h - YAML as a tree of values that know where they stand.
 *
 * What a policy has no use for is refused, since it only serves to make a small file large or a plain one strange: anchors and
 * aliases, tags, a second document, keys that are no scalars, a key twice in one mapping, NULs, and more than so much. */
#ifndef EPMWATCH_POLICY_TREE_H
#define EPMWATCH_POLICY_TREE_H

#include <stddef.h>

struct arena;
struct complaints;

enum {
	TREE_BYTES = 1 << 20, /* of text */
	TREE_NODES = 65536,
	TREE_KEYS = 4096, /* of one mapping */
	TREE_DEPTH = 8,
};

enum tree_kind {
	TREE_SCALAR,
	TREE_LIST,
	TREE_MAP,
};

struct tree_node {
	enum tree_kind kind;
	size_t line, column; /* from 1 on */
	const char *text;    /* of a scalar; NUL-terminated, UTF-8, no NUL within */
	size_t len;
	const struct tree_node *key;          /* of a value in a mapping */
	size_t count;                         /* of children */
	const struct tree_node *child, *next; /* the first of them; the one after this */
};

/**
 * tree_parse(text, len, arena, said):
 * The value that the only document of ${text} is, in ${arena}; NULL, with a complaint, where there is none.
 */
const struct tree_node *tree_parse(
    const char *text, size_t len, struct arena *arena, struct complaints *said);

/** tree_find(map, key): The value of ${key} in ${map}; NULL where there is none. */
const struct tree_node *tree_find(const struct tree_node *map, const char *key);

#endif
