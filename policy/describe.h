/* describe.h - a policy as it was understood, for people: each range in numbers, and what each rule covers. */
#ifndef EPMWATCH_POLICY_DESCRIBE_H
#define EPMWATCH_POLICY_DESCRIBE_H

#include <stdio.h>

struct policy_file;

/** describe_policy(f, out): All of it. */
void describe_policy(const struct policy_file *f, FILE *out);

#endif
