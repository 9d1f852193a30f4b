/* prefix.c - a chain of pieces that remembers. */
#include "capture/prefix.h"

#include "base/digest.h"

void
prefix_init(struct prefix *p, uint64_t piece)
{
	*p = (struct prefix){.piece = piece};
	digest_of_nothing(p->nothing.digest);
}

/* Pieces by the number of the one that ends last at or before, or holds, an offset: 1 is the first. */
static uint64_t
number_of(const struct prefix *p, uint64_t offset)
{
	return offset / p->piece + (offset % p->piece > 0);
}

void
prefix_link(struct prefix *p, uint64_t bytes, const uint8_t piece[HASH_DIGEST])
{
	uint64_t number = number_of(p, bytes);
	const struct prefix_digest *before =
	    number > 1 ? &p->kept[(number - 1) % PREFIX_KEPT] : &p->nothing;
	struct prefix_digest *kept = &p->kept[number % PREFIX_KEPT];

	kept->bytes = bytes;
	digest_link(before->digest, piece, kept->digest);
}

const struct prefix_digest *
prefix_at(const struct prefix *p, uint64_t offset)
{
	uint64_t number = number_of(p, offset);
	const struct prefix_digest *kept = &p->kept[number % PREFIX_KEPT];

	return offset > 0 && number_of(p, kept->bytes) == number ? kept : &p->nothing;
}
