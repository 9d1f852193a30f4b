/* candidates.h - datagrams that can be new-mail notifications (PROTOCOL 6.5, 6.6), and what speaks against it.
 *
 * One has 1 to 16 octets of payload, by its own header, or goes where the hints say that one was registered to go and has no more than
 * PUSH_CONTEXT_MAX; both ports are above 1023, and it goes to one host. Each is told, until something shows that the two talk about something
 * else: the other side sends between the same ports (DATAGRAM_ANSWERED), nDPI knows the protocol, or the same side sends what is longer
 * than any notification (DATAGRAM_OTHER, `unknown`). What goes where it was registered to go is told in any case, as its
 * payload proves it or does not. That ICMP calls the port unreachable is told of what was told, and of all from known servers.
 *
 * Who looks at a flood of small datagrams does so much and no more: CANDIDATES_RATE a second of packet time of servers that nobody
 * knows to be Exchange's, of them CANDIDATES_FLOW a minute between two ports, and CANDIDATES_KNOWN_RATE of the others. The
 * rest is counted as shed. The table is that of talks.h with CANDIDATES entries, and 64 KiB to know copies by. */
#ifndef EPMWATCH_DISSECT_CANDIDATES_H
#define EPMWATCH_DISSECT_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/bucket.h"
#include "dissect/duplicates.h"
#include "dissect/talks.h"

struct assoc_env;
struct classifier;
struct frame;
struct hints;
struct packet;

enum {
	CANDIDATES = 4096,
	CANDIDATE_PORT = 1024, /* the lowest */
	CANDIDATE_MOST = 16,   /* octets, where none was registered */
	CANDIDATES_FLOW = 8,
	CANDIDATES_RATE = 64,
	CANDIDATES_BURST = 1024,
	CANDIDATES_KNOWN_RATE = 1024,
	CANDIDATES_KNOWN_BURST = 8192,
};

struct candidates {
	struct assoc_env *env;         /* borrowed */
	const struct hints *hints;     /* borrowed, may be NULL; its owner's to set */
	struct classifier *classifier; /* borrowed, may be NULL: nobody is asked */
	struct talks talks;
	struct duplicates copies;
	struct bucket bucket, known_bucket;
};

/** candidates_init(c, env, flows, classifier, copies) / candidates_deinit(c): All are borrowed; ${copies} has the window and salt to know copies by. The latter reports nothing. */
void candidates_init(struct candidates *c, struct assoc_env *env, struct flow_table *flows,
    struct classifier *classifier, const struct duplicates *copies);
void candidates_deinit(struct candidates *c);

/** candidates_wants(c, packet): Does it go to a port that one was registered for? Of a packet that was marked MARK_SHORT. */
bool candidates_wants(const struct candidates *c, const struct packet *packet);

/** candidates_frame(c, frame): Take a datagram: a candidate, or what speaks against one. */
void candidates_frame(struct candidates *c, const struct frame *frame);

/** candidates_refused(c, frame): Take what frame_parse() said FRAME_UNREACHABLE of. */
void candidates_refused(struct candidates *c, const struct frame *frame);

/** candidates_finish(c): No more will come: forget all. */
void candidates_finish(struct candidates *c);

#endif
