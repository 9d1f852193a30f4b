/* pins.c - endpoints to values, values to ports. */
#include "export/pins.h"

#include <errno.h>
#include <string.h>

#include "export/evidence.h"
#include "report/model/pool.h"
#include "report/registry/registry_product.h"
#include "track/policy.h"

struct finding {
	struct pool *pool;
	struct store *store;
	const struct policy *policy;
	const struct evidence_group *group;
	enum registry_product product;
	struct pin_set *out;
};

bool
pins_holds(const struct pin *pin, const struct addr *server, uint16_t port)
{
	for (size_t i = 0; i < pin->count; i++) {
		if (pin->proof[i]->port == port &&
		    (server == NULL || addr_equal(&pin->proof[i]->key.server, server)))
			return true;
	}
	return false;
}

static bool
has_server(const struct pin *pin, const struct addr *server)
{
	for (size_t i = 0; i < pin->count; i++) {
		if (addr_equal(&pin->proof[i]->key.server, server))
			return true;
	}
	return false;
}

static bool
is_other(const struct pin *pin, const struct proof *p)
{
	return !p->udp && p->port == pin->port && !registry_moves(pin->value, &p->key.uuid);
}

bool
pins_taken(const struct pin *pin, const struct evidence_set *e, const struct evidence_group *group)
{
	if (pin->holding > 0)
		return false;
	for (size_t i = 0; i < group->count; i++) {
		if (is_other(pin, &group->proof[i]))
			return true;
	}
	for (size_t i = 0; i < e->left_count; i++) {
		if (is_other(pin, &e->left[i]) && evidence_group_holds(group, &e->left[i]))
			return true;
	}
	return false;
}

static int
product_of(const struct finding *f, const struct proof *p, enum registry_product *out)
{
	*out = f->product;
	if (*out != REGISTRY_UNKNOWN)
		return 0;
	return registry_product_of(f->store, f->policy, NULL, p->realm, &p->key.server, out);
}

static struct pin *
pin_for(struct finding *f, const struct registry_value *value)
{
	struct pin_set *set = f->out;

	for (size_t i = 0; i < set->count; i++) {
		if (registry_same(set->pin[i].value, value))
			return &set->pin[i];
	}
	if (set->count == PINS_MOST)
		return NULL;
	struct pin *pin = &set->pin[set->count];
	*pin = (struct pin){.value = value};
	pin->proof = pool_alloc(f->pool, f->group->count * sizeof(struct proof *));
	if (pin->proof == NULL)
		return NULL;
	set->count++;
	return pin;
}

/* The first that the policy pins says more than the first of all. */
static void
take_undecided(struct finding *f, const struct proof *p)
{
	bool pinned = policy_pins(f->policy, &p->key).count > 0;

	if (f->out->undecided != NULL && (!pinned || f->out->undecided_pinned))
		return;
	f->out->undecided = p;
	f->out->undecided_pinned = pinned;
}

static int
take(struct finding *f, const struct proof *p, enum registry_product product)
{
	const struct registry_value *value[REGISTRY_MOST];
	size_t n = registry_find(&p->key, product, value);

	if (n > 1)
		take_undecided(f, p);
	if (n != 1)
		return 0;
	struct pin *pin = pin_for(f, value[0]);
	if (pin == NULL)
		return -ENOMEM;
	pin->proof[pin->count++] = p;
	return 0;
}

/* Proofs stand by server, so each server is asked about once. */
static int
take_all(struct finding *f)
{
	enum registry_product product = REGISTRY_UNKNOWN;
	int err = 0;

	for (size_t i = 0; err == 0 && i < f->group->count; i++) {
		const struct proof *p = &f->group->proof[i];

		if (i == 0 || !addr_equal(&p->key.server, &p[-1].key.server))
			err = product_of(f, p, &product);
		if (err == 0)
			err = take(f, p, product);
	}
	return err;
}

