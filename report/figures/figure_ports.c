/* figure_ports.c - the port map: which ports are in use by which interface and protocol sequence, over all servers. */
#include <errno.h>
#include <string.h>

#include "plot/portmap.h"
#include "report/figures/figure_parts.h"
#include "report/model/pool.h"
#include "report/model/ports.h"
#include "track/records.h"

enum {
	ROWS = 20,
	LISTED = 3, /* ports that a row's note names */
};

static const char *
row_label(struct pool *pool, const struct ports_row *row)
{
	char label[FIGURE_TITLE], uuid[UUID_TEXT];
	int used =
	    snprintf(label, sizeof(label), "%.100s", figure_service(&row->speech.uuid, uuid));

	if (row->alike > 0)
		snprintf(label + used, sizeof(label) - (size_t)used, " +%zu", row->alike);
	return pool_text(pool, label);
}

static const char *
row_note(struct pool *pool, const struct ports_row *row)
{
	char note[FIGURE_TITLE] = "";
	size_t used = 0, ports = 0;

	if (row->speech.protseq != PROTSEQ_TCP)
		used = (size_t)snprintf(
		    note, sizeof(note), "%s ", protseq_name((enum protseq)row->speech.protseq));
	size_t named = used;
	for (size_t i = 0; i < row->port_count; i++) {
		/* One port may be right and wrong, by server. */
		if (i > 0 && row->port[i].port == row->port[i - 1].port)
			continue;
		if (ports++ < LISTED)
			used += (size_t)snprintf(note + used, sizeof(note) - used, "%s%u",
			    ports > 1 ? "," : "", (unsigned)row->port[i].port);
	}
	if (ports > LISTED)
		used = named +
		       (size_t)snprintf(note + named, sizeof(note) - named, "%zu ports", ports);
	if (row->sharing > 1)
		snprintf(note + used, sizeof(note) - used, " %s %u servers",
		    ports > LISTED ? "on up to" : "on", (unsigned)row->sharing);
	return pool_text(pool, note);
}

/* The row as it is drawn. */
static struct plot_port_row
row_shown(struct pool *pool, const struct ports_row *row)
{
	struct plot_port *port = pool_alloc(pool, row->port_count * sizeof(*port));
	struct plot_range *range = pool_alloc(pool, row->range_count * sizeof(*range));

	for (size_t i = 0; port != NULL && i < row->port_count; i++) {
		const struct ports_port *p = &row->port[i];

		port[i] = (struct plot_port){p->port, p->servers,
		    p->bad == 0 ? PLOT_OK : figure_severity_grade((enum severity)(p->bad - 1))};
	}
	for (size_t i = 0; range != NULL && i < row->range_count; i++)
		range[i] = (struct plot_range){row->range[i].low, row->range[i].high};
	return (struct plot_port_row){row_label(pool, row), row_note(pool, row), row->port_count,
	    row->range_count, port, range};
}

static int
map_draw(FILE *out, struct pool *pool, const struct ports *p)
{
	struct plot_port_row shown[ROWS];
	char about[FIGURE_WORDS], left[FIGURE_WORDS] = "";
	struct portmap m = {.row = shown};
	size_t used = 0;

	for (; m.count < p->count && m.count < ROWS; m.count++)
		shown[m.count] = row_shown(pool, &p->row[m.count]);
	if (p->count > ROWS)
		used = (size_t)snprintf(
		    left, sizeof(left), "%zu more rows are not drawn. ", p->count - ROWS);
	if (!p->all)
		snprintf(left + used, sizeof(left) - used,
		    "Only servers that this report tells of are drawn.");
	snprintf(about, sizeof(about),
	    "Ports from 1024 to 65535 that %zu interfaces answer at, with the ranges where they "
	    "may be; "
	    "%zu of them are out of policy somewhere.",
	    p->interfaces, p->wrong);
	m.panel = (struct panel){.kind = "ports",
	    .id = "ports",
	    .title = "Ports in use by interface",
	    .about = about,
	    .left = left[0] != '\0' ? left : NULL};
	return pool_failed(pool) ? -ENOMEM : portmap_write(out, &m);
}

int
figure_ports(FILE *out, const struct ports *ports)
{
	struct pool *pool;
	int err = pool_new(&pool);

	if (err == 0 && ports->count > 0)
		err = map_draw(out, pool, ports);
	pool_free(&pool);
	return err;
}
