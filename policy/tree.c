/* tree.c - libyaml's events as nodes. The only file that knows libyaml. */
#include "policy/tree.h"

#include <stdbool.h>
#include <string.h>

#include <yaml.h>

#include "policy/arena.h"
#include "policy/complaints.h"

struct builder {
	yaml_parser_t parser;
	struct arena *arena;
	struct complaints *said;
	const char *text;
	size_t nodes;
};

static struct tree_node *build(struct builder *b, yaml_event_t *event, size_t depth);

static void
refuse(struct builder *b, yaml_mark_t at, const char *what)
{
	complaints_at(b->said, at.line + 1, at.column + 1, "%s", what);
}

/* Of what is no UTF-8 libyaml knows the octet only. */
static yaml_mark_t
place_of(const struct builder *b)
{
	yaml_mark_t at = b->parser.problem_mark;

	if (b->parser.error != YAML_READER_ERROR)
		return at;
	at.line = at.column = 0;
	for (size_t i = 0; i < b->parser.problem_offset; i++) {
		bool end = b->text[i] == '\n', within = ((unsigned char)b->text[i] & 0xc0) == 0x80;

		at.line += end;
		at.column = end ? 0 : at.column + !within;
	}
	return at;
}

/* False, with a complaint, at the first thing that is no YAML. */
static bool
next(struct builder *b, yaml_event_t *event)
{
	const yaml_parser_t *p = &b->parser;
	yaml_mark_t at;

	if (yaml_parser_parse(&b->parser, event))
		return true;
	at = place_of(b);
	complaints_at(b->said, at.line + 1, at.column + 1, "expected YAML: %s%s%s",
	    p->problem != NULL ? p->problem : "no memory", p->context != NULL ? ", " : "",
	    p->context != NULL ? p->context : "");
	return false;
}

static struct tree_node *
node_new(struct builder *b, const yaml_event_t *event, enum tree_kind kind)
{
	struct tree_node *n = NULL;

	if (b->nodes++ == TREE_NODES)
		refuse(b, event->start_mark, "expected 65536 values at most");
	else if ((n = arena_take(b->arena, 1, sizeof(*n))) == NULL)
		refuse(b, event->start_mark, "expected what fits the memory");
	else
		*n = (struct tree_node){.kind = kind,
		    .line = event->start_mark.line + 1,
		    .column = event->start_mark.column + 1,
		    .text = ""};
	return n;
}

/* What a value has about it beside itself. */
static bool
is_plain(
    struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		refuse(b, event->start_mark, "expected a value, was an anchor: none is taken");
	else if (tag != NULL)
		refuse(b, event->start_mark, "expected a value, was a tag: none is taken");
	return anchor == NULL && tag == NULL;
}

static struct tree_node *
build_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct tree_node *n;

	if (!is_plain(b, event, event->data.scalar.anchor, event->data.scalar.tag))
		return NULL;
	if (memchr(text, '\0', event->data.scalar.length) != NULL) {
		refuse(b, event->start_mark, "expected text, was a NUL in it");
		return NULL;
	}
	n = node_new(b, event, TREE_SCALAR);
	if (n == NULL)
		return NULL;
	n->len = event->data.scalar.length;
	n->text = arena_copy(b->arena, text, n->len);
	return n->text != NULL ? n : NULL;
}

/* Hangs ${child} behind ${*last}, or under ${parent} where it is the first. */
static void
attach(struct tree_node *parent, struct tree_node **last, struct tree_node *child)
{
	if (*last == NULL)
		parent->child = child;
	else
		(*last)->next = child;
	*last = child;
	parent->count++;
}

static struct tree_node *
build_list(struct builder *b, const yaml_event_t *start, size_t depth)
{
	struct tree_node *list = node_new(b, start, TREE_LIST), *last = NULL, *child;
	yaml_event_t event;

	if (list == NULL ||
	    !is_plain(b, start, start->data.sequence_start.anchor, start->data.sequence_start.tag))
		return NULL;
	while (next(b, &event)) {
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return list;
		}
		child = build(b, &event, depth + 1);
		if (child == NULL)
			return NULL;
		attach(list, &last, child);
	}
	return NULL;
}

