/* events.h - what was seen and concluded, as JSON lines (contract: doc/events.schema.json).
 *
 * One builder for each event type, and one for each object inside it. Field names and their order
 * are part of the interface. Lines are buffered: a reader at the other end of a pipe sees them in
 * large pieces, and at the end, or where events_flush() is called.
 *
 * An output that cannot be written ends a run that reads captures. One that watches interfaces goes
 * on instead, and does not wait for a reader that does not read: lines wait, as many as the buffer
 * holds, the others are counted, and what was written in part is completed once it can be. */
#ifndef EPMWATCH_APP_EVENTS_H
#define EPMWATCH_APP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct alert;
struct change;
struct events;
struct memory_parts;
struct obs;
struct pinhole;
struct push;
struct push_registration;
struct realm_rules;

/* What every event of a run shares; borrowed until events_free(). */
struct events_run {
	const char *sensor, *realm;
	const struct realm_rules *realms; /* the others; NULL: none */
	/* The name of a capture or interface, printable; NULL where unknown. */
	const char *(*source)(void *ctx, uint32_t index);
	void *ctx;
	const char *output; /* what the file is called in messages */
	unsigned types;     /* which are written: a set of EVENT_TYPE() */
	bool live;          /* sources are interfaces */
};

/* The numbers of a `stats` event. */
struct events_totals {
	int64_t ts_ns; /* captures: of the last packet, 0 where none came; live: now */
	uint64_t packets, bytes;
	uint64_t dropped_kernel, dropped_interface, dropped_queue, dropped_decode, dropped_cap;
	uint64_t dropped_alerts, dropped_moments, dropped_sessions, dropped_spans;
	uint64_t fragments, reassembled, refused, incomplete; /* of IP; the latter two are datagrams */
	uint64_t duplicates, too_deep, sealed_frames;
	uint64_t streams, gaps, out_of_order, evicted, overlaps;
	uint64_t pdus, malformed, sealed, unanswered;
	uint64_t candidates, candidates_shed, candidates_evicted; /* for new-mail notifications */
	uint64_t ndpi_flows, ndpi_skipped, ndpi_shed, ndpi_evicted;
	uint64_t only_ndpi, only_we; /* take something for DCE/RPC */
	uint64_t memory_used;
	const struct memory_parts *memory;
	uint64_t commits, episodes, queue;
	uint64_t captures, damaged; /* of captures */
	/* live */
	uint64_t interfaces, away, workers, received, late;
	uint64_t store_failures, store_lost, unfolded;
	uint64_t seconds; /* of packet time */
};

/** events_new(out, file, run) / events_free(&e): Events on ${file}, which stays the caller's.
 * -ENOMEM. */
int events_new(struct events **out, FILE *file, const struct events_run *run);
void events_free(struct events **e);

/* Each writes one line, if its type is wanted (not each observation is an event), and returns 0, or -EIO after a message. ${cause} is the observation that
 * brought the change or alert; NULL, or one of another time: time brought it. */
int events_observation(struct events *e, const struct obs *o);
int events_change(struct events *e, const struct change *c, const struct obs *cause);
int events_alert(struct events *e, const struct alert *a, const struct obs *cause);
int events_pinhole(struct events *e, const struct pinhole *p);
int events_push(struct events *e, const struct push *p, const struct obs *cause);
int events_registration(struct events *e, const struct push_registration *r, const struct obs *cause);
int events_stats(struct events *e, const struct events_totals *t);

/** events_flush(e): Write what is buffered. 0, or -EIO after a message. */
int events_flush(struct events *e);

/** events_finish(e): The same for the last time: a reader that is slow is waited for, but not for ever. */
int events_finish(struct events *e);

/** events_written(e): Lines so far. */
uint64_t events_written(const struct events *e);

#endif
