/* merge.h - packets of several inputs in one order of time, with bounded memory and a bounded wait. It knows
 * no interface and no clock: whoever feeds it says what time it is.
 *
 * Each input is a queue of copies. The packet with the least time goes when every other input has a packet
 * waiting or has shown one at least as late; or when some packet has waited for the hold; or when a queue
 * has no room left. So an idle input delays the others and never blocks them. Within an input the order
 * stays as it came. */
#ifndef EPMWATCH_CAPTURE_MERGE_H
#define EPMWATCH_CAPTURE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct mark;
struct merge;
struct packet;

enum {
	MERGE_PACKET = 256 * 1024, /* the largest packet that is taken, in bytes */
	MERGE_QUEUE_LEAST = 1024 * 1024,
};

/**
 * merge_new(out, inputs, queue_bytes, hold_ns) / merge_free(&m):
 * ${inputs} queues of ${queue_bytes} each, at least MERGE_QUEUE_LEAST. The memory is touched only as far as it
 * is used. -ENOMEM.
 */
int merge_new(struct merge **out, size_t inputs, size_t queue_bytes, int64_t hold_ns);
void merge_free(struct merge **m);

/** merge_has_room(m, input): Whether merge_put() may be called for ${input}. */
bool merge_has_room(const struct merge *m, size_t input);

/**
 * merge_put(m, input, packet, mark, now_ns):
 * Queue a copy of ${packet}, at most MERGE_PACKET bytes of it, with its mark. ${now_ns} is the time now on a
 * clock that does not jump. There has to be room.
 */
void merge_put(struct merge *m, size_t input, const struct packet *packet, const struct mark *mark, int64_t now_ns);

/** merge_show(m, input, ts_ns): ${input} has had a packet of this time that nobody wants. */
void merge_show(struct merge *m, size_t input, int64_t ts_ns);

/** merge_waiting(m): Packets in the queues. */
size_t merge_waiting(const struct merge *m);

/**
 * merge_take(m, now_ns, batch):
 * Fill ${batch}, its sums and marks included, with the packets that may go at ${now_ns}, and return how many;
 * INT64_MAX makes all of them go. The views live until the next call.
 */
size_t merge_take(struct merge *m, int64_t now_ns, struct batch *batch);

/** merge_next_ns(m): Time of the packet that goes next; INT64_MAX if none waits. */
int64_t merge_next_ns(const struct merge *m);

/** merge_due(m): When the next packet will have waited long enough; INT64_MAX if none waits. */
int64_t merge_due(const struct merge *m);

/** merge_late(m): Packets handed out behind later ones of another input, so far. */
uint64_t merge_late(const struct merge *m);

#endif
