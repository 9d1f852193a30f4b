/* foreign.h - what it is that is not DCE/RPC, as nDPI sees it.
 *
 * A connection to a learned port whose first bytes can be no PDU (tcp.h gives it up) is looked at for CLASSIFIER_PACKETS packets with payload,
 * and told with what nDPI calls it once the server has answered, has been heard long enough, or the connection ends: a port that another service has
 * taken over. So that a port that lies costs little, FOREIGN_TRIES connections to a port are looked at in a minute, none once
 * one was told, and FOREIGN_RATE a second of all; the others are counted as shed. What nDPI takes for DCE/RPC is counted, and not told.
 *
 * With ${all} every connection and every exchange of datagrams is looked at in the same way, from its first packet, and told once; those that pass probe.h
 * are ours, and counted where nDPI has another name for them.
 *
 * The table is that of talks.h: FOREIGN entries, 88 KiB, or FOREIGN_ALL, 5.5 MiB, and 6 KiB for ports. */
#ifndef EPMWATCH_DISSECT_FOREIGN_H
#define EPMWATCH_DISSECT_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/bucket.h"
#include "dissect/talks.h"

struct assoc_env;
struct classifier;
struct frame;
struct hints;
struct patience;

enum {
	FOREIGN = 1024,
	FOREIGN_ALL = 65536,
	FOREIGN_TRIES = 4,
	FOREIGN_RATE = 64,
	FOREIGN_BURST = 256,
	FOREIGN_PORTS = 256,
};

/* A learned port at which something else was looked at. */
struct foreign_port {
	uint64_t of; /* a hash of server and port; 0: none */
	int64_t since_ns;
	uint8_t tries; /* since then; UINT8_MAX once one was told */
};

struct foreign {
	struct assoc_env *env;         /* borrowed */
	const struct hints *hints;     /* borrowed, may be NULL; its owner's to set */
	struct classifier *classifier; /* borrowed */
	bool all;
	uint64_t salt;
	struct talks talks;
	struct bucket bucket;
	struct foreign_port port[FOREIGN_PORTS];
};

/** foreign_init(f, env, flows, classifier, all) / foreign_deinit(f): The middle three are borrowed. The latter reports nothing. */
void foreign_init(struct foreign *f, struct assoc_env *env, struct flow_table *flows,
    struct classifier *classifier, bool all);
void foreign_deinit(struct foreign *f);

/** foreign_begin(f, frame): The connection of ${frame}, which has the first payload of its side, is none of ours. Looks at it if it goes to a learned port. */
void foreign_begin(struct foreign *f, const struct frame *frame);

/** foreign_goes_on(f, frame): A packet of a connection that is not followed. */
void foreign_goes_on(struct foreign *f, const struct frame *frame);

/** foreign_forget(f, key): The connection turns out to be ours after all. */
void foreign_forget(struct foreign *f, const struct flow_key *key);

/** foreign_any(f, frame): Where all is to be looked at: a segment or datagram of whatever it is. Nothing otherwise. */
void foreign_any(struct foreign *f, const struct frame *frame);

/** foreign_tick(f, patience): Time has passed: tell what is known of those that were silent for as long as an answer is waited for. */
void foreign_tick(struct foreign *f, const struct patience *patience);

/** foreign_finish(f): No more will come: tell what is known of the rest, in the order of its last packets. */
void foreign_finish(struct foreign *f);

#endif
