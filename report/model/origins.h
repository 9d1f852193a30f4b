/* origins.h - what showed that which the store keeps without evidence of its own: the members of a change of a whole server, and
 * verdicts that are not told yet.
 *
 * Both are of sets of endpoints, and the endpoints' episodes have evidence: it is the sight of what is new that is nearest to the
 * moment in question, mostly the first one; where nothing is new, that of what is gone: its last. Read from the store
 * as it is written, a query for each change. */
#ifndef EPMWATCH_REPORT_ORIGINS_H
#define EPMWATCH_REPORT_ORIGINS_H

#include <stddef.h>

struct pool;
struct query_change;
struct query_evidence;
struct report_pending;
struct store;

/** origins_of_members(store, pool, row, out, count): The evidence of the first ${count} members of ${row}, one each in ${out}; zeros where
 * the store has none (any more). Names of captures are of ${pool}. -ENOMEM, ERR_STORE; so the other. */
int origins_of_members(struct store *store, struct pool *pool, const struct query_change *row,
    struct query_evidence *out, size_t count);

/** origins_of_pending(store, pool, p, out): The same of a verdict that is not told yet. */
int origins_of_pending(struct store *store, struct pool *pool, const struct report_pending *p,
    struct query_evidence *out);

#endif
