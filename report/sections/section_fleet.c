/* section_fleet.c - all servers, the worst first. */
#include "report/document/document.h"
#include "report/model/fleet.h"
#include "report/model/model.h"
#include "report/sections/phrase.h"
#include "report/sections/ports_table.h"
#include "report/sections/sections.h"

enum {
	SERVERS = 200
};

static const struct document_column columns[] = {
    {"Server", false, false},
    {"Sensor", false, true},
    {"Endpoints", true, false},
    {"Findings", true, false},
    {"Changes", true, false},
    {"Worst", false, false},
};

static void
server_row(struct document *d, const struct fleet_server *s)
{
	struct line *cell = document_cells(d);

	phrase_server(&cell[0], &s->server, s->host, s->realm);
	line_add(&cell[1], ROLE_CODE, "%s", s->sensor);
	if (s->endpoints > 0)
		line_add(&cell[2], ROLE_PLAIN, "%zu", s->endpoints);
	line_add(&cell[3], ROLE_PLAIN, "%zu", s->findings);
	line_add(&cell[4], ROLE_PLAIN, "%zu", s->changes);
	if (s->findings > 0)
		line_add(&cell[5], ROLE_BAD, "%s", severity_name(s->worst));
	else if (s->endpoints > 0)
		line_add(&cell[5], ROLE_GOOD, "ok");
	else
		line_add(&cell[5], ROLE_MUTED, "nothing known");
	document_row(d, cell);
}

/* Those behind the table, in numbers: they stand by verdict, so that what is out of policy is mostly in it. */
static void
servers_left(struct document *d)
{
	const struct report *r = document_report(d);
	size_t wrong = 0, changed = 0;
	struct line l = {0};

	if (r->fleet_count <= SERVERS)
		return;
	for (size_t i = SERVERS; i < r->fleet_count; i++) {
		wrong += r->fleet[i].findings > 0;
		changed += r->fleet[i].findings == 0 && r->fleet[i].changes > 0;
	}
	phrase_left(d, r->fleet_count - SERVERS, "server", "list");
	line_add(
	    &l, ROLE_MUTED, "of these out of policy %zu, in it and changed %zu", wrong, changed);
	document_say(d, &l);
}

void
section_fleet(struct document *d)
{
	const struct report *r = document_report(d);

	document_figure(d, FIGURE_FLEET, NULL);
	document_table(
	    d, columns, sizeof(columns) / sizeof(columns[0]), "Servers, the worst first");
	for (size_t i = 0; i < r->fleet_count && i < SERVERS; i++)
		server_row(d, &r->fleet[i]);
	document_table_end(d);
	servers_left(d);
	ports_table(d);
}
