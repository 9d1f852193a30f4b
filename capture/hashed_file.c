/* hashed_file.c - a FILE for libpcap over what is taken in, and hashed. */
#include "capture/hashed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "capture/framing.h"
#include "capture/intake.h"

enum {
	BUFFER = 128 * 1024,
	FIRST_READ = 16 * 1024
};

struct hashed_file {
	struct intake *intake; /* borrowed */
	FILE *stream;          /* owned until its reader closes it */
	uint64_t taken;
	struct digest digest;     /* of what was taken */
	struct framing framing;   /* has followed buffer[..followed] */
	bool ended;
	size_t have,
	    followed; /* buffer[..have] ends with what was taken last, and has been handed out */
	uint8_t buffer[BUFFER];
	char stream_buffer[BUFFER]; /* the stream's own */
};

/* The stream asks for more only when its reader has consumed all that it had. */
static void
follow(struct hashed_file *h, size_t consumed)
{
	framing_feed(&h->framing, h->buffer + h->followed, consumed - h->followed);
	h->followed = consumed;
}

static ssize_t
cookie_read(void *cookie, char *out, size_t len)
{
	struct hashed_file *h = cookie;
	/* The first read is small: of most files of a large folder only the first packet is wanted
	 * at first. */
	size_t most = h->taken == 0 ? FIRST_READ : BUFFER;

	follow(h, h->have);
	h->have = intake_read(h->intake, h->buffer, len < most ? len : most);
	h->followed = 0;
	h->taken += h->have;
	h->ended = h->have == 0;
	digest_add(&h->digest, h->buffer, h->have);
	memcpy(out, h->buffer, h->have);
	if (!h->ended || intake_error(h->intake) == ERR_OK)
		return (ssize_t)h->have;
	errno = EIO;
	return -1;
}

/* The stream may ask where it is, to tell where its reader is; it may not go anywhere. */
static int
cookie_seek(void *cookie, off64_t *offset, int whence)
{
	const struct hashed_file *h = cookie;

	if (whence != SEEK_CUR || *offset != 0) {
		errno = ESPIPE;
		return -1;
	}
	*offset = (off64_t)h->taken;
	return 0;
}

static int
cookie_close(void *cookie)
{
	struct hashed_file *h = cookie;

	h->stream = NULL;
	return 0;
}

static int
open_stream(struct hashed_file *h)
{
	const cookie_io_functions_t functions = {
	    .read = cookie_read, .seek = cookie_seek, .close = cookie_close};

	h->stream = fopencookie(h, "r", functions);
	if (h->stream == NULL)
		return -ENOMEM;
	if (setvbuf(h->stream, h->stream_buffer, _IOFBF, sizeof(h->stream_buffer)) != 0)
		return -ENOMEM;
	return ERR_OK;
}

int
hashed_file_open(struct hashed_file **out, struct intake *intake)
{
	struct hashed_file *h = malloc(sizeof(*h));
	int err;

	*out = NULL;
	if (h == NULL)
		return -ENOMEM;
	/* All but the buffers, which need not be touched before they are used. */
	memset(h, 0, offsetof(struct hashed_file, buffer));
	h->intake = intake;
	framing_init(&h->framing);
	err = digest_init(&h->digest);
	if (err == ERR_OK)
		err = open_stream(h);
	if (err != ERR_OK) {
		hashed_file_close(&h);
		return err;
	}
	*out = h;
	return ERR_OK;
}

void
hashed_file_close(struct hashed_file **h)
{
	if (*h == NULL)
		return;
	if ((*h)->stream != NULL)
		fclose((*h)->stream);
	digest_deinit(&(*h)->digest);
	free(*h);
	*h = NULL;
}

FILE *
hashed_file_stream(struct hashed_file *h)
{
	return h->stream;
}

const struct framing *
hashed_file_framing(struct hashed_file *h)
{
	off_t at = h->stream != NULL ? ftello(h->stream) : -1;

	/* ftello() is what was handed out less what the stream still buffers. */
	if (at >= 0 && h->taken - (uint64_t)at <= h->have - h->followed)
		follow(h, h->have - (size_t)(h->taken - (uint64_t)at));
	return &h->framing;
}

uint64_t
hashed_file_taken(const struct hashed_file *h)
{
	return h->taken;
}

void
hashed_file_digest(const struct hashed_file *h, uint8_t out[HASH_DIGEST])
{
	digest_value(&h->digest, out);
}

bool
hashed_file_ended(const struct hashed_file *h)
{
	return h->ended;
}
