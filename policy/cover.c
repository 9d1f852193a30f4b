/* cover.c - a rule is about triples of a network, an interface and a protocol sequence. It is shadowed where for each of them
 * there is a rule before it that holds the whole of the triple. What two networks hold only together is not seen.
 *
 * Groups can be large, so the work has a bound; rules that it does not reach are said not to have been looked at. */
#include "policy/cover.h"

#include <stdbool.h>

#include "dissect/observation.h"
#include "policy/complaints.h"
#include "policy/reading.h"
#include "policy/tree.h"

#define STEPS_MOST ((size_t)20 * 1000 * 1000)

struct triple {
	const struct policy_network *network;     /* NULL: any server */
	const struct policy_interface *interface; /* NULL: any */
	enum protseq protseq;
};

struct search {
	const struct policy_rule *rule;
	size_t count; /* of rules before the one that is looked at */
	size_t steps;
	size_t by; /* the rule that held the last triple */
};

static bool
within(const struct policy_network *outer, const struct policy_network *inner)
{
	struct policy_servers one = {.count = 1, .network = outer};

	return outer->bits <= inner->bits && policy_servers_hold(&one, &inner->base);
}

static bool
holds_network(
    struct search *s, const struct policy_servers *servers, const struct policy_network *n)
{
	for (size_t i = 0; n != NULL && i < servers->count; i++) {
		s->steps++;
		if (within(&servers->network[i], n))
			return true;
	}
	return servers->any;
}

static bool
holds_interface(struct search *s, const struct policy_interfaces *interfaces,
    const struct policy_interface *one)
{
	for (size_t i = 0; one != NULL && i < interfaces->count; i++) {
		const struct policy_interface *other = &interfaces->interface[i];

		s->steps++;
		if (uuid_equal(&other->uuid, &one->uuid) &&
		    (other->any_major || (!one->any_major && other->major == one->major)))
			return true;
	}
	return interfaces->any;
}

static bool
speaks_of(const struct policy_rule *rule, enum protseq p)
{
	if (rule->protseq != PROTSEQ_UNKNOWN)
		return rule->protseq == (uint8_t)p;
	return rule->deny || protseq_has_port(p);
}

static bool
is_held(struct search *s, const struct triple *t)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct policy_rule *r = &s->rule[i];

		s->steps++;
		if (speaks_of(r, t->protseq) && holds_interface(s, &r->interfaces, t->interface) &&
		    holds_network(s, &r->servers, t->network)) {
			s->by = i;
			return true;
		}
	}
	return false;
}

/* All protocol sequences of ${rule} for one network and interface. */
static bool
are_held(struct search *s, const struct policy_rule *rule, struct triple t)
{
	for (int p = PROTSEQ_UNKNOWN + 1; p < PROTSEQ_COUNT; p++) {
		t.protseq = (enum protseq)p;
		if (speaks_of(rule, t.protseq) && !is_held(s, &t))
			return false;
	}
	return true;
}

/* The same for each interface, where NULL stands for any; ends at the first that nobody holds. */
static bool
interfaces_held(struct search *s, const struct policy_rule *rule, const struct policy_network *n)
{
	const struct policy_interfaces *all = &rule->interfaces;

	if (all->any && !are_held(s, rule, (struct triple){.network = n}))
		return false;
	for (size_t i = 0; i < all->count && s->steps < STEPS_MOST; i++) {
		if (!are_held(
			s, rule, (struct triple){.network = n, .interface = &all->interface[i]}))
			return false;
	}
	return true;
}

static bool
is_shadowed(struct search *s, const struct policy_rule *rule)
{
	const struct policy_servers *all = &rule->servers;

	if (all->any && !interfaces_held(s, rule, NULL))
		return false;
	for (size_t i = 0; i < all->count && s->steps < STEPS_MOST; i++) {
		if (!interfaces_held(s, rule, &all->network[i]))
			return false;
	}
	return true;
}

void
cover_check(struct reading *r)
{
	struct search s = {.rule = r->policy->rule};
	const struct tree_node *node = r->rule;

	for (; s.count < r->policy->rule_count; s.count++, node = node->next) {
		bool shadowed = is_shadowed(&s, &s.rule[s.count]);

		if (s.steps >= STEPS_MOST) {
			complaints_warn(r->said, node,
			    "from here on it was not looked whether rules are shadowed: there is "
			    "too much of them");
			return;
		}
		if (shadowed)
			complaints_of(r->said, node,
			    "expected a rule that something is left for, was one wholly shadowed "
			    "by that of line %zu%s",
			    s.rule[s.by].line, s.count > 1 ? " or others before it" : "");
	}
}
