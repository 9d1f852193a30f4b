/* config.c - keys are looked up in the option tables, and their values go through the setters of the command line. */
#include "app/config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/options.h"
#include "app/suggest.h"
#include "app/verbs.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/tree.h"

enum {
	LINE_TEXT = 1024,
	LIST_TEXT = 512, /* of a list that is one argument, with commas */
};

struct config {
	struct arena arena;
	struct complaints said;
	const char *name;
	const struct tree_node *root; /* NULL: there is nothing in it */
};

/* Verbs whose options are keys at the top. */
static const char *const top_verb[] = {"read", "sense", "report"};

static const struct option_spec *
find_top(const char *name)
{
	const struct option_spec *o = NULL;

	for (size_t i = 0; o == NULL && i < sizeof(top_verb) / sizeof(top_verb[0]); i++)
		o = options_named(verbs_find(top_verb[i]), name);
	return o;
}

/* What ${name} is for ${v} alone, or, with NULL, at the top. */
static const struct option_spec *
find(const struct verb *v, const char *name)
{
	const struct option_spec *o = v != NULL ? options_named(v, name) : find_top(name);

	return o != NULL && (o->set == settings_set_config || o->set == settings_set_help) ? NULL
											   : o;
}

/* Lists that the command line has in one word. */
static bool
is_joined(const struct option_spec *o)
{
	return o->set == settings_set_event_types;
}

static void
offer(struct suggest *near, const struct verb *v)
{
	const struct option_spec *const *more = options_common();

	for (size_t i = 0; v->option[i] != NULL; i++)
		suggest_offer(near, v->option[i]->name);
	for (size_t i = 0; more[i] != NULL; i++)
		suggest_offer(near, more[i]->name);
}

static void
refuse_key(struct config *c, const struct verb *v, const struct tree_node *key)
{
	char word[COMPLAINT_WORD];
	struct suggest near = {.word = word};

	text_clean((const uint8_t *)key->text, key->len, word, sizeof(word));
	for (size_t i = 0; v == NULL && i < sizeof(top_verb) / sizeof(top_verb[0]); i++)
		offer(&near, verbs_find(top_verb[i]));
	if (v != NULL)
		offer(&near, v);
	complaints_of(&c->said, key, "expected %s%s, was `%s'%s%s%s",
	    v != NULL ? "an option of epmwatch "
		      : "a long option of read, sense or report, or a verb",
	    v != NULL ? v->name : "", word, near.best != NULL ? "; did you mean " : "",
	    near.best != NULL ? near.best : "", near.best != NULL ? "?" : "");
}

static bool
is_flag_value(const struct tree_node *value)
{
	return value->kind == TREE_SCALAR &&
	       (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0);
}

static void
check_scalar(struct config *c, const struct option_spec *o, const struct tree_node *value)
{
	char words[OPTIONS_WORDS];

	if (value->kind != TREE_SCALAR || value->len == 0 || !options_is_word(o, value->text))
		complaints_expected(&c->said, value, options_wants(o, words));
}

static void
check_value(struct config *c, const struct option_spec *o, const struct tree_node *value)
{
	if (o->arg == NULL) {
		if (!is_flag_value(value))
			complaints_expected(&c->said, value, "true or false");
		return;
	}
	if (value->kind != TREE_LIST || (!options_repeats(o) && !is_joined(o))) {
		check_scalar(c, o, value);
		return;
	}
	for (const struct tree_node *n = value->child; n != NULL; n = n->next)
		check_scalar(c, o, n);
}

static void
check_section(struct config *c, const struct verb *v, const struct tree_node *map)
{
	if (map->kind == TREE_SCALAR && map->len == 0)
		return; /* a key without anything: no option */
	if (map->kind != TREE_MAP) {
		complaints_expected(&c->said, map, "a mapping of options of this verb");
		return;
	}
	for (const struct tree_node *n = map->child; n != NULL; n = n->next) {
		const struct option_spec *o = find(v, n->key->text);

		if (o == NULL)
			refuse_key(c, v, n->key);
		else
			check_value(c, o, n);
	}
}

static void
check(struct config *c)
{
	if (c->root->kind != TREE_MAP) {
		complaints_expected(&c->said, c->root, "settings, each with its key");
		return;
	}
	for (const struct tree_node *n = c->root->child; n != NULL; n = n->next) {
		const struct verb *v = verbs_find(n->key->text);
		const struct option_spec *o = find(NULL, n->key->text);

		if (v != NULL)
			check_section(c, v, n);
		else if (o != NULL)
			check_value(c, o, n);
		else
			refuse_key(c, NULL, n->key);
	}
}

/* ${text} as an argument of ${o}, complaints with the place of ${node} before them. */
static int
set_at(struct settings *s, const struct verb *v, const struct option_spec *o,
    const struct tree_node *node, const char *text)
{
	char place[LINE_TEXT];
	int status = 0;

	snprintf(place, sizeof(place), "%s:%zu:%zu", s->config->name, node->line, node->column);
	log_set_place(place);
	if (o->arg != NULL)
		status = options_accept(v, o, text);
	if (status == 0)
		status = o->set(s, text);
	log_set_place(NULL);
	return status == EX_USAGE ? EX_CONFIG : status;
}

static int
set_joined(struct settings *s, const struct verb *v, const struct option_spec *o,
    const struct tree_node *list)
{
	char text[LIST_TEXT];
	size_t at = 0;

	for (const struct tree_node *n = list->child; n != NULL && at < sizeof(text); n = n->next)
		at += (size_t)snprintf(
		    text + at, sizeof(text) - at, "%s%s", at > 0 ? "," : "", n->text);
	if (at >= sizeof(text)) {
		log_error("%s:%zu:%zu: expected a shorter list", s->config->name, list->line,
		    list->column);
		return EX_CONFIG;
	}
	return set_at(s, v, o, list, text);
}

