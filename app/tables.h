/* tables.h - the tables of a report as files of a folder: `findings.csv`, `endpoints.csv`, ...: all of them, or none. */
#ifndef EPMWATCH_APP_TABLES_H
#define EPMWATCH_APP_TABLES_H

struct output_spared;
struct report;

/** tables_write(r, folder, spared): Write them. ${folder} is made where it is not there; where it is, no file in it may have the name of
 * a table. ERR_USAGE, -errno, ERR_STORE, each after a message; then the folder is as it was. */
int tables_write(const struct report *r, const char *folder, const struct output_spared *spared);

#endif
