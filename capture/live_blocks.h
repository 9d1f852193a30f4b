/* live_blocks.h - an Ethernet interface's packets in place: a packet socket whose blocks (TPACKET_V3) are mapped. For capture/ring.c alone.
 *
 * libpcap reads the same blocks, calls a function for each packet, and gives a block back as soon as it has called for the last one, so that
 * whoever looks at packets in batches has to copy each. Here a block is given back when the next batch is asked for. */
#ifndef EPMWATCH_CAPTURE_LIVE_BLOCKS_H
#define EPMWATCH_CAPTURE_LIVE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct live_blocks;
struct ring_options;
struct ring_stats;

/** live_blocks_open(out, options): A ring into which nothing comes yet. A block is at most half of it. On failure ${out} is NULL. -ENODEV, -EPERM,
 * -ENOMEM, -errno. */
int live_blocks_open(struct live_blocks **out, const struct ring_options *options);

/** live_blocks_close(&b): NULL is fine. */
void live_blocks_close(struct live_blocks **b);

/** live_blocks_fd(b): The socket, on which poll() can wait, too. */
int live_blocks_fd(const struct live_blocks *b);

/** live_blocks_bind(b): From now on what the socket's filter passes comes in. -errno. */
int live_blocks_bind(struct live_blocks *b);

/** live_blocks_is_shaky(b): As ring_is_shaky(). */
bool live_blocks_is_shaky(const struct live_blocks *b);

/** live_blocks_read(b, batch): Point ${batch} to packets that are there, all of one block; its count is what there is. The views live
 * until the next call. Their numbers and source are left to the caller. -ENETDOWN if the interface has gone, -EIO. */
int live_blocks_read(struct live_blocks *b, struct batch *batch);

/** live_blocks_stats(b, out): Since it was bound. */
void live_blocks_stats(struct live_blocks *b, struct ring_stats *out);

#endif
