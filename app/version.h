/* version.h - which program this is, and on what it stands. */
#ifndef EPMWATCH_APP_VERSION_H
#define EPMWATCH_APP_VERSION_H

#include <stddef.h>
#include <stdio.h>

struct report_version;

/** version_print(out): The version, and those of libpcap, nDPI and SQLite in use. */
void version_print(FILE *out);

/** version_list(count): The same as a list. Static storage. */
const struct report_version *version_list(size_t *count);

#endif
