/* output.h - the changes and alerts of one observation, kept until the next one. */
#ifndef EPMWATCH_TRACK_OUTPUT_H
#define EPMWATCH_TRACK_OUTPUT_H

#include <stddef.h>

#include "track/records.h"

struct track_output;

struct output {
	struct change *change; /* owned, and so is what they borrow elsewhere: all in one block */
	void **block;          /* owned: those */
	struct alert *alert;   /* owned */
	size_t change_count, change_room, block_room;
	size_t alert_count, alert_room;
	struct pinhole *pinhole; /* owned */
	size_t pinhole_count, pinhole_room;
	struct push *push;       /* owned */
	size_t push_count, push_room;
	struct push_registration *registration; /* owned */
	size_t registration_count, registration_room;
};

/** output_clear(o) / output_deinit(o): Forget what it holds; free its memory too. Zeros are an
 * empty output. */
void output_clear(struct output *o);
void output_deinit(struct output *o);

/** output_change(o, c): Add a copy of ${c}, its sets, members and ids. -ENOMEM. */
int output_change(struct output *o, const struct change *c);

/** output_alert(o, a): Add a copy of ${a}. -ENOMEM. */
int output_alert(struct output *o, const struct alert *a);

/** output_pinhole(o, p): Add a copy of ${p}. -ENOMEM. */
int output_pinhole(struct output *o, const struct pinhole *p);

/** output_push(o, p) / output_registration(o, r): Add a copy. -ENOMEM. */
int output_push(struct output *o, const struct push *p);
int output_registration(struct output *o, const struct push_registration *r);

/** output_view(o, out): What it holds, borrowed until it changes. */
void output_view(const struct output *o, struct track_output *out);

#endif