/* One of the policy's pins: that which is there, else the first. */
static uint16_t
pinned_port(const struct policy *policy, const struct pin *pin)
{
	uint16_t first = 0;

	for (size_t i = 0; i < pin->count; i++) {
		struct policy_ports ports = policy_pins(policy, &pin->proof[i]->key);

		for (size_t k = 0; k < ports.count; k++) {
			if (pins_holds(pin, NULL, ports.range[k].low))
				return ports.range[k].low;
			first = first == 0 ? ports.range[k].low : first;
		}
	}
	return first;
}

static bool
is_torn(const struct policy *policy, const struct pin *pin, uint16_t port)
{
	for (size_t i = 0; i < pin->count; i++) {
		struct policy_ports ports = policy_pins(policy, &pin->proof[i]->key);

		if (ports.count > 0 && !policy_ports_hold(ports, port))
			return true;
	}
	return false;
}

/* The port at which everything is; 0 if there are several. */
static uint16_t
single_port(const struct pin *pin)
{
	for (size_t i = 1; i < pin->count; i++) {
		if (pin->proof[i]->port != pin->proof[0]->port)
			return 0;
	}
	return pin->proof[0]->port;
}

static void
decide_port(const struct policy *policy, struct pin *pin)
{
	pin->port = pinned_port(policy, pin);
	pin->of_policy = pin->port != 0;
	pin->torn = pin->of_policy && is_torn(policy, pin, pin->port);
	if (pin->torn)
		pin->port = 0;
	else if (!pin->of_policy)
		pin->port = single_port(pin);
}

/* An endpoint elsewhere breaks a rule there: the pin is not honoured, whatever the old one still shows. */
static bool
strays(const struct pin *pin, const struct addr *server)
{
	for (size_t i = 0; i < pin->count; i++) {
		const struct proof *p = pin->proof[i];

		if (p->port != pin->port && p->verdict.count > 0 &&
		    addr_equal(&p->key.server, server))
			return true;
	}
	return false;
}

/* How sure it is that the server has it; at the pin where it is there. */
static enum confidence
surest(const struct pin *pin, const struct addr *server, bool holds)
{
	enum confidence best = CONFIDENCE_ANNOUNCED;

	for (size_t i = 0; i < pin->count; i++) {
		const struct proof *p = pin->proof[i];

		if (addr_equal(&p->key.server, server) && (!holds || p->port == pin->port) &&
		    p->confidence > best)
			best = p->confidence;
	}
	return best;
}

static void
count_servers(const struct evidence_group *group, struct pin *pin)
{
	pin->confidence = CONFIDENCE_CONFIRMED;
	for (size_t i = 0; i < group->server_count; i++) {
		const struct addr *server = &group->server[i];

		if (!has_server(pin, server))
			continue;
		bool holds =
		    pin->port != 0 && pins_holds(pin, server, pin->port) && !strays(pin, server);
		enum confidence sure = surest(pin, server, holds);
		pin->server_count++;
		pin->holding += holds;
		pin->confidence = sure < pin->confidence ? sure : pin->confidence;
	}
}

/* In the order of the table, whatever was seen first. */
static void
sort(struct pin_set *set)
{
	for (size_t i = 1; i < set->count; i++) {
		struct pin pin = set->pin[i];
		size_t at = i;

		for (; at > 0 && set->pin[at - 1].value > pin.value; at--)
			set->pin[at] = set->pin[at - 1];
		set->pin[at] = pin;
	}
}

int
pins_find(struct pool *pool, struct store *store, const struct policy *policy,
    const struct evidence_group *group, enum registry_product product, struct pin_set *out)
{
	struct finding f = {.pool = pool,
	    .store = store,
	    .policy = policy,
	    .group = group,
	    .product = product,
	    .out = out};

	*out = (struct pin_set){.count = 0};
	int err = take_all(&f);
	if (err != 0)
		return err;
	sort(out);
	for (size_t i = 0; i < out->count; i++) {
		decide_port(policy, &out->pin[i]);
		count_servers(group, &out->pin[i]);
	}
	return 0;
}
