/* reading.c - mappings by a table of their keys. */
#include "policy/reading.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/tree.h"

enum {
	ITEMS_MOST = 4096,
	KEYS_TEXT = 224,
};

static bool
is_known(const struct field *fields, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].key, key) == 0)
			return true;
	}
	return false;
}

static void
refuse_unknown(
    struct reading *r, const struct tree_node *key, const struct field *fields, size_t count)
{
	char keys[KEYS_TEXT] = "one of the keys ";
	size_t at = strlen(keys);

	for (size_t i = 0; i < count && at < sizeof(keys); i++)
		at += (size_t)snprintf(
		    keys + at, sizeof(keys) - at, "%s%s", i > 0 ? ", " : "", fields[i].key);
	complaints_expected(r->said, key, keys);
}

bool
reading_fields(struct reading *r, const struct tree_node *map, const struct field *fields,
    size_t count, void *into, const char *what)
{
	if (map->kind != TREE_MAP) {
		complaints_expected(r->said, map, what);
		return false;
	}
	for (const struct tree_node *n = map->child; n != NULL; n = n->next) {
		if (!is_known(fields, count, n->key->text))
			refuse_unknown(r, n->key, fields, count);
	}
	for (size_t i = 0; i < count; i++) {
		const struct tree_node *value = tree_find(map, fields[i].key);

		if (value != NULL)
			fields[i].read(r, value, into);
		else if (fields[i].required)
			complaints_of(r->said, map, "expected the key `%s' in %s, was none",
			    fields[i].key, what);
	}
	return true;
}

const struct tree_node *
reading_items(struct reading *r, const struct tree_node *value, size_t *count)
{
	const struct tree_node *first = value->kind == TREE_LIST ? value->child : value;

	*count = value->kind == TREE_LIST ? value->count : 1;
	if (*count > 0 && *count <= ITEMS_MOST)
		return first;
	complaints_of(
	    r->said, value, "expected a list of 1 to %d, was one of %zu", (int)ITEMS_MOST, *count);
	*count = 0;
	return NULL;
}

const char *
reading_text(struct reading *r, const struct tree_node *value, const char *what)
{
	if (value->kind == TREE_SCALAR && value->len > 0)
		return value->text;
	complaints_expected(r->said, value, what);
	return NULL;
}

bool
reading_is_name(const struct tree_node *node)
{
	char clean[READING_NAME];
	size_t len;

	if (node->kind != TREE_SCALAR || node->len == 0 || node->len >= sizeof(clean))
		return false;
	len = text_clean((const uint8_t *)node->text, node->len, clean, sizeof(clean));
	return len == node->len && memcmp(clean, node->text, len) == 0;
}

void *
reading_each(struct reading *r, const struct tree_node *list, size_t size,
    void (*read)(struct reading *r, const struct tree_node *value, void *into), size_t *count,
    const char *what)
{
	char *table;
	size_t i = 0;

	*count = 0;
	if (list->kind == TREE_SCALAR && list->len == 0)
		return NULL; /* a key without anything: no member */
	if (list->kind != TREE_LIST || list->count > ITEMS_MOST) {
		complaints_expected(r->said, list, what);
		return NULL;
	}
	table = arena_take(r->arena, list->count, size);
	if (table == NULL)
		return NULL;
	for (const struct tree_node *n = list->child; n != NULL; n = n->next)
		read(r, n, table + i++ * size);
	*count = list->count;
	return table;
}
