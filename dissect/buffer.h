/* buffer.h - bytes that grow piece by piece, charged to the dissector's budget. */
#ifndef EPMWATCH_DISSECT_BUFFER_H
#define EPMWATCH_DISSECT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

struct buffer {        /* invariant: len <= cap; all zero is an empty buffer */
	uint8_t *data; /* owned */
	size_t len, cap;
};

/** buffer_add(b, budget, data, len): Append ${len} bytes. False, with nothing added, where the
 * budget or memory does not allow it. */
bool buffer_add(struct buffer *b, struct budget *budget, const uint8_t *data, size_t len);

/** buffer_free(b, budget): Give all back; ${b} is empty afterwards. */
void buffer_free(struct buffer *b, struct budget *budget);

#endif
