/* rules_sensor.h - the rules on the sensor itself, SYS-001 to SYS-006: what makes its own silence untrustworthy. */
#ifndef EPMWATCH_TRACK_RULES_SENSOR_H
#define EPMWATCH_TRACK_RULES_SENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct octets;
struct octets_in;
struct rules;

/* What a run knows of itself, now and then. Numbers are totals of the run. */
struct sensor_facts {
	int64_t now_ns;          /* packet time */
	uint64_t packets, lost;  /* captured; lost on their way here */
	size_t silent_count;
	const char *const *silent; /* interfaces that deliver nothing, or went away */
	bool behind;             /* what waits for the store takes most of its room */
	uint64_t refused;        /* things that found no room */
	bool store_fails;        /* it took nothing, the last time */
	const char *store_says;  /* where it fails: why */
};

/* What they looked like the last time. */
struct sensor_past {
	uint64_t packets, lost, refused;
	uint64_t steps; /* of the clock */
};

/** rules_sensor_judge(r, f): SYS-001 to 005. -ENOMEM. */
int rules_sensor_judge(struct rules *r, const struct sensor_facts *f);

/** rules_sensor_clock(r): SYS-006, where the clock was set back since it was asked last. -ENOMEM. */
int rules_sensor_clock(struct rules *r);

/** rules_sensor_encode(r, out) / rules_sensor_decode(r, in, with_ids): The alerts that are open, under the ids that they were told with; octets of long ago lack
 * those: then they are made anew. -ENOMEM; ERR_MALFORMED. */
void rules_sensor_encode(const struct rules *r, struct octets *out);
int rules_sensor_decode(struct rules *r, struct octets_in *in, bool with_ids);

#endif
