/* verbs.h - the table of verbs: what the program can do, and with which options. */
#ifndef EPMWATCH_APP_VERBS_H
#define EPMWATCH_APP_VERBS_H

#include <stddef.h>

struct verb;

/** verbs_all(count): The verbs, in the order in which help names them. Static storage. */
const struct verb *verbs_all(size_t *count);

/** verbs_find(name): The verb of that name; NULL where there is none. */
const struct verb *verbs_find(const char *name);

#endif
