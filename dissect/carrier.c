#include "dissect/carrier.h"

#include <string.h>

#include "dissect/banner.h"
#include "dissect/http.h"
#include "dissect/probe.h"
#include "dissect/smb.h"

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

static bool
rpc_pass(void *self, int from, const uint8_t *data, size_t len, int64_t now_ns)
{
	return assoc_pass(self, from, data, len, now_ns);
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

	if (err == 0 && ends->client >= 0 && ends->begun)
		assoc_begins(assoc, ends->client);
	*self = assoc;
	return err;
}

static const struct carrier_ops rpc_ops = {rpc_data, rpc_gap, rpc_doubt, rpc_indifference,
    rpc_expire, rpc_finish, rpc_is_rpc, rpc_is_hopeless, rpc_free, rpc_pass};

static const struct carrier_kind rpc = {&rpc_ops, rpc_begins, rpc_open};

/* The other kinds; none begins as another does. */
static const struct carrier_kind *const kinds[] = {&smb_carrier, &http_carrier, &banner_carrier, NULL};

/* The kind, other than DCE/RPC itself, that these bytes begin; NULL where there is none. */
static const struct carrier_kind *
kind_of(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	for (size_t i = 0; len != 0 && kinds[i] != NULL; i++) {
		if (kinds[i]->begins(ends, data, len))
			return kinds[i];
	}
	return NULL;
}

int
carrier_init(struct carrier *c, const struct carrier_ends *ends)
{
	bool banner = banner_is_expected(ends);
	const struct carrier_kind *kind =
	    banner ? &banner_carrier : smb_is_expected(ends) ? &smb_carrier : &rpc;

	*c = (struct carrier){.ops = kind->ops, .ends = *ends, .settled = banner ? 3 : 0};
	return kind->create(&c->self, ends);
}

void
carrier_deinit(struct carrier *c)
{
	c->ops->free(c->self);
}

/* On SMB's ports a PDU in the first place is one; in the middle it may be what is written to a pipe. */
static bool
is_rpc_after_all(const struct carrier *c, const uint8_t *data, size_t len)
{
	return c->ops == smb_carrier.ops && c->ends.client >= 0 && probe_prefix(data, len);
}

/* The side that spoke first is the one that says what it is. */
static void
settle_first(struct carrier *c, const uint8_t *data, size_t len)
{
	const struct carrier_kind *kind = kind_of(&c->ends, data, len);
	void *self;

	if (is_rpc_after_all(c, data, len))
		kind = &rpc;
	if (kind == NULL || kind->ops == c->ops || kind->create(&self, &c->ends) != 0)
		return;
	c->ops->free(c->self);
	c->ops = kind->ops;
	c->self = self;
}

/* But a banner that was captured late came first. */
static void
settle_second(struct carrier *c, const uint8_t *data, size_t len)
{
	void *self;

	if (c->ops != rpc.ops || !banner_begins(data, len) ||
	    banner_adopt(&self, &c->ends, c->self) != 0)
		return;
	c->ops = banner_carrier.ops;
	c->self = self;
}

void
carrier_settle(struct carrier *c, int from, const uint8_t *data, size_t len)
{
	bool first = c->settled == 0;

	c->settled |= (uint8_t)(1 << from);
	if (first)
		settle_first(c, data, len);
	else
		settle_second(c, data, len);
}

void
carrier_late_banner(struct carrier *c, int from, const uint8_t *data, size_t len)
{
	settle_second(c, data, len);
	if (c->ops == banner_carrier.ops)
		banner_late(c->self, from);
}

bool
carrier_may_begin(const struct carrier_ends *ends, const uint8_t *data, size_t len)
{
	return kind_of(ends, data, len) != NULL || rpc.begins(ends, data, len);
}
