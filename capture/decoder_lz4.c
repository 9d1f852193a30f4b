/* decoder_lz4.c - lz4 frames; not the older form without frames. */
#include <errno.h>
#include <lz4frame.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/decoder.h"

enum {
	MAGIC = 0x184d2204,
	/* The largest block is 4 MiB; the library holds one as it comes and one as it goes, and what
	 * a block may refer to. */
	MEMORY = 2 * 4 * 1024 * 1024 + 128 * 1024
};

/* A step that fails keeps back all that it made, so each gets no more than the next block. */
struct lz4 {
	LZ4F_dctx *context; /* owned */
	size_t wanted;      /* bytes that make sense as input now */
};

static int
lz4_open(void **self)
{
	struct lz4 *l = malloc(sizeof(*l));

	*self = l;
	if (l == NULL)
		return -ENOMEM;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&l->context, LZ4F_VERSION))) {
		free(l);
		*self = NULL;
		return -ENOMEM;
	}
	return ERR_OK;
}

static int
lz4_begin(void *self)
{
	struct lz4 *l = self;

	LZ4F_resetDecompressionContext(l->context);
	l->wanted = LZ4F_MIN_SIZE_TO_KNOW_HEADER_LENGTH;
	return ERR_OK;
}

/* The library names its errors as its sources do. */
static int
fail(const char *name, struct decoder_step *step)
{
	static const char prefix[] = "ERROR_";

	step->why = name;
	if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		step->why += sizeof(prefix) - 1;
	return strcmp(step->why, "allocation_failed") == 0 ? -ENOMEM : ERR_DAMAGED;
}

static int
lz4_step(void *self, struct decoder_step *step)
{
	struct lz4 *l = self;
	size_t in = step->in_left < l->wanted ? step->in_left : l->wanted, out = step->out_left;
	size_t rc = LZ4F_decompress(l->context, step->out, &out, step->in, &in, NULL);

	if (LZ4F_isError(rc))
		return fail(LZ4F_getErrorName(rc), step);
	step->in += in;
	step->in_left -= in;
	step->out += out;
	step->out_left -= out;
	l->wanted = rc;
	return rc == 0 ? DECODER_END : DECODER_MORE;
}

static size_t
lz4_memory(const void *self)
{
	(void)self;
	return MEMORY;
}

static void
lz4_close(void *self)
{
	struct lz4 *l = self;

	LZ4F_freeDecompressionContext(l->context);
	free(l);
}

const struct decoder decoder_lz4 = {
    .name = "lz4",
    .magic = MAGIC,
    .mask = UINT32_MAX,
    .open = lz4_open,
    .begin = lz4_begin,
    .step = lz4_step,
    .memory = lz4_memory,
    .close = lz4_close,
};
