/* pcap_file.h - captures read by libpcap: pipes, and files of the kinds that block_file.h leaves to it.
 *
 * libpcap's packets are valid until its next call only, so they are copied into a buffer that one
 * batch fills. What libpcap refuses is refused here, which in a pipe are interfaces of different
 * link types. */
#ifndef EPMWATCH_CAPTURE_PCAP_FILE_H
#define EPMWATCH_CAPTURE_PCAP_FILE_H

struct source_ops;

extern const struct source_ops pcap_file_ops;

#endif
