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
	uint64_t piece;           /* length of one; the last of a file may be shorter */
	struct hash_stream *hash; /* owned */
	struct prefix_digest nothing;
	struct prefix_digest kept[PREFIX_KEPT]; /* of pieces, by their number */
};

/** prefix_init(p, piece): Nothing taken in. -ENOMEM; deinit it in any case. */
int prefix_init(struct prefix *p, uint64_t piece);

/** prefix_deinit(p): Free what it owns. Zeros are fine. */
void prefix_deinit(struct prefix *p);

/** prefix_add(p, data, len): Take in the next ${len} bytes. By one thread at a time, beside any that
 * ask for what is kept. */
void prefix_add(struct prefix *p, const uint8_t *data, size_t len);

/** prefix_keep(p, bytes): Keep the digest of what was taken in, which is so many bytes. */
void prefix_keep(struct prefix *p, uint64_t bytes);

/** prefix_at(p, offset): What is kept of the piece that ends at ${offset}, or else of the one that
 * holds it; of nothing if there is no such thing (any more). */
const struct prefix_digest *prefix_at(const struct prefix *p, uint64_t offset);

#endif
