/* agenda.c - a binary heap whose entries know their places. */
#include "track/agenda.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "track/records.h"

enum {
	FIRST_ROOM = 64
};

int
agenda_join(struct agenda *a)
{
	size_t room = a->room > 0 ? a->room * 2 : FIRST_ROOM;
	struct agenda_item **grown;

	if (a->members++ < a->room)
		return ERR_OK;
	grown = realloc((void *)a->item, room * sizeof(struct agenda_item *));
	if (grown == NULL) {
		a->members--;
		return -ENOMEM;
	}
	a->item = grown;
	a->room = room;
	return ERR_OK;
}

void
agenda_free(struct agenda *a)
{
	free((void *)a->item);
	*a = (struct agenda){.item = NULL};
}

bool
agenda_is_before(
    int64_t due_a, const struct mapping_key *a, int64_t due_b, const struct mapping_key *b)
{
	return due_a != due_b ? due_a < due_b : mapping_key_compare(a, b) < 0;
}

static bool
is_before(const struct agenda_item *a, const struct agenda_item *b)
{
	return agenda_is_before(a->due_ns, a->key, b->due_ns, b->key);
}

static void
put(struct agenda *a, struct agenda_item *item, size_t at)
{
	a->item[at - 1] = item;
	item->at = (uint32_t)at;
}

static void
rise(struct agenda *a, struct agenda_item *item)
{
	size_t at = item->at;

	while (at > 1 && is_before(item, a->item[at / 2 - 1])) {
		put(a, a->item[at / 2 - 1], at);
		at /= 2;
	}
	put(a, item, at);
}

static void
sink(struct agenda *a, struct agenda_item *item)
{
	size_t at = item->at, next;

	while ((next = 2 * at) <= a->count) {
		if (next < a->count && is_before(a->item[next], a->item[next - 1]))
			next++;
		if (!is_before(a->item[next - 1], item))
			break;
		put(a, a->item[next - 1], at);
		at = next;
	}
	put(a, item, at);
}

static void
take_off(struct agenda *a, struct agenda_item *item)
{
	struct agenda_item *last = a->item[--a->count];
	size_t at = item->at;

	item->at = 0;
	if (last == item)
		return;
	put(a, last, at);
	rise(a, last);
	sink(a, last);
}

void
agenda_set(struct agenda *a, struct agenda_item *item, int64_t due_ns)
{
	if (item->at != 0 && item->due_ns == due_ns)
		return;
	item->due_ns = due_ns;
	if (due_ns == STATE_NEVER) {
		if (item->at != 0)
			take_off(a, item);
		return;
	}
	if (item->at == 0) {
		assert(a->count < a->room);
		put(a, item, ++a->count);
	}
	rise(a, item);
	sink(a, item);
}

void
agenda_leave(struct agenda *a, struct agenda_item *item)
{
	agenda_set(a, item, STATE_NEVER);
	a->members--;
}

struct agenda_item *
agenda_first(const struct agenda *a)
{
	return a->count > 0 ? a->item[0] : NULL;
}
