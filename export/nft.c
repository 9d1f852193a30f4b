/* nft.c - nftables: sets of what was seen, and an example chain that lets nothing else to the ports of those servers.
 *
 * Source: nft(8), "SETS", "CONCATENATIONS". */
#include "base/addr.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/nft_sets.h"

static bool
has_family(const struct export_job *job, bool v4)
{
	for (size_t i = 0; i < job->evidence->group_count; i++)
		for (size_t j = 0; j < job->evidence->group[i].server_count; j++)
			if (addr_is_v4(&job->evidence->group[i].server[j]) == v4)
				return true;
	return false;
}

/* All servers of one family: an address is in one group only. */
static void
write_servers(FILE *out, const struct export_job *job, bool v4)
{
	char text[ADDR_TEXT];
	const char *between = "";

	if (!has_family(job, v4))
		return;
	fprintf(out, "\tset servers%s {\n\t\ttype %s\n\t\telements = {", v4 ? "4" : "6",
	    v4 ? "ipv4_addr" : "ipv6_addr");
	for (size_t i = 0; i < job->evidence->group_count; i++) {
		const struct evidence_group *g = &job->evidence->group[i];

		for (size_t j = 0; j < g->server_count; j++) {
			if (addr_is_v4(&g->server[j]) != v4)
				continue;
			fprintf(out, "%s\n\t\t\t%s", between, addr_format(&g->server[j], text));
			between = ",";
		}
	}
	fputs("\n\t\t}\n\t}\n\n", out);
}

static void
write_limits(FILE *out, const char *family, const char *servers)
{
	fprintf(out,
	    "\t\t%s daddr @%s tcp dport 135 accept\n"
	    "\t\t%s daddr @%s udp dport 135 accept\n"
	    "\t\t%s daddr @%s tcp dport @other_tcp accept\n"
	    "\t\t%s daddr @%s udp dport @other_udp accept\n"
	    "\t\t%s daddr @%s tcp dport 1024-65535 counter drop\n"
	    "\t\t%s daddr @%s udp dport 1024-65535 counter drop\n",
	    family, servers, family, servers, family, servers, family, servers, family, servers,
	    family, servers);
}

static void
write_others(FILE *out)
{
	comment_line(out, &export_nft,
	    "Ports from 1024 on where those servers answer and which are no dynamic RPC:");
	comment_line(out, &export_nft,
	    "3268 and 3269 (global catalogue), 3389, 1433, 6001-6004 ... Add yours.");
	fputs("\tset other_tcp {\n\t\ttype inet_service\n\t}\n\n"
	      "\tset other_udp {\n\t\ttype inet_service\n\t}\n\n",
	    out);
}

static void
write_chains(FILE *out, const struct export_job *job)
{
	fputs("\tchain rpc {\n\t\tct state established,related accept\n", out);
	nft_sets_rules(out, job, 'd', NULL);
	if (has_family(job, true))
		write_limits(out, "ip", "servers4");
	if (has_family(job, false))
		write_limits(out, "ip6", "servers6");
	fputs("\t}\n\n"
	      "\tchain forward {\n"
	      "\t\ttype filter hook forward priority filter; policy accept;\n"
	      "\t\tjump rpc\n"
	      "\t}\n}\n",
	    out);
}

static int
write_nft(FILE *out, const struct export_job *job)
{
	comment_head(out, &export_nft, job, NULL);
	nft_sets_open(out, job->table != NULL ? job->table : "epmwatch");
	nft_sets_write(out, &export_nft, job);
	write_servers(out, job, true);
	write_servers(out, job, false);
	write_others(out);
	write_chains(out, job);
	return 0;
}

const struct export_ops export_nft = {.name = "nft",
    .title =
	"Dynamic ports of RPC servers as sets for nftables, made by epmwatch from what was seen.",
    .usage = "Read it, then: nft -c -f FILE, nft -f FILE. The chain is an example, for a host that "
	     "forwards.",
    .comment = "# ",
    .unsafe = "\\",
    .write = write_nft};
