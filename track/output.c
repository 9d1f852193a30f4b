/* output.c - arrays that grow to what one observation ever needed; changes are rare, so each set is
 * a block of its own. */
#include "track/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "track/track.h"

void
output_clear(struct output *o)
{
	for (size_t i = 0; i < o->change_count; i++)
		free(o->block[i]);
	o->change_count = 0;
	o->alert_count = 0;
	o->pinhole_count = 0;
	o->push_count = 0;
	o->registration_count = 0;
}

void
output_deinit(struct output *o)
{
	output_clear(o);
	free(o->change);
	free((void *)o->block);
	free(o->alert);
	free(o->pinhole);
	free(o->push);
	free(o->registration);
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

/* Where copies go, one behind the other. */
struct writer {
	struct change_member *member;
	struct endpoint *endpoint;
	struct change_id *id;
};

static const struct endpoint *
copy_set(struct writer *w, const struct endpoint *set, size_t count)
{
	const struct endpoint *at = w->endpoint;

	if (count > 0)
		memcpy(w->endpoint, set, count * sizeof(*set));
	w->endpoint += count;
	return at;
}

static size_t
count_endpoints(const struct change *c)
{
	size_t n = c->previous_count + c->current_count;

	for (size_t i = 0; i < c->member_count; i++)
		n += c->member[i].previous_count + c->member[i].current_count;
	return n;
}

/* What has to be aligned most comes first. NULL without memory. */
static void *
make_block(const struct change *c, struct writer *w)
{
	size_t members = c->member_count * sizeof(*c->member);
	size_t endpoints = count_endpoints(c) * sizeof(*c->previous);
	char *block = malloc(members + endpoints + c->also_count * sizeof(*c->also) + 1);

	if (block == NULL)
		return NULL;
	w->member = (struct change_member *)(void *)block;
	w->endpoint = (struct endpoint *)(void *)(block + members);
	w->id = (struct change_id *)(void *)(block + members + endpoints);
	return block;
}

static void
copy_change(const struct change *c, struct writer w, struct change *out)
{
	*out = *c;
	out->previous = copy_set(&w, c->previous, c->previous_count);
	out->current = copy_set(&w, c->current, c->current_count);
	out->member = w.member;
	out->also = w.id;
	for (size_t i = 0; i < c->member_count; i++) {
		const struct change_member *m = &c->member[i];

		w.member[i] = *m;
		w.member[i].previous = copy_set(&w, m->previous, m->previous_count);
		w.member[i].current = copy_set(&w, m->current, m->current_count);
	}
	if (c->also_count > 0)
		memcpy(w.id, c->also, c->also_count * sizeof(*c->also));
}

int
output_change(struct output *o, const struct change *c)
{
	struct change *grown = grow(o->change, o->change_count, &o->change_room, sizeof(*grown));
	struct writer w;
	void **blocks;

	if (grown == NULL)
		return -ENOMEM;
	o->change = grown;
	blocks = grow((void *)o->block, o->change_count, &o->block_room, sizeof(*blocks));
	if (blocks == NULL)
		return -ENOMEM;
	o->block = blocks;
	if ((blocks[o->change_count] = make_block(c, &w)) == NULL)
		return -ENOMEM;
	copy_change(c, w, &grown[o->change_count++]);
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

int
output_pinhole(struct output *o, const struct pinhole *p)
{
	struct pinhole *grown = grow(o->pinhole, o->pinhole_count, &o->pinhole_room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	o->pinhole = grown;
	grown[o->pinhole_count++] = *p;
	return ERR_OK;
}

int
output_push(struct output *o, const struct push *p)
{
	struct push *grown = grow(o->push, o->push_count, &o->push_room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	o->push = grown;
	grown[o->push_count++] = *p;
	return ERR_OK;
}

int
output_registration(struct output *o, const struct push_registration *r)
{
	struct push_registration *grown = grow(
	    o->registration, o->registration_count, &o->registration_room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	o->registration = grown;
	grown[o->registration_count++] = *r;
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
	    .pinhole_count = o->pinhole_count,
	    .pinhole = o->pinhole,
	    .push_count = o->push_count,
	    .push = o->push,
	    .registration_count = o->registration_count,
	    .registration = o->registration,
	};
}
