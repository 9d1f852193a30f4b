/* ng.c - from blocks to packets. */
#include "capture/ng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/packet.h"
#include "capture/ng_block.h"
#include "capture/ng_interfaces.h"
#include "capture/packet_filter.h"
#include "capture/source_ops.h"
#include "capture/tally.h"
#include "capture/walk.h"

enum {
	MAJOR = 1,
	SMALLEST_SECTION = 28,
	LARGEST_SECTION = 1024 * 1024, /* at the start of a file, which may be no pcapng at all */
};

/* What a guess takes for blocks: so many in a row, none of them longer than a file has reason to. */
enum {
	CHAIN = 4,
	LARGEST_GUESSED = 1024 * 1024,
};

struct ng {
	bool big_endian; /* of this section */
	struct ng_interfaces interfaces;
	struct packet_filter *filter; /* owned; NULL: none */
	bool linked;                  /* an interface was met whose link is read: */
	enum link link;
};

/*
 * type:u32 length:u32, then the byte order:u32 version:u16 u16 section length:u64
 */
static bool
parse_file_header(struct ng *ng, const uint8_t *data, size_t len)
{
	struct cursor head = cur_init(data, len, true);
	uint32_t type = cur_u32(&head), length = cur_u32(&head), order = cur_u32(&head);
	uint16_t major, minor;

	if (!cur_ok(&head) || type != NG_SECTION)
		return false;
	if (order != NG_ORDER && order != NG_ORDER_SWAPPED)
		return false;
	head.le = order == NG_ORDER;
	ng->big_endian = !head.le;
	length = head.le ? length : __builtin_bswap32(length);
	major = cur_u16(&head);
	minor = cur_u16(&head);
	return cur_ok(&head) && length >= SMALLEST_SECTION && length <= LARGEST_SECTION &&
	       major == MAJOR && (minor == 0 || minor == 2);
}

static void
ng_close(void *self)
{
	struct ng *ng = self;

	ng_interfaces_deinit(&ng->interfaces);
	packet_filter_free(&ng->filter);
	free(ng);
}

static int
ng_open(void **self, const uint8_t *data, size_t len, const char *filter, uint64_t *first,
    char words[SOURCE_WORDS])
{
	struct ng *ng, probe = {.filter = NULL};

	(void)words;
	*self = NULL;
	if (!parse_file_header(&probe, data, len))
		return SOURCE_OTHER;
	ng = malloc(sizeof(*ng));
	if (ng == NULL)
		return -ENOMEM;
	*ng = probe;
	if (packet_filter_new(&ng->filter, filter) != ERR_OK) {
		free(ng);
		return -ENOMEM;
	}
	*self = ng;
	*first = 0;
	return ERR_OK;
}

/* Blocks that are no packets */

/*
 * A section begins:  byte order:u32 version:u16 u16 section length:u64 options
 */
static enum walk_end
learn_section(struct ng *ng, struct walk *walk, struct ng_block *block)
{
	struct cursor *body = &block->body;
	uint32_t order = cur_u32(body);
	uint16_t major = cur_u16(body);

	cur_skip(body, 2 + 8);
	if (!cur_ok(body))
		return ng_block_short(walk, block);
	if (order != NG_ORDER)
		return walk_break(
		    walk, ERR_DAMAGED, "the file has a section with a bad byte order magic field");
	if (major != MAJOR)
		return walk_break(
		    walk, ERR_DAMAGED, "unknown pcapng savefile major version number %u", major);
	ng->big_endian = !body->le;
	ng_interfaces_clear(&ng->interfaces);
	return WALK_FULL;
}

static enum walk_end
learn_interface(struct ng *ng, struct walk *walk, struct ng_block *block)
{
	struct ng_interfaces *t = &ng->interfaces;
	int err;

	if (cur_left(&block->body) < 8)
		return ng_block_short(walk, block);
	err = ng_interfaces_add(t, &block->body, ng->filter, walk->words);
	if (err != ERR_OK) {
		walk->err = err;
		return WALK_BROKEN;
	}
	if (!ng->linked && t->interface[t->count - 1].read) {
		ng->linked = true;
		ng->link = t->interface[t->count - 1].link;
	}
	return WALK_FULL;
}

/* Pass the block at ${walk}->at, which is no packet: WALK_FULL, though nothing is; or what ends the
 * walk. */
