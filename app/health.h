/* health.h - what a run that watches interfaces knows of its own: the facts for the rules on the sensor (SYS-001 to SYS-005). */
#ifndef EPMWATCH_APP_HEALTH_H
#define EPMWATCH_APP_HEALTH_H

#include <stdint.h>

struct events_totals;
struct interfaces;
struct ledger;
struct tap;

/* Between two looks. All zero: there was none yet. */
struct health {
	uint64_t received; /* packets that the interfaces had seen, ... */
	int64_t heard_ns;  /* ... and when that number last grew, by the monotonic clock */
};

/* What is looked at; borrowed. */
struct health_view {
	struct ledger *ledger;
	struct tap *tap; /* of one worker: all of them have the same interfaces */
	const char *const *device;
	uint64_t devices;
	const struct events_totals *totals;
	int64_t now_ns; /* by the monotonic clock */
};

/** health_look(h, view): Tell the rules. 0, or an error of the store or the events after a message. */
int health_look(struct health *h, const struct health_view *view);

#endif
