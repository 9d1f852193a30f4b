/* sieve.h - the stateless first look at every packet: nearly all of them end here.
 *
 * It passes link, IP and TCP headers where they are of the common kind, tests the payload with probe.h, and says
 * with a mark what the packet can still matter for. It knows no connection and writes nothing but the marks, so any
 * number of threads may look at any number of batches. What it is not sure of it leaves to frame_parse(): a mark never
 * hides a packet that the dissector would have used or counted.
 *
 * Common are Ethernet with up to WHERE_VLANS tags, Linux cooked and no link header at all; IPv4, and IPv6 without
 * extension headers; no fragments; no header that is cut or contradicts itself. */
#ifndef EPMWATCH_DISSECT_SIEVE_H
#define EPMWATCH_DISSECT_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct packet;
struct sieve;

/* What struct mark's kind says. The flow filter computes with the values. */
enum {
	MARK_NOTHING = 0,   /* matters to nobody, but is well-formed: UDP of known services, neither of both */
	MARK_FLOW = 1,      /* matters if its connection, mark.flow and mark.tag, is followed; of datagrams those with both ports above 1023 */
	MARK_SYN = 2,       /* matters in that case, or if one of its ports is of interest */
	MARK_SHORT = 4,     /* such a datagram of 17 to PUSH_CONTEXT_MAX octets: matters in that case, or if it goes where one was registered to go */
	MARK_END = 8,       /* a FIN or RST: matters in that case, or if it ends a connection to a mailbox */
	MARK_ALWAYS = 0xff, /* passes a test of probe.h, or is of a kind that wants a closer look: tunnels, fragments, such datagrams of 1 to 16
			       octets, ports that are unreachable */
};

/** sieve_init(s, salt): A sieve whose marks name connections by a hash that nobody can foresee without ${salt}. The
 * dissector that is given its batches must have the same salt (struct dissect_limits). */
void sieve_init(struct sieve *s, uint64_t salt);

/** sieve_ports(packet, port): Source and destination port of a packet that was marked MARK_FLOW, MARK_SYN, MARK_SHORT or MARK_END. False if it
 * cannot have been. */
bool sieve_ports(const struct packet *packet, uint16_t port[2]);

/** sieve_frame(packet, out): A TCP segment of the common kind over Ethernet, as frame_parse() would fill ${out}, in a fifth of
 * the time. False, and ${out} is as it was, for what has to be left to that. */
bool sieve_frame(const struct packet *packet, struct frame *out);

/* A segment as nearly all are: over IPv4 without options and Ethernet with no tag or one, captured whole, and of the flags
 * that say where a connection begins and ends and what is acknowledged it has ACK alone. */
struct sieve_bulk {
	const uint8_t *ends; /* octets of the source's address, of the destination's, and their ports; borrowed from the packet */
	uint32_t seq, ack, len;
	const uint8_t *payload; /* likewise */
};

/** sieve_bulk(packet, out): Is it such a one? Then ${out} says of it what sieve_frame() would. */
bool sieve_bulk(const struct packet *packet, struct sieve_bulk *out);

#endif
