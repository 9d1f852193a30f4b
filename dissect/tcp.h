/* tcp.h - what to do with a TCP packet: which connections are followed, where they begin and end.
 *
 * Almost no packet is DCE/RPC, so nothing is remembered of a connection until something speaks for
 * it: a payload that passes probe_mask(), or a SYN to or from a port that is known for DCE/RPC or
 * that the hints name. Until there is payload that is one small entry in the flow table.
 *
 * A side's stream begins after its SYN; where that was not seen, at the first position that the
 * peer acknowledges once the connection is followed, or at its own first segment that passes the
 * probe, whichever comes first. What was sent before that and is captured later (reordered) is
 * lost.
 *
 * A connection ends with a RST that fits into it, when both sides have sent FIN and all is
 * delivered or acknowledged, or when a SYN with another number shows that its ports are used anew.
 * After RST and FIN its entry stays, so that late copies of its segments (mirror ports duplicate)
 * do not begin another conversation; new data that passes the probe do.
 *
 * A connection that was entered for its port and turns out to carry something else is forgotten: where the first bytes of
 * a side cannot be a PDU, or TCP_IDLE_SEGMENTS in a row led nowhere, and no PDU was seen of either side. So a port that
 * lies costs no more than any other. What passes the probe later begins anew.
 *
 * A segment that was damaged on its way (see checksum.h) is dropped, as its receiver does.
 *
 * A full table gives up the least worthy entry for the next connection. SYNs alone may do that to part of it only in each
 * second of packet time; the connections of further ones are not entered, counted as evicted, and begin with the probe.
 * So a flood of SYNs costs hardly more than any other packets.
 *
 * Limits: addresses and ports are all that tells connections apart, not VLANs or capture sources.
 * A forged SYN ends the connection that it names; the real one is then picked up in the middle.
 */
#ifndef EPMWATCH_DISSECT_TCP_H
#define EPMWATCH_DISSECT_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/crossing.h"
#include "dissect/checksum.h"
#include "dissect/endings.h"
#include "dissect/flow.h"
#include "dissect/reach.h"

struct assoc_env;
struct frame;
struct hints;
struct packet;
struct patience;
struct where;

enum {
	TCP_IDLE_SEGMENTS =
	    8,         /* that get no stream on, before a connection without a PDU is given up */
	TCP_ROUND = 8, /* calls of tcp_tick() that go through the table once */
	TCP_USE =
	    1
	    << 14, /* octets that pass by of which a connection counts as used again; a power of two */
	TCP_NOTES = 1024,  /* a power of two */
	TCP_PUSHED_OUT = 4 /* in a second of packet time SYNs push out that part of a full table */
};

/* Which connection, and which side of it, packets with these ends are of, octets as they stand in them; for as long as that has streams.
 */
struct tcp_note {
	uint64_t addrs;
	uint32_t ports;
	uint32_t place; /* twice its index and the side, + 1; 0: none */
};

/* What tcp_bulk() found of a packet that it left to tcp_frame(), and what the sieve did. */
struct tcp_found {
	struct flow *flow;       /* its connection, until the next packet; NULL: not found */
	int from;                /* the side that sent it */
	bool next;               /* nothing is awaited, and it has what comes next, undamaged */
	const struct mark *mark; /* names its connection; NULL: none does. Never changed */
};

struct tcp {
	struct flow_table flows;
	struct crossing_list crossings;
	struct checksums checksums;
	struct assoc_env *env;     /* borrowed */
	const struct hints *hints; /* borrowed, may be NULL */
	size_t hand;               /* the entry that tcp_tick() looks at next */
	int64_t second_ns;         /* where the second began in which ... */
	size_t pushed_out;         /* ... so many connections made room for others */
	struct reach reach;
	struct endings endings;
	size_t notes;                    /* of these that are in use */
	struct tcp_note note[TCP_NOTES]; /* of those with streams, by a hash of their ends */
};

/** tcp_init(t, flows, salt, env, hints) / tcp_deinit(t): Follow at most ${flows} connections, whose
 * packets were marked with ${salt}. The latter reports nothing. */
void tcp_init(
    struct tcp *t, size_t flows, uint64_t salt, struct assoc_env *env, const struct hints *hints);
void tcp_deinit(struct tcp *t);

/** tcp_wants_syn(t, packet): Is tcp_frame() to be given this SYN of a connection that is not followed, and whose
 * payload does not pass the probe? Does all that it would do otherwise. */
bool tcp_wants_syn(struct tcp *t, const struct packet *packet);

/** tcp_bulk(t, packet, found): Take a packet whose addresses are of realm 0, if it is one of those that change nothing but how far a connection
 * is, and counters: of a bulk transfer, or a whole call that nobody reads. False if it is not: then it has to be given to tcp_frame(), with
 * ${found}. */
bool tcp_bulk(struct tcp *t, const struct packet *packet, struct tcp_found *found);

/** tcp_frame(t, frame, found): Take a packet that frame_parse() found to be TCP. ${found}: what tcp_bulk() said of it just before; all zero where it
 * was not asked. */
void tcp_frame(struct tcp *t, const struct frame *frame, const struct tcp_found *found);

/** tcp_tick(t, patience, at): Time has passed: give up what has waited too long, in one of TCP_ROUND parts of the table. ${at} is no
 * packet's but has the time. */
void tcp_tick(struct tcp *t, const struct patience *patience, const struct where *at);

/** tcp_finish(t): No more will come: end all connections, in the order of their first packets, and
 * forget them. */
void tcp_finish(struct tcp *t);

#endif
