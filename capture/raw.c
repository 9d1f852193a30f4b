/* raw.c - a descriptor and a buffer. */
#include "capture/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum {
	FIRST_READ =
	    16 * 1024, /* of most files of a large folder only the first packet is wanted */
	PATIENCE_MS = 100,
};

int
raw_open(struct raw *r, const char *path, bool regular)
{
	const int wait = regular ? O_NONBLOCK : 0;
	struct stat st;

	/* All but the buffer, which need not be touched before it is used. */
	memset(r, 0, offsetof(struct raw, bytes));
	r->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
				       : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
	if (r->fd < 0 || fstat(r->fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	r->regular = S_ISREG(st.st_mode);
	if (regular && !r->regular)
		return -ESPIPE;
	if (r->regular && st.st_size > 0)
		r->size = (uint64_t)st.st_size;
	return ERR_OK;
}

void
raw_close(struct raw *r)
{
	if (r->fd > STDIN_FILENO)
		close(r->fd);
	r->fd = -1;
}

void
raw_use(struct raw *r, size_t len)
{
	r->at += len;
	r->used += len;
}

/* False if nobody wants to wait any more. */
static bool
wait_for(struct raw *r)
{
	struct pollfd waiting = {.fd = r->fd, .events = POLLIN};

	while (!atomic_load(&r->stopping))
		if (poll(&waiting, 1, PATIENCE_MS) > 0)
			return true;
	return false;
}

/* read() that sits out signals, and descriptors that somebody else made non-blocking. */
static size_t
read_some(struct raw *r, void *out, size_t len)
{
	while (r->regular || wait_for(r)) {
		ssize_t n = read(r->fd, out, len);

		if (n >= 0)
			return (size_t)n;
		if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
			r->error = -errno;
			return 0;
		}
	}
	r->error = -ECANCELED;
	return 0;
}

bool
raw_more(struct raw *r)
{
	const size_t most = r->used == 0 ? FIRST_READ : RAW_BUFFER, waiting = raw_waiting(r);
	size_t n;

	memmove(r->bytes, r->bytes + r->at, waiting);
	r->at = 0;
	n = waiting < most ? read_some(r, r->bytes + waiting, most - waiting) : 0;
	r->have = waiting + n;
	return n > 0;
}

size_t
raw_look(struct raw *r, size_t len)
{
	while (raw_waiting(r) < len && raw_more(r))
		;
	return raw_waiting(r);
}

size_t
raw_read(struct raw *r, uint8_t *out, size_t len)
{
	const size_t waiting = raw_waiting(r);

	if (waiting == 0) {
		len = read_some(r, out, len);
		r->used += len;
		return len;
	}
	len = len < waiting ? len : waiting;
	memcpy(out, r->bytes + r->at, len);
	raw_use(r, len);
	return len;
}

void
raw_stop(struct raw *r)
{
	atomic_store(&r->stopping, true);
}
