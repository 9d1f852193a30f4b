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
 * Limits: addresses and ports are all that tells connections apart, not VLANs or capture sources.
 * A forged SYN ends the connection that it names; the real one is then picked up in the middle.
 */
#ifndef EPMWATCH_DISSECT_TCP_H
#define EPMWATCH_DISSECT_TCP_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/flow.h"

struct assoc_env;
struct frame;
struct hints;

struct tcp {
	struct flow_table flows;
	struct assoc_env *env;     /* borrowed */
	const struct hints *hints; /* borrowed, may be NULL */
	uint32_t salt;
};

/** tcp_init(t, flows, salt, env, hints) / tcp_deinit(t): Follow at most ${flows} connections. The
 * latter reports nothing. */
void tcp_init(
    struct tcp *t, size_t flows, uint32_t salt, struct assoc_env *env, const struct hints *hints);
void tcp_deinit(struct tcp *t);

/** tcp_frame(t, frame): Take a packet that frame_parse() found to be TCP. */
void tcp_frame(struct tcp *t, const struct frame *frame);

/** tcp_finish(t): No more will come: end all connections, in the order of their first packets, and
 * forget them. */
void tcp_finish(struct tcp *t);

#endif
