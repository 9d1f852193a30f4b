#include "dissect/obs_queue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dissect/observation.h"

enum {
	ALIGNMENT = _Alignof(max_align_t)
};

/* Memory is given out from the front of the block, observations are stored from its end towards it.
 * Invariant: used + count observations fit between block and end. */
struct obs_queue {
	unsigned char *block;
	struct obs *end; /* one past the first observation */
	size_t size;     /* bytes from block to end */
	size_t used;     /* of them given out, a multiple of the alignment */
	size_t count;
	uint64_t dropped;
	bool short_of_memory; /* something of the next observation did not fit */
};

int
obs_queue_new(struct obs_queue **out, size_t bytes)
{
	struct obs_queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return -ENOMEM;
	q->size = bytes - bytes % _Alignof(struct obs);
	q->block = malloc(q->size + 1); /* not 0: that may be NULL */
	if (q->block == NULL) {
		free(q);
		return -ENOMEM;
	}
	q->end = (struct obs *)(void *)(q->block + q->size);
	*out = q;
	return 0;
}

void
obs_queue_free(struct obs_queue **q)
{
	if (*q == NULL)
		return;
	free((*q)->block);
	free(*q);
	*q = NULL;
}

static size_t
left(const struct obs_queue *q)
{
	return q->size - q->used - q->count * sizeof(struct obs);
}

/* ${n} bytes as they come; the caller fills them. */
static void *
take(struct obs_queue *q, size_t n)
{
	void *p = q->block + q->used;
	size_t padded = n + (ALIGNMENT - n % ALIGNMENT) % ALIGNMENT;

	if (padded < n || padded > left(q)) {
		q->short_of_memory = true;
		return NULL;
	}
	q->used += padded;
	return p;
}

void *
obs_queue_alloc(struct obs_queue *q, size_t n)
{
	void *p = take(q, n);

	return p != NULL ? memset(p, 0, n) : NULL;
}

/* What ${clean} makes of the octets. */
static const char *
cleaned(struct obs_queue *q, const uint8_t *octets, size_t len,
    size_t (*clean)(const uint8_t *, size_t, char *, size_t))
{
	size_t before = q->used;
	char *p;

	/* Every octet can become a replacement character of three. */
	if (len > (SIZE_MAX - 1) / 3) {
		q->short_of_memory = true;
		return NULL;
	}
	p = take(q, len * 3 + 1);
	if (p == NULL)
		return NULL;
	len = clean(octets, len, p, len * 3 + 1);
	q->used = before;
	return len != 0 ? take(q, len + 1) : NULL;
}

const char *
obs_queue_text(struct obs_queue *q, const uint8_t *octets, size_t len)
{
	return cleaned(q, octets, len, text_clean);
}

const char *
obs_queue_text_utf16(struct obs_queue *q, const uint8_t *octets, size_t len)
{
	return cleaned(q, octets, len, text_clean_utf16);
}

const uint8_t *
obs_queue_bytes(struct obs_queue *q, const uint8_t *octets, size_t len)
{
	uint8_t *p = take(q, len);

	if (p != NULL && len != 0)
		memcpy(p, octets, len);
	return p;
}

void
obs_queue_push(struct obs_queue *q, const struct obs *obs)
{
	if (q->short_of_memory || left(q) < sizeof(*obs)) {
		q->short_of_memory = false;
		q->dropped++;
		return;
	}
	q->count++;
	*(q->end - q->count) = *obs;
}

size_t
obs_queue_mark(const struct obs_queue *q)
{
	return q->used;
}

void
obs_queue_rewind(struct obs_queue *q, size_t mark)
{
	q->used = mark;
	q->short_of_memory = false;
}

size_t
obs_queue_count(const struct obs_queue *q)
{
	return q->count;
}

const struct obs *
obs_queue_at(const struct obs_queue *q, size_t i)
{
	return q->end - 1 - i;
}

void
obs_queue_reset(struct obs_queue *q)
{
	q->used = 0;
	q->count = 0;
	q->short_of_memory = false;
}

uint64_t
obs_queue_dropped(const struct obs_queue *q)
{
	return q->dropped;
}
