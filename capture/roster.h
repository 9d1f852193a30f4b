/* roster.h - the captures of a chain: which they are, in which order they come, and what is wrong
 * with them. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_ROSTER_H
#define EPMWATCH_CAPTURE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"

struct member;

/* A moment of a capture, as it sorts: earlier times first, and of equal times the capture that was
 * named first. */
struct due {
	int64_t ns;
	size_t index;
};

struct roster {
	struct source_options options;
	char *filter; /* owned; what options.filter points to; NULL for all */
	size_t count, room;
	struct member *member; /* owned; as they were named */
	size_t order_count;
	struct due *order; /* owned; the good ones by their first packet */
	size_t problem_count, problem_room;
	char **problem; /* owned, as is each */
};

/** roster_fill(r, paths, count, options): Fill ${r}, which is all zeros, as chain_new() has it.
 * Deinit it in any case. */
int roster_fill(
    struct roster *r, const char *const *paths, size_t count, const struct source_options *options);

/** roster_deinit(r): Free what it owns. */
void roster_deinit(struct roster *r);

/** roster_open(r, i, alone): Open capture ${i} if it is not; unless it is read ${alone}, it gets no
 * threads of its own. Damage is noted, and the capture done; what stops all is returned: -ENOMEM,
 * ERR_USAGE. */
int roster_open(struct roster *r, size_t i, bool alone);

/** roster_note(r, line): Add to the problems. -ENOMEM. */
int roster_note(struct roster *r, const char *line);

/** roster_compare(a, b): Which is first: below, at, or above zero. */
int roster_compare(const struct due *a, const struct due *b);

#endif
