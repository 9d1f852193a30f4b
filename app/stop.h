/* stop.h - signals: those that end a run in order, of which the first one asks and the second one ends the program at once, and
 * the one that asks a run to read its policy again. */
#ifndef EPMWATCH_APP_STOP_H
#define EPMWATCH_APP_STOP_H

#include <signal.h>

/* Not 0 once somebody asked. */
extern volatile sig_atomic_t stop_asked;

/* Not 0 once somebody asked that settings be read again; whoever does so sets it to 0 before. */
extern volatile sig_atomic_t stop_reread;

/** stop_catch_reread(): From now on SIGHUP asks that. No read comes back for it. */
void stop_catch_reread(void);

/** stop_catch(): From now on SIGINT and SIGTERM ask. A read that waits comes back then. */
void stop_catch(void);

#endif
