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

/* What an IP header says of its payload. */
struct ip_payload {
	uint8_t protocol;
	bool fragment;
	uint32_t wire; /* bytes that were sent; the cursor has at most as many */
};

/**
 * ip_parse_v4(c, wire, at, out) / ip_parse_v6(c, wire, at, out):
 * Pass the IP header at ${c}, ${wire} bytes of packet from there on the wire, note the addresses
 * in ${at}, and leave ${c} at the payload, clipped to the length that the header names. A length
 * of 0 (segmentation offload, jumbograms) means all there is; one beyond the packet is clipped.
 * A first fragment is a fragment too; an IPv6 fragment header that stands alone in its packet
 * (RFC 6946) is not. For a fragment ${out}->protocol is not meaningful.
 * ERR_TRUNC if a header is cut, ERR_MALFORMED if it contradicts itself. Cannot allocate.
 */
int ip_parse_v4(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out);
int ip_parse_v6(struct cursor *c, uint32_t wire, struct where *at, struct ip_payload *out);

#endif
