/* unreachable.h - what ICMP quotes of a datagram whose port was unreachable (RFC 792, RFC 4443). */
#ifndef EPMWATCH_DISSECT_UNREACHABLE_H
#define EPMWATCH_DISSECT_UNREACHABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* The datagram, as far as it is quoted. */
struct unreachable {
	struct addr src, dst;
	uint16_t sport, dport;
	uint32_t payload_wire;  /* octets of payload that it had, as its header says */
	const uint8_t *payload; /* borrowed */
	size_t payload_len;     /* octets quoted; at most payload_wire */
};

/**
 * unreachable_parse(data, len, v6, out):
 * Read the quoted packet, IPv6 if ${v6}: an IP header, UDP's, and what follows; at least the two headers have to be there.
 * ERR_TRUNC; ERR_MALFORMED if they contradict themselves, and for what is no datagram's beginning. Cannot allocate.
 */
int unreachable_parse(const uint8_t *data, size_t len, bool v6, struct unreachable *out);

#endif
