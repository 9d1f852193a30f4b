/* prefix.c - a running hash that remembers. */
#include "capture/prefix.h"

#include "base/err.h"

int
prefix_init(struct prefix *p, uint64_t piece)
{
	int err;

	*p = (struct prefix){.piece = piece};
	err = hash_stream_new(&p->hash);
	if (err == ERR_OK)
		hash_stream_digest(p->hash, p->nothing.digest);
	return err;
}

void
prefix_deinit(struct prefix *p)
{
	hash_stream_free(&p->hash);
}

void
prefix_add(struct prefix *p, const uint8_t *data, size_t len)
{
	hash_stream_add(p->hash, data, len);
}

/* Pieces by the number of the one that ends last at or before, or holds, an offset: 1 is the first. */
static uint64_t
number_of(const struct prefix *p, uint64_t offset)
{
	return offset / p->piece + (offset % p->piece > 0);
}

void
prefix_keep(struct prefix *p, uint64_t bytes)
{
	struct prefix_digest *kept = &p->kept[number_of(p, bytes) % PREFIX_KEPT];

	kept->bytes = bytes;
	hash_stream_digest(p->hash, kept->digest);
}

const struct prefix_digest *
prefix_at(const struct prefix *p, uint64_t offset)
{
	uint64_t number = number_of(p, offset);
	const struct prefix_digest *kept = &p->kept[number % PREFIX_KEPT];

	return offset > 0 && number_of(p, kept->bytes) == number ? kept : &p->nothing;
}
