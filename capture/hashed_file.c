/* hashed_file.c - a FILE for libpcap over a hashed descriptor. */
#include "capture/hashed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/framing.h"

enum {
	BUFFER = 128 * 1024,
	FIRST_READ = 16 * 1024
};

struct hashed_file {
	int fd;       /* owned, unless it is standard input */
	FILE *stream; /* owned until its reader closes it */
	uint64_t size;
	uint64_t taken;
	struct hash_stream *hash; /* owned */
	struct framing framing;   /* has followed buffer[..followed] */
	bool ended;
	int error;
	size_t have,
	    followed; /* buffer[..have] ends with what was taken last, and has been handed out */
	uint8_t buffer[BUFFER];
	char stream_buffer[BUFFER]; /* the stream's own */
};

/* read() that sits out signals and descriptors that somebody else made non-blocking. */
static ssize_t
read_some(int fd, void *out, size_t len)
{
	for (;;) {
		ssize_t n = read(fd, out, len);

		if (n >= 0)
			return n;
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd waiting = {.fd = fd, .events = POLLIN};

			(void)poll(&waiting, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
}

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
	ssize_t n;

	follow(h, h->have);
	n = read_some(h->fd, h->buffer, len < most ? len : most);
	h->have = n > 0 ? (size_t)n : 0;
	h->followed = 0;
	h->taken += h->have;
	h->ended = n == 0;
	h->error = n < 0 ? -errno : 0;
	hash_stream_add(h->hash, h->buffer, h->have);
	memcpy(out, h->buffer, h->have);
	return n;
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

static int
open_descriptor(struct hashed_file *h, const char *path)
{
	struct stat st;

	h->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (h->fd < 0 || fstat(h->fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		h->size = (uint64_t)st.st_size;
	return ERR_OK;
}

int
hashed_file_open(struct hashed_file **out, const char *path)
{
	struct hashed_file *h = malloc(sizeof(*h));
	int err;

	*out = NULL;
	if (h == NULL)
		return -ENOMEM;
	/* All but the buffers, which need not be touched before they are used. */
	memset(h, 0, offsetof(struct hashed_file, buffer));
	h->fd = -1;
	framing_init(&h->framing);
	err = open_descriptor(h, path);
	if (err == ERR_OK)
		err = hash_stream_new(&h->hash);
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
	hash_stream_free(&(*h)->hash);
	if ((*h)->fd > STDIN_FILENO)
		close((*h)->fd);
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
	hash_stream_digest(h->hash, out);
}

uint64_t
hashed_file_size(const struct hashed_file *h)
{
	return h->size;
}

bool
hashed_file_ended(const struct hashed_file *h)
{
	return h->ended;
}

int
hashed_file_error(const struct hashed_file *h)
{
	return h->error;
}

/* Hash ${bytes} bytes of ${fd}. */
static int
hash_prefix(int fd, uint64_t bytes, struct hash_stream *hash)
{
	uint8_t buffer[16 * 1024];

	while (bytes > 0) {
		ssize_t n =
		    read_some(fd, buffer, bytes < sizeof(buffer) ? (size_t)bytes : sizeof(buffer));

		if (n < 0)
			return -errno;
		if (n == 0)
			return ERR_TRUNC;
		hash_stream_add(hash, buffer, (size_t)n);
		bytes -= (uint64_t)n;
	}
	return ERR_OK;
}

/* Non-blocking, so that a FIFO without a writer is refused and not waited for. */
static int
open_regular(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	err = S_ISDIR(st.st_mode) ? -EISDIR : -ESPIPE;
	close(fd);
	return err;
}

int
hashed_file_prefix(const char *path, uint64_t bytes, uint8_t out[HASH_DIGEST])
{
	struct hash_stream *hash;
	int err, fd;

	if (strcmp(path, "-") == 0)
		return -ESPIPE;
	fd = open_regular(path);
	if (fd < 0)
		return fd;
	err = hash_stream_new(&hash);
	if (err != ERR_OK)
		goto out;
	err = hash_prefix(fd, bytes, hash);
	if (err == ERR_OK)
		hash_stream_digest(hash, out);
	hash_stream_free(&hash);
out:
	close(fd);
	return err;
}
