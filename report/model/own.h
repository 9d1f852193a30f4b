/* own.h - copies of what the store lends, in the pool of whoever keeps them. Memory that is not there shows in pool_failed(). */
#ifndef EPMWATCH_REPORT_OWN_H
#define EPMWATCH_REPORT_OWN_H

#include <stddef.h>

struct change_member;
struct pool;
struct query_alert;
struct query_change;
struct query_evidence;

/** own_evidence(pool, e): Make the name of its capture the pool's. */
void own_evidence(struct pool *pool, struct query_evidence *e);

/** own_change(pool, c, members): The same of all that hangs on a change; of its members the first ${members}, while member_count says
 * how many there are. */
void own_change(struct pool *pool, struct query_change *c, size_t members);

/** own_member(pool, m): The same of a member of its own. */
void own_member(struct pool *pool, struct change_member *m);

/** own_alert(pool, a): The same of an alert. */
void own_alert(struct pool *pool, struct query_alert *a);

#endif
