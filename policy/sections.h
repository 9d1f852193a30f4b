/* sections.h - the sections of a policy that are no names: each reads its value into the policy that is made. */
#ifndef EPMWATCH_POLICY_SECTIONS_H
#define EPMWATCH_POLICY_SECTIONS_H

struct reading;
struct tree_node;

/** sections_rules(r, value, into) and its kin: ${into} is not used; the result is in r->policy. */
void sections_rules(struct reading *r, const struct tree_node *value, void *into);
void sections_dynamic_for(struct reading *r, const struct tree_node *value, void *into);
void sections_newmail(struct reading *r, const struct tree_node *value, void *into);
void sections_thresholds(struct reading *r, const struct tree_node *value, void *into);
void sections_realms(struct reading *r, const struct tree_node *value, void *into);
void sections_suppress(struct reading *r, const struct tree_node *value, void *into);

#endif
