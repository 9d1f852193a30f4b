/* decoder.h - one kind of compression: the bytes of a frame go in, what they hold comes out. For
 * capture/ alone.
 *
 * A frame is what the format calls so, or a gzip member: it begins with its magic number and knows
 * where it ends. What follows it is not the decoder's business. */
#ifndef EPMWATCH_CAPTURE_DECODER_H
#define EPMWATCH_CAPTURE_DECODER_H

#include <stddef.h>
#include <stdint.h>

/* What there is to read and to fill. A step moves `in` and `out` past what it used. */
struct decoder_step {
	const uint8_t *in;
	size_t in_left;
	uint8_t *out;
	size_t out_left;
	const char *why; /* after ERR_DAMAGED: the library's words, which live on */
};

enum {
	DECODER_MORE = 0,
	DECODER_END = 1
};

struct decoder {
	const char *name;
	uint32_t magic, mask;     /* of the first four bytes, as little-endian */
	int (*open)(void **self); /* -ENOMEM */
	int (*begin)(void *self); /* a frame comes, the first or another: -ENOMEM */
	/* Go on: DECODER_MORE, or DECODER_END behind the last byte of a frame; ERR_DAMAGED, -ENOMEM.
	 * One that uses nothing and makes nothing wants more of the frame. */
	int (*step)(void *self, struct decoder_step *step);
	size_t (*memory)(const void *self); /* bytes that it holds */
	void (*close)(void *self);
};

extern const struct decoder decoder_gzip, decoder_zstd, decoder_lz4;

#endif
