/* portmap.c - see portmap.h. */
#include "plot/portmap.h"

enum {
	TOP = 4,
	ROW = 34,
	LABEL = 12,
	LINE = 17,
	LINE_HEIGHT = 10,
	PIXEL = 20, /* shares */
	WIDTH = 25, /* of a port */
};

struct drawing {
	struct svg *s;
	const struct portmap *m;
	uint32_t signs;
};

static unsigned
share_of(uint16_t port)
{
	return panel_x(axis_share(port, AXIS_PORT_FIRST, AXIS_PORT_LAST));
}

/* Which ports are drawn as one: each nearer to the one before than so many shares, and unlike ones only where the alike are still too many. */
struct reach {
	unsigned apart;
	bool unlike;
};

/* How many from ${first} on are. */
static size_t
run_length(const struct plot_port_row *r, size_t first, struct reach reach)
{
	size_t n = 1;

	while (first + n < r->port_count &&
	       (reach.unlike || r->port[first + n].grade == r->port[first].grade) &&
	       share_of(r->port[first + n].port) <=
		   share_of(r->port[first + n - 1].port) + reach.apart)
		n++;
	return n;
}

static size_t
runs_count(const struct plot_port_row *r, struct reach reach)
{
	size_t n = 0;

	for (size_t i = 0; i < r->port_count; n++)
		i += run_length(r, i, reach);
	return n;
}

static struct reach
reach_of(const struct plot_port_row *r)
{
	struct reach reach = {PIXEL, false};

	while (runs_count(r, reach) > PORTMAP_SHOWN && (reach.apart < SVG_WHOLE || !reach.unlike))
		reach = reach.apart < SVG_WHOLE ? (struct reach){reach.apart * 2, reach.unlike}
						: (struct reach){PIXEL, true};
	return reach;
}

static enum plot_grade
run_grade(const struct plot_port *p, size_t count)
{
	enum plot_grade grade = p->grade;

	for (size_t i = 1; i < count; i++)
		grade = plot_grade_worse(grade, p[i].grade);
	return grade;
}

static const char *
run_words(const struct plot_port *p, size_t count, enum plot_grade grade)
{
	if (grade == PLOT_OK)
		return "";
	for (size_t i = 0; i < count; i++)
		if (p[i].grade == PLOT_OK)
			return ", some out of policy";
	return ", out of policy";
}

static void
run_draw(struct drawing *d, const struct plot_port_row *r, size_t first, size_t count, int y)
{
	const struct plot_port *p = &r->port[first], *last = p + count - 1;
	enum plot_grade grade = run_grade(p, count);
	char tip[256];

	if (last->port < AXIS_PORT_FIRST)
		return;
	if (count == 1)
		snprintf(tip, sizeof(tip), "%.100s: port %u, %u server%s%s", r->label,
		    (unsigned)p->port, (unsigned)p->servers, p->servers == 1 ? "" : "s",
		    run_words(p, count, grade));
	else
		snprintf(tip, sizeof(tip), "%.100s: %zu ports, %u to %u%s", r->label, count,
		    (unsigned)p->port, (unsigned)last->port, run_words(p, count, grade));
	panel_bar(d->s, &d->m->panel, share_of(p->port), share_of(last->port) + WIDTH, y,
	    LINE_HEIGHT, grade, "", tip);
	d->signs |= UINT32_C(1) << grade;
}

/* The ports of RPC over HTTP; 593 is below the map. */
static void
reserved_draw(struct drawing *d, int y)
{
	svg_open(d->s, "rect");
	svg_share(d->s, "x", share_of(6001));
	svg_number(d->s, "width", 2);
	svg_number(d->s, "y", y - 2);
	svg_number(d->s, "height", LINE_HEIGHT + 4);
	svg_attr(d->s, "class", "reserved");
	svg_leaf(d->s, "title", "6001, 6002, 6004: reserved for RPC over HTTP");
	svg_close(d->s);
	d->signs |= UINT32_C(1) << PLOT_SIGN_RESERVED;
}

static void
row_draw(struct drawing *d, const struct plot_port_row *r, int y)
{
	struct reach reach = reach_of(r);
	size_t drawn = 0;

	panel_label(d->s, PANEL_LEFT, y + LABEL, r->label, r->note);
	for (size_t i = 0; i < r->range_count; i++) {
		if (r->range[i].high < AXIS_PORT_FIRST || r->range[i].high < r->range[i].low)
			continue;
		panel_block(d->s, "allowed", share_of(r->range[i].low),
		    share_of(r->range[i].high) + WIDTH, y + LINE - 2, LINE_HEIGHT + 4);
		d->signs |= UINT32_C(1) << PLOT_SIGN_ALLOWED;
	}
	reserved_draw(d, y + LINE);
	for (size_t i = 0; i < r->port_count && drawn < PORTMAP_SHOWN; drawn++) {
		size_t n = run_length(r, i, reach);

		run_draw(d, r, i, n, y + LINE);
		i += n;
	}
}

int
portmap_write(FILE *out, const struct portmap *m)
{
	struct svg s = {.out = out};
	struct drawing d = {.s = &s, .m = m};
	struct axis_tick tick[AXIS_TICKS];
	int bottom = TOP + (int)m->count * ROW;
	size_t ticks = axis_ports(tick);

	panel_begin(&s, &m->panel, bottom + PANEL_AXIS - 14);
	panel_axis(&s, tick, ticks, TOP, bottom);
	for (size_t i = 0; i < m->count; i++)
		row_draw(&d, &m->row[i], TOP + (int)i * ROW);
	panel_end(&s, &m->panel, d.signs);
	return svg_end(&s);
}
