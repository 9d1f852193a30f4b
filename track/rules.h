/* rules.h - the rules on the endpoints of one key. Only EPM-001 so far: a port outside what the
 * policy allows.
 *
 * It opens at once, with the first announced or used endpoint that is not allowed; a mere attempt
 * opens nothing. Another such endpoint of the key is an update, the same again writes nothing. It
 * closes with a complete answer that shows right endpoints only, or one that is used, at least
 * RULES_SETTLE_NS of packet time after the last sight of a wrong one; time alone closes nothing. A
 * wrong endpoint seen after that opens an alert with an id of its own; evidence from before the
 * closing opens nothing. */
#ifndef EPMWATCH_TRACK_RULES_H
#define EPMWATCH_TRACK_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "track/records.h"

struct group;
struct policy;

#define RULES_SETTLE_NS (INT64_C(15) * 60 * 1000000000)
#define RULES_OUT_OF_RANGE "EPM-001"

/**
 * rules_judge(policy, m, g, change, work, alert):
 * Judge ${m} after the sightings ${g} were folded into it. ${alert} is the state of EPM-001 for
 * this key, of state 0 where there never was one; if this returns true it made a transition, and
 * ${alert} is the state after it. ${change} is the id of the change that came with it, or empty.
 * ${work} has room for all episodes of ${m}.
 */
bool rules_judge(const struct policy *policy, const struct mapping *m, const struct group *g,
    const char *change, struct endpoint *work, struct alert *alert);

#endif
