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

/* What stands before each record. A change has its sets behind it, the previous first. */
struct entry {
	size_t bytes; /* with this, and with what aligns the next one */
	bool is_alert;
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
append(struct journal *j, bool is_alert, size_t bytes)
{
	size_t head = aligned(sizeof(struct entry)), all = head + aligned(bytes);
	unsigned char *at = j->block + j->used;

	if (all > j->size - j->used) {
		j->missing++;
		return NULL;
	}
	memcpy(at, &(struct entry){all, is_alert}, sizeof(struct entry));
	j->used += all;
	j->count++;
	return at + head;
}

static size_t
set_bytes(const struct change *c)
{
	return (c->previous_count + c->current_count) * sizeof(struct endpoint);
}

void
journal_change(struct journal *j, const struct change *change)
{
	unsigned char *at = append(j, false, aligned(sizeof(*change)) + set_bytes(change));

	if (at == NULL)
		return;
	memcpy(at, change, sizeof(*change));
	at += aligned(sizeof(*change));
	if (change->previous_count > 0)
		memcpy(at, change->previous, change->previous_count * sizeof(struct endpoint));
	at += change->previous_count * sizeof(struct endpoint);
	if (change->current_count > 0)
		memcpy(at, change->current, change->current_count * sizeof(struct endpoint));
}

void
journal_alert(struct journal *j, const struct alert *alert)
{
	void *at = append(j, true, sizeof(*alert));

	if (at != NULL)
		memcpy(at, alert, sizeof(*alert));
}

static int
write_change(struct store *store, const void *at)
{
	struct change change;
	const struct endpoint *set =
	    (const void *)((const unsigned char *)at + aligned(sizeof(change)));

	memcpy(&change, at, sizeof(change));
	change.previous = set;
	change.current = set + change.previous_count;
	return store_keep_change(store, &change);
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
		err =
		    entry.is_alert ? store_keep_alert(store, record) : write_change(store, record);
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
