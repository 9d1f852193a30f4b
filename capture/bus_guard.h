/* bus_guard.h - mapped files that shrink or fail while they are read.
 *
 * Touching a page of a mapping that its file has lost raises SIGBUS, which ends the process. Here
 * the lost pages of a guarded range read as zeros instead, and the range remembers where they
 * begin: who reads it asks before he believes what he has read. A SIGBUS anywhere else has the
 * effect that it had before. For capture/ alone. */
#ifndef EPMWATCH_CAPTURE_BUS_GUARD_H
#define EPMWATCH_CAPTURE_BUS_GUARD_H

#include <stddef.h>

/* Ranges guarded at a time: a chain has 64 captures open, each with one or two stretches mapped. */
enum {
	BUS_GUARDS = 256
};

/**
 * bus_guard_add(start, len):
 * Guard the mapping of ${len} bytes at ${start}, which is page aligned and read-only, until
 * bus_guard_remove(). Returns its number, 0 or more; -ENOMEM if there are too many. From any thread.
 */
int bus_guard_add(const void *start, size_t len);

/** bus_guard_remove(guard): No longer guard it; before it is unmapped. Below 0 is fine. */
void bus_guard_remove(int guard);

/** bus_guard_sound(guard): Bytes from its start on that are the file's, as far as anybody looked:
 * its length if nothing is lost. From any thread. */
size_t bus_guard_sound(int guard);

#endif
