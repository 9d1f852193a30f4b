/* stop.c - one flag; whoever works looks at it. */
#include "app/stop.h"

#include <stddef.h>

volatile sig_atomic_t stop_asked, stop_reread;

static void
on_signal(int number)
{
	(void)number;
	stop_asked = 1;
}

/* Without SA_RESTART a read that waits comes back; with SA_RESETHAND the second signal is not for
 * us. */
void
stop_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void
on_hangup(int number)
{
	(void)number;
	stop_reread = 1;
}

void
stop_catch_reread(void)
{
	struct sigaction action = {.sa_handler = on_hangup, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGHUP, &action, NULL);
}
