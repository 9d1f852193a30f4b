#include "capture/merge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"

/* What stands in a queue: this, and the bytes of the packet behind it. */
struct record {
	size_t size; /* of all of it; 0: no record, the next one stands at the queue's beginning */
	int64_t taken_ns;
	struct packet packet;
	struct mark mark;
};

enum {
	ALIGNMENT = _Alignof(struct record),
	RECORD_MOST = sizeof(struct record) + MERGE_PACKET,
};

_Static_assert(RECORD_MOST % ALIGNMENT == 0, "the largest record needs no padding");
_Static_assert(MERGE_QUEUE_LEAST >= 3 * RECORD_MOST, "a queue holds more than what is looked at");

/* A ring of records that are never broken at its end:
 *   begin .. head   handed out, and looked at until the next merge_take()
 *   head .. end     waiting
 * Empty where used is 0. */
struct queue {
	uint8_t *data; /* owned */
	size_t size;
	size_t begin, head, end;
	size_t used;      /* bytes from begin to end, with what is skipped at the end of the ring */
	size_t taken;     /* of these, up to head */
	size_t waiting;   /* records */
	int64_t shown_ns; /* time of the last packet that came */
	int64_t given_ns; /* greatest time that was handed out */
};

struct merge {
	size_t inputs;
	int64_t hold_ns;
	uint64_t late;
	struct queue queue[];
};

static void
queue_init(struct queue *q, size_t bytes)
{
	q->data = malloc(bytes);
	q->size = bytes;
	q->shown_ns = q->given_ns = INT64_MIN;
}

/* Where the next record of ${size} bytes can stand; q->size if nowhere. */
static size_t
queue_place(const struct queue *q, size_t size)
{
	if (q->used == 0)
		return 0;
	if (q->end <= q->begin)
		return q->begin - q->end >= size ? q->end : q->size;
	if (q->size - q->end >= size)
		return q->end;
	return q->begin >= size ? 0 : q->size;
}

/* The record at ${at}, which may be told to stand at the beginning. */
static struct record *
queue_record(const struct queue *q, size_t *at)
{
	struct record *r = (struct record *)(void *)(q->data + *at);

	if (q->size - *at >= sizeof(*r) && r->size != 0)
		return r;
	*at = 0;
	return (struct record *)(void *)q->data;
}

/* Leave the rest of the ring unused, and say so where a record could stand. */
static void
queue_skip(struct queue *q)
{
	size_t rest = q->size - q->end;

	if (rest >= sizeof(struct record))
		((struct record *)(void *)(q->data + q->end))->size = 0;
	q->used += rest;
	q->end = 0;
}

