/* timeline.c - see timeline.h. */
#include "plot/timeline.h"

#include "base/clock.h"

enum {
	TOP = 4,      /* pixels */
	MOMENTS = 16, /* above the lanes, where there are marks of all of them */
	LANE = 34,
	LABEL = 12, /* its base line below the top of a lane */
	BAR = 17,
	BAR_HEIGHT = 10,
	PIXEL = 10,     /* shares */
	TAIL = 60,      /* shares that one takes at least: less is no time to speak of */
	SIGN_WIDTH = 6, /* half of it */
	SIGN = 120,     /* shares that a sign takes of a screen */
	TIP = 600,
};

struct drawing {
	struct svg *s;
	const struct timeline *t;
	int64_t from_ns, to_ns;
	uint32_t signs; /* for the key */
};

static unsigned
share_of(const struct drawing *d, int64_t ns)
{
	return panel_x(axis_share(ns, d->from_ns, d->to_ns));
}

/* Bars that are drawn as one, as right as the worst of them. */
struct run {
	size_t first, count;
	int64_t to_ns;
	enum plot_grade grade;
	bool inferred; /* all of them */
};

/* Which bars are drawn as one: those nearer than so many shares, and unlike ones only where the alike are still too many. */
struct reach {
	unsigned apart;
	bool unlike;
};

static struct reach
reach_wider(struct reach r)
{
	if (r.apart < SVG_WHOLE)
		return (struct reach){r.apart * 2, r.unlike};
	return (struct reach){PIXEL, true};
}

static bool
is_joined(const struct plot_bar *a, const struct plot_bar *b, struct reach reach)
{
	return !a->open && a->until_ns <= a->to_ns &&
	       (reach.unlike || (a->grade == b->grade && a->inferred == b->inferred));
}

/* The run that begins at ${first}. */
static struct run
run_at(const struct drawing *d, const struct plot_lane *l, size_t first, struct reach reach)
{
	const struct plot_bar *b = &l->bar[first];
	struct run r = {first, 1, b->to_ns, b->grade, b->inferred};

	for (b++; first + r.count < l->bar_count; b++, r.count++) {
		if (!is_joined(b - 1, b, reach) ||
		    share_of(d, b->from_ns) > share_of(d, r.to_ns) + reach.apart)
			break;
		r.to_ns = b->to_ns > r.to_ns ? b->to_ns : r.to_ns;
		r.grade = plot_grade_worse(r.grade, b->grade);
		r.inferred = r.inferred && b->inferred;
	}
	return r;
}

static size_t
runs_count(const struct drawing *d, const struct plot_lane *l, struct reach reach)
{
	size_t n = 0;

	for (size_t i = 0; i < l->bar_count; n++)
		i += run_at(d, l, i, reach).count;
	return n;
}

/* Not seen any more, but not known to be gone; and whether it goes on. */
static void
tail_draw(struct drawing *d, const struct plot_bar *last, int64_t to_ns, int y)
{
	int middle = y + BAR_HEIGHT / 2;

	if (last->until_ns > to_ns && share_of(d, last->until_ns) > share_of(d, to_ns) + TAIL) {
		svg_open(d->s, "line");
		svg_share(d->s, "x1", share_of(d, to_ns));
		svg_share(d->s, "x2", share_of(d, last->until_ns));
		svg_number(d->s, "y1", middle);
		svg_number(d->s, "y2", middle);
		svg_attr(d->s, "class", "tail");
		svg_close(d->s);
		d->signs |= UINT32_C(1) << PLOT_SIGN_UNSEEN;
	}
	if (last->open) {
		panel_sign(d->s, PLOT_SIGN_OPEN, (PANEL_RIGHT + SVG_WHOLE) / 2, middle, 0, 0, NULL);
		d->signs |= UINT32_C(1) << PLOT_SIGN_OPEN;
	}
}

static void
run_draw(struct drawing *d, const struct plot_lane *l, const struct run *r, int y)
{
	const struct plot_bar *b = &l->bar[r->first], *last = b + r->count - 1;
	char from[CLOCK_TEXT], to[CLOCK_TEXT], tip[TIP];

	if (r->count > 1)
		snprintf(tip, sizeof(tip), "%zu stretches, %s to %s UTC; the first:\n%s", r->count,
		    clock_format_short(b->from_ns, from), clock_format_short(r->to_ns, to), b->tip);
	panel_bar(d->s, &d->t->panel, share_of(d, b->from_ns), share_of(d, r->to_ns), y, BAR_HEIGHT,
	    r->grade, r->inferred ? "inferred" : "", r->count > 1 ? tip : b->tip);
	d->signs |= UINT32_C(1) << r->grade;
	if (r->inferred)
		d->signs |= UINT32_C(1) << PLOT_SIGN_INFERRED;
	tail_draw(d, last, r->to_ns, y);
}

