/* remedy.h - what would put a finding right, in a line: a value of the registry, or what a firewall has to know. */
#ifndef EPMWATCH_REPORT_REMEDY_H
#define EPMWATCH_REPORT_REMEDY_H

#include "base/addr.h"
#include "report/registry/registry.h"

struct document;
struct newmail_server;
struct report_finding;
struct report_group;

/* The server that was asked of last: findings come by server. Begins as {0}. */
struct remedy {
	const char *sensor, *realm;
	struct addr server;
	enum registry_product product;
};

/**
 * remedy_facts(m, d, g, all):
 * For the findings of ${g}, which share an endpoint; ${all} unites them. A fact for each value that may be meant, or one for a firewall
 * where none is known; nothing of what no port is about.
 */
void remedy_facts(struct remedy *m, struct document *d, const struct report_group *g,
    const struct report_finding *all);

/** remedy_newmail(d, s): The same of new-mail datagrams of ${s} that the policy does not allow, or that nobody got. */
void remedy_newmail(struct document *d, const struct newmail_server *s);

#endif
