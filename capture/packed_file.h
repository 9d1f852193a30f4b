/* packed_file.h - compressed captures, files and pipes alike: classic pcap and pcapng, of which the
 * first packet comes within the first 64 KiB.
 *
 * What they hold is never all there: records are read in place, in stretches of 256 KiB which a
 * thread uncompresses ahead. A record that is longer is put together, which takes at most 25 MiB. All other
 * formats, and what is wrong in the beginning, are left to libpcap, which gets the same bytes. */
#ifndef EPMWATCH_CAPTURE_PACKED_FILE_H
#define EPMWATCH_CAPTURE_PACKED_FILE_H

#include <stddef.h>

struct source_ops;

struct packed_file_tuning {
	size_t stretch; /* as in lookahead_new() */
};

extern const struct source_ops packed_file_ops;
extern const struct packed_file_tuning packed_file_tuning;

#endif
