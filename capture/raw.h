/* raw.h - the bytes of a file or a pipe as they lie there, with a look at those that come next. For
 * capture/ alone. */
#ifndef EPMWATCH_CAPTURE_RAW_H
#define EPMWATCH_CAPTURE_RAW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RAW_BUFFER = 128 * 1024
};

struct raw {
	int fd; /* owned, unless it is standard input */
	bool regular;
	uint64_t size; /* of a regular file when it was opened; 0: unknown */
	uint64_t used; /* bytes */
	int error;     /* -errno of a read that failed; -ECANCELED: it was stopped */
	atomic_bool stopping;
	size_t at, have; /* bytes[at..have] has been read and not used */
	uint8_t bytes[RAW_BUFFER];
};

/** raw_open(r, path, regular): Open ${path}; `-` is standard input. ${regular}: -ESPIPE for anything
 * that is no regular file, without waiting for a pipe's writer. -errno; close it in any case. */
int raw_open(struct raw *r, const char *path, bool regular);

/** raw_close(r): Close. */
void raw_close(struct raw *r);

/** raw_waiting(r): Bytes that have been read and not used; they stand at ${r}->bytes + ${r}->at. */
static inline size_t
raw_waiting(const struct raw *r)
{
	return r->have - r->at;
}

/** raw_use(r, len): Pass over so many of them. */
void raw_use(struct raw *r, size_t len);

/** raw_more(r): Read more behind those that wait; waits for a pipe. False at the end, and if
 * ${r}->error says so. */
bool raw_more(struct raw *r);

/** raw_look(r, len): See that ${len} bytes wait, at most 16 KiB: how many do, which is less only at
 * the end or after an error. */
size_t raw_look(struct raw *r, size_t len);

/** raw_read(r, out, len): Use at most ${len} bytes, and copy them; 0 at the end or after an error. */
size_t raw_read(struct raw *r, uint8_t *out, size_t len);

/** raw_stop(r): From another thread: a read that waits for a pipe gives up within a tenth of a
 * second, and so do all that follow. */
void raw_stop(struct raw *r);

#endif
