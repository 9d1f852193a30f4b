/* uuid.h - 16-byte identifiers: read in either byte order, compared, printed. */
#ifndef EPMWATCH_BASE_UUID_H
#define EPMWATCH_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct cursor;

struct uuid {
	uint8_t b[16];           /* in the order of the text, whatever the wire had: memcmp() sorts as the text does */
};

enum { UUID_TEXT = 37 };         /* 36 characters and the NUL */

static inline bool
uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/** uuid_is_nil(u): True if all 16 bytes are zero. */
bool uuid_is_nil(const struct uuid *u);

/**
 * uuid_read(c):
 * Read 16 bytes: u32, u16, u16 in the cursor's byte order, then eight octets. Nil if they are not there.
 * Source: C706 appendix A; PROTOCOL 1.9.
 */
struct uuid uuid_read(struct cursor *c);

/** uuid_read_le(c): The same, little-endian whatever the cursor's order, as in towers. */
struct uuid uuid_read_le(struct cursor *c);

/** uuid_parse(text, out): Read 8-4-4-4-12 hexadecimal digits, either case, and nothing else. ERR_MALFORMED otherwise. */
int uuid_parse(const char *text, struct uuid *out);

/** uuid_format(u, out): Write ${u} in lower case with hyphens, and return ${out}. */
char *uuid_format(const struct uuid *u, char out[UUID_TEXT]);

#endif
