/* section_closed.c - what is right again: an item for what the interfaces of one process had in common, by whatever rule. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/document.h"
#include "report/model.h"
#include "report/phrase.h"
#include "report/sections.h"
#include "report/servers.h"

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
compare(const void *a, const void *b)
{
	const struct query_alert *x = *(const struct query_alert *const *)a,
				 *y = *(const struct query_alert *const *)b;
	int order = compare_process(x, y);

	if (order == 0)
		order = mapping_key_compare(&x->alert.key, &y->alert.key);
	return order != 0 ? order : strcmp(x->alert.rule, y->alert.rule);
}

static void
process_add(
    struct line *l, const struct report *r, const struct query_alert *row, size_t interfaces)
{
	const struct alert *a = &row->alert;

	phrase_server(l, &a->key.server,
	    servers_host(r->servers, row->sensor, row->realm, &a->key.server), row->realm);
	line_add(l, ROLE_PLAIN, "  ");
	line_add(l, ROLE_CODE, "%s %s", protseq_name((enum protseq)a->key.protseq), a->observed);
	line_add(l, ROLE_PLAIN, "  %zu interface%s", interfaces, phrase_plural(interfaces));
}

/* ${count} alerts of one process, by key. */
static void
process_item(struct document *d, const struct query_alert *const *row, size_t count)
{
	const struct alert *first = &row[0]->alert;
	struct verdict rules = {0};
	int64_t last_ns = first->closed_ns;
	size_t interfaces = 1;
	struct line l = {0};
	char text[VERDICT_TEXT];

	for (size_t i = 0; i < count; i++) {
		const struct alert *a = &row[i]->alert;

		verdict_add(&rules, a->rule, a->severity);
		last_ns = a->closed_ns > last_ns ? a->closed_ns : last_ns;
		interfaces += i > 0 && mapping_key_compare(&a->key, &row[i - 1]->alert.key) != 0;
	}
	line_add(phrase_time(&l, last_ns), ROLE_PLAIN, "  ");
	line_add(&l, ROLE_STRONG, "%s", verdict_format(&rules, text));
	line_add(&l, ROLE_PLAIN, "  ");
	if (count == 1)
		line_add(&l, ROLE_PLAIN, "%s", first->signature);
	else
		process_add(&l, document_report(d), row[0], interfaces);
	line_add(&l, ROLE_PLAIN, "  (");
	line_add(&l, ROLE_CODE, "%s", first->id);
	document_item(d, line_add(&l, ROLE_PLAIN, "%s)", count > 1 ? ", ..." : ""));
}

void
section_closed(struct document *d)
{
	const struct report_alerts *list = &document_report(d)->closed;
	const struct query_alert **row = calloc(list->count + 1, sizeof(*row));
	size_t first = 0;

	if (row == NULL) {
		document_fail(d, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		row[i] = &list->alert[i].row;
	qsort(row, list->count, sizeof(*row), compare);
	for (size_t i = 1; i <= list->count; i++) {
		if (i < list->count && compare_process(row[first], row[i]) == 0)
			continue;
		if (list->count > 0)
			process_item(d, row + first, i - first);
		first = i;
	}
	phrase_left(d, list->total - list->count, "alert", "alerts");
	free(row);
}
