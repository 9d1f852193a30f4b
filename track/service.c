/* service.c - look-up in the table that the build makes of data/interfaces.tsv, sorted by UUID. */
#include "track/service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/uuid.h"

struct entry {
	struct uuid uuid;
	struct service service;
};

#include "track/service_table.h"

static int
compare(const void *uuid, const void *entry)
{
	const struct uuid *u = uuid;
	const struct entry *e = entry;

	return memcmp(u->b, e->uuid.b, sizeof(u->b));
}

const struct service *
service_find(const struct uuid *uuid)
{
	const struct entry *e =
	    bsearch(uuid, table, sizeof(table) / sizeof(table[0]), sizeof(table[0]), compare);

	return e != NULL ? &e->service : NULL;
}

size_t
service_find_name(const char *name, struct uuid *uuids, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcasecmp(table[i].service.name, name) != 0)
			continue;
		if (found < max)
			uuids[found] = table[i].uuid;
		found++;
	}
	return found;
}
