/* progress.h - a bar on standard error while a long capture is read. */
#ifndef EPMWATCH_APP_PROGRESS_H
#define EPMWATCH_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum progress_mode {
	PROGRESS_AUTO, /* only where standard error is a terminal */
	PROGRESS_ALWAYS,
	PROGRESS_NEVER,
};

struct progress {
	FILE *out;                    /* NULL: no bar */
	int64_t started_ns, shown_ns; /* monotonic */
	bool drawn;                   /* a bar stands on the line */
};

/** progress_init(p, mode, out): Decide whether there is a bar. */
void progress_init(struct progress *p, enum progress_mode mode, FILE *out);

/** progress_update(p, done, total, packets): Redraw, at most five times a second, from the first
 * second on. ${total} 0: unknown. */
void progress_update(struct progress *p, uint64_t done, uint64_t total, uint64_t packets);

/** progress_clear(p): Take the bar off the line, so that other words can stand there. */
void progress_clear(struct progress *p);

enum {
	PROGRESS_LINE = 112
};

/** progress_format(out, done, total, packets, elapsed_ns): The line itself; returns ${out}. */
char *progress_format(
    char out[PROGRESS_LINE], uint64_t done, uint64_t total, uint64_t packets, int64_t elapsed_ns);

#endif
