/* bell.c - a condition that remembers that it was signalled. */
#include "app/bell.h"

#include <time.h>

#include "base/clock.h"

int
bell_init(struct bell *b)
{
	pthread_condattr_t attributes;
	int err = pthread_condattr_init(&attributes);

	b->rung = false;
	if (err != 0)
		return -err;
	err = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (err == 0)
		err = pthread_cond_init(&b->cond, &attributes);
	pthread_condattr_destroy(&attributes);
	if (err == 0 && (err = pthread_mutex_init(&b->lock, NULL)) != 0)
		pthread_cond_destroy(&b->cond);
	return -err;
}

void
bell_deinit(struct bell *b)
{
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->cond);
}

void
bell_ring(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->rung = true;
	pthread_cond_signal(&b->cond);
	pthread_mutex_unlock(&b->lock);
}

void
bell_wait(struct bell *b, int64_t until_ns)
{
	const struct timespec until = {
	    .tv_sec = (time_t)(until_ns / NS_PER_S), .tv_nsec = (long)(until_ns % NS_PER_S)};
	int err = 0;

	pthread_mutex_lock(&b->lock);
	while (!b->rung && err == 0)
		err = pthread_cond_timedwait(&b->cond, &b->lock, &until);
	b->rung = false;
	pthread_mutex_unlock(&b->lock);
}

int64_t
bell_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}
