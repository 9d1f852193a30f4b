/* output.c - files are compared by what they are, not by their names: links and folders lead
 * anywhere. */
#include "app/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/folder.h"

enum {
	MODE = 0640
};

static bool
is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

static size_t
folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* The folder that ${path} lies in. */
static bool
folder_stat(const char *path, struct stat *st)
{
	size_t len = folder_len(path);
	char *folder = len == 0 ? strdup(".") : strndup(path, len);
	bool known = folder != NULL && stat(folder, st) == 0;

	free(folder);
	return known;
}

static bool
same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* One file; or, while it is not there, one name in one folder. */
static bool
same_entry(const char *a, const char *b)
{
	struct stat x, y;

	if (stat(a, &x) == 0 && stat(b, &y) == 0)
		return same_inode(&x, &y);
	if (strcmp(a + folder_len(a), b + folder_len(b)) != 0)
		return false;
	return folder_stat(a, &x) && folder_stat(b, &y) && same_inode(&x, &y);
}

static bool
is_of_store(const char *path, const char *store)
{
	static const char *const end[] = {"", "-wal", "-shm", "-journal", "-lock"};
	char *real = realpath(store, NULL);
	bool same = false;

	for (size_t i = 0; i < sizeof(end) / sizeof(end[0]) && !same; i++) {
		char *companion;

		/* Without the memory to compare, the careful answer is yes. */
		if (asprintf(&companion, "%s%s", real != NULL ? real : store, end[i]) < 0) {
			same = true;
			break;
		}
		same = same_entry(path, companion);
		free(companion);
	}
	free(real);
	return same;
}

static bool
is_in_folder(const char *path, const char *folder)
{
	char **capture;
	size_t count;
	bool same = false;

	if (folder_list(folder, &capture, &count) != 0)
		return false;
	for (size_t i = 0; i < count && !same; i++)
		same = same_entry(path, capture[i]);
	folder_free(capture, count);
	return same;
}

static bool
is_capture(const char *path, const char *capture)
{
	struct stat st;

	if (is_standard(capture))
		capture = "/dev/stdin";
	if (stat(capture, &st) == 0 && S_ISDIR(st.st_mode))
		return is_in_folder(path, capture);
	return same_entry(path, capture);
}

/* What is no file, /dev/null or a pipe, loses nothing. */
static int
check(const char *name, const char *path, const struct output_spared *spared)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return 0;
	if (spared->store != NULL && is_of_store(path, spared->store)) {
		log_error("%s cannot be written: it belongs to the store %s", name, spared->store);
		return ERR_USAGE;
	}
	for (size_t i = 0; i < spared->paths; i++)
		if (is_capture(path, spared->path[i])) {
			log_error("%s cannot be written: it is a capture that is to be read", name);
			return ERR_USAGE;
		}
	return 0;
}

static int
failed(const char *name, int err)
{
	log_error("%s: %s", name, err_text(err));
	return err;
}

void
output_standard(struct output *o)
{
	*o = (struct output){.name = "standard output", .file = stdout};
}

/* Open, and only then look what it is: a link may have led to a store that was not there before.
 */
static int
open_spared(const char *path, const struct output_spared *spared, int flags, int *fd)
{
	bool made = true;

	flags |= O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
	*fd = open(path, flags | O_EXCL, MODE);
	if (*fd < 0 && errno == EEXIST) {
		made = false;
		*fd = open(path, flags, MODE);
	}
	if (*fd < 0)
		return failed(path, -errno);
	int err = check(path, path, spared);
	if (err == 0)
		return 0;
	close(*fd);
	if (made)
		(void)unlink(path);
	return err;
}

static int
open_stream(struct output *o, int fd)
{
	o->file = fdopen(fd, "w");
	if (o->file != NULL)
		return 0;
	int err = -errno;
	close(fd);
	return failed(o->name, err);
}

/* ${flags}: O_APPEND, or 0 to begin with nothing. */
static int
open_output(struct output *o, const char *path, const struct output_spared *spared, int flags)
{
	struct stat st;
	int fd;

	*o = (struct output){.name = path};
	if (path == NULL)
		return 0;
	if (is_standard(path)) {
		output_standard(o);
		return check(o->name, "/dev/stdout", spared);
	}
	int err = open_spared(path, spared, flags, &fd);
	if (err != 0)
		return err;
	if (flags == 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, 0) != 0) {
		err = failed(path, -errno);
		close(fd);
		return err;
	}
	return open_stream(o, fd);
}

int
output_open(struct output *o, const char *path, const struct output_spared *spared)
{
	return open_output(o, path, spared, 0);
}

int
output_append(struct output *o, const char *path, const struct output_spared *spared)
{
	return open_output(o, path, spared, O_APPEND);
}

static mode_t
mode_wanted(const struct stat *old)
{
	if (old != NULL)
		return old->st_mode & 0777;
	mode_t mask = umask(077);
	umask(mask);
	return MODE & ~mask;
}

/* A file beside the one that it will replace; ${old} NULL: there is none yet. */
static int
open_part(struct output *o, const struct stat *old)
{
	if (asprintf(&o->part, "%s.XXXXXX", o->target) < 0) {
		o->part = NULL;
		return failed(o->name, -ENOMEM);
	}
	int fd = mkostemp(o->part, O_CLOEXEC);
	if (fd < 0)
		return failed(o->name, -errno);
	int err = fchmod(fd, mode_wanted(old)) != 0 ? failed(o->name, -errno) : open_stream(o, fd);
	if (err != 0)
		(void)unlink(o->part);
	return err;
}

static void
forget(struct output *o)
{
	free(o->target);
	free(o->part);
	o->target = o->part = NULL;
	o->file = NULL;
}

int
output_replace(struct output *o, const char *path, const struct output_spared *spared)
{
	struct stat st;
	bool there = path != NULL && stat(path, &st) == 0;

	if (path == NULL || is_standard(path) || (there && !S_ISREG(st.st_mode)))
		return output_open(o, path, spared);
	*o = (struct output){.name = path};
	int err = check(path, path, spared);
	if (err != 0)
		return err;
	if (there && access(path, W_OK) != 0)
		return failed(path, -errno);
	/* Where a link leads, so that the link stays one. */
	o->target = there ? realpath(path, NULL) : strdup(path);
	err = o->target == NULL ? failed(path, -errno) : open_part(o, there ? &st : NULL);
	if (err != 0)
		forget(o);
	return err;
}

int
output_failed(const struct output *o)
{
	int last = errno;

	/* The write that failed may be long ago; what is still buffered then fails again. */
	errno = 0;
	if (fflush(o->file) != 0 && errno != 0)
		last = errno;
	(void)failed(o->name, last != 0 ? -last : -EIO);
	return -EIO;
}

static int
put_in_place(const struct output *o)
{
	if (fsync(fileno(o->file)) == 0 && rename(o->part, o->target) == 0)
		return 0;
	(void)failed(o->name, -errno);
	return -EIO;
}

int
output_close(struct output *o, bool good)
{
	int err = 0;

	if (o->file == NULL || o->file == stdout)
		return 0;
	errno = 0;
	if (good && (fflush(o->file) != 0 || ferror(o->file)))
		err = output_failed(o);
	if (good && err == 0 && o->part != NULL)
		err = put_in_place(o);
	if (o->part != NULL && (!good || err != 0))
		(void)unlink(o->part);
	if (fclose(o->file) != 0 && good && err == 0) {
		(void)failed(o->name, -errno);
		err = -EIO;
	}
	forget(o);
	return err;
}
