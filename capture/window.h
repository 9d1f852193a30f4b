/* window.h - a stretch of a capture file, and the batches that its records make. For capture/
 * alone.
 *
 * A batch never holds records of two windows. So what a window gives depends on nothing but the
 * file, whoever scans it, and when. */
#ifndef EPMWATCH_CAPTURE_WINDOW_H
#define EPMWATCH_CAPTURE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"
#include "capture/walk.h"

struct mapping;
struct source;

/* A batch, and how far one is when it has been delivered. */
struct filled {
	uint64_t frames; /* counted as the window's are */
	uint64_t end;    /* offset behind the last record that was passed for it */
	struct batch batch;
};

struct window {
	uint64_t from, to;       /* offsets in the file: its records begin there */
	struct mapping *mapping; /* borrowed; holds it, and the end of any record in it */
	/* What is known, or guessed, before it is scanned: */
	uint64_t begin; /* offset of its first record */
	uint64_t frame; /* of the last packet before; 0 while that is not known */
	bool guess;     /* find out where it begins */
	bool may_learn;
	/* What comes of it: */
	uint64_t end;         /* offset of the record that ended it */
	uint64_t frames;      /* of the last packet in it */
	enum walk_end result; /* WALK_FULL: there was no saying where it begins */
	int unread;           /* as of a walk */
	int err;
	char words[SOURCE_WORDS];
	size_t count, room;
	struct filled **filled; /* owned, as is each; [..count] is what was found */
};

/** window_scan(w, s, format, self): Pass its records, fill batches, and have them marked. ${s} gives
 * them its number and its sieve. Any number of windows at a time, except one that may learn. */
void window_scan(
    struct window *w, const struct source *s, const struct record_format *format, void *self);

/** window_settle(w, frame): The last packet before it turns out to be number ${frame}. */
void window_settle(struct window *w, uint64_t frame);

/** window_deinit(w): Free what it owns. */
void window_deinit(struct window *w);

#endif
