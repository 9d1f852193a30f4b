/* names.c - the sections that define names: each key is one, its value what it stands for. */
#include "policy/names.h"

#include <string.h>

#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/ports.h"
#include "policy/tree.h"

static const char any[] = "any";

struct policy_servers
names_servers_any(void)
{
	return (struct policy_servers){.name = any, .any = true};
}

struct policy_interfaces
names_interfaces_any(void)
{
	return (struct policy_interfaces){.name = any, .any = true};
}

/* A mapping whose keys are names; true if there is something in it. */
static bool
is_section(struct reading *r, const struct tree_node *section, const char *what)
{
	if (section->kind == TREE_SCALAR && section->len == 0)
		return false;
	if (section->kind != TREE_MAP)
		complaints_expected(r->said, section, what);
	return section->kind == TREE_MAP && section->count > 0;
}

static bool
is_free_name(struct reading *r, const struct tree_node *key)
{
	if (!reading_is_name(key))
		complaints_expected(r->said, key, "a name of 1 to 63 printable bytes");
	else if (strcmp(key->text, any) == 0)
		complaints_of(
		    r->said, key, "expected a name of your own, was `any', which is always there");
	else
		return true;
	return false;
}

static bool
is_shipped_range(const char *name)
{
	size_t count;
	const struct port_range *range = policy_shipped_ranges(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(range[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
check_range_name(struct reading *r, const struct tree_node *key)
{
	struct port_range as_range;
	const char *wrong;

	if (!is_free_name(r, key))
		return;
	wrong = ports_parse(key->text, &as_range);
	if (is_shipped_range(key->text))
		complaints_of(r->said, key,
		    "expected a name of your own, was `%s', which is shipped", key->text);
	else if (wrong == NULL || wrong[0] != '\0')
		complaints_expected(r->said, key, "a name that is no range itself");
}

/* Ranges of a name are told by that name. */
static void
rename_ports(struct reading *r, struct policy_ports *ports, const char *name)
{
	struct port_range *range = arena_take(r->arena, ports->count, sizeof(*range));

	if (range == NULL)
		return;
	for (size_t i = 0; i < ports->count; i++)
		range[i] = (struct port_range){
		    .name = name, .low = ports->range[i].low, .high = ports->range[i].high};
	ports->range = range;
}

void
names_read_ranges(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (!is_section(r, value, "names of ranges, each with its range"))
		return;
	r->range = arena_take(r->arena, value->count, sizeof(*r->range));
	for (const struct tree_node *n = value->child; n != NULL && r->range != NULL; n = n->next) {
		struct named_ports *named = &r->range[r->range_count];

		check_range_name(r, n->key);
		names_ports(r, n, &named->ports);
		rename_ports(r, &named->ports, n->key->text);
		named->name = n->key->text;
		r->range_count++; /* now, since a range may be made of those before it only */
	}
}

void
names_read_servers(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (!is_section(r, value, "names of groups, each with its addresses"))
		return;
	r->servers = arena_take(r->arena, value->count, sizeof(*r->servers));
	for (const struct tree_node *n = value->child; n != NULL && r->servers != NULL;
	     n = n->next) {
		struct policy_servers *group = &r->servers[r->servers_count];

		(void)is_free_name(r, n->key);
		names_servers(r, n, group);
		group->name = n->key->text;
		r->servers_count++;
	}
}

void
names_read_interfaces(struct reading *r, const struct tree_node *value, void *into)
{
	(void)into;
	if (!is_section(r, value, "names of groups, each with its interfaces"))
		return;
	r->interfaces = arena_take(r->arena, value->count, sizeof(*r->interfaces));
	for (const struct tree_node *n = value->child; n != NULL && r->interfaces != NULL;
	     n = n->next) {
		struct policy_interfaces *group = &r->interfaces[r->interfaces_count];

		(void)is_free_name(r, n->key);
		names_interfaces(r, n, group);
		group->name = n->key->text;
		r->interfaces_count++;
	}
}
