/* cover.h - rules that never come to be asked, because those before them cover all that they are about. */
#ifndef EPMWATCH_POLICY_COVER_H
#define EPMWATCH_POLICY_COVER_H

struct reading;

/** cover_check(r): Complain about every rule of r->policy that is wholly shadowed, by one before it or by several together. */
void cover_check(struct reading *r);

#endif
