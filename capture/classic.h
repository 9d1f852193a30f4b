/* classic.h - the records of classic pcap files: both byte orders, micro- and nanoseconds, any link
 * that is read.
 *
 * Version 2.4 only; the older ones, and the modified form with longer record headers, are left to
 * libpcap. */
#ifndef EPMWATCH_CAPTURE_CLASSIC_H
#define EPMWATCH_CAPTURE_CLASSIC_H

struct record_format;

extern const struct record_format classic_format;

#endif
