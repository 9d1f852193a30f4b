/* version.c - versions at run time, which need not be those that it was built with.
 *
 * Only one folder each includes the headers of these libraries. For one call each they are declared
 * here instead. */
#include "app/version.h"

#ifndef EPMWATCH_VERSION
#define EPMWATCH_VERSION "unknown"
#endif

const char *pcap_lib_version(void);
const char *sqlite3_libversion(void);
char *ndpi_revision(void);

void
version_print(FILE *out)
{
	fprintf(out, "epmwatch %s\n%s\nnDPI version %s\nSQLite version %s\n", EPMWATCH_VERSION,
	    pcap_lib_version(), ndpi_revision(), sqlite3_libversion());
}
