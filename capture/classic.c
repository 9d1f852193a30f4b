/* classic.c - 24 bytes of header, then records of 16 bytes and the packet. */
#include "capture/classic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/packet.h"
#include "capture/link_type.h"
#include "capture/packet_filter.h"
#include "capture/source_ops.h"
#include "capture/tally.h"
#include "capture/walk.h"

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	LARGEST = 262144, /* packet that libpcap takes on the links that are read */
	MICROSECOND = 1000,
	AHEAD =
	    512, /* octets from a record to what is fetched then: each has to be there to find the next */
};

enum {
	MAGIC_US = 0xa1b2c3d4,
	MAGIC_NS = 0xa1b23c4d,
};

/* The upper bits of the link type say whether, and how many, octets of a frame check sequence end
 * each packet; what IP says of its length leaves them out anyway. */
#define LINK_NUMBER UINT32_C(0x03ffffff)

/* What a guess takes for a record: so many in a row, none a day from the one before, none ten years
 * after the file's first. */
enum {
	CHAIN = 4,
	DAY_S = 86400,
	SPAN_S = 10 * 366 * DAY_S,
};

struct classic {
	bool big_endian;
	uint32_t unit;    /* of the fraction of a second, in nanoseconds */
	uint32_t snaplen; /* longer packets are cut to it */
	enum link link;
	uint32_t first_s;                  /* time of the first record */
	struct packet_filter *filter;      /* owned; NULL: none */
	const struct bpf_program *program; /* the filter's; NULL: all pass */
};

/*
 * magic:u32 major:u16 minor:u16 zone:u32 accuracy:u32 snap length:u32 link type:u32
 */
static bool
parse_header(struct classic *c, const uint8_t *data, size_t len, uint32_t *number)
{
	struct cursor head = cur_init(data, len, true);
	uint32_t magic = cur_u32(&head);

	if (magic != MAGIC_US && magic != MAGIC_NS) {
		head.le = false;
		magic = __builtin_bswap32(magic);
	}
	if (magic != MAGIC_US && magic != MAGIC_NS)
		return false;
	c->big_endian = !head.le;
	c->unit = magic == MAGIC_US ? MICROSECOND : 1;
	if (cur_u16(&head) != 2 || cur_u16(&head) != 4)
		return false;
	cur_skip(&head, 8);
	c->snaplen = cur_u32(&head);
	if (c->snaplen == 0 || c->snaplen > LARGEST)
		c->snaplen = LARGEST;
	*number = cur_u32(&head) & LINK_NUMBER;
	return cur_ok(&head) && link_type_in_file(*number, &c->link);
}

static void
classic_close(void *self)
{
	struct classic *c = self;

	packet_filter_free(&c->filter);
	free(c);
}

static int
classic_open(void **self, const uint8_t *data, size_t len, const char *filter, uint64_t *first,
    char words[SOURCE_WORDS])
{
	struct classic c = {.filter = NULL};
	uint32_t number;
	int err;

	*self = NULL;
	if (!parse_header(&c, data, len, &number))
		return SOURCE_OTHER;
	err = packet_filter_new(&c.filter, filter);
	if (err == ERR_OK)
		err = packet_filter_for(c.filter, number, c.big_endian, &c.program, words);
	if (err == ERR_OK && (*self = malloc(sizeof(c))) == NULL)
		err = -ENOMEM;
	if (err != ERR_OK) {
		packet_filter_free(&c.filter);
		return err;
	}
	memcpy(*self, &c, sizeof(c));
	*first = FILE_HEADER;
	return ERR_OK;
}

/*
 * seconds:u32 fraction:u32 captured:u32 on the wire:u32, and the captured bytes
 *
 * Returns the length of the whole record; 0 if it is not all there, or too long to be one. The
 * fraction is unsigned and may be a second or more: what is there is what counts.
 */
__attribute__((always_inline)) static inline size_t
parse_record(
    const struct classic *c, const uint8_t *at, size_t left, bool big_endian, struct packet *packet)
{
	uint32_t seconds, fraction, captured;
	struct cursor head;

	if (left < RECORD_HEADER)
		return 0;
	/* Of a constant length, so that no read of it needs a check. */
	head = cur_init(at, RECORD_HEADER, !big_endian);
	seconds = cur_u32(&head);
	fraction = cur_u32(&head);
	captured = cur_u32(&head);
	if (captured > LARGEST || captured > left - RECORD_HEADER)
		return 0;
	packet->data = at + RECORD_HEADER;
	packet->ts_ns = (int64_t)seconds * NS_PER_S + (int64_t)fraction * c->unit;
	packet->caplen = captured < c->snaplen ? captured : c->snaplen;
	packet->wirelen = cur_u32(&head);
	packet->link = c->link;
	return RECORD_HEADER + captured;
}

/* Why there is no record at ${walk}->at. */
static enum walk_end
why_none(const struct classic *c, struct walk *walk)
{
	struct cursor head = cur_init(walk->at, (size_t)(walk->end - walk->at), !c->big_endian);
	uint32_t captured;

	cur_skip(&head, 8);
	captured = cur_u32(&head);
	cur_skip(&head, 4);
	if (cur_ok(&head) && captured > LARGEST)
		return walk_break(
		    walk, ERR_DAMAGED, "the record promises %" PRIu32 " bytes", captured);
	return WALK_SHORT;
}

/* Where records can begin without a doubt that all of one of ${most} octets is there. */
static const uint8_t *
safe_stop(const struct walk *walk, uint32_t most)
{
	size_t left = (size_t)(walk->end - walk->at), reach = RECORD_HEADER + (size_t)most;
	const uint8_t *safe = left > reach ? walk->end - reach : walk->at;

	return safe < walk->stop ? safe : walk->stop;
}

