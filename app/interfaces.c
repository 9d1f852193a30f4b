/* interfaces.c - one row for each. */
#include "app/interfaces.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "store/store.h"

enum {
	NAME_BYTES = 64
};

struct interface {
	char name[NAME_BYTES]; /* cleaned */
	struct store_capture kept;
	uint64_t earlier; /* packets of earlier runs */
};

struct interfaces {
	struct store *store;
	size_t count;
	struct interface item[];
};

int
interfaces_new(struct interfaces **out, const char *const *name, size_t count, struct store *store)
{
	struct interfaces *i = calloc(1, sizeof(*i) + count * sizeof(i->item[0]));

	*out = i;
	if (i == NULL)
		return -ENOMEM;
	i->store = store;
	i->count = count;
	for (size_t n = 0; n < count; n++)
		text_clean((const uint8_t *)name[n], strlen(name[n]), i->item[n].name,
		    sizeof(i->item[n].name));
	return 0;
}

void
interfaces_free(struct interfaces **i)
{
	free(*i);
	*i = NULL;
}

/* What takes the place of a first record. No packet gives the same. */
static int
mark(const char *name, uint8_t out[HASH_DIGEST])
{
	static const char kind[] = "interface ";
	struct hash_stream *h;

	if (hash_stream_new(&h) != 0)
		return -ENOMEM;
	hash_stream_add(h, kind, sizeof(kind) - 1);
	hash_stream_add(h, name, strlen(name));
	hash_stream_digest(h, out);
	hash_stream_free(&h);
	return 0;
}

static bool
is_it(void *kept, const struct store_capture *known)
{
	struct store_capture *out = kept;

	*out = *known;
	return true;
}

static int
meet(struct interfaces *i, size_t index)
{
	struct interface *item = &i->item[index];
	uint8_t record[HASH_DIGEST];
	int err = mark(item->name, record);

	if (err != 0)
		return err;
	memcpy(item->kept.first_record, record, sizeof(record));
	err = store_find_captures(i->store, item->kept.link, record, is_it, &item->kept);
	/* The name that the store lent is gone by now. */
	item->kept.name = item->name;
	item->earlier = item->kept.frames;
	return err != 0 ? err : store_keep_capture(i->store, (uint32_t)index, &item->kept);
}

int
interfaces_meet(struct interfaces *i)
{
	int err = 0;

	for (size_t n = 0; n < i->count && err == 0; n++)
		err = meet(i, n);
	return err;
}

void
interfaces_saw(
    struct interfaces *i, size_t index, uint64_t frames, int64_t first_ns, int64_t last_ns)
{
	struct interface *item = &i->item[index];
	struct store_capture *kept = &item->kept;

	if (frames == 0)
		return;
	if (kept->frames == 0 || first_ns < kept->first_ns)
		kept->first_ns = first_ns;
	if (kept->frames == 0 || last_ns > kept->last_ns)
		kept->last_ns = last_ns;
	kept->frames = item->earlier + frames;
}

int
interfaces_keep(struct interfaces *i)
{
	int err = 0;

	for (size_t n = 0; n < i->count && err == 0; n++)
		err = store_keep_capture(i->store, (uint32_t)n, &i->item[n].kept);
	return err;
}

const char *
interfaces_name(const struct interfaces *i, size_t index)
{
	return index < i->count ? i->item[index].name : NULL;
}
