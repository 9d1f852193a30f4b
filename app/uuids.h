/* uuids.h - names for interfaces from an operator's files: beside what is shipped, never in its place.
 *
 * A line is a UUID, a tab, a name, and if wanted a tab and a remark; lines that are empty or begin with # say nothing. */
#ifndef EPMWATCH_APP_UUIDS_H
#define EPMWATCH_APP_UUIDS_H

enum {
	UUIDS_MOST = 4096, /* names, of all files together */
	UUIDS_NAME = 64,   /* bytes of a name, NUL included */
	UUIDS_REMARK = 160,
	UUIDS_LINE = 1024,
	UUIDS_FILES = 256, /* of a folder */
};

/**
 * uuids_read(path):
 * Have the names in ${path} found by service_find(), with those of earlier calls: a file, or a folder whose *.tsv are read in the order of their
 * names. Names are cleaned. 0; EX_CONFIG after a message for each line that is wrong, and nothing of that ${path} holds then; EX_OSERR. Of a UUID that has a
 * shipped name a warning says that this stays.
 */
int uuids_read(const char *path);

/** uuids_forget(): Give all back: nothing of it is found any more. */
void uuids_forget(void);

#endif
