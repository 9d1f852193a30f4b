/* output.c - arrays that grow to what one observation ever needed; changes are rare, so each set is
 * a block of its own. */
#include "track/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/track.h"

/* Both sets of a change stand in one block, the previous first. */
static void
free_sets(struct change *c)
{
	union {
		const struct endpoint *borrowed;
		struct endpoint *owned;
	} sets = {.borrowed = c->previous};

	free(sets.owned);
}

void
output_clear(struct output *o)
{
	for (size_t i = 0; i < o->change_count; i++)
		free_sets(&o->change[i]);
	o->change_count = 0;
	o->alert_count = 0;
}

void
output_deinit(struct output *o)
{
	output_clear(o);
	free(o->change);
	free(o->alert);
	*o = (struct output){.change = NULL};
}

/* One more of ${size}; NULL where there is no memory. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room > 0 ? *room * 2 : 8;
	void *grown;

	if (count < *room)
		return array;
	grown = realloc(array, wanted * size);
	if (grown != NULL)
		*room = wanted;
	return grown;
}

int
output_change(struct output *o, const struct change *c)
{
	struct change *grown = grow(o->change, o->change_count, &o->change_room, sizeof(*grown));
	struct endpoint *sets;

	if (grown == NULL)
		return -ENOMEM;
	o->change = grown;
	sets = malloc((c->previous_count + c->current_count + 1) * sizeof(*sets));
	if (sets == NULL)
		return -ENOMEM;
	memcpy(sets, c->previous, c->previous_count * sizeof(*sets));
	memcpy(sets + c->previous_count, c->current, c->current_count * sizeof(*sets));
	grown[o->change_count] = *c;
	grown[o->change_count].previous = sets;
	grown[o->change_count].current = sets + c->previous_count;
	o->change_count++;
	return ERR_OK;
}

int
output_alert(struct output *o, const struct alert *a)
{
	struct alert *grown = grow(o->alert, o->alert_count, &o->alert_room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	o->alert = grown;
	grown[o->alert_count++] = *a;
	return ERR_OK;
}

void
output_view(const struct output *o, struct track_output *out)
{
	*out = (struct track_output){
	    .change_count = o->change_count,
	    .alert_count = o->alert_count,
	    .change = o->change,
	    .alert = o->alert,
	};
}
