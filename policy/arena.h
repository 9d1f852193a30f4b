/* arena.h - memory of one policy: taken piece by piece, given back at once, with a cap. */
#ifndef EPMWATCH_POLICY_ARENA_H
#define EPMWATCH_POLICY_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

#define ARENA_MOST ((size_t)32 << 20)

/* All zero is an empty one. */
struct arena {
	struct arena_chunk *chunk; /* the newest first */
	size_t left;               /* in the newest */
	size_t taken;              /* of the system, in all */
	bool failed;               /* something was asked for that there was no room for */
};

/** arena_take(a, count, size): Room for ${count} things of ${size} bytes, all zero, until arena_clear(). NULL: no memory, or beyond ARENA_MOST. */
void *arena_take(struct arena *a, size_t count, size_t size);

/** arena_copy(a, text, len): ${len} bytes of ${text} and a NUL. NULL as above. */
char *arena_copy(struct arena *a, const char *text, size_t len);

/** arena_clear(a): Give all back. */
void arena_clear(struct arena *a);

#endif
