/* source_ops.h - what a reader of packets provides, and what it finds in every source. For capture/
 * alone. */
#ifndef EPMWATCH_CAPTURE_SOURCE_OPS_H
#define EPMWATCH_CAPTURE_SOURCE_OPS_H

#include <stdint.h>

#include "base/hash.h"
#include "capture/source.h"

struct batch;
struct intake;
struct packet;

/* Bytes of words that a problem's line holds, with the NUL. */
enum {
	SOURCE_WORDS = 208
};

/* What open() returns for a file that the next reader of the table may be able to read. */
enum {
	SOURCE_OTHER = 1
};

/* A reader. Results are those of the source_*() function of the same name. */
struct source_ops {
	int (*open)(
	    struct source *s, const struct source_options *options); /* up to and with the first packet */
	int (*next)(struct source *s, struct batch **batch);
	void (*progress)(
	    const struct source *s, struct source_progress *out); /* all but first_record */
	void (*close)(struct source *s); /* whatever open() left, failed or not */
};

/* A row of the table of readers. */
struct source_reader {
	const struct source_ops *ops;
	const void *tuning; /* the reader's own sizes; NULL: it has none */
};

struct source {
	const struct source_ops *ops;
	const void *tuning; /* as in the table */
	void *reader; /* the reader's own, NULL before open() and after close() */
	struct intake *intake; /* owned; NULL until a reader asks for it */
	uint64_t most; /* bytes that it may expand to; 0: the default */
	char *path;   /* owned */
	uint32_t index; /* of its packets */
	const struct sieve *sieve; /* borrowed; NULL: all is marked */
	int64_t first_ns;
	uint8_t first_record[HASH_DIGEST];
	char problem[SOURCE_PROBLEM];
};

/** source_open_by(out, reader, path, options, index): As source_open(), by this reader alone:
 * SOURCE_OTHER if it is not for it. */
int source_open_by(struct source **out, const struct source_reader *reader, const char *path,
    const struct source_options *options, uint32_t index);

/** source_intake(s): See that ${s}->intake is open: one reader after the other may look at it, and
 * give back what it has read. -errno, and the problem is set. */
int source_intake(struct source *s);

/** source_note_first(s, packet): The first packet of the file, whether or not a filter lets it
 * pass. -ENOMEM. */
int source_note_first(struct source *s, const struct packet *packet);

/** source_mark(s, batch): The batch is full: sum it up, and have it marked. */
void source_mark(const struct source *s, struct batch *batch);

/** source_look(s, batch): The same where it has been summed up. From any thread. */
void source_look(const struct source *s, struct batch *batch);

/** source_describe(out, path, fmt, ...): Write the name of ${path}, made harmless, and these words.
 * At most 159 bytes of words are kept, and the end of a name that is too long. */
void source_describe(char out[SOURCE_PROBLEM], const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** source_fail(s, err, fmt, ...): Set the problem to the source's name and these words, unless
 * there is one; returns ${err}. */
int source_fail(struct source *s, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
