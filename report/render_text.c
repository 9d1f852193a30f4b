/* render_text.c - one function a section; the order is that of the table at the end. */
#include "report/render_text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/page.h"
#include "report/prose.h"
#include "report/render_alerts.h"
#include "report/render_changes.h"
#include "report/render_endpoints.h"
#include "report/render_newmail.h"
#include "report/render_servers.h"
#include "report/render_state.h"
#include "report/render_who.h"
#include "track/policy.h"

enum {
	HEADLINE = 512,
	DAMAGED_LINES = 10,
};

static void
fit_line(const struct page *p)
{
	const struct port_range *fit = p->r->fit;
	size_t n = p->r->dynamic_ports;

	if (n == 0)
		return;
	fprintf(p->out, "Range     ");
	if (fit == NULL)
		fprintf(p->out, "no shipped range holds");
	else
		fprintf(p->out, "%s (%u-%u) is the narrowest shipped range that holds", fit->name,
		    fit->low, fit->high);
	if (n == 1)
		fprintf(p->out, " the port of the one dynamic endpoint\n");
	else
		fprintf(p->out, " the ports of all %zu dynamic endpoints\n", n);
}

static const char *
capture_name(const struct query_capture *c)
{
	return strcmp(c->name, "-") == 0 ? "standard input" : c->name;
}

static void
damaged_lines(const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->r->capture_count; i++) {
		const struct query_capture *c = &p->r->capture[i];

		if (c->damaged != 0 && n++ < DAMAGED_LINES)
			fprintf(p->out, "Damaged   %s at byte %" PRIu64 "\n", capture_name(c),
			    c->damaged);
	}
	if (n > DAMAGED_LINES)
		fprintf(p->out, "          and %zu more\n", n - DAMAGED_LINES);
}

/* Items name captures and frames; here is where the captures lie and how to look. */
static void
capture_lines(const struct page *p)
{
	for (size_t i = 0; i < p->r->capture_count && p->r->captures_listed; i++)
		fprintf(p->out, "%-10s%s\n",
		    i > 0                      ? ""
		    : p->r->capture_count == 1 ? "Capture"
					       : "Captures",
		    capture_name(&p->r->capture[i]));
	if (p->r->capture_count > 0)
		fprintf(p->out, "Evidence  tshark -r FILE -Y 'frame.number==N'\n");
}

static int
section_verdict(const struct page *p)
{
	const struct query_summary *s = &p->r->summary;
	const struct report_options *o = &p->r->options;
	char line[HEADLINE], from[CLOCK_TEXT], to[CLOCK_TEXT];

	fprintf(p->out, "%s%s%s\n\n", p->bold, report_headline(p->r, line, sizeof(line)), p->plain);
	if (s->last_ns == 0) {
		fprintf(p->out, "Period    nothing was read yet\n");
	} else {
		clock_format_short(o->since_ns != 0 ? o->since_ns : s->first_ns, from);
		clock_format_short(o->until_ns != 0 ? o->until_ns : p->r->end_ns, to);
		fprintf(p->out, "Period    %s to %s UTC\n", from, to);
	}
	damaged_lines(p);
	fprintf(p->out, "Policy    %s%s\n", p->r->policy,
	    p->r->policy_own ? "" : "; the alerts in the store are those of another policy");
	fit_line(p);
	capture_lines(p);
	return 0;
}

static void
finding_services(const struct page *p, const struct report_group *g, unsigned column)
{
	struct prose_list list = {.out = p->out, .indent = column, .column = column};

	fprintf(p->out, "  %-10s", g->count == 1 ? "service" : "services");
	for (size_t i = 0; i < g->count; i++) {
		const struct report_finding *f = &p->r->finding[g->first + i];
		char uuid[UUID_TEXT], item[128];

		snprintf(item, sizeof(item), "%s %u.%u",
		    page_interface(f->service, &f->key.uuid, uuid), f->key.major, f->minor);
		prose_item(&list, item);
	}
	fputc('\n', p->out);
}

