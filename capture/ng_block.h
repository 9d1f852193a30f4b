/* ng_block.h - one block of a pcapng file. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_NG_BLOCK_H
#define EPMWATCH_CAPTURE_NG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "capture/walk.h"

enum {
	NG_SECTION = 0x0a0d0d0a, /* the same in both orders */
	NG_INTERFACE = 1,
	NG_PACKET = 2, /* obsolete */
	NG_SIMPLE = 3,
	NG_ENHANCED = 6,
};

/* How a section says in which order it is. */
enum {
	NG_ORDER = 0x1a2b3c4d,
	NG_ORDER_SWAPPED = 0x4d3c2b1a,
};

/* In octets: type and length before the body, the length again behind it; and the largest block that
 * anybody takes. */
enum {
	NG_BLOCK_HEAD = 8,
	NG_BLOCK_TAIL = 4,
	NG_BLOCK_SMALLEST = NG_BLOCK_HEAD + NG_BLOCK_TAIL,
	NG_BLOCK_LARGEST = 16 * 1024 * 1024,
};

struct ng_block {
	uint32_t type;
	uint32_t length;    /* of all of it */
	struct cursor body; /* in its order */
};

/** ng_u32(at, big_endian): What the four octets there say. */
__attribute__((always_inline)) static inline uint32_t
ng_u32(const uint8_t *at, bool big_endian)
{
	struct cursor c = cur_init(at, 4, !big_endian);

	return cur_u32(&c);
}

/**
 * ng_block_parse(block, at, left, big_endian):
 * Read the block at ${at}, of which there are ${left} octets, in that order. False if it is not whole,
 * or no good one: see ng_block_why().
 * Shape:  type:u32 length:u32 body length:u32; lengths are multiples of 4.
 */
__attribute__((always_inline)) static inline bool
ng_block_parse(struct ng_block *block, const uint8_t *at, size_t left, bool big_endian)
{
	struct cursor head;
	uint32_t length;

	if (left < NG_BLOCK_SMALLEST)
		return false;
	/* Of a constant length, so that no read of it needs a check. */
	head = cur_init(at, NG_BLOCK_HEAD, !big_endian);
	block->type = cur_u32(&head);
	block->length = length = cur_u32(&head);
	if (length < NG_BLOCK_SMALLEST || length % 4 != 0 || length > NG_BLOCK_LARGEST ||
	    length > left)
		return false;
	block->body = cur_init(at + NG_BLOCK_HEAD, length - NG_BLOCK_SMALLEST, !big_endian);
	return ng_u32(at + length - NG_BLOCK_TAIL, big_endian) == length;
}

/** ng_block_order(at, left, big_endian): In which order that block is: a section's says so, all
 * others are in that of their section. True: big-endian. */
bool ng_block_order(const uint8_t *at, size_t left, bool big_endian);

/** ng_block_why(walk, big_endian): Why there is no good block at ${walk}->at: WALK_SHORT, or
 * WALK_BROKEN. */
enum walk_end ng_block_why(struct walk *walk, bool big_endian);

/** ng_block_short(walk, block): Its body is too short for what it has to hold: WALK_BROKEN. */
enum walk_end ng_block_short(struct walk *walk, const struct ng_block *block);

#endif
