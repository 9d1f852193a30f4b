/* hash.c - the only file that includes xxHash. */
#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#endif

#include "base/err.h"

static_assert(sizeof(XXH128_canonical_t) == HASH_DIGEST, "the digest is 128 bits");

struct hash_stream {
	XXH3_state_t *state; /* owned; xxHash has its own rule for its alignment */
};

uint64_t
hash_bytes(const void *data, size_t len)
{
	return XXH3_64bits(data, len);
}

uint64_t
hash_keyed(const void *data, size_t len, uint64_t secret)
{
	return XXH3_64bits_withSeed(data, len, secret);
}

char *
hash_id(const void *data, size_t len, char out[HASH_ID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t h = hash_bytes(data, len);

	for (int i = HASH_ID_TEXT - 2; i >= 0; i--) {
		out[i] = digits[h & 15];
		h >>= 4;
	}
	out[HASH_ID_TEXT - 1] = '\0';
	return out;
}

static void
put_canonical(XXH128_hash_t hash, uint8_t out[HASH_DIGEST])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(out, canonical.digest, HASH_DIGEST);
}

/* Captures are hashed whole, so the widest vectors that this processor has are worth asking for: a
 * library that is built for all of them has SSE2 in its common functions. */
void
hash_digest(const void *data, size_t len, uint8_t out[HASH_DIGEST])
{
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
	put_canonical(XXH3_128bits_dispatch(data, len), out);
#else
	put_canonical(XXH3_128bits(data, len), out);
#endif
}

int
hash_stream_new(struct hash_stream **out)
{
	struct hash_stream *h = malloc(sizeof(*h));

	*out = NULL;
	if (h == NULL)
		return -ENOMEM;
	h->state = XXH3_createState();
	if (h->state == NULL) {
		free(h);
		return -ENOMEM;
	}
	(void)XXH3_128bits_reset(h->state);
	*out = h;
	return ERR_OK;
}

void
hash_stream_free(struct hash_stream **h)
{
	if (*h == NULL)
		return;
	(void)XXH3_freeState((*h)->state);
	free(*h);
	*h = NULL;
}

static void
update(XXH3_state_t *state, const void *data, size_t len)
{
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
	(void)XXH3_128bits_update_dispatch(state, data, len);
#else
	(void)XXH3_128bits_update(state, data, len);
#endif
}

void
hash_stream_add(struct hash_stream *h, const void *data, size_t len)
{
	/* xxHash takes a null pointer for an error, whatever the length. */
	if (len > 0)
		update(h->state, data, len);
}

void
hash_stream_restart(struct hash_stream *h)
{
	(void)XXH3_128bits_reset(h->state);
}

void
hash_stream_digest(const struct hash_stream *h, uint8_t out[HASH_DIGEST])
{
	put_canonical(XXH3_128bits_digest(h->state), out);
}
