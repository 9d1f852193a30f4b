/* ring.h - one live interface: its ring of packets, its filters, its counters. For capture/ alone.
 *
 * libpcap says what the interface is and compiles the filters. Ethernet is then read in place (live_blocks.h), all else by libpcap
 * (live_handle.h).
 *
 * The kernel's filter is set before the first packet is handed out, and what came before it, or before the
 * ring joined its fan-out group, is discarded and counted nowhere. */
#ifndef EPMWATCH_CAPTURE_RING_H
#define EPMWATCH_CAPTURE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"

struct batch;
struct ring;

/* All must be set; device and filter are borrowed while ring_open() runs. */
struct ring_options {
	const char *device;
	const char *filter;              /* the user's BPF expression; NULL: all */
	bool prefilter;                  /* let the kernel keep back what cannot matter; Ethernet only */
	uint32_t index;                  /* of its packets */
	size_t bytes;                    /* of the ring */
	size_t block_bytes;              /* of each piece of it that the kernel hands over; Ethernet only */
	unsigned timeout_ms;             /* the kernel hands over a block after that, full or not */
	unsigned snaplen;
	uint16_t fanout;                 /* group; 0: none */
};

struct ring_stats {
	uint64_t received, dropped_kernel, dropped_interface;
};

/**
 * ring_open(out, options, problem):
 * Begin to capture. On failure ${out} is NULL and ${problem} says what is wrong. -EPERM without the privilege,
 * -ENODEV, -ENETDOWN, ERR_USAGE (the filter), ERR_LINKTYPE, -errno.
 */
int ring_open(struct ring **out, const struct ring_options *options, char problem[SOURCE_PROBLEM]);

/** ring_close(&r): NULL is fine. */
void ring_close(struct ring **r);

/** ring_fd(r): What poll() can wait on. */
int ring_fd(const struct ring *r);

/** ring_is_shaky(r): The interface went down and may be gone for good, which poll() will not say: ring_read()
 * has to ask. */
bool ring_is_shaky(const struct ring *r);

/**
 * ring_read(r, batch, problem):
 * Fill ${batch}, but for the marks, with packets that are there, and never wait. Returns how many; 0 if none was there;
 * -ENETDOWN if the interface has gone, -EIO if it cannot be read, with ${problem} set. The views live until the next call, and
 * may lie in the kernel's ring, which is that much smaller meanwhile.
 */
int ring_read(struct ring *r, struct batch *batch, char problem[SOURCE_PROBLEM]);

/** ring_learn(r, port, count): As tap_learn(). */
int ring_learn(struct ring *r, const uint16_t *port, size_t count);

/** ring_stats(r, out): Since it was opened. From one thread at a time. */
void ring_stats(struct ring *r, struct ring_stats *out);

#endif
