/* tables.c - the tables are written into a folder of their own that nobody looks at, and put in their place when all are on the disk.
 *
 * A folder that was not there comes into being whole, by one rename. In one that is there the files appear one after the other, without
 * anything between that takes time or could lack room; where one cannot, those before it are taken away again. */
#include "app/tables.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

struct tables {
	char *folder; /* owned; where they are to be; without a slash at its end */
	char *stage;  /* owned; where they are until then */
	bool there;   /* the folder was */
	size_t count; /* of tables */
	const struct report_table *table;
	size_t written; /* of them, in the stage */
};

static int
failed(const char *name, int err)
{
	log_error("%s: %s", name, err_text(err));
	return err;
}

static char *
path_of(const char *folder, const char *id)
{
	char *path;

	return asprintf(&path, "%s/%s.csv", folder, id) < 0 ? NULL : path;
}

/* Nothing that is there is touched. */
static int
check_places(const struct tables *t)
{
	int err = 0;

	for (size_t i = 0; i < t->count && err == 0; i++) {
		char *path = path_of(t->folder, t->table[i].id);
		struct stat st;

		if (path == NULL)
			return failed(t->folder, -ENOMEM);
		if (lstat(path, &st) == 0) {
			log_error("%s is there already; another folder is wanted", path);
			err = ERR_USAGE;
		}
		free(path);
	}
	return err;
}

static int
check_folder(struct tables *t)
{
	struct stat st;

	t->there = stat(t->folder, &st) == 0;
	if (!t->there)
		return lstat(t->folder, &st) == 0 ? failed(t->folder, -ENOENT) : 0;
	if (S_ISDIR(st.st_mode))
		return check_places(t);
	log_error("%s is no folder: as CSV a report is a file for each of its tables", t->folder);
	return ERR_USAGE;
}

/* What mkdir() would have given it: the bit that hands on the group is inherited. */
static int
set_mode(const char *folder)
{
	mode_t mask = umask(077);
	struct stat st;

	umask(mask);
	if (stat(folder, &st) == 0 &&
	    chmod(folder, (FOLDER_MODE & ~mask) | (st.st_mode & S_ISGID)) == 0)
		return 0;
	return failed(folder, -errno);
}

/* Beside the folder that it becomes, or inside of the one that there is: on the same disk. */
static int
make_stage(struct tables *t)
{
	if (asprintf(&t->stage, t->there ? "%s/.tables.XXXXXX" : "%s.XXXXXX", t->folder) < 0) {
		t->stage = NULL;
		return failed(t->folder, -ENOMEM);
	}
	if (mkdtemp(t->stage) == NULL) {
		int err = -errno;

		free(t->stage);
		t->stage = NULL;
		return failed(t->folder, err);
	}
	return set_mode(t->stage);
}

/* What is on the disk needs no room later. */
static int
write_out(struct output *out, const struct report *r, const struct report_table *table)
{
	errno = 0;
	int err = report_csv(r, table, out->file);

	if (err != 0)
		return ferror(out->file) ? output_failed(out) : failed(out->name, err);
	if (fflush(out->file) != 0 || fsync(fileno(out->file)) != 0)
		return output_failed(out);
	return 0;
}

/* Messages name the place where it is to be. */
static int
write_table(struct tables *t, const struct report *r, const struct report_table *table)
{
	char *path = path_of(t->stage, table->id), *name = path_of(t->folder, table->id);
	struct output out;
	int err = path == NULL || name == NULL ? failed(t->folder, -ENOMEM) : 0;

	if (err == 0)
		err = output_open(&out, path, &(struct output_spared){.store = NULL});
	if (err == 0) {
		t->written++;
		out.name = name;
		err = write_out(&out, r, table);
		int closed = output_close(&out, err == 0);
		err = err != 0 ? err : closed;
	}
	free(path);
	free(name);
	return err;
}

static int
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	/* Some file systems have nothing to do for a folder, and say so. */
	if (err == 0 && fsync(fd) != 0 && errno != EINVAL)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err == 0 ? 0 : failed(folder, err);
}

/* To a name that nobody has. */
static int
move(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return failed(to, -errno);
	if (lstat(to, &st) == 0)
		return failed(to, -EEXIST);
	return rename(from, to) == 0 ? 0 : failed(to, -errno);
}

static int
move_table(const struct tables *t, const char *from, const char *to, const char *id)
{
	char *old = path_of(from, id), *new = path_of(to, id);
	int err = old == NULL || new == NULL ? failed(t->folder, -ENOMEM) : move(old, new);

	free(old);
	free(new);
	return err;
}

static void
remove_table(const char *folder, const char *id)
{
	char *path = path_of(folder, id);

	if (path != NULL)
		(void)unlink(path);
	free(path);
}

static void
remove_stage(const struct tables *t)
{
	if (t->stage == NULL)
		return;
	for (size_t i = 0; i < t->written; i++)
		remove_table(t->stage, t->table[i].id);
	(void)rmdir(t->stage);
}

/* All of them, or none: a signal that ends the program waits meanwhile. */
static int
place_files(const struct tables *t)
{
	sigset_t all, before;
	size_t done = 0;
	int err = 0;

	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	while (
	    done < t->count && (err = move_table(t, t->stage, t->folder, t->table[done].id)) == 0)
		done++;
	if (err != 0)
		while (done > 0)
			remove_table(t->folder, t->table[--done].id);
	remove_stage(t);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

static int
place(const struct tables *t)
{
	assert(t->stage != NULL);
	int err = sync_folder(t->stage);

	if (err != 0)
		return err;
	if (!t->there)
		return move(t->stage, t->folder);
	err = place_files(t);
	return err == 0 ? sync_folder(t->folder) : err;
}

static int
write_all(struct tables *t, const struct report *r)
{
	int err = check_folder(t);

	if (err == 0)
		err = make_stage(t);
	for (size_t i = 0; i < t->count && err == 0; i++)
		err = write_table(t, r, &t->table[i]);
	if (err == 0)
		err = place(t);
	/* Where it became the folder there is nothing left of that name. */
	remove_stage(t);
	return err;
}

int
tables_write(const struct report *r, const char *folder)
{
	struct tables t = {.folder = strdup(folder)};

	if (t.folder == NULL)
		return failed(folder, -ENOMEM);
	for (size_t len = strlen(t.folder); len > 1 && t.folder[len - 1] == '/'; len--)
		t.folder[len - 1] = '\0';
	t.table = report_rows_tables(&t.count);
	int err = write_all(&t, r);
	free(t.folder);
	free(t.stage);
	return err;
}
