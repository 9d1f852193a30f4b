/* service.c - look-up in the table that the build makes of data/interfaces.tsv, sorted by UUID, and in an operator's own. */
#include "track/service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/uuid.h"

#include "track/service_table.h"

#define COUNT (sizeof(table) / sizeof(table[0]))

static const struct service_entry *own;
static size_t own_count;

static int
compare(const void *uuid, const void *entry)
{
	const struct uuid *u = uuid;
	const struct service_entry *e = entry;

	return memcmp(u->b, e->uuid.b, sizeof(u->b));
}

static const struct service_entry *
find(const struct uuid *uuid, const struct service_entry *in, size_t count)
{
	return count > 0 ? bsearch(uuid, in, count, sizeof(*in), compare) : NULL;
}

const struct service *
service_find(const struct uuid *uuid)
{
	const struct service_entry *e = find(uuid, table, COUNT);

	if (e == NULL)
		e = find(uuid, own, own_count);
	return e != NULL ? &e->service : NULL;
}

void
service_set_own(const struct service_entry *entry, size_t count)
{
	own = entry;
	own_count = count;
}

/* Adds those of that name to the ${found} that there are. */
static size_t
find_name(const struct service_entry *in, size_t count, const char *name, struct uuid *uuids,
    size_t max, size_t found)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(in[i].service.name, name) != 0)
			continue;
		if (found < max)
			uuids[found] = in[i].uuid;
		found++;
	}
	return found;
}

bool
service_is_shipped(const char *name)
{
	return find_name(table, COUNT, name, NULL, 0, 0) > 0;
}

const struct service *
service_shipped(size_t i)
{
	return i < COUNT ? &table[i].service : NULL;
}

size_t
service_find_name(const char *name, struct uuid *uuids, size_t max)
{
	size_t found = find_name(table, COUNT, name, uuids, max, 0);

	return find_name(own, own_count, name, uuids, max, found);
}
