/* readings.h - all that a reader tells of a capture, kept and compared. To be included after
 * cmocka.h. */
#ifndef EPMWATCH_TESTS_READINGS_H
#define EPMWATCH_TESTS_READINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/packet.h"
#include "capture/source.h"
#include "capture/source_ops.h"

struct seen_packet {
	int64_t ts_ns;
	uint64_t frame;
	uint64_t content; /* hashed */
	uint32_t caplen, wirelen, source;
	enum link link;
	size_t batch;    /* number of the batch it came in */
	uint64_t passed; /* frames, when that was delivered */
	uint64_t taken;  /* bytes, and the digest begins so */
	uint8_t digest;
};

struct reading {
	int opened, result;
	size_t count, room;
	struct seen_packet *packet; /* owned */
	char problem[SOURCE_PROBLEM];
	struct source_progress start, end;
};

static inline void
reading_free(struct reading *r)
{
	free(r->packet);
	r->packet = NULL;
}

static inline void
reading_add(
    struct reading *r, const struct packet *p, size_t batch, const struct source_progress *progress)
{
	if (r->count == r->room) {
		r->room = r->room > 0 ? 2 * r->room : 64;
		r->packet = realloc(r->packet, r->room * sizeof(*r->packet));
		assert_non_null(r->packet);
	}
	r->packet[r->count++] = (struct seen_packet){.ts_ns = p->ts_ns,
	    .frame = p->frame,
	    .content = hash_bytes(p->data, p->caplen),
	    .caplen = p->caplen,
	    .wirelen = p->wirelen,
	    .source = p->source,
	    .link = p->link,
	    .batch = batch,
	    .passed = progress->frames,
	    .taken = progress->bytes,
	    .digest = progress->digest[0]};
}

/* What a batch says of itself is so. */
static inline void
reading_check_batch(const struct batch *batch)
{
	int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
	uint64_t bytes = 0;

	assert_in_range(batch->count, 1, BATCH_PACKETS);
	for (size_t i = 0; i < batch->count; i++) {
		const struct packet *p = &batch->packet[i];

		bytes += p->caplen;
		first_ns = p->ts_ns < first_ns ? p->ts_ns : first_ns;
		last_ns = p->ts_ns > last_ns ? p->ts_ns : last_ns;
		assert_int_equal(p->source, batch->source);
		assert_int_equal(batch->mark[i].kind, 0xff);
	}
	assert_int_equal(batch->bytes, bytes);
	assert_true(batch->first_ns == first_ns && batch->last_ns == last_ns);
}

/* Read ${path} to its end by ${reader}. */
static inline void
reading_take(struct reading *r, const struct source_reader *reader, const char *path,
    const struct source_options *options)
{
	struct source *s;
	struct batch *batch;

	memset(r, 0, sizeof(*r));
	r->opened = source_open_by(&s, reader, path, options, 7);
	if (r->opened == 0) {
		source_progress(s, &r->start);
		for (size_t n = 0; (r->result = source_next(s, &batch)) == 1; n++) {
			struct source_progress progress;

			source_progress(s, &progress);
			reading_check_batch(batch);
			for (size_t i = 0; i < batch->count; i++)
				reading_add(r, &batch->packet[i], n, &progress);
		}
		assert_int_equal(source_next(s, &batch), r->result);
	}
	source_progress(s, &r->end);
	snprintf(r->problem, sizeof(r->problem), "%s", source_problem(s));
	source_close(&s);
}

/* A line that says where two readings of a capture differ; NULL if they agree. */
static inline const char *
reading_difference(const struct reading *a, const struct reading *b)
{
	static char line[2 * SOURCE_PROBLEM + 64];

	if (a->opened != b->opened || a->result != b->result ||
	    strcmp(a->problem, b->problem) != 0) {
		snprintf(line, sizeof(line), "%d, %d \"%s\" against %d, %d \"%s\"", a->opened,
		    a->result, a->problem, b->opened, b->result, b->problem);
		return line;
	}
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		const struct seen_packet *x = &a->packet[i], *y = &b->packet[i];

		if (x->ts_ns == y->ts_ns && x->frame == y->frame && x->content == y->content &&
		    x->caplen == y->caplen && x->wirelen == y->wirelen && x->source == y->source &&
		    x->link == y->link)
			continue;
		snprintf(line, sizeof(line),
		    "packet %zu: frame %lu at %ld, %u of %u, against frame %lu at %ld, %u of %u", i,
		    (unsigned long)x->frame, (long)x->ts_ns, x->caplen, x->wirelen,
		    (unsigned long)y->frame, (long)y->ts_ns, y->caplen, y->wirelen);
		return line;
	}
	if (a->count != b->count || a->end.frames != b->end.frames ||
	    a->end.damaged_at != b->end.damaged_at || a->end.size != b->end.size ||
	    (a->opened == 0 && a->end.link != b->end.link) ||
	    memcmp(a->end.first_record, b->end.first_record, HASH_DIGEST) != 0) {
		snprintf(line, sizeof(line),
		    "%zu packets of %lu frames, damaged at %lu, against %zu of %lu at %lu, or "
		    "first record, size, link",
		    a->count, (unsigned long)a->end.frames, (unsigned long)a->end.damaged_at,
		    b->count, (unsigned long)b->end.frames, (unsigned long)b->end.damaged_at);
		return line;
	}
	return NULL;
}

/* The same where both are the same reader's: batch by batch, and what it said of itself after each. */
static inline const char *
reading_detail(const struct reading *a, const struct reading *b)
{
	const char *difference = reading_difference(a, b);
	static char line[128];

	if (difference != NULL)
		return difference;
	for (size_t i = 0; i < a->count; i++) {
		const struct seen_packet *x = &a->packet[i], *y = &b->packet[i];

		if (x->batch == y->batch && x->passed == y->passed && x->taken == y->taken &&
		    x->digest == y->digest)
			continue;
		snprintf(line, sizeof(line),
		    "packet %zu: batch %zu against %zu, %lu against %lu bytes", i, x->batch,
		    y->batch, (unsigned long)x->taken, (unsigned long)y->taken);
		return line;
	}
	if (a->end.bytes != b->end.bytes || memcmp(a->end.digest, b->end.digest, HASH_DIGEST) != 0)
		return "bytes or digest at the end";
	return NULL;
}

#endif