static enum walk_end
pass_other(struct ng *ng, struct walk *walk)
{
	size_t left = (size_t)(walk->end - walk->at);
	bool big_endian = ng_block_order(walk->at, left, ng->big_endian);
	enum walk_end end = WALK_FULL;
	struct ng_block block;

	if (!ng_block_parse(&block, walk->at, left, big_endian))
		return ng_block_why(walk, ng->big_endian);
	if (block.type == NG_SECTION || block.type == NG_INTERFACE) {
		if (!walk->may_learn)
			return WALK_LEARN;
		end = block.type == NG_SECTION ? learn_section(ng, walk, &block)
					       : learn_interface(ng, walk, &block);
	}
	if (end == WALK_FULL)
		walk->at += block.length;
	return end;
}

/* Packets */

/* What the three kinds of packet blocks say, before anybody believes it. */
struct told {
	uint32_t interface;
	uint64_t ticks;
	uint32_t captured;
	uint32_t wire;
};

/* A cursor over the fixed part of a body, whose length is a constant, so that no read of it needs a
 * check; nothing is there if the body is shorter. */
__attribute__((always_inline)) static inline struct cursor
fixed_part(struct cursor *body, size_t len)
{
	const uint8_t *at = cur_take(body, len);

	return cur_init(at, len, body->le);
}

__attribute__((always_inline)) static inline uint64_t
ticks_of(struct cursor *c)
{
	uint64_t high = cur_u32(c);

	return high << 32 | cur_u32(c);
}

/*
 * interface:u32 ticks:u32 (upper half first) u32 captured:u32 on the wire:u32
 */
__attribute__((always_inline)) static inline void
tell_enhanced(struct cursor *body, struct told *told)
{
	struct cursor c = fixed_part(body, 20);

	told->interface = cur_u32(&c);
	told->ticks = ticks_of(&c);
	told->captured = cur_u32(&c);
	told->wire = cur_u32(&c);
}

/*
 * interface:u16 drops:u16 ticks:u32 (upper half first) u32 captured:u32 on the wire:u32
 */
__attribute__((always_inline)) static inline void
tell_obsolete(struct cursor *body, struct told *told)
{
	struct cursor c = fixed_part(body, 20);

	told->interface = cur_u16(&c);
	cur_skip(&c, 2);
	told->ticks = ticks_of(&c);
	told->captured = cur_u32(&c);
	told->wire = cur_u32(&c);
}

/*
 * on the wire:u32; of the first interface, without a time, and cut to the snap length without a word
 */
__attribute__((always_inline)) static inline void
tell_simple(const struct ng_interfaces *t, struct cursor *body, struct told *told)
{
	told->interface = 0;
	told->ticks = 0;
	told->wire = cur_u32(body);
	told->captured = told->wire;
	if (t->count > 0 && told->captured > t->interface[0].snaplen)
		told->captured = t->interface[0].snaplen;
}

/* True if the block is a packet's: ${told} is filled as far as the body reaches. */
__attribute__((always_inline)) static inline bool
tell(const struct ng_interfaces *t, struct ng_block *block, struct told *told)
{
	if (block->type == NG_ENHANCED)
		tell_enhanced(&block->body, told);
	else if (block->type == NG_PACKET)
		tell_obsolete(&block->body, told);
	else if (block->type == NG_SIMPLE)
		tell_simple(t, &block->body, told);
	else
		return false;
	return true;
}

/* The packet of a block, and its interface; NULL if what is told cannot be. */
__attribute__((always_inline)) static inline const struct ng_interface *
view(const struct ng_interfaces *t, const struct ng_block *block, const struct told *told,
    struct packet *packet)
{
	const struct ng_interface *i;

	if (!cur_ok(&block->body) || told->interface >= t->count)
		return NULL;
	i = &t->interface[told->interface];
	if (told->captured > i->snaplen || told->captured > cur_left(&block->body))
		return NULL;
	packet->data = block->body.pos;
	packet->ts_ns = ng_clock_ns(&i->clock, told->ticks);
	packet->caplen = told->captured < NG_LARGEST ? told->captured : NG_LARGEST;
	packet->wirelen = told->wire;
	packet->link = i->link;
	return i;
}

/* A packet block at ${walk}->at that is no good. */
static enum walk_end
why_not(const struct ng *ng, struct walk *walk)
{
	const struct ng_interfaces *t = &ng->interfaces;
	struct ng_block block;
	struct told told;

	if (!ng_block_parse(&block, walk->at, (size_t)(walk->end - walk->at), ng->big_endian) ||
	    !tell(t, &block, &told) || !cur_ok(&block.body))
		return ng_block_short(walk, &block);
	if (told.interface >= t->count)
		return walk_break(walk, ERR_DAMAGED,
		    "a packet arrived on interface %" PRIu32
		    ", but there's no Interface Description Block for that interface",
		    told.interface);
	if (told.captured > t->interface[told.interface].snaplen)
		return walk_break(walk, ERR_DAMAGED,
		    "invalid packet capture length %" PRIu32 ", bigger than snaplen of %" PRIu32,
		    told.captured, t->interface[told.interface].snaplen);
	return ng_block_short(walk, &block);
}

