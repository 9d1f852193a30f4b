/* packet.h - what capture hands to the dissector: views of packets, in batches. */
#ifndef EPMWATCH_BASE_PACKET_H
#define EPMWATCH_BASE_PACKET_H

#include <stddef.h>
#include <stdint.h>

enum link {
	LINK_ETHERNET,
	LINK_NULL,               /* BSD loopback: address family in the capturing host's order */
	LINK_LOOP,               /* OpenBSD loopback: the same in network order */
	LINK_RAW,                /* IPv4 or IPv6, by the version nibble */
	LINK_SLL,                /* Linux cooked, 16 bytes */
	LINK_SLL2,               /* Linux cooked version 2, 20 bytes */
};

struct packet {
	const uint8_t *data;     /* borrowed: until the next call on the source that filled the batch */
	int64_t ts_ns;           /* since 1970 UTC */
	uint64_t frame;          /* number in its capture, from 1, as Wireshark counts */
	uint32_t caplen;         /* bytes at data */
	uint32_t wirelen;        /* bytes on the wire; more than caplen where the snap length cut */
	uint32_t source;         /* which capture file or interface: an index that the source can name */
	enum link link;
};

/* What a first look at a packet alone says of it: whether it can matter, and to which connection. */
struct mark {
	uint16_t flow;           /* of the connection, the same for both directions; what it says is the sieve's business */
	uint8_t kind;            /* so is this; 0 is a packet that matters to nobody, whatever came before it */
	uint8_t tag;             /* more of flow, to tell apart what it does not */
};

enum { BATCH_PACKETS = 256 };

/* A piece of one source, or of several that were merged. The marks stand apart from the packets: whoever walks them
 * need not touch the packets that do not matter. */
struct batch {
	size_t count;
	uint64_t bytes;          /* captured, of all packets */
	int64_t first_ns, last_ns; /* least and greatest time */
	uint32_t source;         /* of all packets, or BATCH_MIXED */
	struct mark mark[BATCH_PACKETS];
	struct packet packet[BATCH_PACKETS];
};

#define BATCH_MIXED UINT32_MAX

/* A first look at whole batches, wherever they are made: in the reader's thread, or in several at once. It sets every
 * mark, and touches nothing but the batch. */
struct sieve {
	void (*look)(const struct sieve *sieve, struct batch *batch);
	uint64_t salt;           /* mixed into mark.flow and mark.tag */
};

#endif
