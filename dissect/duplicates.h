/* duplicates.h - datagrams that a mirror port delivers twice, once where they come in and once where they go out.
 *
 * TCP's sequence numbers absorb copies; of datagrams each would count. A copy has the same addresses, ports, realm, IP
 * identification (IPv4) and payload; TTL, tags, tunnels and checksums may differ. Copies are microseconds apart (1 ms is
 * the default), or as long as a router's queue is. Nobody who speaks RPC repeats itself so soon (C706's timers begin at a second),
 * and what a peer repeats has another identification where its system gives any.
 *
 * The table is fixed: 64 KiB. A datagram is forgotten when eight others of its bucket came after it: with 500 others between
 * each datagram and its copy one copy in some thousands is missed, with 1,000 one in a hundred. Two different datagrams
 * are taken for one with a chance of eight times 2^-64.
 */
#ifndef EPMWATCH_DISSECT_DUPLICATES_H
#define EPMWATCH_DISSECT_DUPLICATES_H

#include <stdbool.h>
#include <stdint.h>

struct frame;

enum {
	DUPLICATES_BUCKETS = 512,
	DUPLICATES_WAYS = 8,
};

/* All zero but the first two is an empty one. */
struct duplicates {
	int64_t window_ns; /* that copies are apart at most; 0 or less: nothing is a copy */
	uint64_t salt;
	uint64_t found;
	struct {
		uint64_t of;
		int64_t ts_ns;
	} seen[DUPLICATES_BUCKETS][DUPLICATES_WAYS];
};

/** duplicates_has(d, f): True, and counted, if the datagram in ${f}, of which frame_parse() said FRAME_UDP, was seen within
 * the window before, or after: sources are merged by time, and not always exactly. Notes it otherwise. */
bool duplicates_has(struct duplicates *d, const struct frame *f);

#endif
