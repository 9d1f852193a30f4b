#include "dissect/carrier.h"

#include <string.h>

#include "dissect/probe.h"

/* DCE/RPC itself. */

static void
rpc_data(void *self, int from, const uint8_t *data, size_t len)
{
	assoc_data(self, from, data, len);
}

static void
rpc_gap(void *self, int from, uint32_t missing)
{
	assoc_gap(self, from, missing);
}

static void
rpc_doubt(void *self, int from)
{
	assoc_doubt(self, from);
}

static uint32_t
rpc_indifference(const void *self, int from)
{
	return assoc_indifference(self, from);
}

static void
rpc_expire(void *self, const struct patience *patience)
{
	assoc_expire(self, patience);
}

static void
rpc_finish(void *self)
{
	assoc_finish(self);
}

static bool
rpc_is_rpc(const void *self)
{
	return assoc_is_rpc(self);
}

static bool
rpc_is_hopeless(const void *self, bool idle)
{
	return assoc_is_hopeless(self, idle);
}

static void
rpc_free(void *self)
{
	struct assoc *assoc = self;

	assoc_free(&assoc);
}

/* Is there a place where a PDU may begin? */
static bool
rpc_begins(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;

	(void)ends;
	if (probe_prefix(data, len))
		return true;
	while (p != NULL && !probe_mask(p, (size_t)(end - p)))
		p = memchr(p + 1, PROBE_VERSION, (size_t)(end - (p + 1)));
	return p != NULL;
}

static int
rpc_open(void **self, const struct carrier_ends *ends)
{
	struct assoc *assoc;
	int err = assoc_new(&assoc, ends->env, ends->side, TRANSPORT_TCP, ends->client);

	*self = assoc;
	return err;
}

static const struct carrier_ops rpc_ops = {rpc_data, rpc_gap, rpc_doubt, rpc_indifference,
    rpc_expire, rpc_finish, rpc_is_rpc, rpc_is_hopeless, rpc_free};

static const struct carrier_kind rpc = {&rpc_ops, rpc_begins, rpc_open};

/* The other kinds; none begins as another does. */
static const struct carrier_kind *const kinds[] = {NULL};

/* The kind, other than DCE/RPC itself, that these bytes begin; NULL where there is none. */
static const struct carrier_kind *
kind_of(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	for (size_t i = 0; kinds[i] != NULL; i++) {
		if (kinds[i]->begins(ends, data, len))
			return kinds[i];
	}
	return NULL;
}

int
carrier_init(struct carrier *c, const struct carrier_ends *ends)
{
	*c = (struct carrier){.ops = rpc.ops, .ends = *ends};
	return rpc.open(&c->self, ends);
}

void
carrier_deinit(struct carrier *c)
{
	c->ops->free(c->self);
}

void
carrier_settle(struct carrier *c, const uint8_t *data, size_t len)
{
	const struct carrier_kind *kind = kind_of(&c->ends, data, len);
	void *self;

	c->settled = true;
	if (kind == NULL || kind->open(&self, &c->ends) != 0)
		return;
	c->ops->free(c->self);
	c->ops = kind->ops;
	c->self = self;
}

bool
carrier_may_begin(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	return kind_of(ends, data, len) != NULL || rpc.begins(ends, data, len);
}
