/* flow_filter.h - which packets can be of a connection that is followed, told by their marks alone.
 *
 * An entry for each value of mark.flow: in the upper 8 bits how many connections have it, in the lower 8 their tags, xored.
 * Where there is one, its tag tells nearly all other connections apart; where there are more, all pass. An entry that ever
 * counted 255 stays as it is and lets all pass. With N connections (N well below 65536) a packet of another one passes
 * with a chance of about (N/65536)^2/2 + N/2^24: 0.03 for 16384, where counting alone would let 0.22 pass. 128 KiB, so
 * that it stays in the second-level cache. */
#ifndef EPMWATCH_DISSECT_FLOW_FILTER_H
#define EPMWATCH_DISSECT_FLOW_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/packet.h"
#include "dissect/sieve.h"

enum {
	FLOW_FILTER_ENTRIES = UINT16_MAX + 1,
	FLOW_FILTER_ONE = 0x100,
	FLOW_FILTER_FULL = 0xff00,
};

/* All zero is one that nothing passes. */
struct flow_filter {
	uint16_t entry[FLOW_FILTER_ENTRIES];
};

_Static_assert(sizeof(struct flow_filter) == 131072, "what it costs");

/** flow_filter_add(f, mark) / flow_filter_remove(f, mark): A connection of that mark came; one went that had come. */
static inline void
flow_filter_add(struct flow_filter *f, struct mark mark)
{
	uint16_t *e = &f->entry[mark.flow];

	if (*e < FLOW_FILTER_FULL)
		*e = (uint16_t)((*e + FLOW_FILTER_ONE) ^ mark.tag);
}

static inline void
flow_filter_remove(struct flow_filter *f, struct mark mark)
{
	uint16_t *e = &f->entry[mark.flow];

	if (*e < FLOW_FILTER_FULL)
		*e = (uint16_t)((*e - FLOW_FILTER_ONE) ^ mark.tag);
}

/** flow_filter_passes(f, mark): False only if no connection of that mark is there. */
static inline bool
flow_filter_passes(const struct flow_filter *f, struct mark mark)
{
	unsigned e = f->entry[mark.flow];

	return e == (FLOW_FILTER_ONE | mark.tag) || e >= 2 * FLOW_FILTER_ONE;
}

/** flow_filter_hint(f, mark): 0 if a packet of that mark matters to nobody, as is true of nearly all; else ask further. A
 * kind of MARK_FLOW asks for an entry that is not empty, MARK_SYN and MARK_ALWAYS have higher bits. Without a branch, since
 * the kinds come in no order that the processor could guess. */
static inline unsigned
flow_filter_hint(const struct flow_filter *f, struct mark mark)
{
	return (f->entry[mark.flow] & -(mark.kind & 1u)) | (unsigned)mark.kind >> 1;
}

_Static_assert(
    MARK_NOTHING == 0 && MARK_FLOW == 1 && MARK_SYN > 1 && MARK_ALWAYS > 1, "as computed with");

#endif
