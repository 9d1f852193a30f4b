/* tap.h - live interfaces as one worker reads them: a ring of the kernel for each, merged by time.
 *
 * With one interface the packets come as the ring gives them. With several (the two directions of a tap) they are
 * merged: a packet waits until every other interface has shown a later one, but never longer than the hold, so an idle
 * interface delays and does not block. What comes still later than that is delivered late and counted.
 *
 * Several taps may share an interface by joining a fan-out group: the kernel then gives each of them a share of the
 * connections. Fan-out groups are per interface and the two directions of a tap may hash differently, so a tap of
 * several interfaces should be alone. */
#ifndef EPMWATCH_CAPTURE_TAP_H
#define EPMWATCH_CAPTURE_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct sieve;
struct tap;

/* Zeros mean the defaults. All pointers are borrowed until tap_close(). */
struct tap_options {
	const char *const *device;       /* names of interfaces; packet.source is the index here */
	size_t devices;                  /* at least 1, at most TAP_DEVICES */
	const char *filter;              /* the user's BPF expression; NULL: all */
	bool prefilter;                  /* let the kernel keep back what cannot matter (prefilter.h) */
	const struct sieve *sieve;       /* as in struct source_options */
	size_t ring_bytes;               /* of each interface's ring; default 32 MiB */
	unsigned timeout_ms;             /* the kernel hands over a block of the ring after that, full or not; default 100 */
	unsigned hold_ms;                /* of the merge; default 250 */
	unsigned snaplen;                /* default 262144 */
	uint16_t fanout;                 /* group that other taps of the same interface join too; 0: none */
};

enum { TAP_DEVICES = 16 };

/* Since the tap was opened; of all its interfaces. */
struct tap_stats {
	uint64_t packets, bytes;         /* delivered */
	uint64_t received;               /* by the kernel for us, after the filters, with those that were lost */
	uint64_t dropped_kernel;         /* the ring was full */
	uint64_t dropped_interface;      /* by the network card or its driver, where that tells */
	uint64_t late;                   /* delivered behind later ones of another interface */
};

/**
 * tap_open(out, options):
 * Begin to capture. On failure ${out} is still set where memory allows, so that tap_problem() can say what is wrong;
 * close it in any case. -EPERM without the privilege, -ENODEV, ERR_USAGE (the filter), ERR_LINKTYPE, -errno.
 */
int tap_open(struct tap **out, const struct tap_options *options);

/** tap_close(&t): End the capture, free all. NULL is fine. */
void tap_close(struct tap **t);

/**
 * tap_next(t, wait_ms, batch):
 * Point ${batch} to the next packets, at least one, and return 1; 0 if none came within ${wait_ms} or somebody called
 * tap_wake(); -errno if an interface went away (-ENETDOWN) or cannot be read. The batch lives until the next call.
 */
int tap_next(struct tap *t, unsigned wait_ms, struct batch **batch);

/** tap_wake(t): Have tap_next() return soon. From any thread, and from a signal handler. */
void tap_wake(struct tap *t);

/**
 * tap_learn(t, port, count):
 * From now on the kernel passes all TCP of these ports too (ascending, each once). The filter is swapped in place, and no packet is lost
 * by it. From any thread. Does nothing without prefilter. More than fit into a filter are all let pass: TCP is then not
 * filtered by the kernel at all. -ENOMEM, -errno.
 */
int tap_learn(struct tap *t, const uint16_t *port, size_t count);

/** tap_stats(t, out): Counters. From any thread. */
void tap_stats(struct tap *t, struct tap_stats *out);

/** tap_problem(t): One line that names the interface and what is wrong, printable; an empty string if nothing is. */
const char *tap_problem(const struct tap *t);

#endif
