/* service.h - names for interface UUIDs, from data/interfaces.tsv. A UUID without a name stays visible as itself. */
#ifndef EPMWATCH_TRACK_SERVICE_H
#define EPMWATCH_TRACK_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"

struct service {
	const char *name;                /* short: drsuapi, nspi */
	const char *description;
	const char *product;
	bool own;                        /* a name that an operator gave: to be shown, and nothing is judged by it */
};

struct service_entry {
	struct uuid uuid;
	struct service service;
};

/** service_find(uuid): What ${uuid} is known as; NULL where it is not. Static storage. Entries without an identity (unknown_*) are not found. */
const struct service *service_find(const struct uuid *uuid);

/** service_set_own(entry, count): Beside those that are shipped, ${count} of an operator's own, sorted by UUID, each once. Borrowed; set before
 * threads start. What is shipped comes first where both know a UUID. */
void service_set_own(const struct service_entry *entry, size_t count);

/** service_is_shipped(name): Is that, in whatever case, the name of one that is shipped? */
bool service_is_shipped(const char *name);

/** service_shipped(i): The ${i}-th of the table; NULL beyond its end. */
const struct service *service_shipped(size_t i);

/** service_find_name(name, uuids, max): How many UUIDs are known by ${name}, in whatever case; the first ${max} of them, in order, in ${uuids}. */
size_t service_find_name(const char *name, struct uuid *uuids, size_t max);

#endif
