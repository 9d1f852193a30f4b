/* content.h - what files hold, uncompressed: digested, and compared. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_CONTENT_H
#define EPMWATCH_CAPTURE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"

/** content_digest(path, bytes, out): As source_prefix_digest(). */
int content_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST]);

/** content_begins(path, bytes, digest): As source_begins(). */
bool content_begins(const char *path, uint64_t bytes, const uint8_t digest[HASH_DIGEST]);

/** content_compare(a, b): As source_compare(). */
enum source_overlap content_compare(const char *a, const char *b);

#endif
