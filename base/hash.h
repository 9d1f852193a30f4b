/* hash.h - xxHash behind two names, so that its header is included once. */
#ifndef EPMWATCH_BASE_HASH_H
#define EPMWATCH_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_stream;

enum { HASH_ID_TEXT = 17 };      /* 16 hexadecimal digits and the NUL */
enum { HASH_DIGEST = 16 };

/** hash_bytes(data, len): XXH3, 64 bits, seed 0. */
uint64_t hash_bytes(const void *data, size_t len);

/** hash_keyed(data, len, secret): The same with a seed, so that who does not know it cannot choose what collides. */
uint64_t hash_keyed(const void *data, size_t len, uint64_t secret);

/** hash_id(data, len, out): As hash_bytes(), as 16 hexadecimal digits; returns ${out}. */
char *hash_id(const void *data, size_t len, char out[HASH_ID_TEXT]);

/** hash_digest(data, len, out): XXH3, 128 bits, of ${len} bytes, in canonical (big-endian) form. From any thread. */
void hash_digest(const void *data, size_t len, uint8_t out[HASH_DIGEST]);

/** hash_stream_new(out) / hash_stream_free(&h): A running XXH3, 128 bits. -ENOMEM. The free function sets NULL; NULL is fine. */
int hash_stream_new(struct hash_stream **out);
void hash_stream_free(struct hash_stream **h);

/** hash_stream_add(h, data, len): Take in ${len} bytes. */
void hash_stream_add(struct hash_stream *h, const void *data, size_t len);

/** hash_stream_restart(h): Forget what was taken in. */
void hash_stream_restart(struct hash_stream *h);

/** hash_stream_digest(h, out): The digest of all bytes so far, as hash_digest() gives it. ${h} goes on. */
void hash_stream_digest(const struct hash_stream *h, uint8_t out[HASH_DIGEST]);

#endif
