/* qos.c - the same ports marked instead of filtered: by nftables (DSCP), or sorted into a class by tc's flower classifier.
 *
 * Source: nft(8), "PAYLOAD EXPRESSIONS"; tc-flower(8), tc-skbedit(8). */
#include "base/addr.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/nft_sets.h"

enum {
	PREF_V4 = 4935, /* of the filters: one for each protocol */
	PREF_V6 = 4936
};

static void
write_nft(FILE *out, const struct export_job *job)
{
	const char *dscp = job->dscp != NULL ? job->dscp : "af21";

	nft_sets_open(out, job->table != NULL ? job->table : "epmwatch_qos");
	nft_sets_write(out, &export_qos, job);
	fputs("\tchain rpc {\n", out);
	nft_sets_rules(out, job, 'd', dscp);
	nft_sets_rules(out, job, 's', dscp);
	fputs("\t}\n\n"
	      "\tchain forward {\n"
	      "\t\ttype filter hook forward priority mangle; policy accept;\n"
	      "\t\tjump rpc\n"
	      "\t}\n}\n",
	    out);
}

static void
write_filter(FILE *out, const struct proof *p, const char *side)
{
	bool v4 = addr_is_v4(&p->key.server);
	char text[ADDR_TEXT];

	fprintf(out,
	    "tc filter add dev \"$dev\" egress protocol %s pref %d flower ip_proto %s %s_ip %s "
	    "%s_port %u "
	    "action skbedit priority \"$class\"\n",
	    v4 ? "ip" : "ipv6", v4 ? PREF_V4 : PREF_V6, p->udp ? "udp" : "tcp", side,
	    addr_format(&p->key.server, text), side, (unsigned)p->port);
}

static void
write_filters(FILE *out, const struct evidence_group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct proof *p = &g->proof[i];

		if (i > 0 && p[-1].udp == p->udp && p[-1].port == p->port &&
		    addr_equal(&p[-1].key.server, &p->key.server))
			continue;
		write_filter(out, p, "dst");
		write_filter(out, p, "src");
	}
}

static void
write_tc(FILE *out, const struct export_job *job)
{
	fprintf(out,
	    "\nset -e\n"
	    "dev=${1:?which device}\n"
	    "class=${2:-1:10}\n"
	    "tc qdisc show dev \"$dev\" | grep -q clsact || tc qdisc add dev \"$dev\" clsact\n"
	    "tc filter del dev \"$dev\" egress pref %d 2>/dev/null || :\n"
	    "tc filter del dev \"$dev\" egress pref %d 2>/dev/null || :\n",
	    PREF_V4, PREF_V6);
	for (size_t i = 0; i < job->evidence->group_count; i++) {
		putc('\n', out);
		comment_group(out, &export_qos, &job->evidence->group[i]);
		write_filters(out, &job->evidence->group[i]);
	}
}

static int
write_qos(FILE *out, const struct export_job *job)
{
	comment_head(out, &export_qos, job, NULL);
	comment_line(out, &export_qos, "%s",
	    job->tc ? "This is for: sh FILE DEVICE [CLASS]. CLASS (1:10) is one of a qdisc that "
		      "you have there."
		    : "This is for: nft -c -f FILE, nft -f FILE, on a host that forwards.");
	(job->tc ? write_tc : write_nft)(out, job);
	return 0;
}

const struct export_ops export_qos = {.name = "qos",
    .title =
	"Dynamic ports of RPC servers for quality of service, made by epmwatch from what was seen.",
    .usage = "Read it before you load it.",
    .comment = "# ",
    .unsafe = "\\`$",
    .write = write_qos};
