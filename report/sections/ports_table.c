/* ports_table.c - read from the store as it is written. */
#include "report/sections/ports_table.h"

#include "report/document/document.h"
#include "report/model/model.h"
#include "report/model/ports.h"
#include "report/sections/phrase.h"
#include "track/records.h"

enum {
	ROWS = 30,
	PORTS_TOLD = 4, /* of a row; of more the first and the last */
	NAMES_TOLD = 3,
	RANGES_TOLD = 4,
};

static const struct document_column columns[] = {
    {"Port", false, false},
    {"Interface", false, false},
    {"Servers", true, false},
    {"Allowed", false, false},
    {"Verdict", false, false},
};

/* Those that are wrong, or all. One port may be both right and wrong, by server. */
static size_t
ports_pick(const struct ports_row *row, bool wrong, uint16_t out[PORTS_TOLD], uint16_t *last)
{
	size_t count = 0;

	*last = 0;
	for (size_t i = 0; i < row->port_count; i++) {
		const struct ports_port *p = &row->port[i];

		if ((wrong && p->bad == 0) || p->port == *last)
			continue;
		if (count < PORTS_TOLD)
			out[count] = p->port;
		*last = p->port;
		count++;
	}
	return count;
}

static void
ports_add(struct line *l, const struct ports_row *row, bool wrong)
{
	uint16_t port[PORTS_TOLD], last;
	size_t count = ports_pick(row, wrong, port, &last);

	if (count > PORTS_TOLD) {
		line_add(l, ROLE_PLAIN, "%zu of %u-%u", count, (unsigned)port[0], (unsigned)last);
		return;
	}
	for (size_t i = 0; i < count; i++)
		line_add(l, ROLE_PLAIN, "%s%u", i > 0 ? ", " : "", (unsigned)port[i]);
}

static void
names_add(struct line *l, const struct ports *p, const struct ports_row *row)
{
	size_t count = row->alike + 1;

	for (size_t i = 0; i < count && i < NAMES_TOLD; i++) {
		const struct uuid *uuid = &p->alike[row->first + i];

		phrase_interface(phrase_comma(l), report_service(uuid), uuid);
	}
	if (count > NAMES_TOLD)
		line_add(l, ROLE_PLAIN, " +%zu", count - NAMES_TOLD);
}

/* Ports of RPC over HTTP are right without a range. */
static void
ranges_add(struct line *l, const struct ports_row *row)
{
	for (size_t i = 0; i < row->range_count && i < RANGES_TOLD; i++) {
		const struct ports_range *range = &row->range[i];

		line_add(phrase_comma(l), ROLE_PLAIN, "%u", (unsigned)range->low);
		if (range->high > range->low)
			line_add(l, ROLE_PLAIN, "-%u", (unsigned)range->high);
	}
	if (row->range_count > RANGES_TOLD)
		line_add(l, ROLE_PLAIN, " +%zu", row->range_count - RANGES_TOLD);
	if (row->range_count == 0)
		line_add(l, ROLE_PLAIN, row->worst == 0 ? "well-known" : "nowhere");
}

static void
port_row(struct document *d, const struct ports *p, const struct ports_row *row)
{
	struct line *cell = document_cells(d);

	if (row->speech.protseq != PROTSEQ_TCP)
		line_add(line_add(&cell[0], ROLE_CODE, "%s",
			     protseq_name((enum protseq)row->speech.protseq)),
		    ROLE_PLAIN, " ");
	ports_add(&cell[0], row, false);
	names_add(&cell[1], p, row);
	line_add(&cell[2], ROLE_PLAIN, "%u", (unsigned)row->servers);
	ranges_add(&cell[3], row);
	if (row->worst == 0) {
		line_add(&cell[4], ROLE_GOOD, "in");
	} else {
		line_add(&cell[4], ROLE_BAD, "out: ");
		ports_add(&cell[4], row, true);
	}
	document_row(d, cell);
}

static void
rows_write(struct document *d, const struct ports *p)
{
	struct line l = {0};

	if (p->count == 0)
		return;
	document_part(d, line_add(&l, ROLE_PLAIN, "Ports in use from 1024 on"));
	if (!p->all)
		document_say(d,
		    line_add(line_clear(&l), ROLE_MUTED, "at servers that this report speaks of"));
	document_figure(d, FIGURE_PORTS, p);
	document_table(d, columns, sizeof(columns) / sizeof(columns[0]),
	    "Ports by interface, and where they may be");
	for (size_t i = 0; i < p->count && i < ROWS; i++)
		port_row(d, p, &p->row[i]);
	document_table_end(d);
	phrase_left(d, p->count > ROWS ? p->count - ROWS : 0, "row", "list");
}

void
ports_table(struct document *d)
{
	struct ports *p;
	int err = ports_read(&p, document_report(d));

	if (err != 0) {
		document_fail(d, err);
		return;
	}
	rows_write(d, p);
	ports_free(&p);
}
