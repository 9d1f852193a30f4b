/* fragments.h - IP fragments put together again, within bounds.
 *
 * A datagram is known by addresses, identification, protocol (IPv4), realm and tunnel. It is given up, and what still comes of it
 * ignored, where fragments overlap other than as exact copies (RFC 5722), contradict each other about its end, are
 * tiny (RFC 1858), reach beyond what IP can carry, are more than FRAGMENT_PIECES, or were cut by the snap length. What is
 * not complete after FRAGMENT_NS of packet time is forgotten; where there are too many datagrams or bytes, the oldest goes
 * first. Copies of fragments that a mirror port delivers late do not begin another datagram. */
#ifndef EPMWATCH_DISSECT_FRAGMENTS_H
#define EPMWATCH_DISSECT_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct fragments;
struct frame;

enum {
	FRAGMENT_DATAGRAMS = 512,
	FRAGMENT_BYTES = 4 << 20, /* held in all, charged to the budget, too */
	FRAGMENT_PIECES = 128,    /* of a datagram */
	FRAGMENT_FIRST = 16, /* bytes that the first one has at least, unless it is also the last */
	FRAGMENT_END = 65535 - 20, /* where the payload of a datagram ends at the latest */
	FRAGMENT_SECONDS = 30,
};

/* Counters since the start. */
struct fragment_stats {
	uint64_t seen;      /* fragments */
	uint64_t whole;     /* datagrams put together */
	uint64_t overlaps;  /* datagrams given up: fragments overlapped, ... */
	uint64_t malformed; /* ... or made no sense, ... */
	uint64_t cut;       /* ... or were captured in part, ... */
	uint64_t expired;   /* ... or did not all come in time, ... */
	uint64_t evicted;   /* ... or there was no room */
};

/**
 * fragments_new(out, budget, stats, salt, copies_ns) / fragments_free(&t):
 * An empty table that charges ${budget} and counts in ${stats}, both borrowed. Fragments that come again within ${copies_ns} after
 * their datagram was complete are copies. Allocates little before the first fragment. -ENOMEM.
 */
int fragments_new(struct fragments **out, struct budget *budget, struct fragment_stats *stats,
    uint64_t salt, int64_t copies_ns);
void fragments_free(struct fragments **t);

/**
 * fragments_take(t, f, len):
 * Take the fragment in ${f}, whose realm and tunnel are set. Returns the payload of its datagram, ${len} bytes, if that is
 * complete with it, else NULL. What is returned lives until the next call that returns something, and may be what the
 * fragments given to that call lie in. f->at.proto is then what the first fragment said.
 */
const uint8_t *fragments_take(struct fragments *t, struct frame *f, size_t *len);

/** fragments_finish(t): No more will come: what is not complete is counted as expired, and all is forgotten. */
void fragments_finish(struct fragments *t);

#endif
