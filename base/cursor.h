/* cursor.h - the bounds-checked reader; the only code that touches raw packet bytes.
 *
 * A read that does not fit gives 0, sets the status once and leaves the position at the end, so that a parser may
 * read a whole structure and ask cur_ok() once. Every declared length opens a cur_sub(), so that a lie inside it
 * cannot reach a neighbour. The failure path is inline on purpose: out of line it costs three times as much. */
#ifndef EPMWATCH_BASE_CURSOR_H
#define EPMWATCH_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct cursor {                  /* invariant: base <= pos <= end */
	const uint8_t *pos;
	const uint8_t *end;
	const uint8_t *base;     /* where alignment counts from: the start of a stub, or of a PDU */
	bool le;                 /* byte order of the reads that name none: drep, once per PDU */
	int status;              /* ERR_OK, or the first failure; later reads give 0 */
};

/** cur_init(data, len, le): A cursor over ${len} bytes at ${data}, which must outlive it. ${data} may be NULL if ${len} is 0. */
static inline struct cursor
cur_init(const uint8_t *data, size_t len, bool le)
{
	static const uint8_t nothing[1];

	if (data == NULL) {
		data = nothing;
		len = 0;
	}
	return (struct cursor){.pos = data, .end = data + len, .base = data, .le = le, .status = ERR_OK};
}

/** cur_left(c): Bytes not read yet. */
static inline size_t
cur_left(const struct cursor *c)
{
	return (size_t)(c->end - c->pos);
}

/** cur_at(c): Offset of the next byte from the cursor's base. */
static inline size_t
cur_at(const struct cursor *c)
{
	return (size_t)(c->pos - c->base);
}

static inline bool
cur_ok(const struct cursor *c)
{
	return c->status == ERR_OK;
}

/** cur_fail(c, err): Mark ${c} failed with ${err} unless it failed before, and put it at its end. */
static inline void
cur_fail(struct cursor *c, int err)
{
	if (c->status == ERR_OK)
		c->status = err;
	c->pos = c->end;
}

/** cur_take(c, n): Pass over ${n} bytes and return the first; NULL, with ERR_TRUNC, if so many are not there. The only check. */
static inline const uint8_t *
cur_take(struct cursor *c, size_t n)
{
	const uint8_t *p = c->pos;

	if (n > cur_left(c) || c->status != ERR_OK) {
		cur_fail(c, ERR_TRUNC);
		return NULL;
	}
	c->pos += n;
	return p;
}

static inline void
cur_skip(struct cursor *c, size_t n)
{
	(void)cur_take(c, n);
}

static inline uint8_t
cur_u8(struct cursor *c)
{
	const uint8_t *p = cur_take(c, 1);

	return p != NULL ? p[0] : 0;
}

static inline uint16_t
cur_u16_le(struct cursor *c)
{
	const uint8_t *p = cur_take(c, 2);

	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint16_t
cur_u16_be(struct cursor *c)
{
	const uint8_t *p = cur_take(c, 2);

	if (p == NULL)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
cur_u32_le(struct cursor *c)
{
	const uint8_t *p = cur_take(c, 4);

	return p != NULL ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

static inline uint32_t
cur_u32_be(struct cursor *c)
{
	const uint8_t *p = cur_take(c, 4);

	return p != NULL ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3] : 0;
}

static inline uint64_t
cur_u64_le(struct cursor *c)
{
	uint64_t low = cur_u32_le(c);

	return low | (uint64_t)cur_u32_le(c) << 32;
}

static inline uint16_t
cur_u16(struct cursor *c)
{
	return c->le ? cur_u16_le(c) : cur_u16_be(c);
}

static inline uint32_t
cur_u32(struct cursor *c)
{
	return c->le ? cur_u32_le(c) : cur_u32_be(c);
}

static inline uint64_t
cur_u64(struct cursor *c)
{
	uint64_t first = cur_u32(c), second = cur_u32(c);

	return c->le ? first | second << 32 : first << 32 | second;
}

/** cur_align(c, a): Pass over the pad up to the next multiple of ${a} (2, 4 or 8) from the base. Pads are never tested: they are garbage. */
static inline void
cur_align(struct cursor *c, size_t a)
{
	cur_skip(c, (0 - cur_at(c)) & (a - 1));
}

/** cur_sub(c, n): A cursor over exactly the next ${n} bytes, with its own base; ${c} moves past them. Failed, and ${c} too, if they are not there. */
static inline struct cursor
cur_sub(struct cursor *c, size_t n)
{
	const uint8_t *p = cur_take(c, n);
	struct cursor sub = cur_init(p, p != NULL ? n : 0, c->le);

	if (p == NULL)
		sub.status = c->status;
	return sub;
}

/** cur_copy(c, out, n): Copy the next ${n} bytes to ${out}; zeros if they are not there. */
static inline void
cur_copy(struct cursor *c, void *out, size_t n)
{
	const uint8_t *p = cur_take(c, n);

	if (p != NULL)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

#endif
