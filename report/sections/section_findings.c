/* section_findings.c - what is out of policy: an item for one endpoint of one process. */
#include <stdio.h>
#include <string.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"
#include "report/sections/remedy.h"
#include "report/sections/sections.h"

enum {
	ITEMS_OF_SERVER = 50, /* a forged server may break any number of rules */
	ITEMS = 500,
	VERB = 64 + ADDR_TEXT,
};

/* The most that is known of any interface of the group: they share the endpoint. */
static struct report_finding
group_unite(const struct report *r, const struct report_group *g)
{
	struct report_finding all = r->finding[g->first];

	for (size_t i = 1; i < g->count; i++) {
		const struct report_finding *f = &r->finding[g->first + i];

		all.first_ns = f->first_ns < all.first_ns ? f->first_ns : all.first_ns;
		all.last_ns = f->last_ns > all.last_ns ? f->last_ns : all.last_ns;
		all.clients = f->clients > all.clients ? f->clients : all.clients;
		all.confidence = f->confidence > all.confidence ? f->confidence : all.confidence;
		all.doubt |= f->doubt;
	}
	return all;
}

/* What is about no interface says itself what it is. */
static void
head_item(struct document *d, const struct report_finding *f)
{
	char rules[VERDICT_TEXT];
	struct line l = {0};

	line_add(&l, ROLE_BAD, "%s", verdict_format(&f->verdict, rules));
	line_add(&l, ROLE_PLAIN, " %s  ", severity_name(f->verdict.severity));
	if (addr_is_unspecified(&f->key.server))
		line_add(line_add(&l, ROLE_PLAIN, "sensor "), ROLE_CODE, "%s", f->sensor);
	else
		phrase_server(&l, &f->key.server, f->host, f->realm);
	line_add(&l, ROLE_PLAIN, "  ");
	if (uuid_is_nil(&f->key.uuid))
		line_add(&l, ROLE_PLAIN, "%s", f->signature);
	else
		line_add(
		    &l, ROLE_CODE, "%s %s", protseq_name((enum protseq)f->key.protseq), f->where);
	document_item(d, &l);
	line_clear(&l);
	if (uuid_is_nil(&f->key.uuid) && f->where != NULL && f->where[0] != '\0' &&
	    f->expected[0] != '\0')
		document_fact(d, "observed", line_add(&l, ROLE_CODE, "%s", f->where));
}

static void
services_fact(struct document *d, const struct report_group *g)
{
	const struct report *r = document_report(d);
	struct line l = {0};

	if (uuid_is_nil(&r->finding[g->first].key.uuid))
		return;
	for (size_t i = 0; i < g->count; i++) {
		const struct report_finding *f = &r->finding[g->first + i];

		phrase_interface(phrase_comma(&l), f->service, &f->key.uuid);
		line_add(&l, ROLE_PLAIN, " %u.%u", f->key.major, f->minor);
	}
	document_fact(d, g->count == 1 ? "service" : "services", &l);
}

static void
sightings_facts(struct document *d, const struct report_finding *f)
{
	struct line l = {0};

	phrase_time(&l, f->first_ns);
	if (f->last_ns != 0) {
		line_add(&l, ROLE_PLAIN, ", last seen ");
		phrase_time(&l, f->last_ns);
	}
	line_add(&l, ROLE_PLAIN, " UTC");
	if (f->last_ns != 0)
		line_add(&l, ROLE_PLAIN, "; %u client%s, %s", f->clients, phrase_plural(f->clients),
		    confidence_name(f->confidence));
	document_fact(d, "since", &l);
	if (!f->verdict.settling)
		return;
	line_add(line_clear(&l), ROLE_PLAIN,
	    "no longer there; closes by an answer or a bind that shows right endpoints, 15 minutes "
	    "after the last sight or later");
	document_fact(d, "settling", &l);
}

static void
group_write(struct document *d, struct remedy *m, const struct report_group *g)
{
	const struct report_finding f = group_unite(document_report(d), g);
	struct line l = {0};
	char more[64];

	head_item(d, &f);
	services_fact(d, g);
	if (f.expected[0] != '\0')
		document_fact(d, "expected", line_add(&l, ROLE_PLAIN, "%s", f.expected));
	sightings_facts(d, &f);
	phrase_doubt(d, f.doubt);
	remedy_facts(m, d, g, &f);
	phrase_evidence_of(d, &f.evidence, f.verdict.rule[0]);
	phrase_tshark(d, &f.evidence);
	if (f.id == NULL)
		return;
	snprintf(more, sizeof(more), "epmwatch explain -d STORE %s", f.id);
	document_command(d, "more", more);
}

/* Groups stand by server; how many from ${first} on are of its. */
static size_t
server_groups(const struct report *r, size_t first)
{
	const struct report_finding *own = &r->finding[r->finding_group[first].first];
	size_t n = first;

	for (; n < r->finding_group_count; n++) {
		const struct report_finding *f = &r->finding[r->finding_group[n].first];

		if (!addr_equal(&f->key.server, &own->key.server) ||
		    strcmp(f->realm, own->realm) != 0 || strcmp(f->sensor, own->sensor) != 0)
			break;
	}
	return n - first;
}

static size_t
findings_in(const struct report *r, size_t first, size_t groups)
{
	size_t n = 0;

	for (size_t i = first; i < first + groups; i++)
		n += r->finding_group[i].count;
	return n;
}

/* The first of one server, by endpoint. */
static void
server_write(struct document *d, struct remedy *m, size_t first, size_t told, size_t groups)
{
	const struct report *r = document_report(d);
	const struct report_finding *f = &r->finding[r->finding_group[first].first];
	char verb[VERB], address[ADDR_TEXT];

	for (size_t i = first; i < first + told; i++)
		group_write(d, m, &r->finding_group[i]);
	snprintf(verb, sizeof(verb), "alerts --server %s", addr_format(&f->key.server, address));
	phrase_left(d, findings_in(r, first + told, groups - told), "finding", verb);
}

void
section_findings(struct document *d)
{
	const struct report *r = document_report(d);
	struct line l = {0};
	struct remedy m = {0};
	size_t i = 0, n, items = 0;

	if (r->finding_group_count == 0)
		document_say(d, line_add(&l, ROLE_GOOD, "nothing"));
	for (; i < r->finding_group_count && items < ITEMS; i += n) {
		n = server_groups(r, i);
		size_t told = n < ITEMS_OF_SERVER ? n : ITEMS_OF_SERVER;

		server_write(d, &m, i, told, n);
		items += told;
	}
	phrase_left(d, r->findings_left + findings_in(r, i, r->finding_group_count - i), "finding",
	    "alerts");
}
