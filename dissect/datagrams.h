/* datagrams.h - DCE/RPC over UDP: calls put together from what carries them, observations out.
 *
 * Each packet names its interface, its call by the client's activity and a number in it, and the byte order that it is in.
 * An answer may come from another port than the request went to, and from another address of the server: it belongs to
 * the call that it names, and what it tells is said of where the request was addressed. Only who answers a request to
 * everybody is known by the answer's own address. What is sent again counts once.
 *
 * A question to the endpoint mapper and its answer are read; of other interfaces a request with a response says that the
 * interface answers there, at most once a minute (datagram_uses.h). PROFINET's devices, whose PDUs and whose endpoint mapper (UDP
 * 34964) are the same, are counted and kept apart.
 *
 * An answer of the endpoint mapper that comes from an address that was not asked is told as that host's, and the call goes on
 * waiting for its own.
 *
 * That no question was sent (struct obs_epm_question, side_visible) is proved where requests and responses of the two hosts were seen within a
 * minute and nothing was missed (datagram_pairs.h): neither something of theirs, which a call shows that goes unanswered, comes before its
 * request, or does not follow on another of its activity, nor bytes of any TCP connection. */
#ifndef EPMWATCH_DISSECT_DATAGRAMS_H
#define EPMWATCH_DISSECT_DATAGRAMS_H

#include <stdint.h>

#include "dissect/datagram_pairs.h"
#include "dissect/datagram_table.h"
#include "dissect/datagram_uses.h"

struct assoc_env;
struct frame;
struct patience;

struct datagrams {
	struct assoc_env *env; /* borrowed */
	struct datagram_table calls;
	struct datagram_uses uses;
	struct datagram_pairs pairs;
	uint64_t gaps;   /* holes in TCP streams when they were looked at last, ... */
	int64_t gap_ns;  /* ... and when there were more than before; 0: never */
};

/** datagrams_init(d, env, secret) / datagrams_deinit(d): Nothing under way yet. ${secret} makes the tables' order one that nobody can
 * foresee; it changes no result but for which interfaces push out which. The latter reports nothing. */
void datagrams_init(struct datagrams *d, struct assoc_env *env, uint64_t secret);
void datagrams_deinit(struct datagrams *d);

/** datagrams_frame(d, frame): Take a packet that frame_parse() found to be UDP, of whatever protocol. */
void datagrams_frame(struct datagrams *d, const struct frame *frame);

/** datagrams_tick(d, patience): Time has passed: forget calls that were quiet for too long, and count questions among them. */
void datagrams_tick(struct datagrams *d, const struct patience *patience);

/** datagrams_finish(d): No more will come: count questions without an answer, and forget all calls. */
void datagrams_finish(struct datagrams *d);

#endif
