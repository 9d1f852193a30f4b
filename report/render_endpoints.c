/* render_endpoints.c - what is there, a server at a time. */
#include "report/render_endpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/model.h"
#include "report/page.h"
#include "report/render_servers.h"
#include "report/servers.h"
#include "report/table.h"

static const struct table_column endpoint_columns[] = {
    {"SERVICE", 0, false},
    {"VER", 0, false},
    {"INTERFACE", 0, false},
    {"ENDPOINT", 36, false},
    {"PROOF", 0, false},
    {"VERDICT", 0, false},
};

enum {
	ENDPOINT_COLUMNS = sizeof(endpoint_columns) / sizeof(endpoint_columns[0])
};

static int
endpoint_row(struct table *table, const struct report_endpoint *e, const char *binding)
{
	char version[16], uuid[UUID_TEXT], rules[VERDICT_TEXT];

	snprintf(version, sizeof(version), "%u.%u", e->row.key.major, e->row.minor);
	const char *cell[ENDPOINT_COLUMNS] = {e->service != NULL ? e->service : "(unknown)",
	    version, uuid_format(&e->row.key.uuid, uuid), binding,
	    confidence_name(e->row.confidence), verdict_words(&e->verdict, rules)};
	return table_add(table, cell);
}

static int
server_rows(struct table *table, const struct report_endpoint *e, size_t count)
{
	bool mapper = false;
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++) {
		char endpoint[ENDPOINT_TEXT], binding[ENDPOINT_TEXT + 32];

		/* The endpoint mapper is where it always is, on all that it speaks: one row. */
		if (report_is_mapper(&e[i].row.key, &e[i].row.endpoint)) {
			if (mapper)
				continue;
			mapper = true;
		}
		snprintf(binding, sizeof(binding), "%s[%s]",
		    protseq_name((enum protseq)e[i].row.key.protseq),
		    endpoint_format(&e[i].row.endpoint, endpoint));
		err = endpoint_row(table, &e[i], binding);
	}
	return err;
}

/* The section as it is written. */
struct section {
	const struct page *page;
	size_t servers;
	bool *listed; /* of each server of which more is known */
};

static void
server_note(struct section *s, const struct query_episode *e)
{
	size_t count;
	const struct servers_one *all = servers_all(s->page->r->servers, &count),
				 *one = servers_find(
				     s->page->r->servers, e->sensor, e->realm, &e->key.server);

	s->servers++;
	if (one != NULL)
		s->listed[one - all] = true;
}

static int
server_write(void *ctx, const struct report_endpoint *e, size_t count)
{
	struct section *s = ctx;
	const struct page *p = s->page;
	struct table *table;
	int err = table_new(&table, endpoint_columns, ENDPOINT_COLUMNS);

	if (err == 0)
		err = server_rows(table, e, count);
	if (err == 0) {
		page_server(p, &e->row.key.server, e->row.host, e->row.realm);
		fputc('\n', p->out);
		render_server(p, e->row.sensor, e->row.realm, &e->row.key.server);
		table_print(table, p->out, 2, true);
		server_note(s, &e->row);
	}
	table_free(&table);
	return err;
}

static void
section_end(const struct section *s, size_t left)
{
	const struct page *p = s->page;

	if (left > 0)
		fprintf(p->out,
		    "... and of %zu more server%s: epmwatch list -d STORE tells of each\n", left,
		    page_plural(left));
	if (p->r->options.since_ns == 0)
		render_sealed(p, s->listed);
	if (s->servers == 0)
		fputs("none\n", p->out);
}

int
render_endpoints(const struct page *p)
{
	struct section s = {.page = p};
	size_t count, left;

	(void)servers_all(p->r->servers, &count);
	s.listed = calloc(count + 1, sizeof(*s.listed));
	if (s.listed == NULL)
		return -ENOMEM;
	page_head(p, p->r->options.since_ns != 0 ? "ENDPOINTS OF THESE SERVERS" : "ENDPOINTS");
	int err = report_each_server(p->r, server_write, &s, &left);
	if (err == 0)
		section_end(&s, left);
	free(s.listed);
	return err;
}
