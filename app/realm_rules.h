/* realm_rules.h - the realms of a run: its own, and those that VLANs and virtual networks stand for. */
#ifndef EPMWATCH_APP_REALM_RULES_H
#define EPMWATCH_APP_REALM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/realms.h"

enum {
	REALM_NAME = 64
};

/* All zero is one without rules. Realm 0 is the run's, and has its name elsewhere. */
struct realm_rules {
	size_t count; /* of other realms */
	char name[REALMS_MOST + 1][REALM_NAME];
	struct realms map;
};

/**
 * realm_rules_add(r, rule):
 * Take in a rule such as `vlan=10:branch` or `vni=5000:branch`. ERR_USAGE: it is none; ERR_BUSY: that VLAN or network has one
 * already; ERR_CAP: there are too many realms, or networks.
 */
int realm_rules_add(struct realm_rules *r, const char *rule);

/** realm_rules_name(r, own, index): The name of realm ${index}, where ${own} is the run's. ${r} may be NULL. */
const char *realm_rules_name(const struct realm_rules *r, const char *own, uint8_t index);

/** realm_rules_has(r, name): Is that the name of one of the others? ${r} may be NULL. */
bool realm_rules_has(const struct realm_rules *r, const char *name);

#endif
