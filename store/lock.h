/* lock.h - one writer at a time: an advisory lock (of the open file, Linux) on a file beside the
 * store.
 *
 * It is not taken on the store itself: closing any descriptor of that file would drop the locks
 * that SQLite holds on it in this process. The lock file is removed on release; a crash leaves it
 * behind, unlocked, for the next to take. */
#ifndef EPMWATCH_STORE_LOCK_H
#define EPMWATCH_STORE_LOCK_H

#include <stdbool.h>

struct lock {
	int fd;     /* -1: not held */
	char *path; /* owned */
};

/** lock_init(l): Nothing is held. */
void lock_init(struct lock *l);

/**
 * lock_take(l, store, holder):
 * Lock ${store} by `STORE-lock`, without waiting. ERR_BUSY, with the number of the process that
 * holds it in *${holder} (0 where it is not known); -ENOMEM; -errno where the file cannot be made.
 */
int lock_take(struct lock *l, const char *store, long *holder);

/** lock_is_held(store): True if somebody, this process included, holds the lock of ${store}, or
 * might: it cannot be asked. */
bool lock_is_held(const char *store);

/** lock_release(l): Give it up. Harmless where it is not held. */
void lock_release(struct lock *l);

#endif
