/* source.h - where packets come from: one capture, whoever reads it.
 *
 * A reader is a row of functions (struct source_ops). Regular files of the common kinds are read in place, compressed
 * ones of those kinds as they are uncompressed, all others, and pipes, by libpcap; nobody outside capture/ notices. */
#ifndef EPMWATCH_CAPTURE_SOURCE_H
#define EPMWATCH_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/packet.h"

struct batch;
struct source;

enum { SOURCE_PROBLEM = 512 };

/* What a compressed capture may expand to where nothing is said: 1 TiB. */
#define SOURCE_MOST (UINT64_C(1) << 40)

/* How far a source has been read, and what it is known by. */
struct source_progress {
	uint64_t frames;                 /* packets delivered, whether or not a filter let them pass */
	uint64_t bytes;                  /* of the file taken in so far, uncompressed; at least those of the frames delivered */
	uint64_t size;                   /* of the file, uncompressed; 0 where unknown */
	uint64_t stored;                 /* bytes of the file as it lies there that were used so far */
	uint64_t stored_size;            /* of the file as it lies there; 0 where unknown */
	size_t memory;                   /* that uncompressing it takes */
	uint64_t damaged_at;             /* byte where the record begins that breaks it, uncompressed; 0: none so far */
	enum link link;                  /* of the first interface whose packets are read */
	uint8_t first_record[HASH_DIGEST]; /* of the first packet: time, lengths, content; zeros before it */
	uint8_t digest[HASH_DIGEST];     /* of the first `bytes` bytes */
};

/* How to read. All zeros, or no options at all: every packet, unmarked, in one thread. */
struct source_options {
	const char *filter;              /* BPF expression; NULL for all */
	const struct sieve *sieve;       /* marks the packets; NULL: every mark is all ones. Outlives the source */
	size_t threads;                  /* that may look ahead in a file, the caller's own included; 0 is 1. What comes out
	                                  * does not depend on it */
	uint64_t most;                   /* bytes that a compressed capture may expand to; 0: SOURCE_MOST */
};

/**
 * source_open(out, path, options, index):
 * Open the capture ${path} (`-` is standard input), whose packets get ${index} as their source. ${options} may be
 * NULL, and is not kept. The first packet is read, so that source_first_ns() can tell. On failure ${out} is still set, so that source_problem() can say
 * what and where; close it in any case (-ENOMEM may leave it NULL, which is fine). -errno, ERR_DAMAGED, ERR_LINKTYPE, ERR_EMPTY, ERR_USAGE (the filter).
 */
int source_open(struct source **out, const char *path, const struct source_options *options, uint32_t index);

/** source_close(&s): Close and free. NULL is fine. */
void source_close(struct source **s);

/**
 * source_next(s, batch):
 * Point ${batch} to the next packets, at least one, and return 1; 0 at the end; ERR_DAMAGED or -errno where the capture
 * breaks, after all packets before the break have been delivered; ERR_USAGE at an interface whose link the filter does
 * not fit. The batch is the source's own; it and its views live
 * until the next call or the close. The caller may change the marks and the count.
 */
int source_next(struct source *s, struct batch **batch);

/** source_first_ns(s): Time of the first packet. */
int64_t source_first_ns(const struct source *s);

/** source_path(s): As it was opened. */
const char *source_path(const struct source *s);

/** source_problem(s): One line that names file, offset and trouble after a failure; an empty string without one. */
const char *source_problem(const struct source *s);

/** source_progress(s, out): Where it stands. */
void source_progress(const struct source *s, struct source_progress *out);

/**
 * source_prefix_digest(path, bytes, out):
 * The digest of the first ${bytes} bytes of the regular file ${path}, uncompressed, as source_progress() gives it.
 * ERR_TRUNC if it is shorter, or damaged before; -ESPIPE for what is no regular file, since its bytes can be had only
 * once; -errno.
 */
int source_prefix_digest(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST]);

/** source_begins(path, bytes, digest): True if ${digest} is that of the first ${bytes} bytes of ${path}, or what earlier versions took for it:
 * XXH3-128 of all of them at once. False also where source_prefix_digest() would fail. */
bool source_begins(const char *path, uint64_t bytes, const uint8_t digest[HASH_DIGEST]);

/* How what two captures hold, uncompressed, compares. */
enum source_overlap {
	SOURCE_APART,         /* neither begins with all of the other; or one cannot be read, or holds nothing */
	SOURCE_SAME,
	SOURCE_FIRST_LONGER,  /* the first begins with all of the second, and goes on */
	SOURCE_SECOND_LONGER,
};

/** source_compare(a, b): Compare the regular files ${a} and ${b} byte by byte, each up to its end or where it is damaged. */
enum source_overlap source_compare(const char *a, const char *b);

#endif
