/* crew.h - helper threads. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_CREW_H
#define EPMWATCH_CAPTURE_CREW_H

#include <pthread.h>
#include <stddef.h>

enum {
	CREW_MOST = 15
};

struct crew {
	size_t count;
	pthread_t thread[CREW_MOST];
};

/** crew_start(c, count, work, arg): Start up to ${count} threads that call ${work}; fewer where the
 * system has no more. Signals are left to the other threads. */
void crew_start(struct crew *c, size_t count, void *(*work)(void *), void *arg);

/** crew_join(c): Wait until all have come back. */
void crew_join(struct crew *c);

#endif
