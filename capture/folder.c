/* folder.c - which files of a directory are captures. */
#include "capture/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "capture/framing.h"
#include "capture/intake.h"

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What is hidden is often half of a file that is still being copied. */
static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The first bytes, uncompressed, are a capture's; or nobody can tell. */
static bool
begins_as_one(struct intake *in)
{
	uint8_t magic[FRAMING_MAGIC];
	size_t len = 0, n;

	while (len < sizeof(magic) && (n = intake_read(in, magic + len, sizeof(magic) - len)) > 0)
		len += n;
	if (len == sizeof(magic))
		return framing_recognise(magic) != FRAMING_NONE;
	return intake_error(in) != ERR_OK && intake_error(in) != ERR_DAMAGED;
}

/* Only a regular file is opened: a pipe or a device may mind. */
static bool
is_capture(const char *path)
{
	const struct intake_options options = {.regular = true};
	struct intake *in;
	struct stat st;
	bool is;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	if (intake_open(&in, path, &options) != ERR_OK)
		return true;
	is = begins_as_one(in);
	intake_close(&in);
	return is;
}

static char *
join(const char *folder, const char *name)
{
	size_t len = strlen(folder), room = len + strlen(name) + 2;
	const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
	char *path = malloc(room);

	if (path != NULL)
		snprintf(path, room, "%s%s%s", folder, slash, name);
	return path;
}

/* Keep what is a capture of ${count} ${names}; their number, or -ENOMEM. */
static int
select_captures(const char *folder, struct dirent **names, size_t count, char **out, size_t *kept)
{
	*kept = 0;
	for (size_t i = 0; i < count; i++) {
		char *path = join(folder, names[i]->d_name);

		if (path == NULL)
			return -ENOMEM;
		if (is_capture(path))
			out[(*kept)++] = path;
		else
			free(path);
	}
	return ERR_OK;
}

int
folder_list(const char *path, char ***out, size_t *count)
{
	struct dirent **names;
	int found = scandir(path, &names, is_visible, by_bytes), err = -ENOMEM;

	*out = NULL;
	*count = 0;
	if (found < 0)
		return -errno;
	*out = calloc((size_t)found + 1, sizeof(**out));
	if (*out != NULL)
		err = select_captures(path, names, (size_t)found, *out, count);
	for (int i = 0; i < found; i++)
		free(names[i]);
	free(names);
	if (err != ERR_OK) {
		folder_free(*out, *count);
		*out = NULL;
		*count = 0;
	}
	return err;
}

void
folder_free(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}
