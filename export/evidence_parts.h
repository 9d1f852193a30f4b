/* evidence_parts.h - the steps of evidence_read(), in their order, over one table of proofs. */
#ifndef EPMWATCH_EXPORT_EVIDENCE_PARTS_H
#define EPMWATCH_EXPORT_EVIDENCE_PARTS_H

#include <stddef.h>

struct evidence_set;
struct policy;
struct proof;

/** evidence_compare_place(a, b): Order by realm, server, transport, port, interface; for qsort(). */
int evidence_compare_place(const void *a, const void *b);

/** evidence_settle(proof, count): Leave out what contradicts itself, and make one of what several sensors saw; returns how many are left in
 * ${proof}, by evidence_compare_place(). */
size_t evidence_settle(struct proof *proof, size_t count);

/** evidence_group(e, policy, proof, count): Put what qualifies into groups, and the rest where it is told, each in the set's pool. -ENOMEM. */
int evidence_group(
    struct evidence_set *e, const struct policy *policy, struct proof *proof, size_t count);

#endif
