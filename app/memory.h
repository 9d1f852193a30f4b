/* memory.h - how --memory is split before anything is allocated: each part gets a share of its own, and what the parts
 * are made with follows from it. Pure numbers.
 *
 * The rest, an eighth and at least 6 MiB, is for the program itself, what one observation causes, and events on their
 * way out. Everything else is shared by weight: interfaces have rings and a journal, captures have neither, and a history
 * without a file has to live in the store's part. */
#ifndef EPMWATCH_APP_MEMORY_H
#define EPMWATCH_APP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "track/track.h"

enum {
	MEMORY_DEFAULT_MIB = 256,
	MEMORY_LEAST_MIB = 32,
	MEMORY_WORKERS = 64, /* at most */
	MEMORY_QUEUES = 3,   /* of one worker: being filled, handed over, and being folded */
	MEMORY_TEXT = 256,
};

/* What is wanted. */
struct memory_need {
	size_t total;   /* bytes for all; 0: the default */
	size_t workers; /* that capture; 0: captures are read */
	size_t devices; /* interfaces of each worker */
	size_t ring;    /* bytes of one interface's ring; 0: what there is for it */
	bool in_memory; /* the store has no file */
};

struct memory_parts {
	size_t total;
	/* Bytes, of all workers together; these are all there is. */
	size_t rings, flows, streams, queues, store, history, journal, hints, ndpi, rest; /* ndpi 0: it is asked about nothing */
	/* What they come to. */
	size_t ring;         /* bytes of one ring */
	size_t flow_count;   /* connections that one worker follows */
	size_t stream_bytes; /* buffers of one worker */
	size_t queue_bytes;  /* of one queue */
	size_t hints_most;   /* endpoints learned */
	struct track_limits track;
};

/** memory_copies(need): Bytes that a worker needs beside each ring, for packets that it took out and has not dissected. */
size_t memory_copies(const struct memory_need *need);

/** memory_least(need): The smallest total, in bytes, that memory_split() can do with. */
size_t memory_least(const struct memory_need *need);

/** memory_split(need, out): Split. The parts add up to the total, none is empty that is needed. ERR_USAGE below
 * memory_least(). */
int memory_split(const struct memory_need *need, struct memory_parts *out);

/** memory_warn(parts): Say what is not done because there is too little of it. */
void memory_warn(const struct memory_parts *parts);

/** memory_describe(parts, out): The split in words, in MiB; returns ${out}. */
char *memory_describe(const struct memory_parts *parts, char out[MEMORY_TEXT]);

#endif
