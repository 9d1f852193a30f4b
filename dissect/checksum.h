/* checksum.h - segments that were damaged on their way, told by their checksums.
 *
 * A receiver drops such a segment, and gets it again. Who only listens has to be more careful: a checksum may be wrong
 * because the sender's network card was still to fill it in, or because a tool has written other addresses
 * into the capture. Cards also merge segments, and leave one's checksum to the whole. So a wrong one counts only where the same sender's were
 * right before; and of a connection that is met in its
 * middle, where nearly all others are right. */
#ifndef EPMWATCH_DISSECT_CHECKSUM_H
#define EPMWATCH_DISSECT_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct sieve_bulk;

enum checksum {
	CHECKSUM_RIGHT,
	CHECKSUM_WRONG,
	CHECKSUM_UNKNOWN, /* it was not captured whole, or the checksum was still to be filled in */
};

enum {
	CHECKSUM_SEGMENT = 1460, /* octets of payload: larger ones may have been merged by a network card, which leaves a checksum of a part */
	CHECKSUM_REFUTED = 4,    /* in a row: then it is the sender's way, and none is refuted until one is right again */
};

/* What is known of a sender. All zero at the start. */
struct checksum_sender {
	uint32_t largest; /* payload of a segment whose checksum was right, and one more; 0: none was */
	uint8_t refuted;  /* since then */
};

/* How many of those that were tested were what. All zero at the start. */
struct checksums {
	uint64_t right, wrong;
};

/** checksum_of(f): What the checksum of a TCP segment says of it. Source: RFC 9293 3.1, RFC 8200 8.1, RFC 1071. */
enum checksum checksum_of(const struct frame *f);

/** checksum_is_known(sender): True if a checksum of ${sender} was right before, so that a wrong one would count. */
static inline bool
checksum_is_known(const struct checksum_sender *sender)
{
	return sender->largest != 0;
}

/** checksums_refute(c, sender, f): Is ${f} damaged, a segment of ${sender}? What is known of that is kept up. */
bool checksums_refute(struct checksums *c, struct checksum_sender *sender, const struct frame *f);

/** checksums_refute_bulk(c, sender, b): The same of what sieve_bulk() found. */
bool checksums_refute_bulk(
    struct checksums *c, struct checksum_sender *sender, const struct sieve_bulk *b);

/** checksums_refute_first(c, f): The same of the first segment of a connection that was not seen to begin. */
bool checksums_refute_first(struct checksums *c, const struct frame *f);

#endif
