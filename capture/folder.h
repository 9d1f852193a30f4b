/* folder.h - the captures in a directory. */
#ifndef EPMWATCH_CAPTURE_FOLDER_H
#define EPMWATCH_CAPTURE_FOLDER_H

#include <stddef.h>

/**
 * folder_list(path, out, count):
 * The captures in the directory ${path}, compressed or not, by content, in the order of their names' bytes; not those
 * in folders below, nor those whose name begins with a dot. Files that cannot be opened are among them, so that somebody complains. ${out}
 * is an array of paths to be freed with folder_free(). -errno, with nothing to free.
 */
int folder_list(const char *path, char ***out, size_t *count);
void folder_free(char **paths, size_t count);

#endif
