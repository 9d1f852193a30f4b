/* obs_queue.h - observations in the order they were made, with the memory that they point into.
 *
 * One worker fills it, one consumer drains it; a queue is handed over whole. Its memory is one block with a cap, so a
 * flood of answers costs what was set at the start: what no longer fits is dropped and counted. An observation is
 * whole or absent: if memory for a part of it was refused, its push is refused too, so push it (or nothing else). */
#ifndef EPMWATCH_DISSECT_OBS_QUEUE_H
#define EPMWATCH_DISSECT_OBS_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct obs;
struct obs_queue;

/** obs_queue_new(out, bytes) / obs_queue_free(&q): A queue whose observations take at most ${bytes}, all told. -ENOMEM. */
int obs_queue_new(struct obs_queue **out, size_t bytes);
void obs_queue_free(struct obs_queue **q);

/** obs_queue_alloc(q, n): ${n} zeroed bytes, aligned for any type, that live until the next reset; NULL where they do not fit. */
void *obs_queue_alloc(struct obs_queue *q, size_t n);

/** obs_queue_text(q, octets, len): text_clean() of ${octets} up to a NUL, in the queue's memory. NULL if it comes out empty or does not fit. */
const char *obs_queue_text(struct obs_queue *q, const uint8_t *octets, size_t len);

/** obs_queue_text_utf16(q, octets, len): The same of UTF-16, little-endian: text_clean_utf16(). */
const char *obs_queue_text_utf16(struct obs_queue *q, const uint8_t *octets, size_t len);

/** obs_queue_bytes(q, octets, len): A copy in the queue's memory; NULL where it does not fit. */
const uint8_t *obs_queue_bytes(struct obs_queue *q, const uint8_t *octets, size_t len);

/** obs_queue_push(q, obs): Append a copy of ${obs} itself; what it points to stays where it is. Dropped and counted if it does not fit. */
void obs_queue_push(struct obs_queue *q, const struct obs *obs);

/**
 * obs_queue_mark(q) / obs_queue_rewind(q, mark):
 * How much memory is given out; and back to that, where nothing was pushed since: what was taken for an observation that
 * was none after all is free again.
 */
size_t obs_queue_mark(const struct obs_queue *q);
void obs_queue_rewind(struct obs_queue *q, size_t mark);

/** obs_queue_count(q) / obs_queue_at(q, i): What is in it, in order; valid until the reset. */
size_t obs_queue_count(const struct obs_queue *q);
const struct obs *obs_queue_at(const struct obs_queue *q, size_t i);

/** obs_queue_reset(q): Forget all observations and all memory they point to. */
void obs_queue_reset(struct obs_queue *q);

/** obs_queue_dropped(q): Observations that did not fit since the queue was made. */
uint64_t obs_queue_dropped(const struct obs_queue *q);

#endif
