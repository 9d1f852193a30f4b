/* traffic_frame.h - Ethernet frames with IPv4 or IPv6 and TCP or UDP, checksums included. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_FRAME_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_MIN = 60, /* an Ethernet frame without its checksum */
	PAYLOAD_MAX = 1460,

	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

/* What all packets of a connection share. Index 0 is the client, 1 the server. */
struct path {
	uint32_t host[2]; /* IPv4 addresses; in IPv6 the last 32 bits under 2001:db8::/32 */
	uint16_t port[2];
	uint16_t vlan[2]; /* outermost first */
	uint8_t tags;     /* how many of these there are */
	bool ip6;
	bool udp;
	bool stamps; /* TCP timestamps, as most hosts send them */
};

struct segment {
	const struct path *path;
	const uint8_t *payload;
	size_t len;
	uint32_t seq, ack;
	uint8_t flags;
	bool by_server;
};

/** segment_room(p): Octets of payload in a full-sized frame on ${p}. */
size_t segment_room(const struct path *p);

/**
 * frame_put(out, s, now_us):
 * Write the frame of ${s}, padded to FRAME_MIN, and return its length. ${now_us} is for timestamps and the IP id.
 */
size_t frame_put(uint8_t *out, const struct segment *s, uint64_t now_us);

/** frame_put_arp(out, host): A question for IPv4 address ${host}. Returns its length. */
size_t frame_put_arp(uint8_t *out, uint32_t host);

#endif
