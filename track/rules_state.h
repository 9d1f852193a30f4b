/* rules_state.h - the rules on the state of one key, as rules.h has them. */
#ifndef EPMWATCH_TRACK_RULES_STATE_H
#define EPMWATCH_TRACK_RULES_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct change;
struct dossier;
struct group;
struct mapping;
struct rules;

/** rules_state_sight(r, m, g, change, d): EPM-001, 002, 003, 006, 008 and 012, as rules_sight(). */
int rules_state_sight(struct rules *r, const struct mapping *m, const struct group *g,
    const char *change, struct dossier **d);

/** rules_state_gone(r, m, now_ns, d): As rules_gone(). */
void rules_state_gone(
    const struct rules *r, const struct mapping *m, int64_t now_ns, struct dossier *d);

/** rules_state_flip_flop(r, c, d): EPM-006 opens. -ENOMEM. */
int rules_state_flip_flop(struct rules *r, const struct change *c, struct dossier **d);

/** rules_state_is_calm(r, m, d): As long as neither ${m}, but for the sights of its endpoints, nor ${d} changes, rules_state_sight() has
 * nothing to say or to remember of sights of endpoints of the set, and of complete answers that list all of it. */
bool rules_state_is_calm(
    const struct rules *r, const struct mapping *m, const struct dossier *d);

#endif
