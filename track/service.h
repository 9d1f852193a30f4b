/* service.h - names for interface UUIDs, from data/interfaces.tsv. A UUID without a name stays visible as itself. */
#ifndef EPMWATCH_TRACK_SERVICE_H
#define EPMWATCH_TRACK_SERVICE_H

#include <stddef.h>

struct uuid;

struct service {
	const char *name;                /* short: drsuapi, nspi */
	const char *description;
	const char *product;
};

/** service_find(uuid): What ${uuid} is known as; NULL where it is not. Static storage. Entries without an identity (unknown_*) are not found. */
const struct service *service_find(const struct uuid *uuid);

/** service_find_name(name, uuids, max): How many UUIDs are known by ${name}, in whatever case; the first ${max} of them, in order, in ${uuids}. */
size_t service_find_name(const char *name, struct uuid *uuids, size_t max);

#endif
