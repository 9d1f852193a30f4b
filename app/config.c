/* config.c - the values of a file go through the setters of the command line: first all of them, for nobody, then those of the verb that runs. */
#include "app/config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "app/config_parts.h"
#include "app/options.h"
#include "app/verbs.h"
#include "base/log.h"

enum {
	LINE_TEXT = 1024,
	LIST_TEXT = 512, /* of a list that is one argument, with commas */
};

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
	if (config_form_is_joined(o))
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
	const struct option_spec *o = options_named(v, name), *top = config_form_find(NULL, name);
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

/* What an argument is worth depends on files that there are, or on names that come with them; or it holds at once. */
static bool
depends(const struct option_spec *o)
{
	static settings_setter *const set[] = {settings_set_policy, settings_set_uuids,
	    settings_set_hosts, settings_set_filter_file, settings_set_interface,
	    settings_set_quiet, settings_set_verbose};

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		if (o->set == set[i])
			return true;
	}
	return false;
}

/* The options of one verb, or, with NULL, of the top, for settings that nobody uses. */
static int
rehearse(struct config *c, const struct verb *v, const struct tree_node *map)
{
	struct settings nobodys;
	int status = 0;

	settings_init(&nobodys);
	nobodys.config = c;
	for (const struct tree_node *n = map->child; n != NULL; n = n->next) {
		const struct option_spec *o = config_form_find(v, n->key->text);

		if (o == NULL || depends(o))
			continue;
		int one = set_value(&nobodys, v != NULL ? v : verbs_find("read"), o, n);
		status = status != 0 ? status : one;
	}
	nobodys.config = NULL;
	settings_release(&nobodys);
	return status;
}

/* A mistake shows before the verb is run for which it is made, in the night perhaps. */
static int
rehearse_all(struct config *c)
{
	int status = rehearse(c, NULL, c->root);

	for (const struct tree_node *n = c->root->child; n != NULL; n = n->next) {
		const struct verb *v = verbs_find(n->key->text);
		int one = v != NULL ? rehearse(c, v, n) : 0;

		status = status != 0 ? status : one;
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
		config_form_check(c);
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

	if (status == 0 && s->config->root != NULL)
		status = rehearse_all(s->config);
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
