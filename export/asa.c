/* asa.c - Cisco ASA: network objects, object-groups of servers and of ports, and an access list as an example.
 *
 * Source: Cisco ASA Series Firewall CLI Configuration Guide, "Objects for Access Control" (names: 64 characters, objects and groups share one
 * name space; IPv4 and IPv6 may stand in one group) and "Extended Access Control Lists". A question mark asks for help wherever it is
 * typed, so none is written. */
#include "base/addr.h"
#include "export/blocks.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/label.h"

enum {
	ADDRESS_LABEL = LABEL_TEXT + 8
};

static void
write_objects(FILE *out, const struct evidence_group *g)
{
	char name[ADDRESS_LABEL], text[ADDR_TEXT];

	for (size_t i = 0; i < g->server_count; i++)
		fprintf(out, "object network EPM-%s\n host %s\n",
		    label_address(&g->server[i], '-', name), addr_format(&g->server[i], text));
}

static void
write_servers(
    FILE *out, const char *label, const char *number, const struct addr *server, size_t count)
{
	char name[ADDRESS_LABEL];

	fprintf(out, "object-group network EPM-%s%s-HOSTS\n", label, number);
	for (size_t i = 0; i < count; i++)
		fprintf(
		    out, " network-object object EPM-%s\n", label_address(&server[i], '-', name));
}

static void
write_block(FILE *out, const char *label, size_t number, const struct block *b)
{
	char suffix[32];

	snprintf(suffix, sizeof(suffix), "-%zu", number);
	write_servers(out, label, suffix, b->server, b->server_count);
	fprintf(
	    out, "object-group service EPM-%s%s-PORTS %s\n", label, suffix, b->udp ? "udp" : "tcp");
	for (size_t i = 0; i < b->port_count; i++)
		fprintf(out, " port-object eq %u\n", (unsigned)b->port[i]);
	fprintf(out,
	    "access-list EPM-EXAMPLE extended permit %s any object-group EPM-%s%s-HOSTS "
	    "object-group EPM-%s%s-PORTS\n",
	    b->udp ? "udp" : "tcp", label, suffix, label, suffix);
}

static int
write_group(FILE *out, const struct evidence_group *g)
{
	static const char *const transport[] = {"tcp", "udp"};
	struct blocks blocks;
	char label[LABEL_TEXT];
	int err = blocks_make(&blocks, g);

	label_group(g, '-', true, label);
	fputs("!\n", out);
	comment_group(out, &export_asa, g);
	write_objects(out, g);
	write_servers(out, label, "", g->server, g->server_count);
	for (size_t i = 0; i < blocks.count && err == 0; i++)
		write_block(out, label, i + 1, &blocks.block[i]);
	for (size_t i = 0; i < 2; i++)
		fprintf(out,
		    "access-list EPM-EXAMPLE extended permit %s any object-group EPM-%s-HOSTS eq "
		    "135\n",
		    transport[i], label);
	for (size_t i = 0; i < 2; i++)
		fprintf(out,
		    "access-list EPM-EXAMPLE extended deny %s any object-group EPM-%s-HOSTS range "
		    "1024 65535\n",
		    transport[i], label);
	blocks_clear(&blocks);
	return err;
}

static int
write_asa(FILE *out, const struct export_job *job)
{
	int err = 0;

	comment_head(out, &export_asa, job, NULL);
	comment_line(out, &export_asa,
	    "The access list is an example. It denies all else from port 1024 on at these servers: "
	    "permit before what");
	comment_line(out, &export_asa,
	    "is no dynamic RPC, such as 3268, 3389, 1433 or 6001-6004. At its end it denies all "
	    "else, as each does.");
	comment_line(out, &export_asa,
	    "An object-group keeps the members that an earlier paste gave it: no object-group "
	    "removes one.");
	for (size_t i = 0; i < job->evidence->group_count && err == 0; i++)
		err = write_group(out, &job->evidence->group[i]);
	return err;
}

const struct export_ops export_asa = {.name = "asa",
    .title = "Dynamic ports of RPC servers as objects for Cisco ASA, made by epmwatch from what "
	     "was seen.",
    .usage = "Read it, then paste it in configuration mode; clear configure access-list "
	     "EPM-EXAMPLE comes before a second time.",
    .comment = "! ",
    .unsafe = "?",
    .write = write_asa};
