/* crew.c - starting threads, and waiting for them. */
#include "capture/crew.h"

#include <signal.h>

/* Signals are somebody else's business, but for those that a fault of the thread's own raises. */
void
crew_start(struct crew *c, size_t count, void *(*work)(void *), void *arg)
{
	static const int faults[] = {SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT};
	sigset_t others, saved;

	sigfillset(&others);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&others, faults[i]);
	c->count = 0;
	pthread_sigmask(SIG_SETMASK, &others, &saved);
	while (c->count < count && c->count < CREW_MOST &&
	       pthread_create(&c->thread[c->count], NULL, work, arg) == 0)
		c->count++;
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

void
crew_join(struct crew *c)
{
	for (size_t i = 0; i < c->count; i++)
		pthread_join(c->thread[i], NULL);
	c->count = 0;
}
