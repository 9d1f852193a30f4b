/* file.c - see file.h. */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"

enum {
	HEADER = 100,
	HEADER_USER_VERSION = 60,
	HEADER_APPLICATION_ID = 68,
};

/* A file that is still to be made: its folder resolved, and its name as it is. */
static int
file_resolve_new(const char *path, char **out)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char *folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	char *real;
	int err = 0;

	if (folder == NULL)
		return -ENOMEM;
	real = realpath(folder, NULL);
	if (real == NULL) {
		err = -errno;
	} else if (*name == '\0') {
		err = -EISDIR;
	} else if (asprintf(out, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0) {
		*out = NULL;
		err = -ENOMEM;
	}
	free(real);
	free(folder);
	return err;
}

int
file_resolve(const char *path, char **out)
{
	*out = realpath(path, NULL);
	if (*out != NULL)
		return 0;
	return errno == ENOENT ? file_resolve_new(path, out) : -errno;
}

/* SQLite wants the names of its files from a maker of its own. */
static int
file_vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file)
{
	int flags;

	memset(file, 0, (size_t)vfs->szOsFile);
	errno = 0;
	if (vfs->xOpen(vfs, name, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, &flags) ==
	    SQLITE_OK)
		return 0;
	return errno != 0 ? -errno : -EIO;
}

static int
file_read_header(const char *path, uint8_t header[HEADER])
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_file *file = vfs != NULL ? malloc((size_t)vfs->szOsFile) : NULL;
	const char *name = sqlite3_create_filename(path, "", "", 0, NULL);
	int rc, err = -ENOMEM;

	if (file == NULL || name == NULL)
		goto out;
	if ((err = file_vfs_open(vfs, name, file)) != 0)
		goto out;
	/* a file that is shorter reads as if zeros followed */
	rc = file->pMethods->xRead(file, header, HEADER, 0);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		err = -EIO;
	(void)file->pMethods->xClose(file);
out:
	sqlite3_free_filename(name);
	free(file);
	return err;
}

static void
file_header(const uint8_t header[HEADER], struct file_facts *out)
{
	static const uint8_t magic[16] = "SQLite format 3";
	struct cursor c = cur_init(header, HEADER, false);

	out->kind = FILE_OTHER;
	if (memcmp(header, magic, sizeof(magic)) != 0)
		return;
	out->kind = FILE_SQLITE;
	cur_skip(&c, HEADER_USER_VERSION);
	out->user_version = cur_u32_be(&c);
	cur_skip(&c, HEADER_APPLICATION_ID - HEADER_USER_VERSION - 4);
	out->application_id = cur_u32_be(&c);
}

int
file_examine(const char *path, struct file_facts *out)
{
	uint8_t header[HEADER];
	struct stat st;
	int err;

	memset(out, 0, sizeof(*out));
	out->kind = FILE_ABSENT;
	if (stat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	out->kind = FILE_OTHER;
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_size == 0)
		out->kind = FILE_EMPTY;
	if (st.st_size < HEADER)
		return 0;
	if ((err = file_read_header(path, header)) == 0)
		file_header(header, out);
	return err;
}

int
file_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0640) != 0)
		err = -errno;
	close(fd);
	return err;
}

int
file_folder(const char *path, char **out)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	*out = len > 0 ? strndup(path, len) : strdup("/");
	return *out != NULL ? 0 : -ENOMEM;
}

bool
file_folder_writable(const char *path)
{
	char *folder;
	bool writable;

	if (file_folder(path, &folder) != 0)
		return false;
	writable = access(folder, W_OK | X_OK) == 0;
	free(folder);
	return writable;
}

bool
file_has_wal(const char *path)
{
	struct stat st;
	char *wal;
	bool there;

	/* without the memory to look, the careful answer is yes */
	if (asprintf(&wal, "%s-wal", path) < 0)
		return true;
	there = stat(wal, &st) == 0 ? st.st_size > 0 : errno != ENOENT;
	free(wal);
	return there;
}
