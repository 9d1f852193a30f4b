/* plan_yaml.c - the plan as a policy: what `policy check` accepts, and somebody puts into one's own. Foreign words are in comments only:
 * servers stand there as addresses, services by the names that every policy knows. */
#include "export/plan.h"

#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/plan_ports.h"

static const struct export_ops head = {
    .title = "Rules that pin RPC services to ports, from what was seen.",
    .usage = "To be looked over, then put into a policy in front of its other rules.",
    .comment = "# ",
    .unsafe = "",
    .brief = true,
};
static const struct export_ops inner = {.comment = "    # ", .unsafe = ""};

static void
write_servers(const struct addr *server, size_t count, FILE *out)
{
	char text[ADDR_TEXT];

	fputs("  - servers: [", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", addr_format(&server[i], text));
	fputs("]\n", out);
}

static void
write_ports(struct policy_ports ports, FILE *out)
{
	fputs("    allowed: [", out);
	for (size_t i = 0; i < ports.count; i++)
		fprintf(out, "%s%u-%u", i > 0 ? ", " : "", (unsigned)ports.range[i].low,
		    (unsigned)ports.range[i].high);
	fputs("]\n", out);
}

/* Domain controllers keep the dynamic port beside the static one. */
static bool
is_beside(const struct plan_dynamic *d, const struct plan_item *item)
{
	return item->pin.value->product == REGISTRY_AD &&
	       item->pin.value->type != REGISTRY_COMMAND && d->ports.count > 0;
}

/* For the servers of ${d}: what is allowed beside the pin is theirs. */
static void
write_rule(const struct plan_dynamic *d, const struct plan_item *item,
    const char *service, FILE *out)
{
	const struct port_range *part = plan_ports_part(d->ports, item->port);
	char why[PLAN_WHY];

	write_servers(d->server, d->server_count, out);
	comment_line(out, &inner, "%s: %s; %s", plan_kind_name(item->kind), plan_why(item, why),
	    confidence_name(item->pin.confidence));
	if (part != NULL)
		comment_line(out, &inner,
		    "inside the dynamic range %u-%u: another process can have it first",
		    (unsigned)part->low, (unsigned)part->high);
	fprintf(out, "    interfaces: %s\n    static: %u\n", service, (unsigned)item->port);
	if (is_beside(d, item)) {
		fputs("    beside: true\n", out);
		write_ports(d->ports, out);
	}
}

static void
write_group(const struct plan_group *g, FILE *out)
{
	const char *service[PINS_MOST];

	fputs("  # ", out);
	comment_text(out, &head, g->group->name);
	fputs(", realm ", out);
	comment_text(out, &head, g->group->realm);
	putc('\n', out);
	for (size_t i = 0; i < g->count; i++) {
		size_t count = g->item[i].port != 0 ? plan_services(&g->item[i], service) : 0;

		for (size_t k = 0; k < count * g->dynamic_count; k++)
			write_rule(&g->dynamic[k % g->dynamic_count], &g->item[i],
			    service[k / g->dynamic_count], out);
	}
}

int
plan_yaml(const struct plan *p, const struct export_job *job, FILE *out)
{
	comment_head(out, &head, job, NULL);
	fputs("version: 1\nrules:\n", out);
	for (size_t i = 0; i < p->group_count; i++) {
		bool any = false;

		for (size_t k = 0; k < p->group[i].count; k++)
			any |= p->group[i].item[k].port != 0;
		if (any)
			write_group(&p->group[i], out);
	}
	return 0;
}
