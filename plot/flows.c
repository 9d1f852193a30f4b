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

	clock_format_short(flow->first_ns, first);
	clock_format_short(flow->last_ns, last);
	if (flow->vain > 0)
		snprintf(rows->tip[i], TIP,
		    "registered %" PRIu64 " time%s, and nothing came\n%s to %s UTC", flow->vain,
		    flow->vain == 1 ? "" : "s", first, last);
	else
		snprintf(rows->tip[i], TIP,
		    "port %u to %u, %s%s\n%" PRIu64 " datagrams, %" PRIu64 " refused\n%s to %s UTC",
		    (unsigned)flow->server_port, (unsigned)flow->client_port,
		    flow->registered ? "registered" : "inferred",
		    flow->grade == PLOT_OK ? "" : ", out of policy", flow->count, flow->refused,
		    first, last);
	rows->bar[i] = (struct plot_bar){.from_ns = flow->first_ns,
	    .to_ns = flow->last_ns,
	    .grade = flow->grade,
	    .inferred = !flow->registered,
	    .tip = rows->tip[i]};
}

/* The client and its ports. */
static void
lane_label(char label[LABEL], const struct plot_flow *flow, size_t count)
{
	size_t used = (size_t)snprintf(label, LABEL, "%.60s", flow[0].client), ports = 0;

	for (size_t i = 0; i < count; i++) {
		if (flow[i].client_port == 0 ||
		    (i > 0 && flow[i].client_port == flow[i - 1].client_port))
			continue;
		if (ports++ < PORTS)
			used += (size_t)snprintf(label + used, LABEL - used, "%s%u",
			    ports > 1 ? "," : ":", (unsigned)flow[i].client_port);
	}
	if (ports > PORTS)
		snprintf(label + used, LABEL - used, " +%zu", ports - PORTS);
}

/* What it got, and what not. */
static void
lane_note(char note[NOTE], const struct plot_flow *flow, size_t count)
{
	uint64_t datagrams = 0, refused = 0, vain = 0;
	size_t used;

	for (size_t i = 0; i < count; i++) {
		datagrams += flow[i].count;
		refused += flow[i].refused;
		vain += flow[i].vain;
	}
	if (datagrams == 0 && vain > 0) {
		snprintf(note, NOTE, "nothing from %.60s", flow[0].server);
		return;
	}
	used = (size_t)snprintf(note, NOTE, "%" PRIu64 " from %.60s", datagrams, flow[0].server);
	if (refused > 0)
		used +=
		    (size_t)snprintf(note + used, NOTE - used, ", %" PRIu64 " refused", refused);
	if (vain > 0)
		snprintf(note + used, NOTE - used, ", then nothing");
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
		if (f->flow[i].refused > 0 || f->flow[i].vain > 0)
			rows->mark[rows->mark_count++] = (struct plot_mark){f->flow[i].last_ns,
			    f->flow[i].vain > 0 ? PLOT_SIGN_VAIN : PLOT_SIGN_REFUSED, rows->tip[i]};
	}
	lane_label(rows->label[rows->lane_count], &f->flow[from], to - from);
	lane_note(rows->note[rows->lane_count], &f->flow[from], to - from);
	rows->lane[rows->lane_count] = (struct plot_lane){.label = rows->label[rows->lane_count],
	    .note = rows->note[rows->lane_count],
	    .bar_count = to - from,
	    .mark_count = rows->mark_count - marks,
	    .bar = &rows->bar[from],
	    .mark = &rows->mark[marks]};
	rows->lane_count++;
}

static bool
lane_is_vain(const struct plot_flow *flow, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (flow[i].vain > 0)
			return true;
	return false;
}

/* Those in which somebody asked in vain, or the others. */
static void
lanes_add(struct flow_rows *rows, const struct flows *f, bool vain)
{
	for (size_t i = 0, to; i < f->count; i = to) {
		for (to = i + 1; to < f->count && is_same_lane(&f->flow[i], &f->flow[to]);)
			to++;
		if (lane_is_vain(&f->flow[i], to - i) == vain)
			lane_add(rows, f, i, to);
	}
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
		lanes_add(rows, f, true);
		lanes_add(rows, f, false);
		err = rows_write(out, f, rows);
	}
	free(rows->bar);
	free(rows->mark);
	free(rows->tip);
	free(rows);
	return err;
}
