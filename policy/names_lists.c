/* names_lists.c - what stands where something is named: one of it, or a list. What a single group stands for is shared, not
 * copied; a list is put together. */
#include "policy/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "policy/arena.h"
#include "policy/complaints.h"
#include "policy/ports.h"
#include "policy/tree.h"
#include "policy/values.h"
#include "track/service.h"

enum {
	NAMESAKES = 16, /* UUIDs that share a service's name */
	LIST_TEXT = 160,
};

/* What is written there, for people: `exchange, dcs`. */
static const char *
list_name(struct reading *r, const struct tree_node *value)
{
	char text[LIST_TEXT] = "";
	size_t at = 0;

	if (value->kind != TREE_LIST)
		return value->text;
	for (const struct tree_node *n = value->child; n != NULL && at < sizeof(text); n = n->next)
		at += (size_t)snprintf(
		    text + at, sizeof(text) - at, "%s%s", n != value->child ? ", " : "", n->text);
	char clean[LIST_TEXT];
	size_t len = text_clean((const uint8_t *)text, strlen(text), clean, sizeof(clean));
	const char *copy = arena_copy(r->arena, clean, len);

	return copy != NULL ? copy : "";
}

/* Read each item of ${value} by ${read} into a table of its own; the number of them. */
static size_t
each_item(struct reading *r, const struct tree_node *value, size_t size,
    void (*read)(struct reading *r, const struct tree_node *item, void *into), void **out)
{
	size_t count;
	const struct tree_node *item = reading_items(r, value, &count);
	char *table = count > 0 ? arena_take(r->arena, count, size) : NULL;

	*out = table;
	if (table == NULL)
		return 0;
	for (size_t i = 0; i < count; i++, item = item->next)
		read(r, item, table + i * size);
	return count;
}

/* Ports */

static struct policy_ports
shipped_named(const char *name)
{
	size_t count;
	const struct port_range *range = policy_shipped_ranges(&count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(range[i].name, name) == 0)
			return (struct policy_ports){1, &range[i]};
	}
	return (struct policy_ports){0, NULL};
}

static bool
is_range(const struct reading *r, const char *name, struct policy_ports *out)
{
	for (size_t i = 0; i < r->range_count; i++) {
		if (strcmp(r->range[i].name, name) == 0) {
			*out = r->range[i].ports;
			return true;
		}
	}
	*out = shipped_named(name);
	return out->count > 0;
}

static void
read_ports(struct reading *r, const struct tree_node *item, void *into)
{
	static const char form[] =
	    "a range such as 49152-65535 or 49152+16384, a port, or the name of a range";
	struct policy_ports *ports = into;
	struct port_range *range;
	const char *wrong;

	if (reading_text(r, item, form) == NULL || is_range(r, item->text, ports))
		return;
	range = arena_take(r->arena, 1, sizeof(*range));
	if (range == NULL)
		return;
	wrong = ports_parse(item->text, range);
	if (wrong != NULL)
		complaints_expected(r->said, item, wrong[0] == '\0' ? form : wrong);
	else
		*ports = (struct policy_ports){1, range};
}

void
names_ports(struct reading *r, const struct tree_node *value, void *into)
{
	void *table;
	size_t items = each_item(r, value, sizeof(struct policy_ports), read_ports, &table),
	       all = 0;
	const struct policy_ports *item = table;
	struct port_range *range;

	for (size_t i = 0; i < items; i++)
		all += item[i].count;
	range = all > 0 ? arena_take(r->arena, all, sizeof(*range)) : NULL;
	if (range == NULL)
		return;
	*(struct policy_ports *)into = (struct policy_ports){all, range};
	for (size_t i = 0; i < items; i++) {
		if (item[i].count > 0)
			memcpy(range, item[i].range, item[i].count * sizeof(*range));
		range += item[i].count;
	}
}

/* Servers */

static const struct policy_servers *
group_of_servers(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->servers_count; i++) {
		if (strcmp(r->servers[i].name, name) == 0)
			return &r->servers[i];
	}
	return NULL;
}

static void
read_servers(struct reading *r, const struct tree_node *item, void *into)
{
	static const char form[] = "a group of servers, an address, or a block such as 10.1.0.0/16";
	struct policy_servers *s = into;
	const struct policy_servers *group;
	struct policy_network *network;
	bool whole;

	*s = (struct policy_servers){.name = item->text};
	if (reading_text(r, item, form) == NULL)
		return;
	group = group_of_servers(r, item->text);
	if (group != NULL) {
		*s = *group;
		return;
	}
	s->any = strcmp(item->text, "any") == 0;
	network = s->any ? NULL : arena_take(r->arena, 1, sizeof(*network));
	if (network == NULL)
		return;
	if (!values_network(item->text, network, &whole)) {
		complaints_expected(r->said, item, form);
		return;
	}
	if (!whole)
		complaints_warn(r->said, item,
		    "`%s' has bits behind its length; the block is meant", item->text);
	s->count = 1;
	s->network = network;
}

