/* evidence_parts.h - the steps of evidence_read(), in their order, over one table of proofs. */
#ifndef EPMWATCH_EXPORT_EVIDENCE_PARTS_H
#define EPMWATCH_EXPORT_EVIDENCE_PARTS_H

#include <stddef.h>

struct evidence_options;
struct evidence_set;
struct policy;
struct proof;
struct store;

/** evidence_compare_place(a, b): Order by realm, server, transport, port, interface; for qsort(). */
int evidence_compare_place(const void *a, const void *b);

/** evidence_settle(proof, count): Leave out what contradicts itself, and make one of what several sensors saw; returns how many are left in
 * ${proof}, by evidence_compare_place(). */
size_t evidence_settle(struct proof *proof, size_t count);

/** evidence_hold(store, policy, options, proof, count): Leave out what may be at another port after the next restart; ${proof} is sorted as
 * evidence_settle() leaves it. -ENOMEM, or the store's error. */
int evidence_hold(struct store *store, const struct policy *policy,
    const struct evidence_options *options, struct proof *proof, size_t count);

/** evidence_group(e, policy, proof, count): Put what qualifies into groups, and the rest where it is told, each in the set's pool. -ENOMEM. */
int evidence_group(
    struct evidence_set *e, const struct policy *policy, struct proof *proof, size_t count);

#endif
