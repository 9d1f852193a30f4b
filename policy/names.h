/* names.h - what names stand for: ranges of ports, groups of servers and of interfaces, and lists of them in rules. */
#ifndef EPMWATCH_POLICY_NAMES_H
#define EPMWATCH_POLICY_NAMES_H

#include "policy/reading.h"

/** names_read_ranges(r, value, into) and its kin: The sections that define names; ${into} is not used. */
void names_read_ranges(struct reading *r, const struct tree_node *value, void *into);
void names_read_servers(struct reading *r, const struct tree_node *value, void *into);
void names_read_interfaces(struct reading *r, const struct tree_node *value, void *into);

/** names_ports(r, value, into): A struct policy_ports of ${value}: a range, the name of one, or a list of such. Left alone after a complaint. */
void names_ports(struct reading *r, const struct tree_node *value, void *into);

/** names_servers(r, value, into): A struct policy_servers likewise: a group, an address, a block, or a list of such. */
void names_servers(struct reading *r, const struct tree_node *value, void *into);

/** names_interfaces(r, value, into): A struct policy_interfaces likewise: a group, a UUID, a service's name, or a list of such. */
void names_interfaces(struct reading *r, const struct tree_node *value, void *into);

/** names_servers_any() / names_interfaces_any(): The groups that are always there. */
struct policy_servers names_servers_any(void);
struct policy_interfaces names_interfaces_any(void);

#endif