static void
bars_draw(struct drawing *d, const struct plot_lane *l, int y)
{
	struct reach reach = {PIXEL, false};
	size_t drawn = 0;

	while (
	    (reach.apart < SVG_WHOLE || !reach.unlike) && runs_count(d, l, reach) > TIMELINE_BARS)
		reach = reach_wider(reach);
	for (size_t i = 0; i < l->bar_count && drawn < TIMELINE_BARS; drawn++) {
		struct run r = run_at(d, l, i, reach);

		run_draw(d, l, &r, y);
		i += r.count;
	}
}

/* How many marks from ${first} on are drawn as one. */
static size_t
marks_close(const struct drawing *d, const struct plot_mark *m, size_t left, unsigned apart)
{
	size_t n = 1;

	while (n < left && share_of(d, m[n].at_ns) < share_of(d, m[0].at_ns) + apart)
		n++;
	return n;
}

static unsigned
marks_apart(const struct drawing *d, const struct plot_mark *m, size_t count)
{
	unsigned apart = SIGN;

	for (;; apart *= 2) {
		size_t n = 0;

		for (size_t i = 0; i < count; n++)
			i += marks_close(d, &m[i], count - i, apart);
		if (n <= TIMELINE_MARKS)
			return apart;
	}
}

/* What stands where something is over; the others, where it begins. */
static bool
is_end(unsigned sign)
{
	return sign == PLOT_SIGN_VANISHED || sign == PLOT_SIGN_REFUSED ||
	       sign == PLOT_SIGN_VAIN;
}

/* ${line}: so far down, through all lanes; 0: none. */
static void
marks_draw(struct drawing *d, const struct plot_mark *m, size_t count, int y, int line)
{
	unsigned apart = marks_apart(d, m, count);

	for (size_t i = 0, n; i < count; i += n) {
		char tip[TIP];

		n = marks_close(d, &m[i], count - i, apart);
		if (n > 1)
			snprintf(tip, sizeof(tip), "%zu changes close together; the first:\n%s", n,
			    m[i].tip);
		/* Beside the bar that begins or ends there: it may be short. */
		int aside = line > 0 ? 0 : is_end(m[i].sign) ? SIGN_WIDTH : -SIGN_WIDTH;

		panel_sign(d->s, m[i].sign, share_of(d, m[i].at_ns), y, line, aside,
		    n > 1 ? tip : m[i].tip);
		d->signs |= UINT32_C(1) << m[i].sign;
	}
}

static size_t
gaps_count(const struct drawing *d, unsigned least)
{
	size_t n = 0;

	for (size_t i = 0; i < d->t->gap_count; i++)
		n += share_of(d, d->t->gap[i].to_ns) >= share_of(d, d->t->gap[i].from_ns) + least;
	return n;
}

/* Those that are long enough to be seen; where they are many, the longer ones. */
static void
gaps_draw(struct drawing *d, int y, int height)
{
	unsigned least = PIXEL;

	while (gaps_count(d, least) > TIMELINE_GAPS)
		least += least / 2;
	for (size_t i = 0; i < d->t->gap_count; i++) {
		unsigned from = share_of(d, d->t->gap[i].from_ns);
		unsigned to = share_of(d, d->t->gap[i].to_ns);

		if (to < from + least)
			continue;
		panel_block(d->s, "gap", from, to, y, height);
		d->signs |= UINT32_C(1) << PLOT_SIGN_GAP;
	}
}

static void
lanes_draw(struct drawing *d, int top)
{
	for (size_t i = 0; i < d->t->lane_count; i++) {
		const struct plot_lane *l = &d->t->lane[i];
		int y = top + (int)i * LANE;

		panel_label(d->s, PANEL_LEFT, y + LABEL, l->label, l->note);
		bars_draw(d, l, y + BAR);
		marks_draw(d, l->mark, l->mark_count, y + BAR + BAR_HEIGHT / 2, 0);
	}
}

int
timeline_write(FILE *out, const struct timeline *t)
{
	struct svg s = {.out = out};
	struct drawing d = {.s = &s, .t = t, .from_ns = t->from_ns, .to_ns = t->to_ns};
	struct axis_tick tick[AXIS_TICKS];
	int top = TOP + (t->mark_count > 0 ? MOMENTS : 0);
	int bottom = top + (int)t->lane_count * LANE;

	/* Less than a second is no stretch that ticks can stand in. */
	if (clock_minus(d.to_ns, d.from_ns) < NS_PER_S)
		d.to_ns = clock_plus(d.from_ns, NS_PER_S);
	size_t ticks = axis_time(d.from_ns, d.to_ns, tick);
	panel_begin(&s, &t->panel, bottom + PANEL_AXIS);
	gaps_draw(&d, top, bottom - top);
	panel_axis(&s, tick, ticks, top, bottom);
	lanes_draw(&d, top);
	marks_draw(&d, t->mark, t->mark_count, TOP + MOMENTS / 2, bottom - TOP - MOMENTS / 2);
	panel_end(&s, &t->panel, d.signs);
	return svg_end(&s);
}
