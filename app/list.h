/* list.h - the verbs `list` and `history`: endpoints of a store as rows. */
#ifndef EPMWATCH_APP_LIST_H
#define EPMWATCH_APP_LIST_H

struct settings;

/** list_run(s) / list_history(s): Endpoints alive; every episode. Each returns 0, 1 (findings)
 * or 2. */
int list_run(struct settings *s);
int list_history(struct settings *s);

#endif
