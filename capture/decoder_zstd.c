/* decoder_zstd.c - zstd frames. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/err.h"
#include "capture/decoder.h"

/* The window of `zstd --long` and of its level 22, 128 MiB; more is refused, as the program does. */
enum {
	WINDOW_LOG_MOST = 27,
	HEADER_LEAST = 5 /* octets that say how long a frame's header is */
};

/* A step that fails keeps back all that it made, so each gets no more than the next block. */
struct zstd {
	ZSTD_DStream *stream; /* owned */
	size_t wanted;        /* bytes that make sense as input now */
};

static int
zstd_open(void **self)
{
	struct zstd *z = malloc(sizeof(*z));

	*self = z;
	if (z == NULL)
		return -ENOMEM;
	z->stream = ZSTD_createDStream();
	if (z->stream == NULL) {
		free(z);
		*self = NULL;
		return -ENOMEM;
	}
	(void)ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
	return ERR_OK;
}

static int
zstd_begin(void *self)
{
	struct zstd *z = self;

	z->wanted = HEADER_LEAST;
	return ZSTD_isError(ZSTD_DCtx_reset(z->stream, ZSTD_reset_session_only)) ? -ENOMEM : ERR_OK;
}

static int
zstd_step(void *self, struct decoder_step *step)
{
	struct zstd *z = self;
	ZSTD_inBuffer in = {
	    .src = step->in, .size = step->in_left < z->wanted ? step->in_left : z->wanted};
	ZSTD_outBuffer out = {.dst = step->out, .size = step->out_left};
	size_t rc = ZSTD_decompressStream(z->stream, &out, &in);

	step->in += in.pos;
	step->in_left -= in.pos;
	step->out += out.pos;
	step->out_left -= out.pos;
	if (rc == 0)
		return DECODER_END;
	if (!ZSTD_isError(rc)) {
		z->wanted = rc;
		return DECODER_MORE;
	}
	step->why = ZSTD_getErrorName(rc);
	return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation ? -ENOMEM : ERR_DAMAGED;
}

static size_t
zstd_memory(const void *self)
{
	const struct zstd *z = self;

	return ZSTD_sizeof_DStream(z->stream);
}

static void
zstd_close(void *self)
{
	struct zstd *z = self;

	ZSTD_freeDStream(z->stream);
	free(z);
}

const struct decoder decoder_zstd = {
    .name = "zstd",
    .magic = ZSTD_MAGICNUMBER,
    .mask = UINT32_MAX,
    .open = zstd_open,
    .begin = zstd_begin,
    .step = zstd_step,
    .memory = zstd_memory,
    .close = zstd_close,
};
