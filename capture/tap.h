/* tap.h - live interfaces as one worker reads them: a ring of the kernel for each, merged by time.
 *
 * With one interface the packets come as the ring gives them. With several (the two directions of a tap)
 * they are merged: a packet waits until every other interface has shown a later one, but never longer than
 * the hold, so an idle interface delays and does not block. What comes still later than that is delivered
 * late and counted.
 *
 * Several taps may share an interface by joining a fan-out group: the kernel then gives each of them a share
 * of the connections, by a hash of addresses and ports that is the same for both directions; fragments go by
 * addresses alone, unassembled, and tunnels by their outermost addresses. Groups are per interface,
 * so a tap of several interfaces is alone.
 *
 * Read are Ethernet (loopback, too), interfaces without link headers (tun) and all at once, cooked (`any`).
 * A VLAN tag that the kernel or the card has taken out of a packet is in it again. An interface that goes
 * down is waited for. One that is removed ends the capture where it is the last; where there are others these go on, and
 * it is looked for once a second and read again when there is one of its name, which takes some milliseconds.
 *
 * The packets of a single Ethernet interface are looked at where the kernel put them, and copied by nobody. Those of
 * several are copied out of the rings into queues of 4 MiB, but for those that the sieve finds to be of no use: they are
 * counted and go no further. */
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
	bool prefilter;                  /* let the kernel keep back what cannot matter (prefilter.h); of no effect on
	                                  * links other than Ethernet, and beside a user's filter of some 3900 instructions */
	const struct sieve *sieve;       /* as in struct source_options */
	size_t ring_bytes;               /* of each interface's ring; default 32 MiB. Where packets come and come they are looked at
	                                  * some milliseconds apart, the larger the ring the longer (64 Gbit/s do not fill it) */
	size_t block_bytes;              /* of each piece of a ring that the kernel hands over; default 256 KiB, at most half of
	                                  * the ring. Ethernet only: elsewhere libpcap has its own */
	unsigned timeout_ms;             /* the kernel hands over a block after that, full or not; default 100 */
	unsigned hold_ms;                /* of the merge; default 250. More than the timeout, or much will be late */
	unsigned snaplen;                /* default 262144, which is also the most */
	uint16_t fanout;                 /* group that other taps of the same interface join too; 0: none. With one
	                                  * device only */
};

enum {
	TAP_DEVICES = 16,
	TAP_PROBLEM = 512
};

/* Since the tap was opened; of all its interfaces. What was in a ring before it was filtered or had joined
 * its fan-out group counts nowhere. */
struct tap_stats {
	uint64_t packets, bytes;         /* taken out of the rings, whether or not the sieve found that they can matter */
	uint64_t received;               /* by the kernel for us, after the filters, with those that were lost */
	uint64_t dropped_kernel;         /* the ring was full */
	uint64_t dropped_interface;      /* by the network card or its driver, where that tells; of the interface, not of
	                                  * the tap: taps of one fan-out group all say the same */
	uint64_t late;                   /* delivered behind later ones of another interface */
	size_t away;                     /* interfaces that have been removed, or cannot be read, now */
	int64_t newest_ns;               /* greatest time of a packet, whether or not it can matter, but for what waits
	                                  * for its turn: what came before has been handed out. 0 before the first */
};

/**
 * tap_open(out, options):
 * Begin to capture. On failure ${out} is still set where memory allows, so that tap_problem() can say what is wrong;
 * close it in any case. -EPERM without the privilege, -ENODEV, -ENETDOWN (it is down), ERR_USAGE (the filter, the
 * number of devices), ERR_LINKTYPE, -errno.
 */
int tap_open(struct tap **out, const struct tap_options *options);

/** tap_close(&t): End the capture, free all. NULL is fine. */
void tap_close(struct tap **t);

/**
 * tap_next(t, wait_ms, batch):
 * Point ${batch} to the next packets, at least one, and return 1; 0 if none came within ${wait_ms} or somebody
 * called tap_wake(); -ENETDOWN if the last interface has been removed, -EIO if it cannot be read, each after all
 * that came before was handed out. The batch lives until the next call. packet.frame counts the packets of its
 * interface, those of no use included; marks are the sieve's, and all ones without one.
 */
int tap_next(struct tap *t, unsigned wait_ms, struct batch **batch);

/** tap_wake(t): Have tap_next() return soon, or the next time. From any thread, and from a signal handler. */
void tap_wake(struct tap *t);

/**
 * tap_learn(t, port, count):
 * From now on the kernel passes all TCP of these ports too (ascending, each once), and no longer that of ports
 * learned before. The filter is swapped in place, and no packet is lost by it. From any thread. Does nothing
 * without prefilter. More than fit into a filter (1200 that lie apart, many more that are neighbours) are all
 * let pass: TCP is then not filtered by the kernel at all. -ENOMEM, -errno; the filter then stays as it was.
 */
int tap_learn(struct tap *t, const uint16_t *port, size_t count);

/** tap_stats(t, out): Counters. From any thread. */
void tap_stats(struct tap *t, struct tap_stats *out);

/** tap_is_away(t, device, problem): Is this interface removed, or cannot be read, now? ${problem} is then one line that names it and
 * says which. From any thread. */
bool tap_is_away(struct tap *t, size_t device, char problem[TAP_PROBLEM]);

/** tap_newest_ns(t): newest_ns of the counters alone, which costs nothing. */
int64_t tap_newest_ns(const struct tap *t);

/** tap_problem(t): One line that names the interface and what is wrong, printable; an empty string if nothing is. */
const char *tap_problem(const struct tap *t);

#endif
