/* config_parts.h - a file of settings on its way: its form first, then its values, for whichever verb they are, then those of the verb that runs. */
#ifndef EPMWATCH_APP_CONFIG_PARTS_H
#define EPMWATCH_APP_CONFIG_PARTS_H

#include <stdbool.h>

#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/tree.h"

struct option_spec;
struct verb;

struct config {
	struct arena arena;
	struct complaints said;
	const char *name;
	const struct tree_node *root; /* NULL: there is nothing in it */
};

/** config_form_find(v, name): The option that the key ${name} is for ${v} alone, or, with NULL, at the top; NULL: none. */
const struct option_spec *config_form_find(const struct verb *v, const char *name);

/** config_form_is_joined(o): Is a list the one word that the command line has for it? */
bool config_form_is_joined(const struct option_spec *o);

/** config_form_check(c): Complain of keys that are none, and of values that have not the form of an argument. */
void config_form_check(struct config *c);

#endif
