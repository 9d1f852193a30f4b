/* numbers.c - see numbers.h. Open addressing; a slot whose row is 0 is free. */
#include "store/numbers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"

struct numbers_slot {
	uint8_t key[NUMBERS_KEY]; /* zeros after its end: keys of one table are of one length */
	int64_t row;
};

static_assert(sizeof(struct numbers_slot) * NUMBERS_SLOTS == NUMBERS_BYTES, "as documented");

int
numbers_init(struct numbers *n, uint64_t secret)
{
	*n = (struct numbers){.slot = calloc(NUMBERS_SLOTS, sizeof(struct numbers_slot)),
	    .secret = secret};
	return n->slot != NULL ? ERR_OK : -ENOMEM;
}

void
numbers_deinit(struct numbers *n)
{
	free(n->slot);
	n->slot = NULL;
}

/* The slot of ${key}, or the free one where it would be. */
static struct numbers_slot *
numbers_seek(const struct numbers *n, const void *key, size_t len)
{
	size_t at = hash_keyed(key, len, n->secret) % NUMBERS_SLOTS;

	assert(len <= NUMBERS_KEY);
	while (n->slot[at].row != 0 && memcmp(n->slot[at].key, key, len) != 0)
		at = (at + 1) % NUMBERS_SLOTS;
	return &n->slot[at];
}

int64_t
numbers_find(const struct numbers *n, const void *key, size_t len)
{
	return numbers_seek(n, key, len)->row;
}

void
numbers_add(struct numbers *n, const void *key, size_t len, int64_t row)
{
	struct numbers_slot *slot;

	if (n->count >= NUMBERS_SLOTS / 4 * 3)
		numbers_forget(n);
	slot = numbers_seek(n, key, len);
	assert(slot->row == 0 && row != 0);
	memcpy(slot->key, key, len);
	slot->row = row;
	n->count++;
}

void
numbers_forget(struct numbers *n)
{
	memset(n->slot, 0, NUMBERS_SLOTS * sizeof(*n->slot));
	n->count = 0;
}
