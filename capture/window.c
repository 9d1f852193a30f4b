/* window.c - from records to marked batches. */
#include "capture/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/mapping.h"
#include "capture/source_ops.h"

enum {
	FIRST_ROOM = 8
};

static bool
grow(struct window *w)
{
	size_t room = w->room > 0 ? 2 * w->room : FIRST_ROOM;
	struct filled **larger;

	if (w->count < w->room)
		return true;
	larger = reallocarray(w->filled, room, sizeof(struct filled *));
	if (larger == NULL)
		return false;
	for (size_t i = w->room; i < room; i++)
		larger[i] = NULL;
	w->filled = larger;
	w->room = room;
	return true;
}

/* Room for one more batch; those of an earlier scan are used again. */
static struct filled *
next_filled(struct window *w)
{
	if (!grow(w))
		return NULL;
	if (w->filled[w->count] == NULL)
		w->filled[w->count] = malloc(sizeof(struct filled));
	return w->filled[w->count];
}

/* Where the walk begins; false if that cannot be told. */
static bool
start(struct window *w, struct walk *walk, const struct record_format *format, const void *self)
{
	const struct mapping *m = w->mapping;

	*walk = (struct walk){.at = mapping_at(m, w->guess ? w->from : w->begin),
	    .stop = mapping_at(m, w->to),
	    .end = mapping_at(m, m->to),
	    .frame = w->frame,
	    .may_learn = w->may_learn,
	    .unread = -1};
	if (w->guess) {
		walk->at = format->guess(self, walk);
		if (walk->at == NULL)
			return false;
		w->begin = mapping_offset(m, walk->at);
	}
	return true;
}

/* One batch more, if there is anything for it. */
static enum walk_end
fill_one(struct window *w, struct walk *walk, const struct source *s,
    const struct record_format *format, void *self)
{
	struct filled *f = next_filled(w);
	enum walk_end end;

	if (f == NULL)
		return walk_break(walk, -ENOMEM, "%s", err_text(-ENOMEM));
	end = format->fill(self, walk, &f->batch);
	if (f->batch.count > 0) {
		source_look(s, &f->batch);
		f->frames = walk->frame;
		f->end = mapping_offset(w->mapping, walk->at);
		w->count++;
	}
	return end;
}

void
window_scan(
    struct window *w, const struct source *s, const struct record_format *format, void *self)
{
	struct walk walk;

	w->count = 0;
	w->result = WALK_FULL;
	if (!start(w, &walk, format, self))
		return;
	walk.source = s->index;
	while (w->result == WALK_FULL)
		w->result = fill_one(w, &walk, s, format, self);
	w->end = mapping_offset(w->mapping, walk.at);
	w->frames = walk.frame;
	w->unread = walk.unread;
	w->err = walk.err;
	memcpy(w->words, walk.words, sizeof(w->words));
}

void
window_settle(struct window *w, uint64_t frame)
{
	uint64_t more = frame - w->frame;

	if (more == 0)
		return;
	w->frame += more;
	w->frames += more;
	for (size_t i = 0; i < w->count; i++) {
		struct batch *batch = &w->filled[i]->batch;

		w->filled[i]->frames += more;
		for (size_t k = 0; k < batch->count; k++)
			batch->packet[k].frame += more;
	}
}

void
window_deinit(struct window *w)
{
	for (size_t i = 0; i < w->room; i++)
		free(w->filled[i]);
	free(w->filled);
	w->filled = NULL;
	w->count = w->room = 0;
}
