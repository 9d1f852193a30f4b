/* sections.c - dynamic-for, newmail, realms and suppressions: lists of small mappings. */
#include "policy/sections.h"

#include <string.h>

#include "base/text.h"
#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/names.h"
#include "policy/tree.h"
#include "policy/values.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	VLAN_LAST = 4095,
	VNI_LAST = 0xffffff,
	VNIS_MOST = 1024, /* in all */
	REALMS_MANY = 255,
	REASON_TEXT = 256,
};

/* dynamic-for */

static void
dynamic_servers(struct reading *r, const struct tree_node *value, void *into)
{
	names_servers(r, value, &((struct policy_dynamic *)into)->servers);
}

static void
dynamic_ranges(struct reading *r, const struct tree_node *value, void *into)
{
	names_ports(r, value, &((struct policy_dynamic *)into)->ports);
}

static const struct field dynamic_fields[] = {
    {"servers", true, dynamic_servers},
    {"ranges", true, dynamic_ranges},
};

static void
read_dynamic(struct reading *r, const struct tree_node *map, void *into)
{
	((struct policy_dynamic *)into)->line = map->line;
	(void)reading_fields(
	    r, map, dynamic_fields, COUNT(dynamic_fields), into, "servers and their ranges");
}

void
sections_dynamic_for(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	r->policy->dynamic_for = reading_each(r, value, sizeof(struct policy_dynamic), read_dynamic,
	    &r->policy->dynamic_for_count, "a list of servers with their ranges");
}

/* newmail */

static void
newmail_servers(struct reading *r, const struct tree_node *value, void *into)
{
	names_servers(r, value, &((struct policy_newmail *)into)->servers);
}

static void
newmail_clients(struct reading *r, const struct tree_node *value, void *into)
{
	names_servers(r, value, &((struct policy_newmail *)into)->clients);
}

static void
newmail_ports(struct reading *r, const struct tree_node *value, void *into)
{
	names_ports(r, value, &((struct policy_newmail *)into)->ports);
}

static const struct field newmail_fields[] = {
    {"servers", true, newmail_servers},
    {"clients", false, newmail_clients},
    {"ports", false, newmail_ports},
};

static void
read_newmail(struct reading *r, const struct tree_node *map, void *into)
{
	static const struct port_range ports = {.low = 1024, .high = 65535};

	*(struct policy_newmail *)into = (struct policy_newmail){
	    .clients = names_servers_any(), .ports = {1, &ports}, .line = map->line};
	(void)reading_fields(
	    r, map, newmail_fields, COUNT(newmail_fields), into, "a rule for new mail");
}

void
sections_newmail(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	r->policy->newmail = reading_each(r, value, sizeof(struct policy_newmail), read_newmail,
	    &r->policy->newmail_count, "a list of rules for new mail");
}

/* realms */

/* A list of numbers up to ${most} as a table of uint32. */
static uint32_t *
read_numbers(struct reading *r, const struct tree_node *value, uint64_t most, const char *what,
    size_t *count)
{
	const struct tree_node *n = reading_items(r, value, count);
	uint32_t *number = *count > 0 ? arena_take(r->arena, *count, sizeof(*number)) : NULL;

	if (number == NULL)
		*count = 0;
	for (size_t i = 0; i < *count; i++, n = n->next) {
		uint64_t one;

		if (n->kind != TREE_SCALAR || !values_number(n->text, most, &one)) {
			complaints_expected(r->said, n, what);
			continue;
		}
		number[i] = (uint32_t)one;
	}
	return number;
}

static void
realm_vlan(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_realm *realm = into;
	const uint32_t *number =
	    read_numbers(r, value, VLAN_LAST, "a VLAN from 0 to 4095", &realm->vlan_count);
	uint16_t *vlan = arena_take(r->arena, realm->vlan_count, sizeof(*vlan));

	realm->vlan = vlan;
	if (vlan == NULL)
		realm->vlan_count = 0;
	for (size_t i = 0; i < realm->vlan_count; i++)
		vlan[i] = (uint16_t)number[i];
}

static void
realm_vni(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_realm *realm = into;

	realm->vni = read_numbers(
	    r, value, VNI_LAST, "a virtual network from 0 to 16777215", &realm->vni_count);
}

static void
realm_name(struct reading *r, const struct tree_node *value, void *into)
{
	if (reading_is_name(value))
		((struct policy_realm *)into)->name = value->text;
	else
		complaints_expected(r->said, value, "a realm's name of 1 to 63 printable bytes");
}

static const struct field realm_fields[] = {
    {"vlan", false, realm_vlan},
    {"vni", false, realm_vni},
    {"realm", true, realm_name},
};

static void
read_realm(struct reading *r, const struct tree_node *map, void *into)
{
	struct policy_realm *realm = into;

	*realm = (struct policy_realm){.name = "", .line = map->line};
	if (reading_fields(r, map, realm_fields, COUNT(realm_fields), realm, "a realm") &&
	    tree_find(map, "vlan") == NULL && tree_find(map, "vni") == NULL)
		complaints_of(
		    r->said, map, "expected the key `vlan' or `vni' in a realm, was none");
}

struct seen {
	bool vlan[VLAN_LAST + 1];
	size_t vni_count;
	uint32_t vni[VNIS_MOST];
};

