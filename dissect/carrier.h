/* carrier.h - what the two byte streams of a connection are: DCE/RPC itself, or something that carries it.
 *
 * A connection is taken for DCE/RPC, or on its ports for SMB, until the first bytes of a side say otherwise; then the carrier that they belong to
 * takes over. A carrier is a row of functions. It finds the conversations in what it carries, and has an association
 * (assoc.h) for each. */
#ifndef EPMWATCH_DISSECT_CARRIER_H
#define EPMWATCH_DISSECT_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/assoc.h"

/* What a carrier does with what comes: as the functions of an association, see assoc.h. */
struct carrier_ops {
	void (*data)(void *self, int from, const uint8_t *data, size_t len);
	void (*gap)(void *self, int from, uint32_t missing);
	void (*doubt)(void *self, int from);
	uint32_t (*indifference)(const void *self, int from);
	void (*expire)(void *self, const struct patience *patience);
	void (*finish)(void *self);
	bool (*is_rpc)(const void *self);
	bool (*is_hopeless)(const void *self, bool idle);
	void (*free)(void *self);
	/* NULL: always false. */
	bool (*pass)(void *self, int from, const uint8_t *data, size_t len, int64_t now_ns);
};

/* The connection that is to carry something. */
struct carrier_ends {
	struct assoc_env *env; /* borrowed */
	struct assoc_side side[2];
	int client; /* the side that opened it, or -1 */
	bool begun; /* its first octet is the first that is given */
};

/* A kind of carrier. */
struct carrier_kind {
	const struct carrier_ops *ops;
	/* Can a connection of that kind begin with these bytes, of which there is at least one? */
	bool (*begins)(const struct carrier_ends *ends, const uint8_t *data, size_t len);
	/* Sets ${self}. -ENOMEM or ERR_CAP. */
	int (*create)(void **self, const struct carrier_ends *ends);
};

struct carrier {
	const struct carrier_ops *ops; /* never NULL */
	void *self;                    /* owned */
	struct carrier_ends ends;
	uint8_t settled; /* by side: its first bytes have come */
};

/** carrier_init(c, ends) / carrier_deinit(c): What a connection carries, taken for DCE/RPC so far. The latter reports nothing. -ENOMEM or ERR_CAP. */
int carrier_init(struct carrier *c, const struct carrier_ends *ends);
void carrier_deinit(struct carrier *c);

/** carrier_settle(c, from, data, len): The first bytes of side ${from} have come: the carrier that they belong to takes over.
 * Without memory for it all stays as it is. */
void carrier_settle(struct carrier *c, int from, const uint8_t *data, size_t len);

/** carrier_late_banner(c, from, data, len): What side ${from} said before all else has come behind what follows it, and begins as the banner of
 * ncacn_http does. Of no effect where it is known already what is carried, other than DCE/RPC itself. */
void carrier_late_banner(struct carrier *c, int from, const uint8_t *data, size_t len);

/** carrier_may_begin(ends, data, len): False if a connection that begins with these bytes cannot carry DCE/RPC, whatever the way. */
bool carrier_may_begin(const struct carrier_ends *ends, const uint8_t *data, size_t len);

/** carrier_gap(c, from, missing): ${missing} bytes of side ${from} were not captured. What comes behind them does not tell what it is. */
static inline void
carrier_gap(struct carrier *c, int from, uint32_t missing)
{
	c->settled |= (uint8_t)(1 << from);
	c->ops->gap(c->self, from, missing);
}

/** carrier_data(c, from, data, len): The next ${len} bytes, at least one, that side ${from} sent. */
static inline void
carrier_data(struct carrier *c, int from, const uint8_t *data, size_t len)
{
	if ((c->settled >> from & 1) == 0)
		carrier_settle(c, from, data, len);
	c->ops->data(c->self, from, data, len);
}

/** carrier_pass(c, from, data, len, now_ns): As assoc_pass(). */
static inline bool
carrier_pass(struct carrier *c, int from, const uint8_t *data, size_t len, int64_t now_ns)
{
	return c->ops->pass != NULL && (c->settled >> from & 1) != 0 &&
	       c->ops->pass(c->self, from, data, len, now_ns);
}

#endif
