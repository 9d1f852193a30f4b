#include "dissect/talks.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define NONE UINT32_MAX

void
talks_init(struct talks *t, uint32_t most, struct flow_table *flows)
{
	*t = (struct talks){
	    .flows = flows, .most = most, .newest = NONE, .oldest = NONE, .unused = NONE};
}

void
talks_deinit(struct talks *t)
{
	free(t->talk);
	free(t->slot);
	talks_init(t, t->most, t->flows);
}

static uint32_t
mask_of(const struct talks *t)
{
	return t->most * 2 - 1;
}

static uint32_t
home_of(const struct talks *t, const struct flow_key *key)
{
	return (uint32_t)hash_keyed(key, sizeof(*key), t->flows->secret.pair) & mask_of(t);
}

static bool
same(const struct talk *talk, const struct flow_key *key, uint8_t proto)
{
	return talk->proto == proto && memcmp(&talk->key, key, sizeof(*key)) == 0;
}

struct talk *
talks_find(const struct talks *t, const struct flow_key *key, uint8_t proto)
{
	if (t->count == 0)
		return NULL;
	for (uint32_t i = home_of(t, key); t->slot[i] != 0; i = (i + 1) & mask_of(t)) {
		struct talk *talk = &t->talk[t->slot[i] - 1];

		if (same(talk, key, proto))
			return talk;
	}
	return NULL;
}

struct talk *
talks_oldest(const struct talks *t)
{
	return t->oldest == NONE ? NULL : &t->talk[t->oldest];
}

bool
talks_is_full(const struct talks *t)
{
	return t->count == t->most;
}

/* The first entry makes room for all. */
static bool
allocate(struct talks *t)
{
	t->talk = calloc(t->most, sizeof(*t->talk));
	t->slot = calloc((size_t)t->most * 2, sizeof(*t->slot));
	if (t->talk == NULL || t->slot == NULL) {
		talks_deinit(t);
		return false;
	}
	for (uint32_t i = t->most; i-- > 0;) {
		t->talk[i].older = t->unused;
		t->unused = i;
	}
	return true;
}

static void
link_newest(struct talks *t, uint32_t index)
{
	t->talk[index].newer = NONE;
	t->talk[index].older = t->newest;
	*(t->newest == NONE ? &t->oldest : &t->talk[t->newest].newer) = index;
	t->newest = index;
}

static void
unlink_talk(struct talks *t, const struct talk *talk)
{
	*(talk->newer == NONE ? &t->newest : &t->talk[talk->newer].older) = talk->older;
	*(talk->older == NONE ? &t->oldest : &t->talk[talk->older].newer) = talk->newer;
}

struct talk *
talks_add(struct talks *t, const struct flow_key *key, uint8_t proto)
{
	uint32_t index, i;

	if ((t->talk == NULL && !allocate(t)) || talks_is_full(t))
		return NULL;
	index = t->unused;
	t->unused = t->talk[index].older;
	t->talk[index] = (struct talk){.key = *key, .proto = proto};
	link_newest(t, index);
	for (i = home_of(t, key); t->slot[i] != 0; i = (i + 1) & mask_of(t))
		;
	t->slot[i] = index + 1;
	t->count++;
	return &t->talk[index];
}

void
talks_use(struct talks *t, struct talk *talk)
{
	unlink_talk(t, talk);
	link_newest(t, (uint32_t)(talk - t->talk));
}

void
talks_watch(struct talks *t, struct talk *talk, bool on)
{
	struct mark mark;

	if (talk->watched == on)
		return;
	mark = flow_mark_of(t->flows, &talk->key);
	talk->watched = on;
	if (on)
		flow_filter_add(&t->flows->filter, mark);
	else
		flow_filter_remove(&t->flows->filter, mark);
}

/* Empty the slot of entry ${index}, and close the gap, so that no search ends too early. */
static void
clear_slot(struct talks *t, uint32_t index)
{
	uint32_t mask = mask_of(t), hole = home_of(t, &t->talk[index].key);

	while (t->slot[hole] != index + 1)
		hole = (hole + 1) & mask;
	for (uint32_t i = (hole + 1) & mask; t->slot[i] != 0; i = (i + 1) & mask) {
		uint32_t home = home_of(t, &t->talk[t->slot[i] - 1].key);

		if (((i - home) & mask) < ((i - hole) & mask))
			continue; /* its search begins behind the hole */
		t->slot[hole] = t->slot[i];
		hole = i;
	}
	t->slot[hole] = 0;
}

void
talks_remove(struct talks *t, struct talk *talk)
{
	uint32_t index = (uint32_t)(talk - t->talk);

	talks_watch(t, talk, false);
	clear_slot(t, index);
	unlink_talk(t, talk);
	talk->older = t->unused;
	t->unused = index;
	t->count--;
}