static void
queue_put(struct queue *q, const struct packet *packet, const struct mark *mark, int64_t now_ns)
{
	size_t caplen = packet->caplen < MERGE_PACKET ? packet->caplen : MERGE_PACKET;
	size_t size = (sizeof(struct record) + caplen + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	size_t at = queue_place(q, size);
	struct record *r;

	assert(at != q->size);
	if (q->used == 0)
		q->begin = q->head = q->end = 0;
	else if (at != q->end)
		queue_skip(q);
	r = (struct record *)(void *)(q->data + at);
	*r = (struct record){.size = size, .taken_ns = now_ns, .packet = *packet, .mark = *mark};
	r->packet.caplen = (uint32_t)caplen;
	r->packet.data = (const uint8_t *)(r + 1);
	if (caplen > 0)
		memcpy(r + 1, packet->data, caplen);
	q->end = at + size;
	q->used += size;
	q->waiting++;
}

static const struct record *
queue_first(const struct queue *q)
{
	size_t at = q->head;

	return queue_record(q, &at);
}

/* The first record has been handed out. */
static void
queue_pass(struct queue *q)
{
	size_t at = q->head;
	const struct record *r = queue_record(q, &at);

	if (at != q->head)
		q->taken += q->size - q->head;
	q->taken += r->size;
	q->head = at + r->size;
	q->waiting--;
}

/* Nobody looks any more at what has been handed out. */
static void
queue_release(struct queue *q)
{
	q->begin = q->head;
	q->used -= q->taken;
	q->taken = 0;
}

int
merge_new(struct merge **out, size_t inputs, size_t queue_bytes, int64_t hold_ns)
{
	struct merge *m = calloc(1, sizeof(*m) + inputs * sizeof(m->queue[0]));
	bool good = m != NULL;

	assert(queue_bytes >= MERGE_QUEUE_LEAST);
	*out = m;
	if (m == NULL)
		return -ENOMEM;
	m->inputs = inputs;
	m->hold_ns = hold_ns;
	for (size_t i = 0; i < inputs; i++) {
		queue_init(&m->queue[i], queue_bytes / ALIGNMENT * ALIGNMENT);
		good = good && m->queue[i].data != NULL;
	}
	if (!good)
		merge_free(out);
	return good ? 0 : -ENOMEM;
}

void
merge_free(struct merge **m)
{
	if (*m == NULL)
		return;
	for (size_t i = 0; i < (*m)->inputs; i++)
		free((*m)->queue[i].data);
	free(*m);
	*m = NULL;
}

bool
merge_has_room(const struct merge *m, size_t input)
{
	return queue_place(&m->queue[input], RECORD_MOST) != m->queue[input].size;
}

void
merge_put(struct merge *m, size_t input, const struct packet *packet, const struct mark *mark,
    int64_t now_ns)
{
	queue_put(&m->queue[input], packet, mark, now_ns);
	m->queue[input].shown_ns = packet->ts_ns;
}

void
merge_show(struct merge *m, size_t input, int64_t ts_ns)
{
	m->queue[input].shown_ns = ts_ns;
}

size_t
merge_waiting(const struct merge *m)
{
	size_t waiting = 0;

	for (size_t i = 0; i < m->inputs; i++)
		waiting += m->queue[i].waiting;
	return waiting;
}

/* The input whose packet is the next in time; the first of equals. m->inputs if nothing waits. */
static size_t
earliest(const struct merge *m)
{
	size_t best = m->inputs;
	int64_t best_ns = 0;

	for (size_t i = 0; i < m->inputs; i++) {
		int64_t ts_ns;

		if (m->queue[i].waiting == 0)
			continue;
		ts_ns = queue_first(&m->queue[i])->packet.ts_ns;
		if (best == m->inputs || ts_ns < best_ns) {
			best = i;
			best_ns = ts_ns;
		}
	}
	return best;
}

int64_t
merge_next_ns(const struct merge *m)
{
	size_t next = earliest(m);

	return next < m->inputs ? queue_first(&m->queue[next])->packet.ts_ns : INT64_MAX;
}

/* Nothing earlier than the packet that ${input} has waiting is to be expected from the others. */
static bool
is_in_order(const struct merge *m, size_t input)
{
	int64_t ts_ns = queue_first(&m->queue[input])->packet.ts_ns;

	for (size_t i = 0; i < m->inputs; i++) {
		const struct queue *q = &m->queue[i];

		if (i != input && q->waiting == 0 && q->shown_ns < ts_ns)
			return false;
	}
	return true;
}

int64_t
merge_due(const struct merge *m)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < m->inputs; i++) {
		const struct queue *q = &m->queue[i];

		if (q->waiting > 0 && queue_first(q)->taken_ns < due - m->hold_ns)
			due = queue_first(q)->taken_ns + m->hold_ns;
	}
	return due;
}

/* Some queue could not take the largest packet even if all that was handed out were released: what
 * is free lies in two pieces at most. */
static bool
is_crowded(const struct merge *m)
{
	for (size_t i = 0; i < m->inputs; i++) {
		const struct queue *q = &m->queue[i];

		if (q->used - q->taken > q->size - 2 * RECORD_MOST)
			return true;
	}
	return false;
}

static bool
is_late(const struct merge *m, size_t input, int64_t ts_ns)
{
	for (size_t i = 0; i < m->inputs; i++) {
		if (i != input && m->queue[i].given_ns > ts_ns)
			return true;
	}
	return false;
}

static void
add_to(struct batch *batch, const struct record *r)
{
	const struct packet *p = &r->packet;

	if (batch->count == 0) {
		batch->first_ns = batch->last_ns = p->ts_ns;
		batch->source = p->source;
	}
	if (p->ts_ns < batch->first_ns)
		batch->first_ns = p->ts_ns;
	if (p->ts_ns > batch->last_ns)
		batch->last_ns = p->ts_ns;
	if (p->source != batch->source)
		batch->source = BATCH_MIXED;
	batch->bytes += p->caplen;
	batch->mark[batch->count] = r->mark;
	batch->packet[batch->count++] = *p;
}

static void
hand_out(struct merge *m, size_t input, struct batch *batch)
{
	struct queue *q = &m->queue[input];
	const struct record *r = queue_first(q);

	if (is_late(m, input, r->packet.ts_ns))
		m->late++;
	if (r->packet.ts_ns > q->given_ns)
		q->given_ns = r->packet.ts_ns;
	add_to(batch, r);
	queue_pass(q);
}

size_t
merge_take(struct merge *m, int64_t now_ns, struct batch *batch)
{
	batch->count = 0;
	batch->bytes = 0;
	for (size_t i = 0; i < m->inputs; i++)
		queue_release(&m->queue[i]);
	while (batch->count < BATCH_PACKETS) {
		size_t next = earliest(m);

		if (next == m->inputs)
			break;
		if (!is_in_order(m, next) && now_ns < merge_due(m) && !is_crowded(m))
			break;
		hand_out(m, next, batch);
	}
	return batch->count;
}

uint64_t
merge_late(const struct merge *m)
{
	return m->late;
}
