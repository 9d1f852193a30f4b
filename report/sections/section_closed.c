/* section_closed.c - what is right again: an item for what the interfaces of one process had in common, by whatever rule. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/servers.h"
#include "report/sections/phrase.h"
#include "report/sections/sections.h"

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
	if (order == 0)
		order = uuid_is_nil(&b->key.uuid) - uuid_is_nil(&a->key.uuid);
	/* What is about no interface stands for itself. */
	if (order == 0 && uuid_is_nil(&a->key.uuid))
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

/* Alerts of one process, by key. */
struct process {
	const struct query_alert *const *row;
	size_t count, interfaces;
	struct verdict rules;
	int64_t last_ns; /* when the last of them closed */
};

static struct process
process_of(const struct query_alert *const *row, size_t count)
{
	struct process p = {.row = row, .count = count, .interfaces = 1};

	for (size_t i = 0; i < count; i++) {
		const struct alert *a = &row[i]->alert;

		verdict_add(&p.rules, a->rule, a->severity);
		p.last_ns = a->closed_ns > p.last_ns ? a->closed_ns : p.last_ns;
		p.interfaces += i > 0 && mapping_key_compare(&a->key, &row[i - 1]->alert.key) != 0;
	}
	return p;
}

/* The newest first. */
static int
compare_closed(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->last_ns != y->last_ns)
		return x->last_ns < y->last_ns ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

static void
place_add(struct line *l, const struct report *r, const struct query_alert *row)
{
	const struct addr *server = &row->alert.key.server;

	if (addr_is_unspecified(server))
		line_add(line_add(l, ROLE_PLAIN, "sensor "), ROLE_CODE, "%s", row->sensor);
	else
		phrase_server(l, server, servers_host(r->servers, row->sensor, row->realm, server),
		    row->realm);
}

static void
process_item(struct document *d, const struct process *p)
{
	const struct alert *first = &p->row[0]->alert;
	struct line l = {0};
	char text[VERDICT_TEXT];

	line_add(phrase_time(&l, p->last_ns), ROLE_PLAIN, "  ");
	line_add(&l, ROLE_STRONG, "%s", verdict_format(&p->rules, text));
	line_add(&l, ROLE_PLAIN, "  ");
	place_add(&l, document_report(d), p->row[0]);
	line_add(&l, ROLE_PLAIN, "  ");
	if (p->count == 1) {
		line_add(&l, ROLE_PLAIN, "%s", first->signature);
	} else {
		line_add(&l, ROLE_CODE, "%s %s", protseq_name((enum protseq)first->key.protseq),
		    first->observed);
		line_add(&l, ROLE_PLAIN, "  %zu interface%s", p->interfaces,
		    phrase_plural(p->interfaces));
	}
	line_add(&l, ROLE_PLAIN, "  (");
	line_add(&l, ROLE_CODE, "%s", first->id);
	document_item(d, line_add(&l, ROLE_PLAIN, "%s)", p->count > 1 ? ", ..." : ""));
}

/* ${row} is sorted; there are at most as many processes as rows. */
static size_t
processes_find(const struct query_alert *const *row, size_t rows, struct process *out)
{
	size_t count = 0, first = 0;

	for (size_t i = 1; i <= rows; i++) {
		if (i < rows && compare_process(row[first], row[i]) == 0)
			continue;
		out[count++] = process_of(row + first, i - first);
		first = i;
	}
	qsort(out, count, sizeof(*out), compare_closed);
	return count;
}

void
section_closed(struct document *d)
{
	const struct report_alerts *list = &document_report(d)->closed;
	const struct query_alert **row = calloc(list->count + 1, sizeof(*row));
	struct process *process = calloc(list->count + 1, sizeof(*process));

	if (row == NULL || process == NULL) {
		document_fail(d, -ENOMEM);
	} else {
		for (size_t i = 0; i < list->count; i++)
			row[i] = &list->alert[i].row;
		qsort(row, list->count, sizeof(*row), compare);
		size_t count = processes_find(row, list->count, process);
		for (size_t i = 0; i < count; i++)
			process_item(d, &process[i]);
		phrase_left(d, list->total - list->count, "alert", "alerts");
	}
	free(process);
	free(row);
}
