/* ip.h - IPv4 and IPv6 headers, extension headers included. */
#ifndef EPMWATCH_DISSECT_IP_H
#define EPMWATCH_DISSECT_IP_H

#include <stdbool.h>
#include <stdint.h>

struct cursor;
struct where;

enum {
	IP_EXTENSIONS = 8
}; /* IPv6 extension headers passed before a packet counts as malformed */

/* Where a fragment belongs. */
struct ip_piece {
	uint32_t id;
	uint16_t offset; /* of its payload in the datagram's */
	bool more;       /* it is not the last */
	bool v6;
};

/* What an IP header says of its payload. */
struct ip_payload {
	uint8_t protocol;
	bool fragment;
	bool beyond;           /* the header names more than was sent */
	uint16_t id;           /* IPv4's; else 0 */
	uint32_t wire;         /* bytes that were sent; the cursor has at most as many */
	struct ip_piece piece; /* where it is a fragment */
};

/**
 * ip_parse_v4(c, wire, at, out) / ip_parse_v6(c, wire, at, out):
 * Pass the IP header at ${c}, ${wire} bytes of packet from there on the wire, note the addresses
 * in ${at}, and leave ${c} at the payload, clipped to the length that the header names. A length
 * of 0 (segmentation offload, jumbograms) means all there is; one beyond the packet is clipped.
 * A first fragment is a fragment too; an IPv6 fragment header that stands alone in its packet
 * (RFC 6946) is not. Of an IPv6 fragment ${out}->protocol is what follows the fragment header, which only the
 * first one's need be right. ERR_TRUNC if a header is cut, ERR_MALFORMED if it contradicts itself. Cannot allocate.
 */
int ip_parse_v4(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out);
int ip_parse_v6(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out);

/** ip_pass_extensions(c, io): Pass the IPv6 extension headers at ${c}, of which ${io}->protocol names the first and of all
 * that follows ${io}->wire bytes were sent, up to the first that is none. Errors as above. */
int ip_pass_extensions(struct cursor *c, struct ip_payload *io);

#endif
