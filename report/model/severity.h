/* severity.h - how bad a change is, for lists and exit values: what its alerts would say by a policy. */
#ifndef EPMWATCH_REPORT_SEVERITY_H
#define EPMWATCH_REPORT_SEVERITY_H

#include "track/records.h"

struct policy;
struct verdict;

/** severity_of_change(policy, c, wrong): That of the rule that goes with its kind, or of what its new endpoints break (${wrong},
 * verdict_of_change()), whichever is worse. */
enum severity severity_of_change(
    const struct policy *policy, const struct change *c, const struct verdict *wrong);

#endif
