/* output.h - the changes and alerts of one observation, kept until the next one. */
#ifndef EPMWATCH_TRACK_OUTPUT_H
#define EPMWATCH_TRACK_OUTPUT_H

#include <stddef.h>

#include "track/records.h"

struct track_output;

struct output {
	struct change *change; /* owned, and so are their sets */
	struct alert *alert;   /* owned */
	size_t change_count, change_room;
	size_t alert_count, alert_room;
};

/** output_clear(o) / output_deinit(o): Forget what it holds; free its memory too. Zeros are an
 * empty output. */
void output_clear(struct output *o);
void output_deinit(struct output *o);

/** output_change(o, c): Add a copy of ${c} and its sets. -ENOMEM. */
int output_change(struct output *o, const struct change *c);

/** output_alert(o, a): Add a copy of ${a}. -ENOMEM. */
int output_alert(struct output *o, const struct alert *a);

/** output_view(o, out): What it holds, borrowed until it changes. */
void output_view(const struct output *o, struct track_output *out);

#endif
