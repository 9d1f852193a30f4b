/* walk.h - passing the records of a stretch of a capture, one after the other. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_WALK_H
#define EPMWATCH_CAPTURE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"
#include "capture/source_ops.h"

/* Why a walk halts. */
enum walk_end {
	WALK_FULL,   /* the batch is; there may be more */
	WALK_STOP,   /* the next record begins where this walk ends, or behind it */
	WALK_SHORT,  /* the next record is not whole: the file ends in it */
	WALK_BROKEN, /* the next record contradicts itself, or cannot be dealt with: err and words */
	WALK_LEARN,  /* the next record changes what is known of the file, and this walk may not */
};

struct walk {
	const uint8_t *at;   /* the next record */
	const uint8_t *stop; /* records that begin here or later are not this walk's */
	const uint8_t *end;  /* of what there is of the file; not before stop */
	uint64_t frame;      /* of the last packet passed */
	uint32_t source;     /* for the packets */
	bool may_learn;      /* nobody else reads the same file now */
	int unread;          /* a link type that was met and is not read; -1: none */
	int err;             /* ERR_DAMAGED, ERR_USAGE (the filter), -errno */
	char words[SOURCE_WORDS];
};

/*
 * One kind of capture file. What open() makes is read by any number of walks at once, except by one
 * that may learn, which then has to be the only one.
 */
struct record_format {
	/* The kind of file that begins with these ${len} bytes; ${first} gets the offset of its first
	 * record. SOURCE_OTHER if it is none of these, or of a kind that is better left to libpcap;
	 * -ENOMEM; ERR_USAGE and ${words} if the filter does not fit. */
	int (*open)(void **self, const uint8_t *data, size_t len, const char *filter,
	    uint64_t *first, char words[SOURCE_WORDS]);
	void (*close)(void *self);
	/* Pass records and add the packets to ${batch}, which is empty, until it is full or something
	 * else ends it; sum up what is in it, and leave the marks alone. */
	enum walk_end (*fill)(void *self, struct walk *walk, struct batch *batch);
	/* Pass records up to the first packet, whatever its link and the filter: WALK_FULL. */
	enum walk_end (*first)(void *self, struct walk *walk, struct packet *packet);
	/* True once there is a link that is read; which is the first. */
	bool (*link)(const void *self, enum link *out);
	/* Where between ${walk}'s at and stop a record begins, by all appearances; NULL: nowhere. */
	const uint8_t *(*guess)(const void *self, const struct walk *walk);
};

/** walk_break(walk, err, fmt, ...): Set err and words; returns WALK_BROKEN. */
enum walk_end walk_break(struct walk *walk, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));

#endif
