/* bell.h - one thread waits until another one rings, or until some time. */
#ifndef EPMWATCH_APP_BELL_H
#define EPMWATCH_APP_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool rung;
};

/** bell_init(b) / bell_deinit(b): Nobody rang. -errno. */
int bell_init(struct bell *b);
void bell_deinit(struct bell *b);

/** bell_ring(b): Whoever waits, or will wait next, goes on. From any thread. */
void bell_ring(struct bell *b);

/** bell_wait(b, until_ns): Until it rings, or bell_now() reaches ${until_ns}. */
void bell_wait(struct bell *b, int64_t until_ns);

/** bell_now(): A clock that does not jump, in nanoseconds. */
int64_t bell_now(void);

#endif
