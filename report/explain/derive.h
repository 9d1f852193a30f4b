/* derive.h - a policy from what a store has seen, for somebody to look over.
 *
 * The dynamic range is the narrowest shipped one that holds the ports of all interfaces that were on more than one port, or
 * not yet on one for days. An interface that was at one port only, for DERIVE_STABLE_NS at least, is taken for pinned where that
 * port lies outside of the range, or where another interface of its server moved meanwhile, as all do at a restart but those
 * that are pinned. Others that kept to one port stand in comments. */
#ifndef EPMWATCH_REPORT_DERIVE_H
#define EPMWATCH_REPORT_DERIVE_H

#include <stdint.h>
#include <stdio.h>

struct store;

#define DERIVE_STABLE_NS (INT64_C(3) * 24 * 3600 * 1000000000)

enum {
	DERIVE_MOST = 4096 /* pins that are looked at; beyond, a comment says how many there were */
};

/** derive_policy(store, name, out): Write the policy, with its evidence in comments; ${name} is what the store is called. 0, or the store's error, or
 * -ENOMEM. */
int derive_policy(struct store *store, const char *name, FILE *out);

#endif