/* The key that begins with ${event}, which is taken. Keys are looked through one by one, so there are not too many. */
static struct tree_node *
build_key(struct builder *b, yaml_event_t *event, const struct tree_node *map, size_t depth)
{
	yaml_mark_t at = event->start_mark;
	struct tree_node *key = build(b, event, depth);

	if (key == NULL)
		return NULL;
	if (key->kind != TREE_SCALAR || map->count == TREE_KEYS) {
		refuse(b, at,
		    key->kind != TREE_SCALAR ? "expected a key, was a list or a mapping"
					     : "expected 4096 keys at most");
		return NULL;
	}
	if (tree_find(map, key->text) != NULL) {
		complaints_at(b->said, key->line, key->column,
		    "expected each key once, was `%.60s' again", key->text);
		return NULL;
	}
	return key;
}

static struct tree_node *
build_map(struct builder *b, const yaml_event_t *start, size_t depth)
{
	struct tree_node *map = node_new(b, start, TREE_MAP), *last = NULL, *key, *value;
	yaml_event_t event;

	if (map == NULL ||
	    !is_plain(b, start, start->data.mapping_start.anchor, start->data.mapping_start.tag))
		return NULL;
	while (next(b, &event)) {
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return map;
		}
		key = build_key(b, &event, map, depth + 1);
		if (key == NULL || !next(b, &event))
			return NULL;
		value = build(b, &event, depth + 1);
		if (value == NULL)
			return NULL;
		value->key = key;
		attach(map, &last, value);
	}
	return NULL;
}

/* The value that begins with ${event}, which is taken. */
static struct tree_node *
build(struct builder *b, yaml_event_t *event, size_t depth)
{
	struct tree_node *n = NULL;

	if (depth > TREE_DEPTH)
		refuse(b, event->start_mark, "expected no more values within values");
	else if (event->type == YAML_SCALAR_EVENT)
		n = build_scalar(b, event);
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		n = build_list(b, event, depth);
	else if (event->type == YAML_MAPPING_START_EVENT)
		n = build_map(b, event, depth);
	else
		refuse(b, event->start_mark, "expected a value, was an alias: none is taken");
	yaml_event_delete(event);
	return n;
}

/* Pass events of ${type}; true if what comes after them is another, which is put in ${event}. */
static bool
pass(struct builder *b, yaml_event_type_t type, yaml_event_t *event)
{
	while (next(b, event)) {
		if (event->type != type)
			return true;
		yaml_event_delete(event);
	}
	return false;
}

static const struct tree_node *
build_document(struct builder *b)
{
	const struct tree_node *root = NULL;
	yaml_event_t event;

	if (!pass(b, YAML_STREAM_START_EVENT, &event))
		return NULL;
	if (event.type == YAML_DOCUMENT_START_EVENT) {
		yaml_event_delete(&event);
		root = next(b, &event) ? build(b, &event, 0) : NULL;
	} else {
		complaints_at(b->said, 1, 1, "expected a policy, was nothing");
		yaml_event_delete(&event);
	}
	if (root == NULL || !pass(b, YAML_DOCUMENT_END_EVENT, &event))
		return NULL;
	if (event.type != YAML_STREAM_END_EVENT) {
		refuse(b, event.start_mark, "expected the end, was another document");
		root = NULL;
	}
	yaml_event_delete(&event);
	return root;
}

/* Editors of Windows put a mark before UTF-8. */
static size_t
mark_of(const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	return len >= sizeof(mark) - 1 && memcmp(text, mark, sizeof(mark) - 1) == 0
		   ? sizeof(mark) - 1
		   : 0;
}

const struct tree_node *
tree_parse(const char *text, size_t len, struct arena *arena, struct complaints *said)
{
	size_t skip = mark_of(text, len);
	struct builder b = {.arena = arena, .said = said, .text = text + skip};
	const struct tree_node *root;

	if (len > TREE_BYTES || memchr(text, '\0', len) != NULL) {
		complaints_at(said, 1, 1,
		    len > TREE_BYTES ? "expected 1 MiB at most, was more"
				     : "expected text in UTF-8, was a NUL in it");
		return NULL;
	}
	if (!yaml_parser_initialize(&b.parser)) {
		complaints_at(said, 1, 1, "no memory");
		return NULL;
	}
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)b.text, len - skip);
	root = build_document(&b);
	yaml_parser_delete(&b.parser);
	return root;
}

const struct tree_node *
tree_find(const struct tree_node *map, const char *key)
{
	for (const struct tree_node *n = map->child; n != NULL; n = n->next) {
		if (strcmp(n->key->text, key) == 0)
			return n;
	}
	return NULL;
}
