/* version.c - versions at run time, which need not be those that it was built with.
 *
 * Only one folder each includes the headers of these libraries. For one call each they are declared
 * here instead. */
#include "app/version.h"

#include <string.h>

#include "report/model/model.h"

#ifndef EPMWATCH_VERSION
#define EPMWATCH_VERSION "unknown"
#endif

const char *pcap_lib_version(void);
const char *sqlite3_libversion(void);
char *ndpi_revision(void);

/* `libpcap version 1.10.3 (with TPACKET_V3)`: what stands behind the word. */
static const char *
behind(const char *words, const char *word)
{
	const char *at = strstr(words, word);

	return at != NULL ? at + strlen(word) : words;
}

const struct report_version *
version_list(size_t *count)
{
	static struct report_version list[] = {{"epmwatch", EPMWATCH_VERSION}, {"libpcap", NULL},
	    {"nDPI", NULL}, {"SQLite", NULL}};

	list[1].version = behind(pcap_lib_version(), "libpcap version ");
	list[2].version = ndpi_revision();
	list[3].version = sqlite3_libversion();
	*count = sizeof(list) / sizeof(list[0]);
	return list;
}

void
version_print(FILE *out)
{
	fprintf(out, "epmwatch %s\n%s\nnDPI version %s\nSQLite version %s\n", EPMWATCH_VERSION,
	    pcap_lib_version(), ndpi_revision(), sqlite3_libversion());
}
