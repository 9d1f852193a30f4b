/* pcap_file.h - capture files and pipes read by libpcap: classic pcap in all its forms, and pcapng.
 *
 * libpcap's packets are valid until its next call only, so they are copied into a buffer that one
 * batch fills. What libpcap refuses is refused here: interfaces of different link types in one
 * pcapng file, blocks above 16 MiB. */
#ifndef EPMWATCH_CAPTURE_PCAP_FILE_H
#define EPMWATCH_CAPTURE_PCAP_FILE_H

struct source_ops;

extern const struct source_ops pcap_file_ops;

#endif
