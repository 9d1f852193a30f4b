/* digest.c - a chain of leaves. */
#include "base/digest.h"

#include <string.h>

void
digest_of_nothing(uint8_t out[HASH_DIGEST])
{
	hash_digest("", 0, out);
}

void
digest_link(
    const uint8_t before[HASH_DIGEST], const uint8_t leaf[HASH_DIGEST], uint8_t out[HASH_DIGEST])
{
	uint8_t both[2 * HASH_DIGEST];

	memcpy(both, before, HASH_DIGEST);
	memcpy(both + HASH_DIGEST, leaf, HASH_DIGEST);
	hash_digest(both, sizeof(both), out);
}

int
digest_init(struct digest *d)
{
	*d = (struct digest){.bytes = 0};
	digest_of_nothing(d->whole);
	return hash_stream_new(&d->leaf);
}

void
digest_deinit(struct digest *d)
{
	hash_stream_free(&d->leaf);
}

/* ${out}, the digest of the whole leaves, becomes that of all bytes. */
static void
link_leaf(const struct digest *d, uint8_t out[HASH_DIGEST])
{
	uint8_t leaf[HASH_DIGEST];

	hash_stream_digest(d->leaf, leaf);
	digest_link(out, leaf, out);
}

static void
end_leaf(struct digest *d)
{
	link_leaf(d, d->whole);
	hash_stream_restart(d->leaf);
}

void
digest_add(struct digest *d, const uint8_t *data, size_t len)
{
	while (len > 0) {
		size_t room = DIGEST_LEAF - (size_t)(d->bytes % DIGEST_LEAF);
		size_t n = len < room ? len : room;

		hash_stream_add(d->leaf, data, n);
		d->bytes += n;
		if (n == room)
			end_leaf(d);
		data += n;
		len -= n;
	}
}

void
digest_value(const struct digest *d, uint8_t out[HASH_DIGEST])
{
	memcpy(out, d->whole, HASH_DIGEST);
	if (d->bytes % DIGEST_LEAF > 0)
		link_leaf(d, out);
}
