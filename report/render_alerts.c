/* render_alerts.c - one line an alert. */
#include "report/render_alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report/model.h"
#include "report/page.h"
#include "report/servers.h"
#include "track/policy.h"

static void
left_write(const struct page *p, const struct report_alerts *list)
{
	if (list->total > list->count)
		fprintf(p->out, "... and %zu more: epmwatch alerts -d STORE tells of each\n",
		    list->total - list->count);
}

static void
line_write(const struct page *p, const struct query_alert *row, int64_t ts_ns)
{
	char when[CLOCK_TEXT];

	fprintf(p->out, "%s  %s  %s  (%s)\n", clock_format_short(ts_ns, when), row->alert.rule,
	    row->alert.signature, row->alert.id);
}

int
render_other_alerts(const struct page *p)
{
	const struct report_alerts *list = &p->r->others;

	if (list->count > 0)
		page_head(p, "OTHER ALERTS");
	for (size_t i = 0; i < list->count; i++) {
		line_write(p, &list->alert[i].row, list->alert[i].row.alert.opened_ns);
		if (list->alert[i].row.evidence_count > 0)
			page_evidence(p, 4, &list->alert[i].row.evidence[0]);
	}
	left_write(p, list);
	return 0;
}

/* What is one line: what the interfaces of one process had in common, by whatever rule. */
static int
compare_process(const struct query_alert *x, const struct query_alert *y)
{
	const struct alert *a = &x->alert, *b = &y->alert;
	int order = strcmp(x->sensor, y->sensor);

	if (order == 0)
		order = strcmp(x->realm, y->realm);
	if (order == 0)
		order = addr_compare(&a->key.server, &b->key.server);
	if (order == 0)
		order = (a->key.protseq > b->key.protseq) - (a->key.protseq < b->key.protseq);
	if (order == 0)
		order = strcmp(a->observed, b->observed);
	/* What is about no interface stands for itself. */
	if (order == 0 && (uuid_is_nil(&a->key.uuid) || uuid_is_nil(&b->key.uuid)))
		order = strcmp(a->id, b->id);
	return order;
}

static int
compare_closed(const void *a, const void *b)
{
	const struct query_alert *x = *(const struct query_alert *const *)a,
				 *y = *(const struct query_alert *const *)b;
	int order = compare_process(x, y);

	if (order == 0)
		order = mapping_key_compare(&x->alert.key, &y->alert.key);
	return order != 0 ? order : strcmp(x->alert.rule, y->alert.rule);
}

/* ${count} alerts of one process, by key. */
static void
closed_write(const struct page *p, const struct query_alert *const *row, size_t count)
{
	const struct alert *first = &row[0]->alert;
	struct verdict rules = {0};
	int64_t last_ns = first->closed_ns;
	char when[CLOCK_TEXT], text[VERDICT_TEXT];
	size_t interfaces = 1;

	for (size_t i = 0; i < count; i++) {
		const struct alert *a = &row[i]->alert;

		verdict_add(&rules, a->rule, a->severity);
		last_ns = a->closed_ns > last_ns ? a->closed_ns : last_ns;
		interfaces += i > 0 && mapping_key_compare(&a->key, &row[i - 1]->alert.key) != 0;
	}
	if (count == 1) {
		line_write(p, row[0], last_ns);
		return;
	}
	fprintf(
	    p->out, "%s  %s  ", clock_format_short(last_ns, when), verdict_format(&rules, text));
	page_server(p, &first->key.server,
	    servers_host(p->r->servers, row[0]->sensor, row[0]->realm, &first->key.server),
	    row[0]->realm);
	fprintf(p->out, "  %s %s  %zu interface%s  (%s%s)\n",
	    protseq_name((enum protseq)first->key.protseq), first->observed, interfaces,
	    page_plural(interfaces), first->id, count > 1 ? ", ..." : "");
}

int
render_closed(const struct page *p)
{
	const struct report_alerts *list = &p->r->closed;
	const struct query_alert **row = calloc(list->count + 1, sizeof(*row));
	size_t first = 0;

	if (row == NULL)
		return -ENOMEM;
	if (list->count > 0)
		page_head(p, "RIGHT AGAIN");
	for (size_t i = 0; i < list->count; i++)
		row[i] = &list->alert[i].row;
	qsort(row, list->count, sizeof(*row), compare_closed);
	for (size_t i = 1; i <= list->count; i++) {
		if (i < list->count && compare_process(row[first], row[i]) == 0)
			continue;
		closed_write(p, row + first, i - first);
		first = i;
	}
	left_write(p, list);
	free(row);
	return 0;
}

static void
reason_write(const struct page *p, const struct report_alert *row)
{
	const struct alert *a = &row->row.alert;
	const struct policy_suppression *s =
	    policy_suppresses(p->r->judge, a->rule, &a->key, a->updated_ns);
	char until[CLOCK_TEXT];

	if (row->reason != NULL) {
		fprintf(p->out, "    by the baseline%s%s\n", row->reason[0] != '\0' ? ": " : "",
		    row->reason);
		return;
	}
	if (s == NULL) {
		fputs("    by what held when it was told\n", p->out);
		return;
	}
	fputs("    by the policy", p->out);
	if (s->until_ns != INT64_MAX)
		fprintf(p->out, ", until %s UTC", clock_format_short(s->until_ns, until));
	fprintf(p->out, "%s%s\n", s->reason[0] != '\0' ? ": " : "", s->reason);
}

int
render_suppressed(const struct page *p)
{
	const struct report_alerts *list = &p->r->suppressed;

	if (list->count > 0 || p->r->accepted_count > 0)
		page_head(p, "SUPPRESSED");
	for (size_t i = 0; i < list->count; i++) {
		line_write(p, &list->alert[i].row, list->alert[i].row.alert.opened_ns);
		reason_write(p, &list->alert[i]);
	}
	left_write(p, list);
	if (p->r->accepted_count > 0)
		fprintf(p->out, "%zu change%s to what the baseline accepts\n", p->r->accepted_count,
		    page_plural(p->r->accepted_count));
	return 0;
}
