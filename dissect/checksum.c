#include "dissect/checksum.h"

#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "dissect/frame.h"

enum {
	AT_CHECKSUM = 16, /* in the TCP header */
	V4_AT = 12,       /* IPv4 within an address */
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

/* Source, destination and protocol: what stands before the segment, but for its length. */
static uint32_t
pseudo_header(const struct where *at)
{
	uint64_t sum;

	if (addr_is_v4(&at->src))
		sum = (uint64_t)four_at(at->src.b + V4_AT) + four_at(at->dst.b + V4_AT);
	else
		sum = add(add(0, at->src.b, sizeof(at->src.b)), at->dst.b, sizeof(at->dst.b));
	return (uint32_t)fold(sum) + htons(IPPROTO_TCP);
}

/* Network cards fill the checksum in. Until then it is that of the pseudo header, not inverted, with the length or, where the card also cuts
 * the segment up, without; or nothing at all. */
static bool
is_unfinished(uint16_t field, uint32_t pseudo, uint32_t len)
{
	return field == 0 || field == fold(pseudo) || field == fold(pseudo + len);
}

enum checksum
checksum_of(const struct frame *f)
{
	uint32_t len = f->header_len + f->payload_len;
	uint32_t length = (uint32_t)htons((uint16_t)len) + htons((uint16_t)(len >> 16));
	uint32_t pseudo;
	uint16_t field;

	if (f->header_len == 0 || f->payload_len < f->payload_wire)
		return CHECKSUM_UNKNOWN;
	pseudo = pseudo_header(&f->at);
	if (fold(add(pseudo + length, f->payload - f->header_len, len)) == 0xffff)
		return CHECKSUM_RIGHT;
	memcpy(&field, f->payload - f->header_len + AT_CHECKSUM, sizeof(field));
	return is_unfinished(field, pseudo, length) ? CHECKSUM_UNKNOWN : CHECKSUM_WRONG;
}

static bool
is_refuted(const struct checksum_sender *sender, uint32_t len)
{
	return sender->refuted < CHECKSUM_REFUTED && sender->largest != 0 &&
	       (len <= CHECKSUM_SEGMENT || len < sender->largest);
}

bool
checksums_refute(struct checksums *c, struct checksum_sender *sender, const struct frame *f)
{
	bool refuted;

	switch (checksum_of(f)) {
	case CHECKSUM_RIGHT:
		c->right++;
		sender->refuted = 0;
		if (f->payload_len >= sender->largest)
			sender->largest = f->payload_len + 1;
		return false;
	case CHECKSUM_WRONG:
		c->wrong++;
		refuted = is_refuted(sender, f->payload_len);
		sender->refuted = (uint8_t)(sender->refuted + refuted);
		return refuted;
	case CHECKSUM_UNKNOWN:
		break;
	}
	return false;
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