/* Records as nearly all are: every packet is wanted, none is longer than the snap length, none ends near the end of the
 * file. What the loop has to test is then so little that all of it stays in registers. */
__attribute__((always_inline)) static inline void
fill_plain(const struct classic *c, struct walk *walk, struct tally *tally, struct batch *batch,
    bool big_endian)
{
	const uint32_t most = c->snaplen, source = walk->source, unit = c->unit;
	const enum link link = c->link;
	const uint8_t *at = walk->at, *const stop = safe_stop(walk, most);
	struct packet *packet = batch->packet, *const last = packet + BATCH_PACKETS;
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
	uint64_t frame = walk->frame;

	while (packet < last && at < stop) {
		struct cursor head = cur_init(at, RECORD_HEADER, !big_endian);
		int64_t ts_ns;
		uint32_t captured;

		/* or each cursor would begin with a test of it */
		if (at == NULL)
			__builtin_unreachable();
		ts_ns = (int64_t)cur_u32(&head) * NS_PER_S;
		ts_ns += (int64_t)cur_u32(&head) * unit;
		captured = cur_u32(&head);
		if (captured > most)
			break;
		__builtin_prefetch(at + AHEAD);
		packet->data = at + RECORD_HEADER;
		packet->ts_ns = ts_ns;
		packet->frame = ++frame;
		packet->caplen = captured;
		packet->wirelen = cur_u32(&head);
		packet->source = source;
		packet->link = link;
		first_ns = ts_ns < first_ns ? ts_ns : first_ns;
		last_ns = ts_ns > last_ns ? ts_ns : last_ns;
		at += RECORD_HEADER + (size_t)captured;
		packet++;
	}
	tally->count = (size_t)(packet - batch->packet);
	tally->bytes = (uint64_t)(at - walk->at) - tally->count * RECORD_HEADER;
	tally->first_ns = first_ns;
	tally->last_ns = last_ns;
	walk->at = at;
	walk->frame = frame;
}

/* Any record. The byte order is known when this is compiled, so that nothing of it is left in the loop. */
__attribute__((always_inline)) static inline enum walk_end
fill(const struct classic *c, struct walk *walk, struct batch *batch, bool big_endian)
{
	struct tally tally = tally_begin();
	size_t size = 1;

	if (c->program == NULL)
		fill_plain(c, walk, &tally, batch, big_endian);
	while (tally.count < BATCH_PACKETS && walk->at < walk->stop) {
		struct packet *packet = &batch->packet[tally.count];

		size =
		    parse_record(c, walk->at, (size_t)(walk->end - walk->at), big_endian, packet);
		if (size == 0)
			break;
		walk->at += size;
		packet->frame = ++walk->frame;
		packet->source = walk->source;
		if (c->program == NULL || packet_filter_passes(c->program, packet))
			tally_add(&tally, packet);
	}
	tally_end(&tally, batch);
	if (size == 0)
		return why_none(c, walk);
	return walk->at < walk->stop ? WALK_FULL : WALK_STOP;
}

static enum walk_end
classic_fill(void *self, struct walk *walk, struct batch *batch)
{
	const struct classic *c = self;

	batch->source = walk->source;
	return c->big_endian ? fill(c, walk, batch, true) : fill(c, walk, batch, false);
}

static enum walk_end
classic_first(void *self, struct walk *walk, struct packet *packet)
{
	struct classic *c = self;
	size_t size =
	    parse_record(c, walk->at, (size_t)(walk->end - walk->at), c->big_endian, packet);

	if (size == 0)
		return why_none(c, walk);
	packet->frame = ++walk->frame;
	packet->source = walk->source;
	walk->at += size;
	c->first_s = (uint32_t)(packet->ts_ns / NS_PER_S);
	return WALK_FULL;
}

static bool
classic_link(const void *self, enum link *out)
{
	const struct classic *c = self;

	*out = c->link;
	return true;
}

/* Length of what looks like a record of a time that is not before ${from_s} nor ${span_s} later, or
 * 0. */
static size_t
plausible(const struct classic *c, const uint8_t *at, size_t left, uint32_t from_s, uint32_t span_s,
    uint32_t *seconds)
{
	struct cursor head = cur_init(at, left, !c->big_endian);
	uint32_t fraction, captured, wire;

	*seconds = cur_u32(&head);
	fraction = cur_u32(&head);
	captured = cur_u32(&head);
	wire = cur_u32(&head);
	if (!cur_ok(&head) || *seconds - from_s > span_s || fraction >= NS_PER_S / c->unit)
		return 0;
	if (captured > c->snaplen || wire == 0 || wire > LARGEST || captured > wire)
		return 0;
	return RECORD_HEADER + (size_t)captured;
}

/* Records follow each other from here on, or until there is no more of the file. */
static bool
is_chain(const struct classic *c, const uint8_t *at, const uint8_t *end)
{
	uint32_t from_s = c->first_s - DAY_S, span_s = SPAN_S;

	for (int i = 0; i < CHAIN; i++) {
		uint32_t seconds;
		size_t left = (size_t)(end - at);
		size_t size = plausible(c, at, left, from_s, span_s, &seconds);

		if (size == 0 || size > left)
			return i > 0 && left < RECORD_HEADER;
		at += size;
		from_s = seconds - DAY_S;
		span_s = 2 * DAY_S;
	}
	return true;
}

static const uint8_t *
classic_guess(const void *self, const struct walk *walk)
{
	const struct classic *c = self;

	for (const uint8_t *at = walk->at; at < walk->stop; at++)
		if (is_chain(c, at, walk->end))
			return at;
	return NULL;
}

const struct record_format classic_format = {
    .open = classic_open,
    .close = classic_close,
    .fill = classic_fill,
    .first = classic_first,
    .link = classic_link,
    .guess = classic_guess,
};
