/* tables.h - the tables of a report as files of a folder: `findings.csv`, `endpoints.csv`, ...: all of them, or none. */
#ifndef EPMWATCH_APP_TABLES_H
#define EPMWATCH_APP_TABLES_H

struct report;

/** tables_write(r, folder): Write them. ${folder} comes into being with all of them where it is not there; where it is, no file in it may have
 * the name of a table, and what is there stays as it is. ERR_USAGE, -errno, ERR_STORE, each after a message; then the folder is as it was.
 * Whoever is killed meanwhile leaves no table there, but a folder of another name. */
int tables_write(const struct report *r, const char *folder);

#endif
