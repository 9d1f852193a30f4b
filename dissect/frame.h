/* frame.h - a packet of any link type down to its TCP or UDP payload. */
#ifndef EPMWATCH_DISSECT_FRAME_H
#define EPMWATCH_DISSECT_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/observation.h"

struct packet;

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

struct frame {
	struct where at;                 /* addresses, ports, VLANs, time and number */
	bool fragment;                   /* an IP fragment: no ports, no payload */
	uint8_t tcp_flags;
	uint32_t seq, ack;
	const uint8_t *payload;          /* borrowed from the packet */
	uint32_t payload_len;            /* bytes captured */
	uint32_t payload_wire;           /* bytes sent; more than payload_len where the snap length cut */
};

enum frame_result {
	FRAME_TCP,
	FRAME_UDP,
	FRAME_FRAGMENT,                  /* IP fragment: counted, not followed yet */
	FRAME_OTHER_IP,                  /* neither TCP nor UDP */
	FRAME_NOT_IP,
	FRAME_MALFORMED,                 /* a header is cut or contradicts itself */
};

/**
 * frame_parse(packet, out):
 * Pass the link header (Ethernet with up to WHERE_VLANS tags of 8100, 88a8 or 9100; cooked; raw; loopback), IPv4 or
 * IPv6 with its extension headers, and TCP or UDP. The payload is clipped to the IP length, so Ethernet padding is
 * never data; IP length 0 (segmentation offload) means what was captured. Checksums are not tested: offloading breaks them.
 * Fills ${out} as far as the result says. Cannot allocate.
 */
enum frame_result frame_parse(const struct packet *packet, struct frame *out);

#endif
