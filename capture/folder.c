/* folder.c - which files of a directory are captures. */
#include "capture/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "capture/framing.h"

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

/* Only a regular file is opened: a pipe or a device may mind. */
static bool
is_capture(const char *path)
{
	uint8_t magic[FRAMING_MAGIC];
	struct stat st;
	ssize_t n;
	int fd;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return true;
	n = read(fd, magic, sizeof(magic));
	close(fd);
	return n < 0 || (n == sizeof(magic) && framing_recognise(magic) != FRAMING_NONE);
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
