/* plan_dynamic.h - the dynamic ranges of the servers of a group, which the policy may give each its own. */
#ifndef EPMWATCH_EXPORT_PLAN_DYNAMIC_H
#define EPMWATCH_EXPORT_PLAN_DYNAMIC_H

struct plan_group;
struct policy;
struct pool;

/** plan_dynamic_find(pool, policy, g): Set what ${g} knows of the dynamic ranges of its servers: each range once, in the order of the first
 * server that has it. Lists are ${pool}'s, ranges ${policy}'s but those of `any'. -ENOMEM. */
int plan_dynamic_find(struct pool *pool, const struct policy *policy, struct plan_group *g);

#endif