static bool
is_wanted(struct walk *walk, const struct ng_interface *interface, const struct packet *packet)
{
	if (!interface->read) {
		walk->unread = (int)interface->number;
		return false;
	}
	return interface->program == NULL || packet_filter_passes(interface->program, packet);
}

/* Take packets while they come in good blocks of this order, one after the other. WALK_LEARN: there
 * is something else. The order is known when this is compiled, so that nothing of it is left in the
 * loop; and what the loop needs is copied, as nothing else tells the compiler that no packet is
 * written over it. */
__attribute__((always_inline)) static inline enum walk_end
take_packets(const struct ng *ng, struct walk *walk, struct batch *batch, struct tally *tally,
    bool big_endian)
{
	const struct ng_interfaces known = ng->interfaces;
	const uint8_t *at = walk->at, *const stop = walk->stop, *const limit = walk->end;
	const uint32_t source = walk->source;
	enum walk_end end = WALK_FULL;
	struct tally t = *tally;
	uint64_t frame = walk->frame;

	while (t.count < BATCH_PACKETS && at < stop) {
		struct packet *packet = &batch->packet[t.count];
		const struct ng_interface *interface;
		struct ng_block block;
		struct told told;

		if (!ng_block_parse(&block, at, (size_t)(limit - at), big_endian) ||
		    !tell(&known, &block, &told)) {
			end = WALK_LEARN;
			break;
		}
		interface = view(&known, &block, &told, packet);
		if (interface == NULL) {
			end = WALK_BROKEN;
			break;
		}
		packet->frame = ++frame;
		packet->source = source;
		if (is_wanted(walk, interface, packet))
			tally_add(&t, packet);
		at += block.length;
	}
	walk->at = at;
	walk->frame = frame;
	*tally = t;
	return end;
}

static enum walk_end
take(const struct ng *ng, struct walk *walk, struct batch *batch, struct tally *tally)
{
	enum walk_end end = ng->big_endian ? take_packets(ng, walk, batch, tally, true)
					   : take_packets(ng, walk, batch, tally, false);

	return end == WALK_BROKEN ? why_not(ng, walk) : end;
}

static enum walk_end
ng_fill(void *self, struct walk *walk, struct batch *batch)
{
	struct tally tally = tally_begin();
	struct ng *ng = self;
	enum walk_end end;

	batch->source = walk->source;
	do {
		end = take(ng, walk, batch, &tally);
	} while (end == WALK_LEARN && (end = pass_other(ng, walk)) == WALK_FULL);
	tally_end(&tally, batch);
	return end == WALK_FULL && walk->at >= walk->stop ? WALK_STOP : end;
}

static enum walk_end
ng_first(void *self, struct walk *walk, struct packet *packet)
{
	struct ng *ng = self;

	while (walk->at < walk->stop) {
		size_t left = (size_t)(walk->end - walk->at);
		enum walk_end end;
		struct ng_block block;
		struct told told;

		if (ng_block_parse(&block, walk->at, left, ng->big_endian) &&
		    tell(&ng->interfaces, &block, &told)) {
			if (view(&ng->interfaces, &block, &told, packet) == NULL)
				return why_not(ng, walk);
			packet->frame = ++walk->frame;
			packet->source = walk->source;
			return WALK_FULL;
		}
		end = pass_other(ng, walk);
		if (end != WALK_FULL)
			return end;
	}
	return WALK_STOP;
}

static bool
ng_link(const void *self, enum link *out)
{
	const struct ng *ng = self;

	*out = ng->link;
	return ng->linked;
}

/* Blocks follow each other from here on, or until there is no more of the file. */
static bool
is_chain(const struct ng *ng, const uint8_t *at, const uint8_t *end)
{
	for (int i = 0; i < CHAIN; i++) {
		size_t left = (size_t)(end - at);
		struct ng_block block;

		if (!ng_block_parse(&block, at, left, ng->big_endian) ||
		    block.length > LARGEST_GUESSED)
			return i > 0 && left == 0;
		at += block.length;
	}
	return true;
}

/* Lengths are multiples of 4, so blocks begin at such offsets, as ${walk} does. */
static const uint8_t *
ng_guess(const void *self, const struct walk *walk)
{
	const struct ng *ng = self;

	for (const uint8_t *at = walk->at; at < walk->stop; at += 4)
		if (is_chain(ng, at, walk->end))
			return at;
	return NULL;
}

const struct record_format ng_format = {
    .open = ng_open,
    .close = ng_close,
    .fill = ng_fill,
    .first = ng_first,
    .link = ng_link,
    .guess = ng_guess,
};
