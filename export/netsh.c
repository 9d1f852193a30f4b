/* netsh.c - the servers' own side: the range that Windows takes dynamic ports from, and rules of its firewall, as PowerShell.
 *
 * One file serves all servers: each group's part runs only where one of its addresses is.
 * Source: Microsoft's reference of New-NetFirewallRule (module NetSecurity) and Get-NetIPAddress (NetTCPIP), and KB 929851: the range is
 * set for each transport and version of IP by itself, begins at 1025 or above, ends at 65535 or below, and has 255 ports or more. */
#include "base/addr.h"
#include "export/blocks.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/label.h"
#include "export/plan_ports.h"
#include "track/policy.h"

enum {
	RANGE_LEAST = 255,
	START_LEAST = 1025
};

/* The dynamic range of all servers of a group, if they have one and the same. */
static struct policy_ports
group_range(const struct policy *policy, const struct evidence_group *g)
{
	struct policy_ports first = policy_dynamic_of(policy, &g->server[0]);

	for (size_t i = 1; i < g->server_count; i++) {
		if (!plan_ports_same(first, policy_dynamic_of(policy, &g->server[i])))
			return (struct policy_ports){.count = 0};
	}
	return first;
}

static bool
has_family(const struct evidence_group *g, bool v4)
{
	for (size_t i = 0; i < g->server_count; i++)
		if (addr_is_v4(&g->server[i]) == v4)
			return true;
	return false;
}

static void
write_range(FILE *out, const struct evidence_group *g, const struct port_range *range)
{
	static const char *const transport[] = {"tcp", "udp"};

	for (size_t i = 0; i < 4; i++)
		if (has_family(g, i < 2))
			fprintf(out, "    netsh int %s set dynamicport %s start=%u num=%u\n",
			    i < 2 ? "ipv4" : "ipv6", transport[i % 2], (unsigned)range->low,
			    (unsigned)(range->high - range->low + 1));
}

/* A pin is safe only where Windows does not take ports for others. */
static void
warn_pins(FILE *out, const struct evidence_group *g, const struct port_range *range)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct proof *p = &g->proof[i];

		if (p->pinned && p->port >= range->low && p->port <= range->high &&
		    (i == 0 || p[-1].port != p->port))
			comment_line(out, &export_netsh,
			    "Port %u is pinned and inside the dynamic range %u-%u: another program "
			    "may "
			    "have it first.",
			    (unsigned)p->port, (unsigned)range->low, (unsigned)range->high);
	}
}

static void
write_dynamic(FILE *out, const struct export_job *job, const struct evidence_group *g)
{
	struct policy_ports ports = group_range(job->policy, g);

	if (ports.count != 1) {
		comment_line(out, &export_netsh,
		    "The policy has no single dynamic range for these servers, so none is set.");
		return;
	}
	const struct port_range *range = &ports.range[0];

	warn_pins(out, g, range);
	if (range->low < START_LEAST || range->high - range->low + 1 < RANGE_LEAST)
		comment_line(out, &export_netsh,
		    "Windows takes no dynamic range such as %u-%u (from %d on, %d ports or more), "
		    "so none "
		    "is set.",
		    (unsigned)range->low, (unsigned)range->high, START_LEAST, RANGE_LEAST);
	else
		write_range(out, g, range);
}

static void
write_addresses(FILE *out, const struct addr *server, size_t count)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s'%s'", i > 0 ? ", " : "", addr_format(&server[i], text));
}

/* All rules that an earlier file made for these servers go first: a port that is left out now is closed again. */
static void
remove_rules(FILE *out, const char *label)
{
	fprintf(out,
	    "    Remove-NetFirewallRule -Group 'epmwatch-%s' -ErrorAction SilentlyContinue\n",
	    label);
}

static void
begin_rule(FILE *out, const char *label, const char *what, const char *transport)
{
	fprintf(out,
	    "    New-NetFirewallRule -Name 'epmwatch-%s-%s' -DisplayName 'RPC %s %s (epmwatch)' "
	    "-Group 'epmwatch-%s' -Direction Inbound -Action Allow -Protocol %s -LocalAddress ",
	    label, what, label, what, label, transport);
}

static void
write_block(FILE *out, const char *label, size_t number, const struct block *b)
{
	char what[32];

	snprintf(what, sizeof(what), "%zu", number);
	begin_rule(out, label, what, b->udp ? "UDP" : "TCP");
	write_addresses(out, b->server, b->server_count);
	fputs(" -LocalPort ", out);
	for (size_t i = 0; i < b->port_count; i++)
		fprintf(out, "%s%u", i > 0 ? ", " : "", (unsigned)b->port[i]);
	fputs(" | Out-Null\n", out);
}

static int
write_group(FILE *out, const struct export_job *job, const struct evidence_group *g)
{
	struct blocks blocks;
	char label[LABEL_TEXT];
	int err = blocks_make(&blocks, g);

	putc('\n', out);
	comment_group(out, &export_netsh, g);
	fputs("if (Get-NetIPAddress -IPAddress ", out);
	write_addresses(out, g->server, g->server_count);
	fputs(" -ErrorAction SilentlyContinue) {\n", out);
	write_dynamic(out, job, g);
	label_group(g, '-', false, label);
	remove_rules(out, label);
	begin_rule(out, label, "mapper", "TCP");
	write_addresses(out, g->server, g->server_count);
	fputs(" -LocalPort 135 | Out-Null\n", out);
	for (size_t i = 0; i < blocks.count && err == 0; i++)
		write_block(out, label, i + 1, &blocks.block[i]);
	fputs("}\n", out);
	blocks_clear(&blocks);
	return err;
}

static int
write_netsh(FILE *out, const struct export_job *job)
{
	int err = 0;

	comment_head(out, &export_netsh, job, NULL);
	for (size_t i = 0; i < job->evidence->group_count && err == 0; i++)
		err = write_group(out, job, &job->evidence->group[i]);
	return err;
}

const struct export_ops export_netsh = {.name = "netsh",
    .title = "Dynamic ports of RPC servers for Windows, made by epmwatch from what was seen.",
    .usage =
	"Read it, then run it on the servers: powershell -ExecutionPolicy Bypass -File FILE.ps1",
    .comment = "# ",
    .unsafe = "`",
    .write = write_netsh};
