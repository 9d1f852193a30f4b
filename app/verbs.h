/* verbs.h - the table of verbs: what the program can do, and with which options. */
#ifndef EPMWATCH_APP_VERBS_H
#define EPMWATCH_APP_VERBS_H

#include <stddef.h>

struct verb;

/* Verbs of two words that begin with the same: `policy check`, `policy show`. */
struct verb_group {
	const char *name;
	const char *summary; /* one line */
};

/** verbs_all(count): The verbs, in the order in which help names them. Static storage. */
const struct verb *verbs_all(size_t *count);

/** verbs_find(name): The verb of that name; NULL where there is none. */
const struct verb *verbs_find(const char *name);

/** verbs_groups(count_out): The first words of those that have two. Static storage. */
const struct verb_group *verbs_groups(size_t *count_out);

/** verbs_group(name): The group of that name; NULL where there is none. */
const struct verb_group *verbs_group(const char *name);

/** verbs_second(verb, group): The second word of ${verb}; NULL where it is not of ${group}. */
const char *verbs_second(const struct verb *verb, const struct verb_group *group);

/** verbs_match(words, word, used): The verb that the first of ${words} words at ${word} name, or the first two, and how many that are; NULL. */
const struct verb *verbs_match(int words, char *const *word, int *used);

#endif
