/* lookahead.h - what an intake gives, in stretches of a fixed length, if possible made by a thread
 * of its own while the one before is worked on. For capture/ alone.
 *
 * Before each stretch there is room for the rest of a record that began in the one before, so that
 * records can be read where they are. What comes out does not depend on whether there is a thread.
 *
 * Memory: two stretches and their room without a thread, four with one. */
#ifndef EPMWATCH_CAPTURE_LOOKAHEAD_H
#define EPMWATCH_CAPTURE_LOOKAHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intake;
struct lookahead;

enum {
	LOOKAHEAD_ROOM = 64 * 1024 /* before a stretch */
};

struct stretch {
	uint8_t *data; /* LOOKAHEAD_ROOM bytes before it may be written, too */
	size_t len;
	uint64_t stored; /* as intake_stored(), when it was made */
	size_t memory;   /* as intake_memory() */
};

/** lookahead_new(out, intake, length, threads): Stretches of ${length} bytes, the last one shorter.
 * With two ${threads} or more one of them makes them. ${intake} is borrowed, and nobody else may use
 * it before lookahead_free(), once there is a thread. -ENOMEM. */
int lookahead_new(struct lookahead **out, struct intake *intake, size_t length, size_t threads);

/** lookahead_free(&l): End the thread, and free all stretches. NULL is fine. */
void lookahead_free(struct lookahead **l);

/** lookahead_next(l, out): Point ${out} to the next stretch: 1. 0 if there is none, and
 * intake_error() may be asked why. The one given before stays as it is until the next call. */
int lookahead_next(struct lookahead *l, struct stretch **out);

#endif
