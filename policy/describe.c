/* describe.c - section by section; what is empty is left out. */
#include "policy/describe.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/clock.h"
#include "dissect/observation.h"
#include "policy/file.h"
#include "policy/reading.h"
#include "policy/thresholds.h"
#include "track/service.h"

enum {
	NETWORKS_SHOWN = 8,
	INTERFACES_SHOWN = 16,
	V4_SHIFT = 96,
};

static void
print_ports(FILE *out, struct policy_ports ports)
{
	for (size_t i = 0; i < ports.count; i++) {
		const struct port_range *r = &ports.range[i];

		fprintf(out, "%s%u", i > 0 ? ", " : "", (unsigned)r->low);
		if (r->high != r->low)
			fprintf(out, "-%u", (unsigned)r->high);
		if (r->name != NULL)
			fprintf(out, " (%s)", r->name);
	}
}

/* `20000-24999, 5000 ports`: by the number of them a wrong end is noticed. */
static void
print_counted(FILE *out, struct policy_ports ports)
{
	unsigned count = 0;

	for (size_t i = 0; i < ports.count; i++) {
		const struct port_range *r = &ports.range[i];

		fprintf(out, "%s%u-%u", i > 0 ? ", " : "", (unsigned)r->low, (unsigned)r->high);
		count += r->high - r->low + 1u;
	}
	fprintf(out, ", %u port%s\n", count, count == 1 ? "" : "s");
}

static void
print_network(FILE *out, const struct policy_network *n)
{
	char text[ADDR_TEXT];
	bool v4 = addr_is_v4(&n->base) && n->bits >= V4_SHIFT;
	unsigned bits = n->bits - (v4 ? (unsigned)V4_SHIFT : 0u);

	fprintf(out, "%s", addr_format(&n->base, text));
	if (n->bits < 128)
		fprintf(out, "/%u", bits);
}

static void
print_servers(FILE *out, const struct policy_servers *s)
{
	if (s->any)
		fprintf(out, "any");
	for (size_t i = 0; i < s->count && i < NETWORKS_SHOWN; i++) {
		fprintf(out, "%s", i > 0 || s->any ? ", " : "");
		print_network(out, &s->network[i]);
	}
	if (s->count > NETWORKS_SHOWN)
		fprintf(out, " and %zu more", s->count - NETWORKS_SHOWN);
}

static void
print_interface(FILE *out, const struct policy_interface *i)
{
	const struct service *service = service_find(&i->uuid);
	char uuid[UUID_TEXT];

	fprintf(out, "      %s", uuid_format(&i->uuid, uuid));
	if (!i->any_major)
		fprintf(out, "@%u", (unsigned)i->major);
	fprintf(out, "%s%s\n", service != NULL ? "  " : "", service != NULL ? service->name : "");
}

static void
print_interfaces(FILE *out, const struct policy_interfaces *all)
{
	for (size_t i = 0; i < all->count && i < INTERFACES_SHOWN; i++)
		print_interface(out, &all->interface[i]);
	if (all->count > INTERFACES_SHOWN)
		fprintf(out, "      and %zu more\n", all->count - INTERFACES_SHOWN);
}

static void
print_ranges(FILE *out, const struct policy_file *f)
{
	size_t own, shipped;
	const struct named_ports *named = policy_file_ranges(f, &own);
	const struct port_range *range = policy_shipped_ranges(&shipped);

	fprintf(out, "\nranges\n");
	for (size_t i = 0; i < own; i++) {
		fprintf(out, "  %-18s", named[i].name);
		print_counted(out, named[i].ports);
	}
	for (size_t i = 0; i < shipped; i++) {
		fprintf(out, "  %-18s", range[i].name);
		print_counted(out, (struct policy_ports){1, &range[i]});
	}
}

static void
print_dynamic(FILE *out, const struct policy *p)
{
	fprintf(out, "\ndynamic\n");
	for (size_t i = 0; i < p->dynamic_for_count; i++) {
		fprintf(out, "  %s (", p->dynamic_for[i].servers.name);
		print_servers(out, &p->dynamic_for[i].servers);
		fprintf(out, "): ");
		print_ports(out, p->dynamic_for[i].ports);
		fprintf(out, "\n");
	}
	fprintf(out, "  %s: ", p->dynamic_for_count > 0 ? "all others" : "all");
	print_ports(out, p->dynamic);
	fprintf(out, "\n");
}

