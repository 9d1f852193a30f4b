/* flows.c - see flows.h. */
#include "plot/flows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plot/timeline.h"

enum {
	TIP = 320,
	LABEL = 160,
	NOTE = 128,
	PORTS = 3, /* that a label names */
};

/* What the timeline borrows. */
struct flow_rows {
	struct plot_lane lane[FLOWS_LANES];
	char label[FLOWS_LANES][LABEL], note[FLOWS_LANES][NOTE];
	size_t lane_count, lanes_all, mark_count;
	struct plot_bar *bar;   /* one a flow */
	struct plot_mark *mark; /* at most one a flow */
	char (*tip)[TIP];
};

static bool
is_same_lane(const struct plot_flow *a, const struct plot_flow *b)
{
	return strcmp(a->client, b->client) == 0 && strcmp(a->server, b->server) == 0;
}

static void
flow_bar(struct flow_rows *rows, const struct flows *f, size_t i)
{
	const struct plot_flow *flow = &f->flow[i];
	char first[CLOCK_TEXT], last[CLOCK_TEXT];

	snprintf(rows->tip[i], TIP,
	    "port %u to %u, %s%s\n%" PRIu64 " datagrams, %" PRIu64 " refused\n%s to %s UTC",
	    (unsigned)flow->server_port, (unsigned)flow->client_port,
	    flow->registered ? "registered" : "inferred",
	    flow->grade == PLOT_OK ? "" : ", out of policy", flow->count, flow->refused,
	    clock_format_short(flow->first_ns, first), clock_format_short(flow->last_ns, last));
	rows->bar[i] = (struct plot_bar){.from_ns = flow->first_ns,
	    .to_ns = flow->last_ns,
	    .grade = flow->grade,
	    .inferred = !flow->registered,
	    .tip = rows->tip[i]};
}

/* What the lane of flows ${from} to ${to} says in letters. */
static void
lane_words(struct flow_rows *rows, const struct flows *f, size_t from, size_t to)
{
	char *label = rows->label[rows->lane_count], *note = rows->note[rows->lane_count];
	uint64_t count = 0, refused = 0;
	size_t used, ports = 0;

	used = (size_t)snprintf(label, LABEL, "%.60s:", f->flow[from].client);
	for (size_t i = from; i < to; i++) {
		count += f->flow[i].count;
		refused += f->flow[i].refused;
		if (i > from && f->flow[i].client_port == f->flow[i - 1].client_port)
			continue;
		if (ports++ < PORTS)
			used += (size_t)snprintf(label + used, LABEL - used, "%s%u",
			    ports > 1 ? "," : "", (unsigned)f->flow[i].client_port);
	}
	if (ports > PORTS)
		snprintf(label + used, LABEL - used, " +%zu", ports - PORTS);
	if (refused > 0)
		snprintf(note, NOTE, "%" PRIu64 " from %.60s, %" PRIu64 " refused", count,
		    f->flow[from].server, refused);
	else
		snprintf(note, NOTE, "%" PRIu64 " from %.60s", count, f->flow[from].server);
}

static void
lane_add(struct flow_rows *rows, const struct flows *f, size_t from, size_t to)
{
	size_t marks = rows->mark_count;

	rows->lanes_all++;
	if (rows->lane_count == FLOWS_LANES)
		return;
	for (size_t i = from; i < to; i++) {
		flow_bar(rows, f, i);
		if (f->flow[i].refused > 0)
			rows->mark[rows->mark_count++] =
			    (struct plot_mark){f->flow[i].last_ns, PLOT_SIGN_REFUSED, rows->tip[i]};
	}
	lane_words(rows, f, from, to);
	rows->lane[rows->lane_count] = (struct plot_lane){.label = rows->label[rows->lane_count],
	    .note = rows->note[rows->lane_count],
	    .bar_count = to - from,
	    .mark_count = rows->mark_count - marks,
	    .bar = &rows->bar[from],
	    .mark = &rows->mark[marks]};
	rows->lane_count++;
}

static int
rows_write(FILE *out, const struct flows *f, const struct flow_rows *rows)
{
	struct timeline t = {.panel = f->panel,
	    .from_ns = f->from_ns,
	    .to_ns = f->to_ns,
	    .lane_count = rows->lane_count,
	    .lane = rows->lane};
	char left[SVG_TEXT];

	if (rows->lanes_all > rows->lane_count) {
		snprintf(left, sizeof(left),
		    "%s%s%zu more clients are not drawn; the table has them.",
		    f->panel.left != NULL ? f->panel.left : "", f->panel.left != NULL ? " " : "",
		    rows->lanes_all - rows->lane_count);
		t.panel.left = left;
	}
	return timeline_write(out, &t);
}

int
flows_write(FILE *out, const struct flows *f)
{
	struct flow_rows *rows = calloc(1, sizeof(*rows));
	int err = -ENOMEM;

	if (rows == NULL)
		return err;
	rows->bar = calloc(f->count + 1, sizeof(*rows->bar));
	rows->mark = calloc(f->count + 1, sizeof(*rows->mark));
	rows->tip = calloc(f->count + 1, sizeof(*rows->tip));
	if (rows->bar != NULL && rows->mark != NULL && rows->tip != NULL) {
		for (size_t i = 0, to; i < f->count; i = to) {
			for (to = i + 1; to < f->count && is_same_lane(&f->flow[i], &f->flow[to]);)
				to++;
			lane_add(rows, f, i, to);
		}
		err = rows_write(out, f, rows);
	}
	free(rows->bar);
	free(rows->mark);
	free(rows->tip);
	free(rows);
	return err;
}
