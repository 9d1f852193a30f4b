/* ng_block.c - the rare cases of blocks. */
#include "capture/ng_block.h"

#include <inttypes.h>

#include "base/err.h"

bool
ng_block_order(const uint8_t *at, size_t left, bool big_endian)
{
	uint32_t order;

	if (left < NG_BLOCK_SMALLEST || ng_u32(at, true) != NG_SECTION)
		return big_endian;
	order = ng_u32(at + NG_BLOCK_HEAD, true);
	if (order != NG_ORDER && order != NG_ORDER_SWAPPED)
		return big_endian;
	return order == NG_ORDER;
}

/* The words are those of libpcap, which reads what comes through pipes. */
enum walk_end
ng_block_why(struct walk *walk, bool big_endian)
{
	size_t left = (size_t)(walk->end - walk->at);
	uint32_t length;

	if (left < NG_BLOCK_HEAD)
		return WALK_SHORT;
	/* In which order the length is stands behind it. */
	if (left < NG_BLOCK_SMALLEST && ng_u32(walk->at, true) == NG_SECTION)
		return WALK_SHORT;
	length = ng_u32(walk->at + 4, ng_block_order(walk->at, left, big_endian));
	if (length < NG_BLOCK_SMALLEST)
		return walk_break(walk, ERR_DAMAGED,
		    "block in pcapng dump file has a length of %" PRIu32 " < %d", length,
		    NG_BLOCK_SMALLEST);
	if (length > NG_BLOCK_LARGEST)
		return walk_break(
		    walk, ERR_DAMAGED, "the record promises %" PRIu32 " bytes", length);
	if (length % 4 != 0)
		return walk_break(walk, ERR_DAMAGED,
		    "block in pcapng dump file has a length of %" PRIu32
		    " that is not a multiple of 4",
		    length);
	if (length > left)
		return WALK_SHORT;
	return walk_break(
	    walk, ERR_DAMAGED, "block total length in header and trailer don't match");
}

enum walk_end
ng_block_short(struct walk *walk, const struct ng_block *block)
{
	return walk_break(walk, ERR_DAMAGED,
	    "block of type %" PRIu32 " in pcapng dump file is too short", block->type);
}
