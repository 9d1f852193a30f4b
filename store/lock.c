/* lock.c - see lock.h. */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum {
	LOCK_TRIES = 100
};

void
lock_init(struct lock *l)
{
	l->fd = -1;
	l->path = NULL;
}

/* The holder before may have removed the name between our open and our lock. */
static bool
lock_is_named(const struct lock *l)
{
	struct stat held, named;

	return fstat(l->fd, &held) == 0 && stat(l->path, &named) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* The number is for people only, so failing to write it is no failure. */
static void
lock_sign(const struct lock *l)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	bool written = ftruncate(l->fd, 0) == 0 && pwrite(l->fd, text, (size_t)n, 0) == n;

	(void)written;
}

static long
lock_holder(const struct lock *l)
{
	char text[32];
	ssize_t n = pread(l->fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static void
lock_shut(struct lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* 1: taken, 0: taken too late, try again; else an error. */
static int
lock_try(struct lock *l, long *holder)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (l->fd < 0)
		return -errno;
	if (fcntl(l->fd, F_OFD_SETLK, &whole) != 0) {
		int err = errno == EAGAIN || errno == EACCES ? ERR_BUSY : -errno;

		*holder = lock_holder(l);
		lock_shut(l);
		return err;
	}
	if (lock_is_named(l))
		return 1;
	lock_shut(l);
	return 0;
}

int
lock_take(struct lock *l, const char *store, long *holder)
{
	int err = 0;

	*holder = 0;
	lock_init(l);
	if (asprintf(&l->path, "%s-lock", store) < 0) {
		l->path = NULL;
		return -ENOMEM;
	}
	for (int i = 0; i < LOCK_TRIES && err == 0; i++)
		err = lock_try(l, holder);
	if (err == 1) {
		lock_sign(l);
		return 0;
	}
	free(l->path);
	l->path = NULL;
	return err != 0 ? err : ERR_BUSY;
}

bool
lock_is_held(const char *store)
{
	struct flock ask = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	char *path;
	bool held;
	int fd;

	if (asprintf(&path, "%s-lock", store) < 0)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	/* asking takes no lock, so it cannot be in the way of a writer */
	held =
	    fd >= 0 ? fcntl(fd, F_OFD_GETLK, &ask) != 0 || ask.l_type != F_UNLCK : errno != ENOENT;
	free(path);
	if (fd >= 0)
		close(fd);
	return held;
}

void
lock_release(struct lock *l)
{
	/* where somebody deleted it, the name may be another writer's by now */
	if (l->fd >= 0 && lock_is_named(l))
		(void)unlink(l->path);
	lock_shut(l);
	free(l->path);
	l->path = NULL;
}
