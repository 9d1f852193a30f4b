/* intake.h - the bytes of a capture on their way in, from a file or a pipe: what is compressed is
 * uncompressed on the way. For capture/ alone.
 *
 * The first bytes say what it is, not the name: gzip, zstd and lz4, any number of frames one after
 * the other, and frames of notes among them, which are passed over. One layer is taken off, never
 * two. Nothing here seeks. Zeros behind the last frame, which tapes leave, are no damage.
 *
 * Bounds: 128 KiB, and what the decoder holds, which is a window of at most 128 MiB (zstd --long);
 * of all captures that are open together INTAKE_MEMORY. What a capture expands to ends at a limit
 * (`most`), and where beyond INTAKE_FREE bytes it is more than INTAKE_RATIO times what was read. */
#ifndef EPMWATCH_CAPTURE_INTAKE_H
#define EPMWATCH_CAPTURE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intake;

enum {
	INTAKE_WORDS = 112,
	INTAKE_RATIO = 1000,
};

#define INTAKE_FREE (UINT64_C(1) << 30)
#define INTAKE_MEMORY (UINT64_C(256) << 20)

/* How to open it. */
struct intake_options {
	bool
	    regular; /* a regular file and nothing else: -ESPIPE, without waiting for a pipe's writer */
	uint64_t most; /* bytes that a compressed capture may expand to; 0: any number */
};

/** intake_open(out, path, options): Open ${path}; `-` is standard input. Waits for the first bytes
 * of a pipe. ${options} may be NULL. -errno; a read that fails is told by intake_read(). */
int intake_open(struct intake **out, const char *path, const struct intake_options *options);

/** intake_close(&in): Close and free. NULL is fine. */
void intake_close(struct intake **in);

/** intake_packed(in): True if the capture is compressed. */
bool intake_packed(const struct intake *in);

/** intake_is_packed(magic): True if something compressed begins with these four bytes. */
bool intake_is_packed(const uint8_t magic[4]);

/** intake_read(in, out, len): Read at most ${len} bytes, which is not 0, uncompressed, and return how
 * many; 0 at the end, or if no more can be had: see intake_error(). Waits for the first, not for all. */
size_t intake_read(struct intake *in, uint8_t *out, size_t len);

/** intake_unread(in, data, len): What was read last is to be read again. Only once, and before
 * anything else was given back and not read. -ENOMEM. */
int intake_unread(struct intake *in, const uint8_t *data, size_t len);

/** intake_error(in): Why no more can be had, once intake_read() has given 0: ERR_OK at the end;
 * -errno; ERR_DAMAGED, and intake_words() says what is wrong with what is compressed. */
int intake_error(const struct intake *in);
const char *intake_words(const struct intake *in);

/** intake_given(in): Bytes that intake_read() has given, less those that were given back. */
uint64_t intake_given(const struct intake *in);

/** intake_stored(in): Bytes of the file or pipe that were used for them. */
uint64_t intake_stored(const struct intake *in);

/** intake_stored_size(in): Of a regular file when it was opened; 0 for anything else. */
uint64_t intake_stored_size(const struct intake *in);

/** intake_memory(in): Bytes that its decoder holds now. */
size_t intake_memory(const struct intake *in);

/** intake_stop(in): From another thread: a read that waits for a pipe gives up within a tenth of a
 * second, and so do all that follow. */
void intake_stop(struct intake *in);

#endif
