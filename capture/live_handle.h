/* live_handle.h - a live interface through libpcap: what kind it is, filters compiled for it, and its packets where live_blocks.h does
 * not read them. For capture/ring.c alone. */
#ifndef EPMWATCH_CAPTURE_LIVE_HANDLE_H
#define EPMWATCH_CAPTURE_LIVE_HANDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/packet.h"
#include "capture/source.h"

struct bpf_program;
struct live_handle;
struct ring_options;
struct ring_stats;

/**
 * live_handle_open(out, options, bytes, problem):
 * Activate a handle on the interface, with a ring of about ${bytes}, that does not wait. On failure ${out} is NULL and ${problem} says what
 * is wrong. -EPERM, -ENODEV, -ENETDOWN, ERR_LINKTYPE, -EIO, -ENOMEM.
 */
int live_handle_open(struct live_handle **out, const struct ring_options *options, size_t bytes,
    char problem[SOURCE_PROBLEM]);

/** live_handle_close(&h): NULL is fine. */
void live_handle_close(struct live_handle **h);

/** live_handle_link(h): What its packets begin with. */
enum link live_handle_link(const struct live_handle *h);

/** live_handle_socket(h) / live_handle_fd(h): The socket; and what poll() can wait on. */
int live_handle_socket(const struct live_handle *h);
int live_handle_fd(const struct live_handle *h);

/** live_handle_words(h): What libpcap said last. */
const char *live_handle_words(const struct live_handle *h);

/** live_handle_compile(h, filter, out): As the interface's kernel needs it; to be freed with pcap_freecode(). ERR_USAGE. */
int live_handle_compile(struct live_handle *h, const char *filter, struct bpf_program *out);

/** live_handle_filter(h, program): Have libpcap set this filter, or filter by itself where the kernel takes none. -EIO. */
int live_handle_filter(struct live_handle *h, struct bpf_program *program);

/** live_handle_discard(h): What is in the ring by now, while a filter lets nothing more in, counts for nothing. -EIO. */
int live_handle_discard(struct live_handle *h);

/** live_handle_start(h): From now on packets count. */
void live_handle_start(struct live_handle *h);

/** live_handle_is_shaky(h): As ring_is_shaky(). */
bool live_handle_is_shaky(const struct live_handle *h);

/** live_handle_read(h, batch): Copy packets that are there into memory of the handle, and their views to ${batch}, whose count is
 * what there is; the views live until the next call. Their numbers and source are left to the caller. -EIO. */
int live_handle_read(struct live_handle *h, struct batch *batch);

/** live_handle_stats(h, out): Since the start. */
void live_handle_stats(struct live_handle *h, struct ring_stats *out);

#endif
