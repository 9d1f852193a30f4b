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

enum { BATCH_PACKETS = 256 };

struct batch {
	size_t count;
	struct packet packet[BATCH_PACKETS];
};

#endif
