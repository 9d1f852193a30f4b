/* mapping.h - a stretch of a file in memory, guarded against the file shrinking or failing. For
 * capture/ alone. */
#ifndef EPMWATCH_CAPTURE_MAPPING_H
#define EPMWATCH_CAPTURE_MAPPING_H

#include <stddef.h>
#include <stdint.h>

struct mapping {
	uint64_t from; /* of the file, as `to` */
	uint64_t to;
	const uint8_t *data;
	unsigned users; /* who counts them is the owner's business */
	int guard;
};

/** mapping_open(out, fd, from, len): Map ${len} bytes, at least one, of ${fd} from ${from} on, which
 * is a multiple of the page size. -errno; -ENODEV and its like for what cannot be mapped. */
int mapping_open(struct mapping **out, int fd, uint64_t from, size_t len);

/** mapping_close(&m): Unmap and free. NULL is fine. */
void mapping_close(struct mapping **m);

/** mapping_sound(m): Up to where, in the file, what was read is the file's: ${m}->to, unless pages
 * were lost. */
uint64_t mapping_sound(const struct mapping *m);

/** mapping_at(m, offset) / mapping_offset(m, at): Byte ${offset} of the file, which ${m} holds or
 * ends at; and back. */
static inline const uint8_t *
mapping_at(const struct mapping *m, uint64_t offset)
{
	return m->data + (offset - m->from);
}

static inline uint64_t
mapping_offset(const struct mapping *m, const uint8_t *at)
{
	return m->from + (uint64_t)(at - m->data);
}

#endif