/* The networks of ${count} sets as one table. */
static void
join_servers(
    struct reading *r, const struct policy_servers *item, size_t count, struct policy_servers *out)
{
	struct policy_network *network;

	for (size_t i = 0; i < count; i++) {
		out->count += item[i].count;
		out->any |= item[i].any;
	}
	network = arena_take(r->arena, out->count, sizeof(*network));
	out->network = network;
	if (network == NULL)
		out->count = 0;
	for (size_t i = 0; i < count && network != NULL; i++) {
		if (item[i].count > 0)
			memcpy(network, item[i].network, item[i].count * sizeof(*network));
		network += item[i].count;
	}
}

void
names_servers(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_servers *out = into;
	void *table;
	size_t count = each_item(r, value, sizeof(*out), read_servers, &table);

	*out = (struct policy_servers){.name = list_name(r, value)};
	if (count == 1) {
		*out = *(struct policy_servers *)table;
	} else if (count > 1) {
		join_servers(r, table, count, out);
	}
}

/* Interfaces */

static const struct policy_interfaces *
group_among(const struct policy_interfaces *group, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(group[i].name, name) == 0)
			return &group[i];
	}
	return NULL;
}

/* One's own name hides a shipped one, so that a later version's new group changes no policy. */
static const struct policy_interfaces *
group_of_interfaces(const struct reading *r, const char *name)
{
	const struct policy_interfaces *own = group_among(r->interfaces, r->interfaces_count, name);

	return own != NULL ? own : group_among(r->shipped, r->shipped_count, name);
}

/* All UUIDs that are known by that name, each with every major version. */
static bool
is_service(struct reading *r, const char *name, struct policy_interfaces *out)
{
	struct policy_interface *table;
	struct uuid uuid[NAMESAKES];
	size_t count = service_find_name(name, uuid, NAMESAKES);

	if (count > NAMESAKES)
		count = NAMESAKES;
	table = count > 0 ? arena_take(r->arena, count, sizeof(*table)) : NULL;
	for (size_t i = 0; i < count && table != NULL; i++)
		table[i] = (struct policy_interface){.uuid = uuid[i], .any_major = true};
	out->count = table != NULL ? count : 0;
	out->interface = table;
	return count > 0;
}

static bool
is_uuid(struct reading *r, const char *text, struct policy_interfaces *out)
{
	struct policy_interface one, *table;

	if (!values_interface(text, &one))
		return false;
	table = arena_take(r->arena, 1, sizeof(*table));
	if (table != NULL)
		*table = one;
	out->count = table != NULL;
	out->interface = table;
	return true;
}

static void
read_interfaces(struct reading *r, const struct tree_node *item, void *into)
{
	static const char form[] = "a group of interfaces, a UUID, UUID@MAJOR, or a service's name";
	struct policy_interfaces *i = into;
	const struct policy_interfaces *group;

	*i = (struct policy_interfaces){.name = item->text};
	if (reading_text(r, item, form) == NULL)
		return;
	group = group_of_interfaces(r, item->text);
	if (group != NULL) {
		*i = *group;
		return;
	}
	i->any = strcmp(item->text, "any") == 0;
	if (!i->any && !is_uuid(r, item->text, i) && !is_service(r, item->text, i))
		complaints_expected(r->said, item, form);
}

static int
compare_interfaces(const void *a, const void *b)
{
	const struct policy_interface *x = a, *y = b;

	return memcmp(x->uuid.b, y->uuid.b, sizeof(x->uuid.b));
}

/* The interfaces of ${count} sets as one table. */
static void
join_interfaces(struct reading *r, const struct policy_interfaces *item, size_t count,
    struct policy_interfaces *out)
{
	struct policy_interface *table;
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		out->count += item[i].count;
		out->any |= item[i].any;
	}
	table = arena_take(r->arena, out->count, sizeof(*table));
	out->interface = table;
	if (table == NULL)
		out->count = 0;
	for (size_t i = 0; i < count && table != NULL; i++) {
		if (item[i].count > 0)
			memcpy(table + at, item[i].interface, item[i].count * sizeof(*table));
		at += item[i].count;
	}
	if (at > 1)
		qsort(table, at, sizeof(*table), compare_interfaces);
}

void
names_interfaces(struct reading *r, const struct tree_node *value, void *into)
{
	struct policy_interfaces *out = into;
	void *table;
	size_t count = each_item(r, value, sizeof(*out), read_interfaces, &table);

	*out = (struct policy_interfaces){.name = list_name(r, value)};
	if (count == 1)
		*out = *(struct policy_interfaces *)table;
	else if (count > 1)
		join_interfaces(r, table, count, out);
}
