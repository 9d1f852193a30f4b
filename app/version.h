/* version.h - which program this is, and on what it stands. */
#ifndef EPMWATCH_APP_VERSION_H
#define EPMWATCH_APP_VERSION_H

#include <stdio.h>

/** version_print(out): The version, and those of libpcap, nDPI and SQLite in use. */
void version_print(FILE *out);

#endif
