/* explain.h - `epmwatch explain`: what a change or an alert rests on. */
#ifndef EPMWATCH_APP_EXPLAIN_H
#define EPMWATCH_APP_EXPLAIN_H

struct explanation;
struct policy;
struct settings;
struct store;

/** explain_run(s): The verb; returns an exit value. */
int explain_run(struct settings *s);

/** explain_find(store, policy, id, out): explain_read() with messages: -ENOENT, ERR_USAGE after naming those that begin so. The caller
 * frees *${out}. */
int explain_find(
    struct store *store, const struct policy *policy, const char *id, struct explanation **out);

#endif
