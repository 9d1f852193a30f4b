/* prefilter.h - the filter that the kernel runs before a packet costs us anything: classic BPF for Ethernet.
 * For capture/ alone.
 *
 * It passes more than is used and never less. Passed are, in up to PREFILTER_TAGS VLAN tags (8100, 88a8,
 * 9100) that are in the packet, and in LLC/SNAP:
 *   TCP       with SYN, FIN or RST; to or from 135, 139, 445, 593, 6001, 6002, 6004 and the learned ports; with
 *             a payload that begins as a PDU does (PROTOCOL 1.11), or as RPC over HTTP and its banner do
 *   UDP       with 1 to 16 bytes of payload and both ports above 1023; of ports 135, 4789 (VXLAN) and 6081
 *             (GENEVE); with a payload that begins as a connectionless PDU does (PROTOCOL 2)
 *   ICMP      destination unreachable, of IPv4 and IPv6
 *   whole     IP fragments, IPv6 with an extension header, GRE, IP in IP, MPLS (in IP, too), PPPoE, VN-Tags, E-tags,
 *             FabricPath, bridged frames
 * The kernel takes the outermost tag of 8100 or 88a8 out of a received packet before the filter sees it, and
 * libpcap puts it back afterwards, so a filter sees one tag more, or less, than its user. What is dropped is
 * what the dissector would not use either, but for segments of a connection that does not go to a port known
 * so far: there only those pass that begin as a PDU. */
#ifndef EPMWATCH_CAPTURE_PREFILTER_H
#define EPMWATCH_CAPTURE_PREFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/bpf_asm.h"

enum {
	PREFILTER_TAGS = 4
};

/* What to build it from. */
struct prefilter {
	const struct sock_filter *user;  /* the user's program: what it rejects stays rejected; NULL: none. Borrowed */
	size_t user_count;
	const uint16_t *port;            /* learned TCP ports: ascending, each once. Borrowed */
	size_t ports;
	bool all_tcp;                    /* let all TCP pass, instead of these ports */
	uint32_t snaplen;                /* bytes to pass of a packet */
};

/** prefilter_build(p, out): Build it. ERR_CAP if it has more instructions than the kernel takes; -ENOMEM. */
int prefilter_build(const struct prefilter *p, struct bpf_code *out);

#endif
