/* framing.c - following the records of a capture, byte by byte as they are consumed. */
#include "capture/framing.h"

#include <string.h>

#include "base/cursor.h"

enum {
	FILE_HEADER = 24,
	NG_SMALLEST = 12
};

/* As the file's first four bytes, read as big-endian. */
enum {
	MAGIC_US = 0xa1b2c3d4,
	MAGIC_US_SWAPPED = 0xd4c3b2a1,
	MAGIC_NS = 0xa1b23c4d,
	MAGIC_NS_SWAPPED = 0x4d3cb2a1,
	MAGIC_MODIFIED = 0xa1b2cd34, /* record headers of 24 bytes, by an old Linux variant */
	MAGIC_MODIFIED_SWAPPED = 0x34cdb2a1,
	MAGIC_NG = 0x0a0d0d0a,
	NG_BYTE_ORDER = 0x1a2b3c4d,
	NG_BYTE_ORDER_SWAPPED = 0x4d3c2b1a,
};

void
framing_init(struct framing *f)
{
	*f = (struct framing){.kind = FRAMING_UNKNOWN, .header = FRAMING_MAGIC};
}

static uint32_t
magic_of(const uint8_t *bytes)
{
	struct cursor c = cur_init(bytes, FRAMING_MAGIC, false);

	return cur_u32(&c);
}

enum framing_kind
framing_recognise(const uint8_t *magic)
{
	switch (magic_of(magic)) {
	case MAGIC_US:
	case MAGIC_US_SWAPPED:
	case MAGIC_NS:
	case MAGIC_NS_SWAPPED:
	case MAGIC_MODIFIED:
	case MAGIC_MODIFIED_SWAPPED:
		return FRAMING_CLASSIC;
	case MAGIC_NG:
		return FRAMING_NG;
	default:
		return FRAMING_NONE;
	}
}

/* The file's first four bytes are in head: what is it? */
static void
begin(struct framing *f)
{
	uint32_t magic = magic_of(f->head);

	f->kind = framing_recognise(f->head);
	if (f->kind == FRAMING_NG) {
		f->header = NG_SMALLEST;
		return;
	}
	f->big_endian = f->head[0] == 0xa1;
	f->header = magic == MAGIC_MODIFIED || magic == MAGIC_MODIFIED_SWAPPED ? 24 : 16;
	f->length = f->kind == FRAMING_CLASSIC ? FILE_HEADER : 0;
}

/* A section header, the only block that reads the same in both orders, says in which order the rest
 * is; one that says neither is as good as any other block. */
static void
ng_byte_order(struct framing *f)
{
	struct cursor c = cur_init(f->head, NG_SMALLEST, true);
	uint32_t order;

	if (magic_of(f->head) != MAGIC_NG)
		return;
	cur_skip(&c, 8);
	order = cur_u32(&c);
	if (order == NG_BYTE_ORDER || order == NG_BYTE_ORDER_SWAPPED)
		f->big_endian = order == NG_BYTE_ORDER_SWAPPED;
}

uint32_t
framing_promise(const struct framing *f)
{
	size_t skip = f->kind == FRAMING_NG ? 4 : 8;
	struct cursor c = cur_init(f->head, f->head_len, !f->big_endian);

	if (f->kind == FRAMING_UNKNOWN || f->kind == FRAMING_NONE)
		return 0;
	cur_skip(&c, skip);
	return cur_u32(&c);
}

/* Enough of a record is in head to tell its length. */
static void
measure(struct framing *f)
{
	if (f->kind == FRAMING_UNKNOWN) {
		begin(f);
		return;
	}
	if (f->kind == FRAMING_CLASSIC) {
		f->length = (uint64_t)f->header + framing_promise(f);
		return;
	}
	ng_byte_order(f);
	f->length = framing_promise(f);
	if (f->length < NG_SMALLEST)
		f->length = 0;
}

static size_t
at_most(size_t a, uint64_t b)
{
	return a < b ? a : (size_t)b;
}

/* Take in some bytes of a record whose length is not known yet. */
static size_t
feed_head(struct framing *f, const uint8_t *data, size_t len)
{
	size_t n;

	if (f->head_len >= f->header)
		return len; /* the length was a lie: there is nothing to follow any more */
	n = at_most(len, f->header - f->head_len);
	memcpy(f->head + f->head_len, data, n);
	f->head_len += n;
	if (f->head_len == f->header)
		measure(f);
	return n;
}

void
framing_feed(struct framing *f, const uint8_t *data, size_t len)
{
	while (len > 0) {
		size_t n = f->length == 0 ? feed_head(f, data, len)
					  : at_most(len, f->length - (f->at - f->start));

		f->at += n;
		data += n;
		len -= n;
		if (f->length != 0 && f->at - f->start == f->length) {
			f->before = f->start;
			f->start = f->at;
			f->length = 0;
			f->head_len = 0;
		}
	}
}

bool
framing_inside(const struct framing *f)
{
	return f->at > f->start;
}

uint64_t
framing_broken(const struct framing *f)
{
	return framing_inside(f) ? f->start : f->before;
}
