/* temp_dir.h - a directory of a test's own, and paths in it. */
#ifndef EPMWATCH_TESTS_TEMP_DIR_H
#define EPMWATCH_TESTS_TEMP_DIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct temp_dir {
	char path[64];
	char file[256]; /* the last path asked for */
};

static inline int
temp_dir_make(struct temp_dir *t)
{
	snprintf(t->path, sizeof(t->path), "/tmp/epmwatch-test-XXXXXX");
	return mkdtemp(t->path) != NULL ? 0 : -1;
}

/* The path of ${name} in the directory; valid until the next call. */
static inline const char *
temp_dir_file(struct temp_dir *t, const char *name)
{
	snprintf(t->file, sizeof(t->file), "%s/%s", t->path, name);
	return t->file;
}

static inline int
temp_dir_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void
temp_dir_remove(struct temp_dir *t)
{
	nftw(t->path, temp_dir_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
