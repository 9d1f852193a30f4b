/* chain.h - many captures read as one, in time order.
 *
 * Captures are ordered by their first packet; where they overlap in time (the two directions of a tap, say) they are
 * merged packet by packet. A file is open only while its time has come, so a folder of thousands is no problem. Within
 * a file the order of the file holds; packets of the same time come in the order of their captures.
 *
 * At most CHAIN_OPEN captures are open at a time, fewer where uncompressing them takes much memory. If more overlap, the rest wait until one of those has been
 * read to its end: nothing is lost, but their packets come late, and a warning says so once. */
#ifndef EPMWATCH_CAPTURE_CHAIN_H
#define EPMWATCH_CAPTURE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"

struct chain;
struct source_options;
struct source_progress;

enum { CHAIN_OPEN = 64 };

/* No further one is opened while uncompressing those that are takes so much. */
#define CHAIN_MEMORY ((size_t)64 << 20)

/**
 * chain_new(out, paths, count, options):
 * Prepare ${count} captures: files, `-`, or directories (the captures in them, not hidden ones nor those in folders below,
 * in the order of their names). Each is opened, with ${options} (NULL: the defaults), and its first packet read. A path that does not exist is -ENOENT, a filter that does
 * not fit is ERR_USAGE: chain_problem() names either, so free ${out} in any case. A file that is no capture is a problem
 * too, but passed over: the others are still read. In a directory, files that are not captures by content are passed
 * over silently; if none is, that is a problem. -ENOMEM leaves ${out} NULL.
 */
int chain_new(struct chain **out, const char *const *paths, size_t count,
    const struct source_options *options);

/** chain_free(&c): Close all. NULL is fine. */
void chain_free(struct chain **c);

/** chain_next(c, batch): 1 with packets (packet.source is a capture's index), 0 at the end, -ENOMEM. Damaged captures are noted and passed over. The batch is the chain's; it and its views live until the next call. */
int chain_next(struct chain *c, struct batch **batch);

/** chain_captures(c): How many captures there are; their indices are 0 to one less. */
size_t chain_captures(const struct chain *c);

/** chain_path(c, i): The path of capture ${i}, valid as long as ${c}. */
const char *chain_path(const struct chain *c, size_t i);

/**
 * chain_progress(c, i, out):
 * How far capture ${i} has been read: ${frames} are those that chain_next() has handed out, or that the filter dropped
 * before them. Link and first record are there from the start, and all stays available after the end. False for what
 * is no capture, or has no first packet.
 */
bool chain_progress(const struct chain *c, size_t i, struct source_progress *out);

/** chain_problems(c) / chain_problem(c, i): Damage found so far: how many, and each one's line with file, offset and trouble. */
size_t chain_problems(const struct chain *c);
const char *chain_problem(const struct chain *c, size_t i);

/** chain_bytes(c, done, total): Bytes read and to be read in all, for a progress bar; ${total} is 0 where unknown. */
void chain_bytes(const struct chain *c, uint64_t *done, uint64_t *total);

#endif
