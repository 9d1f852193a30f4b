/* config_form.c - keys are looked up in the option tables; values are text, lists and words where those say so. */
#include <stdio.h>
#include <string.h>

#include "app/config_parts.h"
#include "app/options.h"
#include "app/suggest.h"
#include "app/verbs.h"
#include "base/text.h"

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

const struct option_spec *
config_form_find(const struct verb *v, const char *name)
{
	const struct option_spec *o = v != NULL ? options_named(v, name) : find_top(name);

	return o != NULL && (o->set == settings_set_config || o->set == settings_set_help) ? NULL
											   : o;
}

bool
config_form_is_joined(const struct option_spec *o)
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
	if (value->kind != TREE_LIST || (!options_repeats(o) && !config_form_is_joined(o))) {
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
		const struct option_spec *o = config_form_find(v, n->key->text);

		if (o == NULL)
			refuse_key(c, v, n->key);
		else
			check_value(c, o, n);
	}
}

void
config_form_check(struct config *c)
{
	if (c->root->kind != TREE_MAP) {
		complaints_expected(&c->said, c->root, "settings, each with its key");
		return;
	}
	for (const struct tree_node *n = c->root->child; n != NULL; n = n->next) {
		const struct verb *v = verbs_find(n->key->text);
		const struct option_spec *o = config_form_find(NULL, n->key->text);

		if (v != NULL)
			check_section(c, v, n);
		else if (o != NULL)
			check_value(c, o, n);
		else
			refuse_key(c, NULL, n->key);
	}
}
