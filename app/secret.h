/* secret.h - numbers that nobody can guess. */
#ifndef EPMWATCH_APP_SECRET_H
#define EPMWATCH_APP_SECRET_H

#include <stdint.h>

/** secret_make(): One, so that nobody can choose connections or keys that collide. Results do not depend on it; where the system
 * has none to give yet, it is 0, and nothing is lost but that. */
uint64_t secret_make(void);

#endif
