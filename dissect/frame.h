/* frame.h - a packet of any link type down to its TCP or UDP payload, through whatever it is wrapped in. */
#ifndef EPMWATCH_DISSECT_FRAME_H
#define EPMWATCH_DISSECT_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/packet.h"
#include "dissect/ip.h"
#include "dissect/observation.h"
#include "dissect/tunnel.h"

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
};

/* Who is told so by whom: type and code of ICMP, and of ICMPv6. */
enum {
	ICMP_UNREACHABLE = 3,
	ICMP_UNREACHABLE_PORT = 3,
	ICMP6_UNREACHABLE = 1,
	ICMP6_UNREACHABLE_PORT = 4,
};

enum {
	FRAME_STEPS = 32 /* headers of tunnels that are tried in a packet, guesses that were wrong included */
};

struct frame {
	struct where at;                 /* addresses, ports, VLANs, time and number; realm and tunnel are not set */
	bool fragment;                   /* an IP fragment: no ports; the payload is IP's, its place in the datagram is piece */
	bool beyond;                     /* an IP header inside of a tunnel named more than was sent */
	uint8_t tcp_flags;
	uint8_t steps;                   /* headers of tunnels that were tried */
	uint8_t header_len;              /* octets of the TCP header, right before the payload; 0 where they were not captured whole */
	uint16_t ip_id;                  /* IPv4's, of the innermost header; else 0 */
	uint32_t seq, ack;
	const uint8_t *payload;          /* borrowed from the packet */
	uint32_t payload_len;            /* bytes captured */
	uint32_t payload_wire;           /* bytes sent; more than payload_len where the snap length cut */
	struct ip_piece piece;           /* of a fragment; its protocol is in at */
	struct tunnel_path path;         /* as far as it says */
	struct tunnel deeper;            /* the layer at hand, where path has no room */
};

enum frame_result {
	FRAME_TCP,
	FRAME_UDP,
	FRAME_FRAGMENT,                  /* IP fragment, to be put together and handed to frame_resume() */
	FRAME_UNREACHABLE,               /* ICMP: a port is unreachable; the payload is what it quotes of the packet that went there */
	FRAME_OTHER_IP,                  /* none of these, nor a tunnel */
	FRAME_NOT_IP,
	FRAME_SEALED,                    /* MACsec */
	FRAME_TOO_DEEP,                  /* more than TUNNEL_NESTING layers, or FRAME_STEPS */
	FRAME_MALFORMED,                 /* a header is cut or contradicts itself */
};

/** frame_begin(packet, out): A frame of which nothing is known yet but the packet it came in. */
static inline void
frame_begin(const struct packet *packet, struct frame *out)
{
	out->at = (struct where){.ts_ns = packet->ts_ns, .frame = packet->frame, .source = packet->source};
	out->fragment = out->beyond = false;
	out->tcp_flags = out->steps = out->header_len = 0;
	out->ip_id = 0;
	out->seq = out->ack = 0;
	out->payload = NULL;
	out->payload_len = out->payload_wire = 0;
	out->path.count = out->path.depth = 0; /* that says of the rest that it is not there */
}

/**
 * frame_parse(packet, out):
 * Pass the link header (Ethernet with up to WHERE_VLANS tags; cooked; raw; loopback), IPv4 or
 * IPv6 with its extension headers, and TCP or UDP. The payload is clipped to the IP length, so Ethernet padding is
 * never data; IP length 0 (segmentation offload) means what was captured. Checksums are not tested here (see checksum.h).
 *
 * Up to TUNNEL_NESTING layers of MPLS, PPPoE, GRE, ERSPAN, IP in IP, VXLAN and GENEVE are passed on the way and noted. A
 * UDP port is a guess only: a datagram to 4789 or 6081 whose content does not read as a packet down to its length is
 * a datagram. So is what follows MPLS: what does not read as IP there is tried as an Ethernet frame.
 * Fills ${out} as far as the result says. Cannot allocate.
 */
enum frame_result frame_parse(const struct packet *packet, struct frame *out);

/**
 * frame_resume(io, data, len):
 * Go on in ${io}, which was a fragment, with all ${len} bytes of its datagram's payload, whose protocol is in ${io}->at.
 * As frame_parse(); what is found lies in ${data}. Counts as one of FRAME_STEPS.
 */
enum frame_result frame_resume(struct frame *io, const uint8_t *data, size_t len);

#endif
