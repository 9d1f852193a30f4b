/* tables.c - each file is written beside its place, and put there when all are whole. */
#include "app/tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/output.h"
#include "base/err.h"
#include "base/log.h"
#include "report/rows/report_csv.h"
#include "report/rows/report_rows.h"

enum {
	FOLDER_MODE = 0750
};

/* One table on its way. */
struct file {
	char *path; /* owned */
	struct output out;
	bool open;
};

struct files {
	size_t count;
	struct file *file; /* owned */
};

static int
failed(const char *name, int err)
{
	log_error("%s: %s", name, err_text(err));
	return err;
}

/* Sets *${made} if it was not there. */
static int
folder_make(const char *folder, bool *made)
{
	struct stat st;

	*made = mkdir(folder, FOLDER_MODE) == 0;
	if (*made)
		return 0;
	if (errno != EEXIST || stat(folder, &st) != 0)
		return failed(folder, -errno);
	if (S_ISDIR(st.st_mode))
		return 0;
	log_error("%s is no folder: as CSV a report is a file for each of its tables", folder);
	return ERR_USAGE;
}

static int
file_open(struct file *f, const char *folder, const char *id, const struct output_spared *spared)
{
	struct stat st;

	if (asprintf(&f->path, "%s/%s.csv", folder, id) < 0) {
		f->path = NULL;
		return failed(folder, -ENOMEM);
	}
	if (lstat(f->path, &st) == 0) {
		log_error("%s is there already; another folder is wanted", f->path);
		return ERR_USAGE;
	}
	int err = output_replace(&f->out, f->path, spared);
	f->open = err == 0;
	return err;
}

static int
file_write(struct file *f, const struct report *r, const struct report_table *table)
{
	errno = 0;
	int err = report_csv(r, table, f->out.file);

	if (err != 0 && ferror(f->out.file))
		return output_failed(&f->out);
	return err != 0 ? failed(f->path, err) : 0;
}

/* Where one cannot be put in its place, those behind it are not. */
static int
files_close(struct files *files, int err)
{
	for (size_t i = 0; i < files->count; i++) {
		struct file *f = &files->file[i];
		int closed = f->open ? output_close(&f->out, err == 0) : 0;

		err = err != 0 ? err : closed;
		free(f->path);
	}
	free(files->file);
	return err;
}

static int
files_write(struct files *files, const struct report *r, const struct report_table *table,
    const char *folder, const struct output_spared *spared)
{
	int err = 0;

	for (size_t i = 0; i < files->count && err == 0; i++) {
		struct file *f = &files->file[i];

		err = file_open(f, folder, table[i].id, spared);
		if (err == 0)
			err = file_write(f, r, &table[i]);
	}
	return files_close(files, err);
}

int
tables_write(const struct report *r, const char *folder, const struct output_spared *spared)
{
	struct files files = {0};
	bool made;
	const struct report_table *table = report_rows_tables(&files.count);

	files.file = calloc(files.count, sizeof(*files.file));
	if (files.file == NULL)
		return failed(folder, -ENOMEM);
	int err = folder_make(folder, &made);
	if (err != 0) {
		free(files.file);
		return err;
	}
	err = files_write(&files, r, table, folder, spared);
	if (err != 0 && made)
		(void)rmdir(folder);
	return err;
}
