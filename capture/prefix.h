/* prefix.h - the digests of a file's beginnings: of all that was taken in so far, and of some
 * shorter ones. For capture/ alone.
 *
 * Bytes are taken in by pieces of a fixed length, ahead of what has been delivered. What is told of
 * a file has to fit what was delivered, and to be the same however far ahead somebody was; so the
 * digests of the last pieces are kept. */
#ifndef EPMWATCH_CAPTURE_PREFIX_H
#define EPMWATCH_CAPTURE_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum {
	PREFIX_KEPT = 64
};

/* The first ${bytes} bytes. */
struct prefix_digest {
	uint64_t bytes;
	uint8_t digest[HASH_DIGEST];
};

struct prefix {
	uint64_t piece; /* length of one; the last of a file may be shorter */
	struct prefix_digest nothing;
	struct prefix_digest kept[PREFIX_KEPT]; /* of pieces, by their number */
};

/** prefix_init(p, piece): Nothing taken in. What is told of a file is its digest if ${piece} is DIGEST_LEAF. */
void prefix_init(struct prefix *p, uint64_t piece);

/** prefix_link(p, bytes, piece): Take in the next piece, which ends at ${bytes} and of which ${piece} is the hash_digest(). Or the
 * last one again, where that has become longer. */
void prefix_link(struct prefix *p, uint64_t bytes, const uint8_t piece[HASH_DIGEST]);

/** prefix_at(p, offset): What is kept of the piece that ends at ${offset}, or else of the one that
 * holds it; of nothing if there is no such thing (any more). */
const struct prefix_digest *prefix_at(const struct prefix *p, uint64_t offset);

#endif
