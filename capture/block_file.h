/* block_file.h - capture files read in place: regular files, classic pcap and pcapng.
 *
 * A file is mapped and never copied: views point into the mapping. One whose header is not of the
 * common kind, or that has no link that is read, is left to libpcap, which also has the words for
 * what is wrong with it. Where both read a file, they give the same packets and the same words. */
#ifndef EPMWATCH_CAPTURE_BLOCK_FILE_H
#define EPMWATCH_CAPTURE_BLOCK_FILE_H

#include <stdint.h>

struct source_ops;

/* As in struct windows_order. */
struct block_file_tuning {
	uint64_t window;
	uint64_t segment;
};

extern const struct source_ops block_file_ops;
extern const struct block_file_tuning block_file_tuning;

#endif
