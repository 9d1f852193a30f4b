/* derivation.h - what derive.c gathers and derive_text.c writes. */
#ifndef EPMWATCH_REPORT_DERIVATION_H
#define EPMWATCH_REPORT_DERIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "track/records.h"

struct port_range;

enum {
	DERIVATION_PORTS = 65536,
	DERIVATION_KEY_PORTS = 64,    /* of one interface that are looked at */
	DERIVATION_SINGLE_PORTS = 64, /* beside a range */
	DERIVATION_SCOPE = 64,        /* bytes of a sensor's or a realm's name */
};

/* An interface that was at one port only. */
struct stable {
	struct addr server;
	struct uuid uuid;
	uint16_t major, port;
	int64_t first_ns, last_ns;
	uint32_t clients;
	uint64_t announced, used;
	bool survived; /* another interface of its server moved meanwhile */
	bool written;
};

/* The interface that is read, all of its episodes together. */
struct current {
	bool any;
	struct mapping_key key;
	char sensor[DERIVATION_SCOPE], realm[DERIVATION_SCOPE];
	struct stable seen; /* by its first port */
	bool several;
	size_t port_count;
	uint16_t port[DERIVATION_KEY_PORTS]; /* where it is alive */
};

struct derivation {
	struct stable *stable;
	size_t count, refused;
	size_t server_from; /* the first of the server that is read */
	int64_t moved_ns;   /* the latest move at that server; INT64_MIN: none */
	struct current now;
	bool loose[DERIVATION_PORTS]; /* ports of what is not stable */
	size_t reserved;              /* endpoints on ports that nothing makes right */
	size_t servers;
	int64_t first_ns, last_ns;
	const struct port_range *range; /* that holds them */
};

/** derivation_outside(d, range): Ports of what is not stable that ${range} does not hold. */
size_t derivation_outside(const struct derivation *d, const struct port_range *range);

/** derivation_write(d, name, out): The policy; ${name} is what the store is called. Marks what is written. */
void derivation_write(struct derivation *d, const char *name, FILE *out);

#endif
