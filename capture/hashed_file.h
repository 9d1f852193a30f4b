/* hashed_file.h - the bytes of one capture on their way to libpcap: read in large pieces, hashed,
 * and counted.
 *
 * libpcap reads from a FILE, so this is one. What libpcap has consumed is what was handed out less
 * what the FILE still buffers, and the framing knows in which record that is. Nothing here seeks: a
 * pipe is as good as a file. */
#ifndef EPMWATCH_CAPTURE_HASHED_FILE_H
#define EPMWATCH_CAPTURE_HASHED_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hash.h"

struct framing;
struct hashed_file;
struct intake;

/** hashed_file_open(out, intake): Hand out what ${intake} gives, which is borrowed. -ENOMEM. */
int hashed_file_open(struct hashed_file **out, struct intake *intake);

/** hashed_file_close(&h): Close and free. NULL is fine. */
void hashed_file_close(struct hashed_file **h);

/** hashed_file_stream(h): The stream to read from, once, from the start. Who reads it may close it;
 * it never outlives ${h}. */
FILE *hashed_file_stream(struct hashed_file *h);

/** hashed_file_framing(h): Where in the records the reader is now. Valid until more is read. */
const struct framing *hashed_file_framing(struct hashed_file *h);

/** hashed_file_taken(h): Bytes taken in and hashed; the reader may have consumed less. */
uint64_t hashed_file_taken(const struct hashed_file *h);

/** hashed_file_digest(h, out): The digest of those bytes. */
void hashed_file_digest(const struct hashed_file *h, uint8_t out[HASH_DIGEST]);

/** hashed_file_ended(h): True once the reader has asked for bytes beyond the end. */
bool hashed_file_ended(const struct hashed_file *h);

#endif
