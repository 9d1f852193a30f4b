/* stop.h - signals that end a run in order: the first one asks, the second one ends the program at once. */
#ifndef EPMWATCH_APP_STOP_H
#define EPMWATCH_APP_STOP_H

#include <signal.h>

/* Not 0 once somebody asked. */
extern volatile sig_atomic_t stop_asked;

/** stop_catch(): From now on SIGINT and SIGTERM ask. A read that waits comes back then. */
void stop_catch(void);

#endif
