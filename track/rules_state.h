/* rules_state.h - the rules on the state of one key, as rules.h has them. */
#ifndef EPMWATCH_TRACK_RULES_STATE_H
#define EPMWATCH_TRACK_RULES_STATE_H

#include <stdint.h>

struct change;
struct dossier;
struct group;
struct mapping;
struct rules;

/** rules_state_sight(r, m, g, change, d): EPM-001, 002, 003, 006, 008 and 012, as rules_sight(). */
int rules_state_sight(struct rules *r, const struct mapping *m, const struct group *g,
    const char *change, struct dossier **d);

/** rules_state_flip_flop(r, c, d): EPM-006 opens. -ENOMEM. */
int rules_state_flip_flop(struct rules *r, const struct change *c, struct dossier **d);

#endif
