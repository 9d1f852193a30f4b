/* list.h - the verbs that list rows of a store. */
#ifndef EPMWATCH_APP_LIST_H
#define EPMWATCH_APP_LIST_H

#include <stddef.h>

struct rows_kind;
struct settings;

/** list_run(s) / list_history(s) / ...: Endpoints alive; every episode; verdicts; alerts; associations. Each returns 0, 1
 * (findings) or 2. */
int list_run(struct settings *s);
int list_history(struct settings *s);
int list_changes(struct settings *s);
int list_alerts(struct settings *s);
int list_sessions(struct settings *s);
int list_pushes(struct settings *s);

/** list_rows(s, kind, findings): Rows of any kind, on standard output. 0, or an error after a message. */
int list_rows(struct settings *s, const struct rows_kind *kind, size_t *findings);

#endif
