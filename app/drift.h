/* drift.h - the verb `report`: what is out of policy, what changed, what is there. */
#ifndef EPMWATCH_APP_DRIFT_H
#define EPMWATCH_APP_DRIFT_H

struct settings;

/** drift_run(s): Returns 0, 1 (findings) or 2. */
int drift_run(struct settings *s);

#endif
