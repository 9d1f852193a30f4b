/* digest.h - what a capture is known by: one number for many bytes, whose parts may be computed in any order and by several
 * threads.
 *
 * The bytes are cut into leaves of DIGEST_LEAF, the last of which may be shorter. That of nothing is XXH3-128 of nothing; with
 * every leaf it becomes XXH3-128 of what it was before and of the leaf's own XXH3-128, 32 bytes. So reading and hashing a
 * leaf, which is all that takes time, needs nothing of the leaves before, and what was told of the first bytes of a file
 * can be told again when there are more. */
#ifndef EPMWATCH_BASE_DIGEST_H
#define EPMWATCH_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum {
	DIGEST_LEAF = 256 * 1024
};

/* Of bytes that come in order, in pieces of any length. */
struct digest {
	struct hash_stream *leaf; /* owned; the bytes behind the last whole leaf */
	uint64_t bytes;
	uint8_t whole[HASH_DIGEST]; /* of the whole leaves */
};

/** digest_of_nothing(out): The digest of no bytes. */
void digest_of_nothing(uint8_t out[HASH_DIGEST]);

/** digest_link(before, leaf, out): The digest of the bytes of ${before} and a leaf behind them, of which ${leaf} is the
 * hash_digest(). ${out} may be ${before}. */
void digest_link(
    const uint8_t before[HASH_DIGEST], const uint8_t leaf[HASH_DIGEST], uint8_t out[HASH_DIGEST]);

/** digest_init(d): Of nothing so far. -ENOMEM; deinit it in any case. */
int digest_init(struct digest *d);

/** digest_deinit(d): Free what it owns. Zeros are fine. */
void digest_deinit(struct digest *d);

/** digest_add(d, data, len): Take in the next ${len} bytes. */
void digest_add(struct digest *d, const uint8_t *data, size_t len);

/** digest_value(d, out): The digest of all bytes so far. ${d} goes on. */
void digest_value(const struct digest *d, uint8_t out[HASH_DIGEST]);

#endif
