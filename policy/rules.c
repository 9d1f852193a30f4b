/* rules.c - the list of rules: what each says, and whether it contradicts itself. */
#include "policy/sections.h"

#include <string.h>

#include "dissect/observation.h"
#include "policy/complaints.h"
#include "policy/names.h"
#include "policy/tree.h"
#include "policy/values.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	RULES_MOST = 512
};

static void
read_servers(struct reading *r, const struct tree_node *value, void *into)
{
	names_servers(r, value, &((struct policy_rule *)into)->servers);
}

static void
read_interfaces(struct reading *r, const struct tree_node *value, void *into)
{
	names_interfaces(r, value, &((struct policy_rule *)into)->interfaces);
}

static void
read_protseq(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_rule *rule = into;
	enum protseq p;

	rule->protseq = PROTSEQ_UNKNOWN;
	if (reading_text(r, value, "a protocol sequence") == NULL ||
	    strcmp(value->text, "any") == 0)
		return;
	p = protseq_parse(value->text);
	if (p == PROTSEQ_UNKNOWN)
		complaints_expected(r->said, value,
		    "a protocol sequence: ncacn_ip_tcp, ncadg_ip_udp, ncacn_http, ncacn_np, ..., "
		    "or any");
	rule->protseq = (uint8_t)p;
}

static void
read_flag(struct reading *r, const struct tree_node *value, bool *into)
{
	if (value->kind != TREE_SCALAR || !values_flag(value->text, into))
		complaints_expected(r->said, value, "true or false");
}

static void
read_deny(struct reading *r, const struct tree_node *value, void *into)
{
	read_flag(r, value, &((struct policy_rule *)into)->deny);
}

static void
read_beside(struct reading *r, const struct tree_node *value, void *into)
{
	read_flag(r, value, &((struct policy_rule *)into)->beside);
}

/* One port or a list of them: each is right. */
static void
read_static(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_ports *pins = &((struct policy_rule *)into)->pins;
	const struct tree_node *item = value->kind == TREE_LIST ? value->child : value;

	names_ports(r, value, pins);
	for (; item != NULL && item->kind == TREE_SCALAR;
	     item = item == value ? NULL : item->next) {
		uint64_t port;

		if (item->len > 0 && !values_number(item->text, UINT16_MAX, &port))
			complaints_expected(r->said, item, "one port: a pin is no range");
	}
}

static void
read_allowed(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_rule *rule = into;

	names_ports(r, value, &rule->allowed);
	rule->has_allowed = true;
}

static const struct field rule_fields[] = {
    {"servers", true, read_servers},
    {"interfaces", true, read_interfaces},
    {"protseq", false, read_protseq},
    {"deny", false, read_deny},
    {"static", false, read_static},
    {"allowed", false, read_allowed},
    {"beside", false, read_beside},
};

/* Where to point at, for what is wrong with ${key} of a rule. */
static const struct tree_node *
key_of(const struct tree_node *map, const char *key)
{
	return tree_find(map, key)->key;
}

static void
check_denied(struct reading *r, const struct tree_node *map)
{
	static const char *const with[] = {"static", "allowed", "beside"};

	for (size_t i = 0; i < COUNT(with); i++) {
		if (tree_find(map, with[i]) != NULL)
			complaints_of(r->said, key_of(map, with[i]),
			    "expected nothing that is right beside `deny', was `%s'", with[i]);
	}
}

static void
check_words(struct reading *r, const struct tree_node *map, const struct policy_rule *rule)
{
	bool pinned = tree_find(map, "static") != NULL;

	if (rule->deny) {
		check_denied(r, map);
		return;
	}
	if (rule->beside && !pinned)
		complaints_of(
		    r->said, key_of(map, "beside"), "expected `static' with `beside', was none");
	else if (rule->beside && !rule->has_allowed)
		complaints_warn(r->said, key_of(map, "beside"),
		    "`beside' without `allowed' lets nothing be beside the pin");
	if (rule->protseq != PROTSEQ_UNKNOWN && !protseq_has_port((enum protseq)rule->protseq))
		complaints_expected(r->said, tree_find(map, "protseq"),
		    "a protocol sequence with ports, since the rule is about ports");
}

static bool
speaks_of(const struct policy_rule *rule, enum protseq p)
{
	return rule->protseq == PROTSEQ_UNKNOWN || rule->protseq == (uint8_t)p;
}

/* The dynamic range of the first of its servers stands for all. */
static struct policy_ports
dynamic_of(const struct reading *r, const struct policy_rule *rule)
{
	return rule->servers.count > 0
		   ? policy_dynamic_of(r->policy, &rule->servers.network[0].base)
		   : r->policy->dynamic;
}

static void
check_pin(
    struct reading *r, const struct tree_node *at, const struct policy_rule *rule, uint16_t port)
{
	if (rule->has_allowed && !rule->beside && !policy_ports_hold(rule->allowed, port))
		complaints_of(r->said, at, "expected a pin that the rule's `allowed' holds, was %u",
		    (unsigned)port);
	if (speaks_of(rule, PROTSEQ_TCP) && policy_is_reserved(PROTSEQ_TCP, port))
		complaints_warn(r->said, at,
		    "%u is reserved for RPC over HTTP: EPM-008 will say so", (unsigned)port);
	else if (policy_ports_hold(dynamic_of(r, rule), port))
		complaints_warn(r->said, at,
		    "pin %u lies inside the dynamic range, where another process may take it first",
		    (unsigned)port);
}

static void
check_pins(struct reading *r, const struct tree_node *map, const struct policy_rule *rule)
{
	const struct tree_node *value = tree_find(map, "static");

	if (rule->deny || value == NULL)
		return;
	for (size_t i = 0; i < rule->pins.count; i++)
		check_pin(r, value, rule, rule->pins.range[i].low);
}

static void
read_rule(struct reading *r, const struct tree_node *map, void *into)
{
	struct policy_rule *rule = into;
	size_t errors = r->said->errors;

	*rule = (struct policy_rule){.protseq = PROTSEQ_TCP, .line = map->line};
	if (!reading_fields(r, map, rule_fields, COUNT(rule_fields), rule, "a rule"))
		return;
	if (rule->deny && tree_find(map, "protseq") == NULL)
		rule->protseq = PROTSEQ_UNKNOWN;
	if (r->said->errors == errors)
		check_words(r, map, rule);
	if (r->said->errors == errors)
		check_pins(r, map, rule);
}

void
sections_rules(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (value->kind == TREE_LIST && value->count > RULES_MOST) {
		complaints_of(r->said, value, "expected %d rules at most, was %zu", (int)RULES_MOST,
		    value->count);
		return;
	}
	r->policy->rule = reading_each(r, value, sizeof(struct policy_rule), read_rule,
	    &r->policy->rule_count, "a list of rules");
	r->rule = value->child;
}
