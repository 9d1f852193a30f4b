/* hosts.h - names for addresses from a file in the syntax of /etc/hosts: an address, its name, and aliases that are not used.
 *
 * Nobody is asked about names, ever: this is how to give hosts names that the wire does not. The first line about an address
 * counts, as it does for the system. A zone behind an address (`fe80::1%eth0`) is passed over. Names are cleaned (text.h). */
#ifndef EPMWATCH_BASE_HOSTS_H
#define EPMWATCH_BASE_HOSTS_H

#include <stddef.h>

struct addr;
struct hosts;

enum {
	HOSTS_MOST = 1000000,       /* lines with a name */
	HOSTS_BYTES = 64 * 1048576, /* of a file */
	HOSTS_NAME = 256,           /* bytes of a name that are kept, NUL included */
};

/** hosts_read(out, text, len, line): Names from the text of a file, which need not end in NUL. ERR_MALFORMED where line *${line} has no
 * address or no name, ERR_CAP where there are too many, -ENOMEM; then there is nothing to free. */
int hosts_read(struct hosts **out, const char *text, size_t len, size_t *line);

/** hosts_free(&h): NULL is fine. */
void hosts_free(struct hosts **h);

/** hosts_find(h, a): The name of ${a}, theirs as long as ${h}; NULL: none, or no ${h}. */
const char *hosts_find(const struct hosts *h, const struct addr *a);

#endif
