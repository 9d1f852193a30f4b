/* journal.c - records of various sizes in one block, one behind the other. */
#include "app/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "track/records.h"

enum {
	ALIGNMENT = _Alignof(max_align_t)
};

enum kind {
	KIND_CHANGE,
	KIND_ALERT,
	KIND_PUSH,
	KIND_REGISTRATION,
};

/* What stands before each record. Behind a change stands all that it points to: members, sets, ids. */
struct entry {
	size_t bytes; /* with this, and with what aligns the next one */
	enum kind kind;
};

struct journal {
	unsigned char *block;
	size_t size, used, count;
	uint64_t missing;
};

static size_t
aligned(size_t n)
{
	return n + (ALIGNMENT - n % ALIGNMENT) % ALIGNMENT;
}

int
journal_new(struct journal **out, size_t bytes)
{
	struct journal *j = calloc(1, sizeof(*j));

	*out = j;
	if (j == NULL)
		return -ENOMEM;
	j->size = bytes;
	j->block = malloc(bytes);
	if (j->block != NULL)
		return 0;
	journal_free(out);
	return -ENOMEM;
}

void
journal_free(struct journal **j)
{
	if (*j == NULL)
		return;
	free((*j)->block);
	free(*j);
	*j = NULL;
}

/* Room for a record of ${bytes}; NULL where there is none. */
static void *
append(struct journal *j, enum kind kind, size_t bytes)
{
	size_t head = aligned(sizeof(struct entry)), all = head + aligned(bytes);
	unsigned char *at = j->block + j->used;

	if (all > j->size - j->used) {
		j->missing++;
		return NULL;
	}
	memcpy(at, &(struct entry){all, kind}, sizeof(struct entry));
	j->used += all;
	j->count++;
	return at + head;
}

static size_t
set_bytes(size_t previous, size_t current)
{
	return (previous + current) * sizeof(struct endpoint);
}

static size_t
change_bytes(const struct change *c)
{
	size_t bytes = sizeof(*c) + set_bytes(c->previous_count, c->current_count) +
		       c->also_count * sizeof(c->also[0]);

	for (size_t i = 0; i < c->member_count; i++)
		bytes += sizeof(c->member[i]) +
			 set_bytes(c->member[i].previous_count, c->member[i].current_count);
	return bytes;
}

/* Copy ${bytes} to *${at}, and go behind them. */
static const void *
put(unsigned char **at, const void *from, size_t bytes)
{
	const void *copy = *at;

	if (bytes > 0)
		memcpy(*at, from, bytes);
	*at += bytes;
	return copy;
}

static void
put_sets(unsigned char **at, struct change_member *m)
{
	m->previous = put(at, m->previous, set_bytes(m->previous_count, 0));
	m->current = put(at, m->current, set_bytes(0, m->current_count));
}

void
journal_change(struct journal *j, const struct change *change)
{
	struct change *c = append(j, KIND_CHANGE, change_bytes(change));
	struct change_member *member;
	unsigned char *at;

	if (c == NULL)
		return;
	*c = *change;
	c->mapping = NULL; /* may be gone by the time that this is written */
	member = (void *)(c + 1);
	at = (unsigned char *)(member + c->member_count);
	c->member = member;
	c->previous = put(&at, change->previous, set_bytes(c->previous_count, 0));
	c->current = put(&at, change->current, set_bytes(0, c->current_count));
	for (size_t i = 0; i < c->member_count; i++) {
		member[i] = change->member[i];
		put_sets(&at, &member[i]);
	}
	c->also = put(&at, change->also, c->also_count * sizeof(change->also[0]));
}

/* A record that points to nothing. */
static void
append_copy(struct journal *j, enum kind kind, const void *record, size_t bytes)
{
	void *at = append(j, kind, bytes);

	if (at != NULL)
		memcpy(at, record, bytes);
}

void
journal_alert(struct journal *j, const struct alert *alert)
{
	append_copy(j, KIND_ALERT, alert, sizeof(*alert));
}

void
journal_push(struct journal *j, const struct push *push)
{
	append_copy(j, KIND_PUSH, push, sizeof(*push));
}

void
journal_registration(struct journal *j, const struct push_registration *registration)
{
	append_copy(j, KIND_REGISTRATION, registration, sizeof(*registration));
}

static int
write_record(struct store *store, enum kind kind, const void *record)
{
	switch (kind) {
	case KIND_CHANGE:
		return store_keep_change(store, record);
	case KIND_ALERT:
		return store_keep_alert(store, record);
	case KIND_PUSH:
		return store_keep_push(store, record);
	case KIND_REGISTRATION:
		break;
	}
	return store_keep_push_registration(store, record);
}

int
journal_write(const struct journal *j, struct store *store)
{
	const unsigned char *at = j->block, *end = j->block + j->used;
	int err = 0;

	while (at < end && err == 0) {
		struct entry entry;
		const void *record = at + aligned(sizeof(entry));

		memcpy(&entry, at, sizeof(entry));
		err = write_record(store, entry.kind, record);
		at += entry.bytes;
	}
	return err;
}

void
journal_clear(struct journal *j)
{
	j->used = 0;
	j->count = 0;
	j->missing = 0;
}

bool
journal_is_filling(const struct journal *j)
{
	return j->used > j->size / 2;
}

size_t
journal_count(const struct journal *j)
{
	return j->count;
}

uint64_t
journal_missing(const struct journal *j)
{
	return j->missing;
}
