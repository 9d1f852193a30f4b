/* sensor.h - what belongs to the sensor and to no key: its state by name, and the stretches of time that it covered. Of realm 0. */
#ifndef EPMWATCH_STORE_SENSOR_H
#define EPMWATCH_STORE_SENSOR_H

#include <stddef.h>
#include <stdint.h>

struct coverage;
struct store;

/** sensor_keep_state / sensor_load_state / sensor_keep_coverage: See store_keep_state()
 * and what follows it. */
int sensor_keep_state(struct store *s, const char *name, const void *data, size_t len);
int sensor_load_state(struct store *s, const char *name, uint8_t **data, size_t *len);
int sensor_keep_coverage(struct store *s, struct coverage *c);

#endif
