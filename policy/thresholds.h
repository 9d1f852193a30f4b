/* thresholds.h - times and numbers of a policy, as people read them. sections.h reads them. */
#ifndef EPMWATCH_POLICY_THRESHOLDS_H
#define EPMWATCH_POLICY_THRESHOLDS_H

#include <stdio.h>

struct thresholds;

/** thresholds_print(t, out): A line each. */
void thresholds_print(const struct thresholds *t, FILE *out);

#endif
