/* segments.h - a file in memory, one long stretch after the other. For capture/ alone.
 *
 * A segment is mapped for the first who enters it, and unmapped when the last has left. Behind its
 * end as much more is mapped as a record that begins in it may need. */
#ifndef EPMWATCH_CAPTURE_SEGMENTS_H
#define EPMWATCH_CAPTURE_SEGMENTS_H

#include <stdint.h>

struct mapping;

struct segments {
	int fd;                 /* borrowed */
	uint64_t length;        /* of one: a multiple of the page size */
	uint64_t more;          /* mapped behind it */
	struct mapping *latest; /* one of its users; NULL: none */
};

/** segments_enter(s, offset, size, out): Point ${out} to the mapping of the segment that holds
 * ${offset}, in a file of ${size} bytes. -errno. */
int segments_enter(struct segments *s, uint64_t offset, uint64_t size, struct mapping **out);

/** segments_leave(&m): Leave it. NULL is fine. */
void segments_leave(struct mapping **m);

#endif
