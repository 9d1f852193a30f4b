/* pulse.h - whether interfaces carry packets: the kernel's filter hides most from us, but not from their own counters. */
#ifndef EPMWATCH_APP_PULSE_H
#define EPMWATCH_APP_PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PULSE_DEVICES = 16
};

struct pulse {
	size_t count;
	int fd[PULSE_DEVICES]; /* of counters; -1: there is none */
	uint64_t packets;      /* of all together, when they were looked at last */
};

/** pulse_open(p, device, count) / pulse_close(p): Look at those interfaces, at most PULSE_DEVICES. One without a counter is
 * passed over. Closing is harmless on one that is zeroed. */
void pulse_open(struct pulse *p, const char *const *device, size_t count);
void pulse_close(struct pulse *p);

/** pulse_beats(p): One of them received a packet since the last time. */
bool pulse_beats(struct pulse *p);

#endif
