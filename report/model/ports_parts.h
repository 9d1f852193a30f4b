/* ports_parts.h - what ports.c gathers and ports_rows.c makes rows of; only these know it. */
#ifndef EPMWATCH_REPORT_PORTS_PARTS_H
#define EPMWATCH_REPORT_PORTS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "report/model/ports.h"

struct pool;

enum {
	PORTS_ANY = 0, /* stands for all ports of an interface, and before them */
};

/* A port of an interface, and how many servers have it; of one that is being counted yet, ${last} is the latest. */
struct ports_use {
	struct ports_speech speech;
	uint16_t port;
	uint8_t bad;
	uint32_t servers, last;
};

/* A range that an interface may be in. */
struct ports_range_of {
	struct ports_speech speech;
	struct ports_range range;
};

struct ports_gathering {
	const struct report *r;
	struct pool *pool;
	size_t use_count, range_count;
	size_t use_tidy, range_tidy;  /* so many are worth to be made fewer */
	struct ports_use *use;        /* owned */
	struct ports_range_of *range; /* owned */
	uint32_t servers;             /* so far, and the last of them */
	const char *sensor, *realm;
	struct addr server;
};

/** ports_compare_number(a, b) / ports_compare_speech(a, b): Orders. */
int ports_compare_number(uint64_t a, uint64_t b);
int ports_compare_speech(const struct ports_speech *a, const struct ports_speech *b);

/** ports_rows(out, g): Rows of all that was gathered, which is sorted, and each of it once. -ENOMEM. */
int ports_rows(struct ports *out, const struct ports_gathering *g);

#endif
