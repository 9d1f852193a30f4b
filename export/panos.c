/* panos.c - Palo Alto Networks PAN-OS: addresses, groups of them, services and groups of those, as set commands.
 *
 * Source: PAN-OS CLI Quick Start, "Load Configuration Settings from a Text File"; names of objects have at most 63 letters, digits, spaces,
 * dots, hyphens and underscores. A question mark asks for help wherever it is typed. The command line knows no comments, so what begins
 * with a number sign has to be kept from it. */
#include <string.h>

#include "base/addr.h"
#include "export/blocks.h"
#include "export/comment.h"
#include "export/evidence.h"
#include "export/export.h"
#include "export/label.h"

enum {
	ADDRESS_LABEL = LABEL_TEXT + 8,
	PORT_OCTETS = 65536 / 8
};

/* Services that were written already: a bit for each port, TCP and UDP. */
struct services {
	unsigned char seen[2][PORT_OCTETS];
};

static void
write_service(FILE *out, struct services *services, bool udp, uint16_t port)
{
	unsigned char *octet = &services->seen[udp][port / 8];
	unsigned char bit = (unsigned char)(1U << (port % 8));
	const char *transport = udp ? "udp" : "tcp";

	if (!(*octet & bit))
		fprintf(out, "set service epm-%s-%u protocol %s port %u\n", transport,
		    (unsigned)port, transport, (unsigned)port);
	*octet |= bit;
}

static void
write_addresses(FILE *out, const struct evidence_group *g)
{
	char name[ADDRESS_LABEL], text[ADDR_TEXT];

	for (size_t i = 0; i < g->server_count; i++)
		fprintf(out, "set address epm-%s ip-netmask %s/%d\n",
		    label_address(&g->server[i], '-', name), addr_format(&g->server[i], text),
		    addr_is_v4(&g->server[i]) ? 32 : 128);
}

/* One command a member: what is set is added, and a line of the command line has an end. */
static void
write_block(
    FILE *out, struct services *services, const char *label, size_t number, const struct block *b)
{
	const char *transport = b->udp ? "udp" : "tcp";
	char name[ADDRESS_LABEL];

	for (size_t i = 0; i < b->server_count; i++)
		fprintf(out, "set address-group epm-%s-%zu static epm-%s\n", label, number,
		    label_address(&b->server[i], '-', name));
	for (size_t i = 0; i < b->port_count; i++) {
		write_service(out, services, b->udp, b->port[i]);
		fprintf(out, "set service-group epm-%s-%zu-%s members epm-%s-%u\n", label, number,
		    transport, transport, (unsigned)b->port[i]);
	}
}

static int
write_group(FILE *out, struct services *services, const struct evidence_group *g)
{
	struct blocks blocks;
	char label[LABEL_TEXT];
	int err = blocks_make(&blocks, g);

	putc('\n', out);
	comment_group(out, &export_panos, g);
	label_group(g, '-', false, label);
	write_addresses(out, g);
	for (size_t i = 0; i < blocks.count && err == 0; i++)
		write_block(out, services, label, i + 1, &blocks.block[i]);
	blocks_clear(&blocks);
	return err;
}

static int
write_panos(FILE *out, const struct export_job *job)
{
	struct services services;
	int err = 0;

	memset(&services, 0, sizeof(services));
	comment_head(out, &export_panos, job, NULL);
	comment_line(out, &export_panos,
	    "An address-group epm-X-1 and its service-group epm-X-1-tcp belong in one rule, "
	    "together with epm-tcp-135.");
	comment_line(out, &export_panos,
	    "A group keeps the members that an earlier file gave it: delete takes them away.");
	putc('\n', out);
	write_service(out, &services, false, 135);
	for (size_t i = 0; i < job->evidence->group_count && err == 0; i++)
		err = write_group(out, &services, &job->evidence->group[i]);
	return err;
}

const struct export_ops export_panos = {.name = "panos",
    .title =
	"Dynamic ports of RPC servers as objects for PAN-OS, made by epmwatch from what was seen.",
    .usage = "Read it, then give what grep '^set ' FILE prints to the command line, in "
	     "configuration mode.",
    .comment = "# ",
    .unsafe = "?|",
    .write = write_panos};