static bool
is_new_vni(struct seen *seen, uint32_t vni)
{
	for (size_t i = 0; i < seen->vni_count; i++) {
		if (seen->vni[i] == vni)
			return false;
	}
	if (seen->vni_count < VNIS_MOST)
		seen->vni[seen->vni_count++] = vni;
	return true;
}

/* No network is in two realms. */
static void
check_realm(struct reading *r, const struct tree_node *map, const struct policy_realm *realm,
    struct seen *seen)
{
	for (size_t i = 0; i < realm->vlan_count; i++) {
		if (seen->vlan[realm->vlan[i]])
			complaints_of(r->said, tree_find(map, "vlan"),
			    "expected each VLAN once, was %u again", (unsigned)realm->vlan[i]);
		seen->vlan[realm->vlan[i]] = true;
	}
	if (realm->vni_count > VNIS_MOST - seen->vni_count) {
		complaints_of(
		    r->said, tree_find(map, "vni"), "expected 1024 virtual networks at most");
		return;
	}
	for (size_t i = 0; i < realm->vni_count; i++) {
		if (!is_new_vni(seen, realm->vni[i]))
			complaints_of(r->said, tree_find(map, "vni"),
			    "expected each virtual network once, was %u again",
			    (unsigned)realm->vni[i]);
	}
}

void
sections_realms(struct reading *r, const struct tree_node *value, void *into)
{
	const struct tree_node *map = value->child;
	struct seen seen = {.vni_count = 0};

	(void)into;
	if (value->kind == TREE_LIST && value->count > REALMS_MANY) {
		complaints_of(r->said, value, "expected %d realms at most, was %zu",
		    (int)REALMS_MANY, value->count);
		return;
	}
	r->policy->realm = reading_each(r, value, sizeof(struct policy_realm), read_realm,
	    &r->policy->realm_count, "a list of realms");
	for (size_t i = 0; i < r->policy->realm_count; i++, map = map->next)
		check_realm(r, map, &r->policy->realm[i], &seen);
}

/* suppress */

static void
suppress_rule(struct reading *r, const struct tree_node *value, void *into)
{
	static const char *const known[] = {"EPM-001", "EPM-002", "EPM-003", "EPM-004", "EPM-005",
	    "EPM-006", "EPM-007", "EPM-008", "EPM-009", "EPM-010", "EPM-011", "EPM-012", "EPM-013",
	    "SYS-001", "SYS-002", "SYS-003", "SYS-004", "SYS-005", "SYS-006"};

	for (size_t i = 0; i < COUNT(known); i++) {
		if (value->kind == TREE_SCALAR && strcmp(known[i], value->text) == 0)
			((struct policy_suppression *)into)->rule = known[i];
	}
	if (((struct policy_suppression *)into)->rule[0] == '\0')
		complaints_expected(
		    r->said, value, "a rule's id, EPM-001 to EPM-013 or SYS-001 to SYS-006");
}

static void
suppress_servers(struct reading *r, const struct tree_node *value, void *into)
{
	names_servers(r, value, &((struct policy_suppression *)into)->servers);
}

static void
suppress_interfaces(struct reading *r, const struct tree_node *value, void *into)
{
	names_interfaces(r, value, &((struct policy_suppression *)into)->interfaces);
}

static void
suppress_until(struct reading *r, const struct tree_node *value, void *into)
{
	if (value->kind != TREE_SCALAR ||
	    !values_until(value->text, &((struct policy_suppression *)into)->until_ns))
		complaints_expected(
		    r->said, value, "a day such as 2027-01-31, or a time in RFC 3339");
}

static void
suppress_reason(struct reading *r, const struct tree_node *value, void *into)
{
	char clean[REASON_TEXT];
	size_t len;

	if (reading_text(r, value, "a reason") == NULL)
		return;
	len = text_clean((const uint8_t *)value->text, value->len, clean, sizeof(clean));
	const char *copy = arena_copy(r->arena, clean, len);
	if (copy != NULL)
		((struct policy_suppression *)into)->reason = copy;
}

static const struct field suppress_fields[] = {
    {"rule", true, suppress_rule},
    {"servers", false, suppress_servers},
    {"interfaces", false, suppress_interfaces},
    {"until", false, suppress_until},
    {"reason", false, suppress_reason},
};

static void
read_suppression(struct reading *r, const struct tree_node *map, void *into)
{
	size_t errors = r->said->errors;

	*(struct policy_suppression *)into = (struct policy_suppression){.rule = "",
	    .servers = names_servers_any(),
	    .interfaces = names_interfaces_any(),
	    .until_ns = INT64_MAX,
	    .reason = "",
	    .line = map->line};
	if (!reading_fields(r, map, suppress_fields, COUNT(suppress_fields), into, "a suppression"))
		return;
	if (r->said->errors == errors &&
	    (tree_find(map, "until") == NULL || tree_find(map, "reason") == NULL))
		complaints_warn(r->said, map, "a suppression without %s",
		    tree_find(map, "until") == NULL ? "an end: `until' is missing" : "its reason");
}

void
sections_suppress(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	r->policy->suppression = reading_each(r, value, sizeof(struct policy_suppression),
	    read_suppression, &r->policy->suppression_count, "a list of suppressions");
}
