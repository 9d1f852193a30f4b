/* member.h - one capture of a chain: closed until its time comes, then a queue of packets. For
 * capture/ alone. */
#ifndef EPMWATCH_CAPTURE_MEMBER_H
#define EPMWATCH_CAPTURE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"

struct batch;
struct packet;
struct source;

struct member {
	char *path; /* owned */
	bool once;  /* a pipe: it stays open from the first look at it */
	bool good;  /* its first packet has been read */
	size_t memory; /* that it takes to be uncompressed, as known when it was opened */
	bool done;  /* read to its end, or given up */
	int64_t first_ns;
	struct source *source; /* owned; NULL while closed */
	struct batch
	    *held;   /* the source's; what the chain has to merge; NULL where nothing is held */
	size_t next; /* held->packet[next..] has not been handed out */
	struct source_progress last; /* when the source was closed */
};

/** member_open(m, options, index): Open it, again or for the first time. As source_open(); a failure closes
 * it. ${problem} gets the line that says why. */
int member_open(struct member *m, const struct source_options *options, uint32_t index,
    char problem[SOURCE_PROBLEM]);

/** member_close(m): Close it, and remember how far it got. Views of its packets are dead. */
void member_close(struct member *m);

/** member_deinit(m): Free what it owns. */
void member_deinit(struct member *m);

/** member_head(m): The next packet that it holds, or NULL. Valid until it is filled or closed. */
const struct packet *member_head(const struct member *m);

/** member_fill(m): Hold the next packets, once none is held: as source_next(). */
int member_fill(struct member *m);

/** member_hold(m, batch): Hold ${batch}, which its source has given. */
void member_hold(struct member *m, struct batch *batch);

/** member_progress(m, out): As chain_progress(). */
void member_progress(const struct member *m, struct source_progress *out);

#endif