static int
set_value(struct settings *s, const struct verb *v, const struct option_spec *o,
    const struct tree_node *value)
{
	int status = 0;

	if (o->arg == NULL && strcmp(value->text, "false") == 0)
		return 0;
	if (value->kind == TREE_SCALAR)
		return set_at(s, v, o, value, value->text);
	if (is_joined(o))
		return set_joined(s, v, o, value);
	for (const struct tree_node *n = value->child; n != NULL; n = n->next) {
		int one = set_at(s, v, o, n, n->text);

		status = status != 0 ? status : one;
	}
	return status;
}

/* Do they say the same, as a filter and one from a file do? */
static bool
is_same(const struct option_spec *a, const struct option_spec *b)
{
	bool filters = (a->set == settings_set_filter || a->set == settings_set_filter_file) &&
		       (b->set == settings_set_filter || b->set == settings_set_filter_file);

	return a->set == b->set || filters;
}

static bool
is_given(const struct option_spec *const *given, const struct option_spec *o)
{
	for (size_t i = 0; given[i] != NULL; i++) {
		if (is_same(given[i], o))
			return true;
	}
	return false;
}

/* What the key ${name} at the top means for ${v}; NULL: nothing. */
static const struct option_spec *
meaning(const struct verb *v, const char *name)
{
	const struct option_spec *o = options_named(v, name), *top = find(NULL, name);
	bool run = options_named(verbs_find("read"), name) != NULL ||
		   options_named(verbs_find("sense"), name) != NULL;

	if (o == NULL || top == NULL || o->set != top->set)
		return NULL;
	return run || strcmp(v->name, "report") == 0 ? o : NULL;
}

static bool
section_says(const struct verb *v, const struct tree_node *section, const struct option_spec *o)
{
	for (const struct tree_node *n = section != NULL ? section->child : NULL; n != NULL;
	     n = n->next) {
		if (is_same(options_named(v, n->key->text), o))
			return true;
	}
	return false;
}

/* The keys of ${map}: of the section of ${v}, or of the top with ${section} to stand against. ${names}: only names for interfaces,
 * which others refer to; else all but those. */
static int
apply(struct settings *s, const struct verb *v, const struct option_spec *const *given,
    const struct tree_node *map, bool top, bool names)
{
	const struct tree_node *section = top ? tree_find(map, v->name) : NULL;
	int status = 0;

	for (const struct tree_node *n = map->child; n != NULL; n = n->next) {
		const struct option_spec *o =
		    top ? meaning(v, n->key->text) : options_named(v, n->key->text);

		if (o == NULL || (o->set == settings_set_uuids) != names || is_given(given, o) ||
		    section_says(v, section, o))
			continue;
		int one = set_value(s, v, o, n);
		status = status != 0 ? status : one;
	}
	return status;
}

static int
apply_all(struct settings *s, const struct verb *v, const struct option_spec *const *given)
{
	const struct tree_node *root = s->config->root, *section = tree_find(root, v->name);
	int status = 0;

	for (int round = 0; round < 2 && status == 0; round++) {
		status = apply(s, v, given, root, true, round == 0);
		if (status == 0 && section != NULL)
			status = apply(s, v, given, section, false, round == 0);
	}
	return status;
}

/* Does it say anything, or is every line a remark? */
static bool
is_empty(const char *text)
{
	while (*text != '\0') {
		text += strspn(text, " \t\r\n");
		if (*text != '#' && *text != '\0')
			return false;
		text += strcspn(text, "\n");
	}
	return true;
}

static int
parse(struct config *c, const char *text, size_t len)
{
	char line[LINE_TEXT];

	if (memchr(text, '\0', len) == NULL && is_empty(text))
		return 0;
	c->root = tree_parse(text, len, &c->arena, &c->said);
	if (c->root != NULL)
		check(c);
	complaints_sort(&c->said);
	for (size_t i = 0; i < c->said.count; i++)
		log_error("%s", complaints_format(&c->said.list[i], c->name, line, sizeof(line)));
	if (c->said.errors > c->said.count)
		log_error("%s: and %zu more errors", c->name, c->said.errors - c->said.count);
	return c->said.errors > 0 ? EX_CONFIG : 0;
}

/* One octet more than is allowed, so that it shows, and a NUL behind. */
static int
read_file(struct config *c)
{
	char *text = malloc(TREE_BYTES + 2);
	FILE *in = text != NULL ? fopen(c->name, "re") : NULL;
	size_t len = 0;
	int status = text != NULL ? 0 : EX_OSERR;

	if (in != NULL)
		len = fread(text, 1, TREE_BYTES + 1, in);
	if (text != NULL && (in == NULL || ferror(in))) {
		log_error("%s: %s", c->name, strerror(errno));
		status = EX_CONFIG;
	}
	if (in != NULL)
		(void)fclose(in);
	if (status == 0) {
		text[len] = '\0';
		status = parse(c, text, len);
	}
	free(text);
	return status;
}

int
config_apply(struct settings *s, const struct verb *v, const struct option_spec *const *given)
{
	s->config = calloc(1, sizeof(*s->config));
	if (s->config == NULL)
		return EX_OSERR;
	s->config->name = s->config_path;
	int status = read_file(s->config);

	return status != 0 || s->config->root == NULL ? status : apply_all(s, v, given);
}

void
config_free(struct config **c)
{
	if (*c != NULL)
		arena_clear(&(*c)->arena);
	free(*c);
	*c = NULL;
}
