/* nft_sets.c - see nft_sets.h. */
#include "export/nft_sets.h"

#include "base/addr.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/label.h"

const struct nft_kind nft_sets_kinds[NFT_KINDS] = {
    {"tcp4", "ip", "tcp", "ipv4_addr", true, false},
    {"udp4", "ip", "udp", "ipv4_addr", true, true},
    {"tcp6", "ip6", "tcp", "ipv6_addr", false, false},
    {"udp6", "ip6", "udp", "ipv6_addr", false, true},
};

static bool
is_of(const struct nft_kind *kind, const struct proof *p)
{
	return p->udp == kind->udp && addr_is_v4(&p->key.server) == kind->v4;
}

/* The proof before it opens the same port: they are in the order of server, transport and port. */
static bool
is_again(const struct evidence_group *g, size_t i)
{
	const struct proof *p = &g->proof[i];

	return i > 0 && p[-1].udp == p->udp && p[-1].port == p->port &&
	       addr_equal(&p[-1].key.server, &p->key.server);
}

bool
nft_sets_has(const struct evidence_group *group, const struct nft_kind *kind)
{
	for (size_t i = 0; i < group->count; i++)
		if (is_of(kind, &group->proof[i]))
			return true;
	return false;
}

static void
write_set(FILE *out, const struct evidence_group *g, const struct nft_kind *kind)
{
	char label[LABEL_TEXT], text[ADDR_TEXT];
	const char *between = "";

	fprintf(out, "\tset %s_%s {\n\t\ttype %s . inet_service\n\t\telements = {",
	    label_group(g, '_', false, label), kind->suffix, kind->type);
	for (size_t i = 0; i < g->count; i++) {
		const struct proof *p = &g->proof[i];

		if (!is_of(kind, p) || is_again(g, i))
			continue;
		fprintf(out, "%s\n\t\t\t%s . %u", between, addr_format(&p->key.server, text),
		    (unsigned)p->port);
		between = ",";
	}
	fputs("\n\t\t}\n\t}\n\n", out);
}

void
nft_sets_open(FILE *out, const char *table)
{
	/* Named once, it is there and can be deleted: so loading it again replaces it, in one step. */
	fprintf(
	    out, "\ntable inet %s\ndelete table inet %s\n\ntable inet %s {\n", table, table, table);
}

void
nft_sets_write(FILE *out, const struct export_ops *ops, const struct export_job *job)
{
	for (size_t i = 0; i < job->evidence->group_count; i++) {
		const struct evidence_group *g = &job->evidence->group[i];

		comment_group(out, ops, g);
		for (size_t k = 0; k < NFT_KINDS; k++)
			if (nft_sets_has(g, &nft_sets_kinds[k]))
				write_set(out, g, &nft_sets_kinds[k]);
	}
}

static void
write_rule(FILE *out, const struct evidence_group *g, const struct nft_kind *kind, char side,
    const char *dscp)
{
	char label[LABEL_TEXT];

	fprintf(out, "\t\t%s %caddr . %s %cport @%s_%s ", kind->family, side, kind->transport, side,
	    label_group(g, '_', false, label), kind->suffix);
	if (dscp != NULL)
		fprintf(out, "%s dscp set %s\n", kind->family, dscp);
	else
		fputs("accept\n", out);
}

void
nft_sets_rules(FILE *out, const struct export_job *job, char side, const char *dscp)
{
	for (size_t i = 0; i < job->evidence->group_count; i++)
		for (size_t k = 0; k < NFT_KINDS; k++)
			if (nft_sets_has(&job->evidence->group[i], &nft_sets_kinds[k]))
				write_rule(
				    out, &job->evidence->group[i], &nft_sets_kinds[k], side, dscp);
}
