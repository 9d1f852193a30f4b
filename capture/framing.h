/* framing.h - where the records of a capture begin: told of the bytes as a reader consumes them, it
 * knows which record the reader was in when it gave up.
 *
 * libpcap says what it disliked, but not where; and in a pcapng file one call of it may pass over
 * any number of blocks. Nothing here judges a capture: a length that makes no sense ends the
 * following, and libpcap finds the words. */
#ifndef EPMWATCH_CAPTURE_FRAMING_H
#define EPMWATCH_CAPTURE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum framing_kind {
	FRAMING_UNKNOWN, /* the first bytes have not been seen yet */
	FRAMING_CLASSIC, /* pcap: a file header of 24 bytes, then records */
	FRAMING_NG,      /* pcapng: blocks */
	FRAMING_NONE,    /* no capture */
};

enum {
	FRAMING_MAGIC = 4,
	FRAMING_HEAD = 24
};

struct framing {
	enum framing_kind kind;
	bool big_endian;
	size_t header;   /* bytes that tell a record's length */
	uint64_t at;     /* bytes consumed in all */
	uint64_t start;  /* where the record that holds them, or the next one, begins */
	uint64_t before; /* where the record before that began */
	uint64_t length; /* of the record at start; 0 until it is known, or if it is a lie */
	size_t head_len;
	uint8_t head[FRAMING_HEAD]; /* the first bytes of the record at start */
};

/** framing_init(f): Nothing consumed yet. */
void framing_init(struct framing *f);

/** framing_feed(f, data, len): The reader has consumed the next ${len} bytes. */
void framing_feed(struct framing *f, const uint8_t *data, size_t len);

/** framing_recognise(magic): The kind of capture that begins with these FRAMING_MAGIC bytes,
 * FRAMING_NONE for anything else. */
enum framing_kind framing_recognise(const uint8_t *magic);

/** framing_inside(f): True if part of a record has been consumed, and not all of it. */
bool framing_inside(const struct framing *f);

/** framing_broken(f): Offset of the record that the reader failed on: the one it is in, or the one
 * it has just consumed whole. */
uint64_t framing_broken(const struct framing *f);

/** framing_promise(f): What the record at start says of its length: of its data in a classic
 * capture, of the whole block in pcapng; 0 if that was not read. */
uint32_t framing_promise(const struct framing *f);

#endif
