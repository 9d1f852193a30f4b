/* content.h - what files hold, uncompressed: digested, and compared. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_CONTENT_H
#define EPMWATCH_CAPTURE_CONTENT_H

#include <stdint.h>

#include "capture/source.h"

/** content_digest(path, bytes, out): As source_prefix_digest(). */
int content_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST]);

/** content_compare(a, b): As source_compare(). */
enum source_overlap content_compare(const char *a, const char *b);

#endif
