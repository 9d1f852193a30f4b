/* stretch.h - packets of a batch that lie behind each other and are treated alike. */
#ifndef EPMWATCH_APP_STRETCH_H
#define EPMWATCH_APP_STRETCH_H

#include <stddef.h>
#include <stdint.h>

struct batch;

/* Packets of one capture: those of a batch from one index to before another. */
struct stretch {
	const struct batch *batch;
	size_t from, to;
};

/** stretch_end(batch, from): Where the packets of one capture end that begin at ${from}. */
size_t stretch_end(const struct batch *batch, size_t from);

/** stretch_times(s, first_ns, last_ns): The earliest and the latest time of its packets. */
void stretch_times(const struct stretch *s, int64_t *first_ns, int64_t *last_ns);

/** stretch_bytes(s): The captured octets of its packets. */
uint64_t stretch_bytes(const struct stretch *s);

#endif
