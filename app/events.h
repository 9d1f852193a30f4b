/* events.h - what was seen and concluded, as JSON lines (contract: doc/events.schema.json).
 *
 * One builder for each event type, and one for each object inside it. Field names and their order
 * are part of the interface. Lines are buffered: a reader at the other end of a pipe sees them in
 * large pieces, and at the end. */
#ifndef EPMWATCH_APP_EVENTS_H
#define EPMWATCH_APP_EVENTS_H

#include <stdint.h>
#include <stdio.h>

struct alert;
struct change;
struct events;
struct obs;

/* What every event of a run shares; borrowed until events_free(). */
struct events_run {
	const char *sensor, *realm;
	const char *(*capture)(
	    void *ctx, uint32_t index); /* the name of a capture, printable; NULL where unknown */
	void *ctx;
	const char *output; /* what the file is called in messages */
};

/* The numbers of a `stats` event. */
struct events_totals {
	int64_t ts_ns; /* of the last packet; 0: none came */
	uint64_t packets, bytes;
	uint64_t dropped_queue, dropped_decode, dropped_cap;
	uint64_t streams, gaps, out_of_order, evicted, overlaps;
	uint64_t pdus, malformed, sealed, unanswered;
	uint64_t memory_used, memory_cap;
	uint64_t commits, episodes;
	uint64_t captures, damaged;
	uint64_t seconds; /* of packet time */
};

/** events_new(out, file, run) / events_free(&e): Events on ${file}, which stays the caller's.
 * -ENOMEM. */
int events_new(struct events **out, FILE *file, const struct events_run *run);
void events_free(struct events **e);

/* Each writes one line, and returns 0, or -EIO after a message. ${cause} is the observation that brought the change
 * or alert. */
int events_observation(struct events *e, const struct obs *o);
int events_change(struct events *e, const struct change *c, const struct obs *cause);
int events_alert(struct events *e, const struct alert *a, const struct obs *cause);
int events_stats(struct events *e, const struct events_totals *t);

/** events_flush(e): Write what is buffered. 0, or -EIO after a message. */
int events_flush(struct events *e);

/** events_written(e): Lines so far. */
uint64_t events_written(const struct events *e);

#endif
