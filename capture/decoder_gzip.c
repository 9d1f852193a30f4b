/* decoder_gzip.c - gzip members, by zlib. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* Input is read and not written. */
#define ZLIB_CONST
#include <zlib.h>

#include "base/err.h"
#include "capture/decoder.h"

enum {
	WINDOW_BITS = 15,
	GZIP_ONLY = 16,     /* added to them: a gzip header and trailer, and no other */
	MEMORY = 48 * 1024, /* zlib.h: a window of 32 KiB and about 7 KiB beside it */
	MOST = 1 << 30      /* zlib counts in unsigned int */
};

static int
gzip_open(void **self)
{
	z_stream *z = calloc(1, sizeof(*z));

	*self = z;
	if (z == NULL)
		return -ENOMEM;
	if (inflateInit2(z, WINDOW_BITS + GZIP_ONLY) != Z_OK) {
		free(z);
		*self = NULL;
		return -ENOMEM;
	}
	return ERR_OK;
}

static int
gzip_begin(void *self)
{
	return inflateReset(self) == Z_OK ? ERR_OK : -ENOMEM;
}

static uInt
at_most(size_t len)
{
	return len < MOST ? (uInt)len : MOST;
}

static int
result_of(int rc, const z_stream *z, struct decoder_step *step)
{
	if (rc == Z_STREAM_END)
		return DECODER_END;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return DECODER_MORE;
	step->why = z->msg != NULL ? z->msg : zError(rc);
	return rc == Z_MEM_ERROR ? -ENOMEM : ERR_DAMAGED;
}

static int
gzip_step(void *self, struct decoder_step *step)
{
	const uInt in = at_most(step->in_left), out = at_most(step->out_left);
	z_stream *z = self;
	int rc;

	z->next_in = step->in;
	z->avail_in = in;
	z->next_out = step->out;
	z->avail_out = out;
	rc = inflate(z, Z_NO_FLUSH);
	step->in += in - z->avail_in;
	step->in_left -= in - z->avail_in;
	step->out += out - z->avail_out;
	step->out_left -= out - z->avail_out;
	return result_of(rc, z, step);
}

static size_t
gzip_memory(const void *self)
{
	(void)self;
	return MEMORY;
}

static void
gzip_close(void *self)
{
	inflateEnd(self);
	free(self);
}

const struct decoder decoder_gzip = {
    .name = "gzip",
    .magic = 0x8b1f,
    .mask = 0xffff,
    .open = gzip_open,
    .begin = gzip_begin,
    .step = gzip_step,
    .memory = gzip_memory,
    .close = gzip_close,
};
