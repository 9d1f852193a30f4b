/* roster.c - paths, and the captures behind them. */
#include "capture/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "capture/folder.h"
#include "capture/member.h"
#include "capture/source_ops.h"

/* Room for one more element of ${size} bytes: ${array}, or where it moved; NULL if there is none. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room * 2 : 16;

	if (count < *room)
		return array;
	array = reallocarray(array, more, size);
	if (array != NULL)
		*room = more;
	return array;
}

int
roster_note(struct roster *r, const char *line)
{
	char **larger = grow(r->problem, r->problem_count, &r->problem_room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	r->problem = larger;
	larger[r->problem_count] = strdup(line);
	if (larger[r->problem_count] == NULL)
		return -ENOMEM;
	r->problem_count++;
	return ERR_OK;
}

/* Note what is wrong with ${path}, and return ${err}, or -ENOMEM. */
static int
note_path(struct roster *r, const char *path, int err, const char *words)
{
	char line[SOURCE_PROBLEM];
	int failed;

	source_describe(line, path, "%s", words);
	failed = roster_note(r, line);
	return failed != ERR_OK ? failed : err;
}

static int
add_member(struct roster *r, const char *path, bool once)
{
	struct member *larger = grow(r->member, r->count, &r->room, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	r->member = larger;
	memset(&larger[r->count], 0, sizeof(larger[0]));
	larger[r->count].path = strdup(path);
	larger[r->count].once = once;
	if (larger[r->count].path == NULL)
		return -ENOMEM;
	r->count++;
	return ERR_OK;
}

static int
add_folder(struct roster *r, const char *path)
{
	char **paths;
	size_t count;
	int err = folder_list(path, &paths, &count);

	if (err == -ENOMEM)
		return err;
	if (err != ERR_OK)
		return note_path(r, path, ERR_OK, err_text(err));
	if (count == 0)
		err = note_path(r, path, ERR_OK, "no capture in this directory");
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = add_member(r, paths[i], false);
	folder_free(paths, count);
	return err;
}

static int
add_standard_input(struct roster *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->member[i].path, "-") == 0)
			return note_path(r, "-", ERR_USAGE, "can be read only once");
	}
	return add_member(r, "-", true);
}

static int
add_path(struct roster *r, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return add_standard_input(r);
	if (stat(path, &st) != 0) {
		int err = -errno;

		return note_path(r, path, err, err_text(err));
	}
	if (S_ISDIR(st.st_mode))
		return add_folder(r, path);
	return add_member(r, path, !S_ISREG(st.st_mode));
}

int
roster_open(struct roster *r, size_t i, bool alone)
{
	struct source_options options = r->options;
	struct member *m = &r->member[i];
	char problem[SOURCE_PROBLEM];
	int err, noted;

	if (m->source != NULL)
		return ERR_OK;
	if (!alone)
		options.threads = 1;
	err = member_open(m, &options, (uint32_t)i, problem);
	if (err == ERR_OK || err == -ENOMEM)
		return err;
	m->done = true;
	noted = roster_note(r, problem);
	return noted == ERR_OK && err == ERR_USAGE ? err : noted;
}

int
roster_compare(const struct due *a, const struct due *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int
by_time(const void *a, const void *b)
{
	return roster_compare(a, b);
}

/* See every capture's first packet, and sort them by it. */
static int
look(struct roster *r)
{
	r->order = calloc(r->count + 1, sizeof(*r->order));
	if (r->order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < r->count; i++) {
		struct member *m = &r->member[i];
		int err = roster_open(r, i, r->count == 1);

		if (err != ERR_OK)
			return err;
		if (m->done)
			continue;
		r->order[r->order_count++] = (struct due){.ns = m->first_ns, .index = i};
		if (!m->once && r->count > 1)
			member_close(m);
	}
	qsort(r->order, r->order_count, sizeof(*r->order), by_time);
	return ERR_OK;
}

int
roster_fill(
    struct roster *r, const char *const *paths, size_t count, const struct source_options *options)
{
	if (options != NULL)
		r->options = *options;
	if (r->options.filter != NULL) {
		r->filter = strdup(r->options.filter);
		if (r->filter == NULL)
			return -ENOMEM;
		r->options.filter = r->filter;
	}
	for (size_t i = 0; i < count; i++) {
		int err = add_path(r, paths[i]);

		if (err != ERR_OK)
			return err;
	}
	return look(r);
}

void
roster_deinit(struct roster *r)
{
	for (size_t i = 0; i < r->count; i++)
		member_deinit(&r->member[i]);
	for (size_t i = 0; i < r->problem_count; i++)
		free(r->problem[i]);
	free(r->member);
	free(r->order);
	free(r->problem);
	free(r->filter);
}