/* The most that is known of any interface of the group: they share the endpoint. */
static struct report_finding
finding_unite(const struct page *p, const struct report_group *g)
{
	struct report_finding all = p->r->finding[g->first];

	for (size_t i = 1; i < g->count; i++) {
		const struct report_finding *f = &p->r->finding[g->first + i];

		all.first_ns = f->first_ns < all.first_ns ? f->first_ns : all.first_ns;
		all.last_ns = f->last_ns > all.last_ns ? f->last_ns : all.last_ns;
		all.clients = f->clients > all.clients ? f->clients : all.clients;
		all.confidence = f->confidence > all.confidence ? f->confidence : all.confidence;
	}
	return all;
}

static void
finding_sightings(const struct page *p, const struct report_finding *all)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	fprintf(p->out, "  since     %s", clock_format_short(all->first_ns, from));
	if (all->last_ns != 0)
		fprintf(p->out, ", last seen %s UTC; %u client%s, %s",
		    clock_format_short(all->last_ns, to), all->clients, page_plural(all->clients),
		    confidence_name(all->confidence));
	fputc('\n', p->out);
	if (all->verdict.settling)
		fputs("  settling  no longer there; closes by an answer or a bind that shows right "
		      "endpoints,\n            15 minutes after the last sight or later\n",
		    p->out);
}

/* What is about no interface says itself what it is. */
static void
finding_subject(
    const struct page *p, const struct report_group *g, const struct report_finding *all)
{
	if (uuid_is_nil(&all->key.uuid)) {
		fprintf(p->out, "  %s\n", all->signature);
		if (all->where != NULL && all->where[0] != '\0' && all->expected[0] != '\0')
			fprintf(p->out, "  %-10s%s\n", "observed", all->where);
		return;
	}
	fprintf(p->out, "  %s %s\n", protseq_name((enum protseq)all->key.protseq), all->where);
	finding_services(p, g, 12);
}

static void
finding_write(const struct page *p, const struct report_group *g)
{
	const struct report_finding all = finding_unite(p, g);
	char rules[VERDICT_TEXT];

	fprintf(p->out, "%s%s%s %s  ", p->red, verdict_format(&all.verdict, rules), p->plain,
	    severity_name(all.verdict.severity));
	if (addr_is_unspecified(&all.key.server))
		fprintf(p->out, "sensor %s", all.sensor);
	else
		page_server(p, &all.key.server, all.host, all.realm);
	finding_subject(p, g, &all);
	if (all.expected[0] != '\0')
		fprintf(p->out, "  expected  %s\n", all.expected);
	finding_sightings(p, &all);
	/* The command says where the capture lies. */
	prose_evidence(p->out, 2, "evidence", &all.evidence, false);
	prose_tshark(p->out, 12, &all.evidence);
	if (all.id != NULL)
		fprintf(p->out, "  more      epmwatch explain -d STORE %s\n", all.id);
}

static int
section_findings(const struct page *p)
{
	page_head(p, "OUT OF POLICY");
	if (p->r->finding_group_count == 0)
		fputs("nothing\n", p->out);
	for (size_t i = 0; i < p->r->finding_group_count; i++)
		finding_write(p, &p->r->finding_group[i]);
	if (p->r->findings_left > 0)
		fprintf(p->out, "... and %zu more: epmwatch alerts -d STORE tells of each\n",
		    p->r->findings_left);
	return 0;
}

static int (*const sections[])(const struct page *p) = {
    section_verdict,
    section_findings,
    render_changes,
    render_pending,
    render_newmail,
    render_who,
    render_other_alerts,
    render_closed,
    render_suppressed,
    render_holes,
    render_endpoints,
    render_referrals,
};

int
render_text(const struct report *r, FILE *out, bool colour)
{
	struct page p = {r, out, "", "", ""};
	int err = 0;

	if (colour) {
		p.bold = "\033[1m";
		p.red = "\033[31m";
		p.plain = "\033[0m";
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]) && err == 0; i++)
		err = sections[i](&p);
	if (err == 0 && (fflush(out) != 0 || ferror(out)))
		err = -EIO;
	return err;
}
