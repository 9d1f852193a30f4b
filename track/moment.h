/* moment.h - one change that is kept, and those that a restart unites: the parts that moments.c works with. */
#ifndef EPMWATCH_TRACK_MOMENT_H
#define EPMWATCH_TRACK_MOMENT_H

#include <stddef.h>

#include "track/moments.h"

/* Rows that a restart revises. */
struct restart_claim {
	struct change_id *id; /* owned */
	size_t count;
};

/** moment_copy(out, c): ${out} becomes a copy of ${c} and its sets, not told. -ENOMEM. */
int moment_copy(struct moment *out, const struct change *c);

/** moment_free(x) / moment_bytes(x): Free, or count, what hangs on it. */
void moment_free(struct moment *x);
size_t moment_bytes(const struct moment *x);

/** restart_free(r) / restart_bytes(r): Likewise. */
void restart_free(struct restart *r);
size_t restart_bytes(const struct restart *r);

/** restart_add(r, x, claimed): ${x} becomes a member, and is empty from then on; with an earlier change of the same key it becomes
 * one. Rows that this revises are added to ${claimed}. -ENOMEM: then it is not. */
int restart_add(struct restart *r, struct moment *x, struct restart_claim *claimed);

/** restart_narrow(r): It was when all of its members can have been. */
void restart_narrow(struct restart *r);

/** restart_tell(r, room, claimed): Tell of it as it is now, in a row that revises the one before and ${claimed}. */
int restart_tell(
    struct restart *r, const struct moments_room *room, const struct restart_claim *claimed);

/** restart_tell_vanished(r, room): Tell of its members, all that a server had, that they vanished. */
int restart_tell_vanished(struct restart *r, const struct moments_room *room);

#endif
