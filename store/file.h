/* file.h - what lies at a store's path, found out before a database is made of it: a file of
 * somebody else is never touched. */
#ifndef EPMWATCH_STORE_FILE_H
#define EPMWATCH_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>

enum file_kind {
	FILE_ABSENT,
	FILE_EMPTY, /* of no bytes: as good as absent */
	FILE_SQLITE,
	FILE_OTHER,
};

struct file_facts {
	enum file_kind kind;
	uint32_t application_id; /* both of FILE_SQLITE only */
	uint32_t user_version;
};

/**
 * file_resolve(path, out):
 * The absolute path without symbolic links, to be freed by the caller, so that one store has one
 * name and one lock. The file need not exist; its folder must. -ENOENT, -EACCES, -ENOMEM and other
 * -errno.
 */
int file_resolve(const char *path, char **out);

/**
 * file_examine(path, out):
 * Read the header of ${path}, an absolute path. Done through SQLite's own files: an open() and
 * close() of ours would drop the locks that this process may hold on that file as a database.
 * -EISDIR, -errno. Shape: "SQLite format 3\0", user_version:u32be at 60, application_id:u32be at
 * 68, 100 octets in all.
 */
int file_examine(const char *path, struct file_facts *out);

/** file_create(path): An empty file with mode 0640 whatever the umask; SQLite gives -wal and -shm
 * the same. -errno. */
int file_create(const char *path);

/** file_folder(path, out): The folder of an absolute path, to be freed by the caller. -ENOMEM. */
int file_folder(const char *path, char **out);

/** file_folder_writable(path): True if files can be made beside ${path}. */
bool file_folder_writable(const char *path);

/** file_has_wal(path): True if `PATH-wal` holds anything. Readers leave an empty one behind. */
bool file_has_wal(const char *path);

#endif