static const char *
carriers(const struct policy_rule *r)
{
	if (r->protseq != PROTSEQ_UNKNOWN)
		return protseq_name((enum protseq)r->protseq);
	return r->deny ? "any, named pipes included" : "any with ports";
}

static void
print_right(FILE *out, const struct policy_rule *r)
{
	if (r->deny) {
		fprintf(out, "    denied\n");
		return;
	}
	if (r->pins.count > 0) {
		fprintf(out, "    pinned to ");
		print_ports(out, r->pins);
		fprintf(out, r->beside ? ", others beside it\n" : "\n");
	}
	fprintf(out, "    allowed ");
	if (!r->has_allowed && r->pins.count == 0)
		fprintf(out, "what is dynamic");
	else
		print_ports(out, r->has_allowed ? r->allowed : r->pins);
	fprintf(out, "\n");
}

static void
print_rules(FILE *out, const struct policy *p)
{
	if (p->rule_count > 0)
		fprintf(out, "\nrules, of which the first that covers something holds\n");
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct policy_rule *r = &p->rule[i];

		fprintf(out, "  %zu (line %zu)\n    servers %s", i + 1, r->line, r->servers.name);
		if (r->servers.count > 0) {
			fprintf(out, ": ");
			print_servers(out, &r->servers);
		}
		fprintf(out, "\n    interfaces %s, over %s\n", r->interfaces.name, carriers(r));
		print_interfaces(out, &r->interfaces);
		print_right(out, r);
	}
}

static void
print_newmail(FILE *out, const struct policy *p)
{
	if (p->newmail_count > 0)
		fprintf(out, "\nnew mail\n");
	for (size_t i = 0; i < p->newmail_count; i++) {
		const struct policy_newmail *n = &p->newmail[i];

		fprintf(out, "  from %s to %s, ports ", n->servers.name, n->clients.name);
		print_ports(out, n->ports);
		fprintf(out, "\n");
	}
}

static void
print_realms(FILE *out, const struct policy *p)
{
	if (p->realm_count > 0)
		fprintf(out, "\nrealms\n");
	for (size_t i = 0; i < p->realm_count; i++) {
		const struct policy_realm *r = &p->realm[i];

		fprintf(out, "  %s:", r->name);
		for (size_t v = 0; v < r->vlan_count; v++)
			fprintf(out, "%s%u", v > 0 ? ", " : " VLAN ", (unsigned)r->vlan[v]);
		for (size_t v = 0; v < r->vni_count; v++)
			fprintf(out, "%s%" PRIu32, v > 0 ? ", " : " VNI ", r->vni[v]);
		fprintf(out, "\n");
	}
}

static void
print_suppressions(FILE *out, const struct policy *p)
{
	char until[CLOCK_TEXT];

	if (p->suppression_count > 0)
		fprintf(out, "\nsuppressed\n");
	for (size_t i = 0; i < p->suppression_count; i++) {
		const struct policy_suppression *s = &p->suppression[i];

		fprintf(out, "  %s of servers %s, interfaces %s, ", s->rule, s->servers.name,
		    s->interfaces.name);
		if (s->until_ns == INT64_MAX)
			fprintf(out, "without end");
		else
			fprintf(out, "before %s", clock_format_short(s->until_ns, until));
		fprintf(out, "%s%s\n", s->reason[0] != '\0' ? ": " : "", s->reason);
	}
}

void
describe_policy(const struct policy_file *f, FILE *out)
{
	const struct policy *p = policy_file_policy(f);

	fprintf(out, "policy %s, hash %s\n", p->name, p->hash);
	print_ranges(out, f);
	print_dynamic(out, p);
	print_rules(out, p);
	print_newmail(out, p);
	fprintf(out, "\nthresholds\n");
	thresholds_print(&p->thresholds, out);
	print_realms(out, p);
	print_suppressions(out, p);
}
