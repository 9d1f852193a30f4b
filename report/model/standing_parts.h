/* standing_parts.h - what standing.c reads and standing_judge.c looks things up in; only these know it. */
#ifndef EPMWATCH_REPORT_STANDING_PARTS_H
#define EPMWATCH_REPORT_STANDING_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/model/acceptance.h"
#include "report/model/standing.h"

struct pool;

/* An alert on new mail that is open and does not count. */
struct standing_pardon {
	const char *sensor, *realm, *about;
	struct addr server;
};

struct standing {
	bool own;
	int64_t at_ns;
	const struct policy *policy;
	size_t count;
	struct standing_alert *alert;
	size_t pardon_count;
	struct standing_pardon *pardon; /* owned */
	struct acceptance acceptance;
	struct pool *pool;
};

/* The name under which keys are looked up. */
struct standing_name {
	const char *sensor, *realm;
	const struct mapping_key *key;
};

/** standing_name_compare(a, b): Order: sensor, realm, key. */
int standing_name_compare(const struct standing_name *a, const struct standing_name *b);

/** standing_find(s, e, count): The alerts on the key of ${e}: the first, and how many; they stand side by side. */
struct standing_alert *standing_find(
    const struct standing *s, const struct query_episode *e, size_t *count);

#endif
