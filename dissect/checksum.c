#include "dissect/checksum.h"

#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "dissect/frame.h"
#include "dissect/sieve.h"

enum {
	AT_CHECKSUM = 16, /* in the TCP header */
	V4_AT = 12,       /* IPv4 within an address */
	BULK_TCP = 8,     /* the TCP header behind the addresses, of what sieve_bulk() finds */
	NEARLY_ALL = 8,   /* so many times as many right ones as wrong ones */
};

static inline uint64_t
plus(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

static inline uint64_t
eight_at(const uint8_t *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

static inline uint32_t
four_at(const uint8_t *data)
{
	uint32_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

/* What does not fill eight octets: four, two and one of them. */
static uint64_t
add_rest(uint64_t sum, const uint8_t *data, size_t len)
{
	uint8_t last[2] = {0};
	uint16_t two;

	if ((len & 4) != 0) {
		sum = plus(sum, four_at(data));
		data += 4;
	}
	if ((len & 2) != 0) {
		memcpy(&two, data, sizeof(two));
		sum = plus(sum, two);
		data += sizeof(two);
	}
	if ((len & 1) == 0)
		return sum;
	last[0] = *data;
	memcpy(&two, last, sizeof(two));
	return plus(sum, two);
}

/* The sum of one's complement arithmetic; it does not care how many words are added at a time, nor in which byte order. Two
 * sums, since each addition waits for the one before. */
static uint64_t
add(uint64_t sum, const uint8_t *data, size_t len)
{
	uint64_t other = 0;

	for (; len >= 32; data += 32, len -= 32) {
		sum = plus(plus(sum, eight_at(data)), eight_at(data + 8));
		other = plus(plus(other, eight_at(data + 16)), eight_at(data + 24));
	}
	for (; len >= 8; data += 8, len -= 8)
		sum = plus(sum, eight_at(data));
	return add_rest(plus(sum, other), data, len);
}

static uint16_t
fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint64_t
addrs_of(const struct where *at)
{
	if (addr_is_v4(&at->src))
		return (uint64_t)four_at(at->src.b + V4_AT) + four_at(at->dst.b + V4_AT);
	return add(add(0, at->src.b, sizeof(at->src.b)), at->dst.b, sizeof(at->dst.b));
}

/* A segment that was captured whole. */
struct whole {
	const uint8_t *octets; /* its header and payload */
	uint32_t len;
	uint64_t addrs; /* the sum of its addresses */
};

/* Network cards fill the checksum in. Until then it is that of the pseudo header, not inverted, with the length or, where the card also cuts
 * the segment up, without; or nothing at all. */
static bool
is_unfinished(uint16_t field, uint32_t pseudo, uint32_t len)
{
	return field == 0 || field == fold(pseudo) || field == fold(pseudo + len);
}

/* Of the pseudo header, that is, the addresses, protocol and length, only what is wrong asks by itself. */
static inline enum checksum
checksum_of_whole(const struct whole *w)
{
	uint32_t length = (uint32_t)htons((uint16_t)w->len) + htons((uint16_t)(w->len >> 16));
	uint32_t pseudo;
	uint16_t field;

	if (fold(add(plus(w->addrs, length + htons(IPPROTO_TCP)), w->octets, w->len)) == 0xffff)
		return CHECKSUM_RIGHT;
	pseudo = (uint32_t)fold(w->addrs) + htons(IPPROTO_TCP);
	memcpy(&field, w->octets + AT_CHECKSUM, sizeof(field));
	return is_unfinished(field, pseudo, length) ? CHECKSUM_UNKNOWN : CHECKSUM_WRONG;
}

enum checksum
checksum_of(const struct frame *f)
{
	struct whole w = {
	    .octets = f->payload - f->header_len, .len = f->header_len + f->payload_len};

	if (f->header_len == 0 || f->payload_len < f->payload_wire)
		return CHECKSUM_UNKNOWN;
	w.addrs = addrs_of(&f->at);
	return checksum_of_whole(&w);
}

static bool
is_refuted(const struct checksum_sender *sender, uint32_t len)
{
	return sender->refuted < CHECKSUM_REFUTED && sender->largest != 0 &&
	       (len <= CHECKSUM_SEGMENT || len < sender->largest);
}

/* What checksum ${of} a segment with ${len} octets of payload says of it. */
static bool
judge(struct checksums *c, struct checksum_sender *sender, enum checksum of, uint32_t len)
{
	bool refuted;

	switch (of) {
	case CHECKSUM_RIGHT:
		c->right++;
		sender->refuted = 0;
		if (len >= sender->largest)
			sender->largest = len + 1;
		return false;
	case CHECKSUM_WRONG:
		c->wrong++;
		refuted = is_refuted(sender, len);
		sender->refuted = (uint8_t)(sender->refuted + refuted);
		return refuted;
	case CHECKSUM_UNKNOWN:
		break;
	}
	return false;
}

bool
checksums_refute(struct checksums *c, struct checksum_sender *sender, const struct frame *f)
{
	return judge(c, sender, checksum_of(f), f->payload_len);
}

bool
checksums_refute_bulk(
    struct checksums *c, struct checksum_sender *sender, const struct sieve_bulk *b)
{
	const uint8_t *tcp = b->ends + BULK_TCP;
	const struct whole w = {.octets = tcp,
	    .len = (uint32_t)(b->payload - tcp) + b->len,
	    .addrs = (uint64_t)four_at(b->ends) + four_at(b->ends + 4)};

	return judge(c, sender, checksum_of_whole(&w), b->len);
}

bool
checksums_refute_first(struct checksums *c, const struct frame *f)
{
	if (c->right <= c->wrong * NEARLY_ALL || f->payload_len > CHECKSUM_SEGMENT ||
	    checksum_of(f) != CHECKSUM_WRONG)
		return false;
	c->wrong++;
	return true;
}
