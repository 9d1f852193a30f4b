/* windows.h - the windows of a capture file, in order, scanned ahead by as many threads as may be.
 * For capture/ alone.
 *
 * Where a window's first record begins is known only when the window before has been scanned. A
 * thread that has nothing better to do guesses it; the guess holds if the window before ends just
 * there, else the window is scanned again. Nothing that comes out depends on guesses, or on the
 * number of threads.
 *
 * The file is also hashed, in pieces as long as a leaf of its digest, each right before the window that it begins with is
 * scanned, which then finds it in the processor's cache.
 *
 * Memory: one window at a time takes 12 KiB for each 256 of its packets: 160 KiB where they are as
 * small as they get on a wire, never more than 740 KiB. There is one with one thread, two for each
 * of several and two more, and at most 16. */
#ifndef EPMWATCH_CAPTURE_WINDOWS_H
#define EPMWATCH_CAPTURE_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

struct prefix_digest;
struct record_format;
struct source;
struct window;
struct windows;

/* What to read, and how; all borrowed until windows_free(). */
struct windows_order {
	const struct source *source; /* gives packets its number, and its sieve */
	const struct record_format *format;
	void *self; /* the format's */
	int fd;
	uint64_t window; /* length of one: a multiple of 4 that divides DIGEST_LEAF */
	uint64_t
	    segment;    /* of what is mapped at a time: a multiple of that, and of the page size */
	size_t threads; /* at most, with the caller's own */
};

/**
 * windows_new(out, order, first, size) / windows_free(&ws):
 * Begin with the record at ${first} of a file of ${size} bytes. Threads are started only where there
 * is enough for them to do. Freeing ends them; views of what was given are dead then. NULL is fine.
 * -ENOMEM.
 */
int windows_new(
    struct windows **out, const struct windows_order *order, uint64_t first, uint64_t size);
void windows_free(struct windows **ws);

/**
 * windows_next(ws, out):
 * Give back the window that was given last, which has to have been taken in up to its end, and point
 * ${out} to the next one: 1. 0 if that one was the last, as its result or its end say. -errno: it
 * cannot be mapped.
 */
int windows_next(struct windows *ws, struct window **out);

/** windows_extend(ws, size): After the last window: the file has grown to ${size}. The next window
 * begins with the record that the last one ended with. */
void windows_extend(struct windows *ws, uint64_t size);

/** windows_take_in(ws, offset): See that the piece of the file that holds the bytes up to ${offset},
 * which is no further than the end of a record of the given window, has been hashed. */
void windows_take_in(struct windows *ws, uint64_t offset);

/** windows_digest(ws, offset, out): What is known of the file up to there, once it was taken in:
 * to the end of that piece. */
void windows_digest(struct windows *ws, uint64_t offset, struct prefix_digest *out);

#endif
