/* newmail_flows.c - read from the store as they are written. */
#include "report/sections/newmail_flows.h"

#include <inttypes.h>

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/newmail.h"
#include "report/sections/phrase.h"

enum {
	FLOWS = 100 /* of one server */
};

static const struct document_column columns[] = {
    {"Client", false, false},
    {"From port", true, true},
    {"To port", true, false},
    {"First (UTC)", false, false},
    {"Last (UTC)", false, true},
    {"Count", true, false},
    {"Refused", true, true},
    {"Proof", false, false},
    {"Verdict", false, false},
};

struct flows {
	struct document *d;
	size_t count;
};

static int
flow_row(void *ctx, const struct query_push *x)
{
	struct flows *f = ctx;
	const struct report *r = document_report(f->d);
	struct line *cell = document_cells(f->d);
	char client[ADDR_TEXT];

	if (f->count++ >= FLOWS)
		return 0;
	line_add(cell++, ROLE_CODE, "%s", addr_format(&x->push.client, client));
	line_add(cell++, ROLE_PLAIN, "%u", x->push.server_port);
	line_add(cell++, ROLE_PLAIN, "%u", x->push.client_port);
	phrase_time(cell++, x->push.first_ns);
	phrase_time(cell++, x->push.last_ns);
	line_add(cell++, ROLE_PLAIN, "%" PRIu64, x->push.count);
	if (x->push.refused > 0)
		line_add(cell, ROLE_PLAIN, "%" PRIu64, x->push.refused);
	line_add(++cell, ROLE_PLAIN, "%s", x->push.registered ? "registered" : "inferred");
	if (newmail_is_wrong(r->judge, r->standing, x))
		line_add(++cell, ROLE_BAD, "EPM-009");
	else
		line_add(++cell, ROLE_GOOD, "ok");
	document_row(f->d, cell - (sizeof(columns) / sizeof(columns[0]) - 1));
	return 0;
}

void
newmail_flows(struct document *d, const struct newmail_server *s)
{
	const struct report *r = document_report(d);
	const struct query_filter filter =
	    report_period_of(r, s->sensor, s->realm, &s->server);
	struct flows f = {.d = d};

	document_table(
	    d, columns, sizeof(columns) / sizeof(columns[0]), "Flows of new-mail datagrams");
	int err = query_pushes(r->store, &filter, flow_row, &f);
	document_table_end(d);
	if (err != 0)
		document_fail(d, err);
	phrase_left(d, f.count > FLOWS ? f.count - FLOWS : 0, "flow", "pushes");
}
