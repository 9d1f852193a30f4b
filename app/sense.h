/* sense.h - the verb that watches interfaces. */
#ifndef EPMWATCH_APP_SENSE_H
#define EPMWATCH_APP_SENSE_H

struct settings;

/** sense_run(s): Returns an exit value. */
int sense_run(struct settings *s);

#endif
