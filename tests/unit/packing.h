/* packing.h - bytes compressed in every way that is read: by the libraries' other halves. To be
 * included after cmocka.h. */
#ifndef EPMWATCH_TESTS_PACKING_H
#define EPMWATCH_TESTS_PACKING_H

#include <lz4frame.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/unit/pcap_writer.h"

enum packing {
	PACKING_GZIP,
	PACKING_ZSTD,
	PACKING_LZ4,
	PACKINGS
};

static const char *const packing_name[PACKINGS] = {"gzip", "zstd", "lz4"};

/* Room for ${more} bytes behind what is there. */
static inline uint8_t *
packing_room(struct pcap_writer *out, size_t more)
{
	if (out->room - out->len < more) {
		out->room = 2 * out->room + more;
		out->data = realloc(out->data, out->room);
		assert_non_null(out->data);
	}
	return out->data + out->len;
}

static inline void
packing_gzip(struct pcap_writer *out, const uint8_t *data, size_t len, size_t block)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)data};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	do {
		size_t n = len < block ? len : block;

		z.avail_in = (uInt)n;
		len -= n;
		z.next_out = packing_room(out, 2 * n + 256);
		z.avail_out = (uInt)(2 * n + 256);
		assert_true(deflate(&z, len > 0 ? Z_FULL_FLUSH : Z_FINISH) >= Z_OK);
		out->len = (size_t)(z.next_out - out->data);
	} while (len > 0);
	deflateEnd(&z);
}

static inline void
packing_zstd(struct pcap_writer *out, const uint8_t *data, size_t len, size_t block)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t left;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	do {
		size_t n = len < block ? len : block, room = ZSTD_compressBound(n) + 64;
		ZSTD_inBuffer in = {.src = data, .size = n};
		ZSTD_outBuffer made = {.dst = packing_room(out, room), .size = room};

		data += n;
		len -= n;
		left = ZSTD_compressStream2(c, &made, &in, len > 0 ? ZSTD_e_flush : ZSTD_e_end);
		assert_int_equal(left, 0);
		out->len += made.pos;
	} while (len > 0);
	ZSTD_freeCCtx(c);
}

static inline void
packing_lz4(struct pcap_writer *out, const uint8_t *data, size_t len, size_t block)
{
	const LZ4F_preferences_t how = {
	    .frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
	LZ4F_cctx *c;

	assert_false(LZ4F_isError(LZ4F_createCompressionContext(&c, LZ4F_VERSION)));
	out->len += LZ4F_compressBegin(c, packing_room(out, 64), 64, &how);
	while (len > 0) {
		size_t n = len < block ? len : block, room = LZ4F_compressBound(n, &how) + 64;

		out->len += LZ4F_compressUpdate(c, packing_room(out, room), room, data, n, NULL);
		out->len += LZ4F_flush(c, packing_room(out, room), room, NULL);
		data += n;
		len -= n;
	}
	out->len += LZ4F_compressEnd(c, packing_room(out, 64), 64, NULL);
	LZ4F_freeCompressionContext(c);
}

/* Add a frame that holds ${len} bytes, in blocks of ${block}, each of which can be read without the
 * rest of the next. */
static inline void
packing_add(
    struct pcap_writer *out, enum packing how, const uint8_t *data, size_t len, size_t block)
{
	if (how == PACKING_GZIP)
		packing_gzip(out, data, len, block);
	else if (how == PACKING_ZSTD)
		packing_zstd(out, data, len, block);
	else
		packing_lz4(out, data, len, block);
}

/* Add a frame of notes: ${len} bytes of no interest. */
static inline void
packing_note(struct pcap_writer *out, uint32_t kind, uint32_t len)
{
	pw_u32(out, 0x184d2a50 + kind);
	pw_u32(out, len);
	for (uint32_t i = 0; i < len; i++)
		pw_bytes(out, &"\x1f\x8b\x28\xb5"[i % 4], 1);
}

/* All of ${plain} in one frame, as a capture of its own. */
static inline struct pcap_writer
packing_of(const struct pcap_writer *plain, size_t len, enum packing how, size_t block)
{
	struct pcap_writer out;

	pw_init(&out, false);
	packing_add(&out, how, plain->data, len, block);
	return out;
}

#endif
