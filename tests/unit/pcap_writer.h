/* pcap_writer.h - captures written byte by byte, good ones and bad ones. Independent of what reads
 * them. */
#ifndef EPMWATCH_TESTS_PCAP_WRITER_H
#define EPMWATCH_TESTS_PCAP_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pcap_writer {
	uint8_t *data; /* owned */
	size_t len, room;
	bool big_endian;
};

static inline void
pw_init(struct pcap_writer *w, bool big_endian)
{
	*w = (struct pcap_writer){.big_endian = big_endian};
}

static inline void
pw_free(struct pcap_writer *w)
{
	free(w->data);
	w->data = NULL;
}

static inline void
pw_bytes(struct pcap_writer *w, const void *bytes, size_t len)
{
	if (w->room - w->len < len) {
		w->room = 2 * w->room + len;
		w->data = realloc(w->data, w->room);
		if (w->data == NULL)
			abort();
	}
	if (len > 0)
		memcpy(w->data + w->len, bytes, len);
	w->len += len;
}

static inline void
pw_number(struct pcap_writer *w, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t octet = (uint8_t)(value >> 8 * (w->big_endian ? size - 1 - i : i));

		pw_bytes(w, &octet, 1);
	}
}

static inline void
pw_u16(struct pcap_writer *w, uint16_t value)
{
	pw_number(w, value, 2);
}

static inline void
pw_u32(struct pcap_writer *w, uint32_t value)
{
	pw_number(w, value, 4);
}

/* The header of a classic capture: microseconds or nanoseconds. */
static inline void
pw_classic(struct pcap_writer *w, bool ns, uint32_t link)
{
	pw_u32(w, ns ? 0xa1b23c4d : 0xa1b2c3d4);
	pw_u16(w, 2);
	pw_u16(w, 4);
	pw_u32(w, 0);
	pw_u32(w, 0);
	pw_u32(w, 262144);
	pw_u32(w, link);
}

static inline void
pw_record(struct pcap_writer *w, uint32_t seconds, uint32_t fraction, const void *data,
    uint32_t caplen, uint32_t wirelen)
{
	pw_u32(w, seconds);
	pw_u32(w, fraction);
	pw_u32(w, caplen);
	pw_u32(w, wirelen);
	pw_bytes(w, data, caplen);
}

/* Any pcapng block: type, length, body and pad, length. */
static inline void
pw_block(struct pcap_writer *w, uint32_t type, const void *body, uint32_t len)
{
	static const uint8_t zeros[4];
	uint32_t pad = (4 - len % 4) % 4;

	pw_u32(w, type);
	pw_u32(w, len + pad + 12);
	pw_bytes(w, body, len);
	pw_bytes(w, zeros, pad);
	pw_u32(w, len + pad + 12);
}

static inline void
pw_section(struct pcap_writer *w)
{
	struct pcap_writer body;

	pw_init(&body, w->big_endian);
	pw_u32(&body, 0x1a2b3c4d);
	pw_u16(&body, 1);
	pw_u16(&body, 0);
	pw_number(&body, UINT64_MAX, 8);
	pw_block(w, 0x0a0d0d0a, body.data, (uint32_t)body.len);
	pw_free(&body);
}

/* An interface with any snap length, and the clock that its options tell: if_tsresol, and
 * if_tsoffset where it is not 0. */
static inline void
pw_interface_with(
    struct pcap_writer *w, uint16_t link, uint32_t snaplen, uint8_t resolution, int64_t offset)
{
	struct pcap_writer body;
	const uint8_t option[4] = {resolution, 0, 0, 0};

	pw_init(&body, w->big_endian);
	pw_u16(&body, link);
	pw_u16(&body, 0);
	pw_u32(&body, snaplen);
	pw_u16(&body, 9);
	pw_u16(&body, 1);
	pw_bytes(&body, option, 4);
	if (offset != 0) {
		pw_u16(&body, 14);
		pw_u16(&body, 8);
		pw_number(&body, (uint64_t)offset, 8);
	}
	pw_u32(&body, 0);
	pw_block(w, 1, body.data, (uint32_t)body.len);
	pw_free(&body);
}

/* An interface whose times count in 10^-resolution seconds. */
static inline void
pw_interface(struct pcap_writer *w, uint16_t link, uint8_t resolution)
{
	pw_interface_with(w, link, 262144, resolution, 0);
}

/* A simple packet block: no time, the first interface. */
static inline void
pw_simple(struct pcap_writer *w, const void *data, uint32_t caplen, uint32_t wirelen)
{
	struct pcap_writer body;

	pw_init(&body, w->big_endian);
	pw_u32(&body, wirelen);
	pw_bytes(&body, data, caplen);
	pw_block(w, 3, body.data, (uint32_t)body.len);
	pw_free(&body);
}

/* An obsolete packet block. */
static inline void
pw_obsolete(struct pcap_writer *w, uint16_t interface, uint64_t time, const void *data,
    uint32_t caplen, uint32_t wirelen)
{
	struct pcap_writer body;

	pw_init(&body, w->big_endian);
	pw_u16(&body, interface);
	pw_u16(&body, 3);
	pw_u32(&body, (uint32_t)(time >> 32));
	pw_u32(&body, (uint32_t)time);
	pw_u32(&body, caplen);
	pw_u32(&body, wirelen);
	pw_bytes(&body, data, caplen);
	pw_block(w, 2, body.data, (uint32_t)body.len);
	pw_free(&body);
}

/* An enhanced packet block. */
static inline void
pw_packet(struct pcap_writer *w, uint32_t interface, uint64_t time, const void *data,
    uint32_t caplen, uint32_t wirelen)
{
	struct pcap_writer body;

	pw_init(&body, w->big_endian);
	pw_u32(&body, interface);
	pw_u32(&body, (uint32_t)(time >> 32));
	pw_u32(&body, (uint32_t)time);
	pw_u32(&body, caplen);
	pw_u32(&body, wirelen);
	pw_bytes(&body, data, caplen);
	pw_block(w, 6, body.data, (uint32_t)body.len);
	pw_free(&body);
}

enum {
	PW_UDP = 60
};

/* An Ethernet frame with an empty UDP datagram to ${port}; ${mark} stands in its last four bytes,
 * behind the datagram. */
static inline void
pw_udp(uint8_t frame[PW_UDP], uint16_t port, uint32_t mark)
{
	static const uint8_t head[38] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 28,
	    0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x12, 0x34};

	memset(frame, 0, PW_UDP);
	memcpy(frame, head, sizeof(head));
	frame[36] = (uint8_t)(port >> 8);
	frame[37] = (uint8_t)port;
	frame[39] = 8;
	memcpy(frame + PW_UDP - sizeof(mark), &mark, sizeof(mark));
}

/* Write the first ${len} bytes to ${path}; -1 if that fails. A file that is there makes room first:
 * some file systems write what replaces another's content to the disk at once. */
static inline int
pw_save(const struct pcap_writer *w, const char *path, size_t len)
{
	FILE *f;
	bool good;

	(void)remove(path);
	f = fopen(path, "wb");
	if (f == NULL)
		return -1;
	good = len == 0 || fwrite(w->data, 1, len, f) == len;
	return fclose(f) == 0 && good ? 0 : -1;
}

#endif
