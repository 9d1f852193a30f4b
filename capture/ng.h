/* ng.h - the blocks of pcapng files: any number of sections, each in its own byte order, with any
 * interfaces.
 *
 * Enhanced, Simple and the obsolete Packet Blocks are packets; other blocks are passed over. Of
 * interfaces whose link is not read, the packets are counted as frames and not handed out, as a
 * filter would have it. */
#ifndef EPMWATCH_CAPTURE_NG_H
#define EPMWATCH_CAPTURE_NG_H

struct record_format;

extern const struct record_format ng_format;

#endif
