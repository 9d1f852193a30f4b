/* axis.c - see axis.h. */
#include "plot/axis.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "plot/svg.h"

enum {
	LETTER_TENTHS = 66, /* width of a letter at 12 pixels, in tenths: that of a digit */
	APART = 8,          /* pixels between labels */
	MOST_NARROW = 4,    /* steps in all */
	MOST_WIDE = 12,
	DAY = 86400,
	MONTH = 2629800,  /* a year's twelfth, in seconds */
	MONDAY = 4 * DAY, /* 1970 began on a Thursday */
};

unsigned
axis_share(int64_t value, int64_t from, int64_t to)
{
	if (value <= from || to <= from)
		return 0;
	if (value >= to)
		return SVG_WHOLE;
	uint64_t part = (uint64_t)value - (uint64_t)from, all = (uint64_t)to - (uint64_t)from;
	while (all > UINT64_MAX / SVG_WHOLE) {
		all >>= 1;
		part >>= 1;
	}
	return (unsigned)(part * SVG_WHOLE / all);
}

/* What a text takes of a line of so many pixels. */
struct extent {
	int from, to;
};

static struct extent
extent_of(unsigned share, const char *text, int pixels, unsigned edge)
{
	int at = (int)share * pixels / SVG_WHOLE, width = (int)strlen(text) * LETTER_TENTHS / 10;

	if (share < edge)
		return (struct extent){at, at + width};
	if (share > SVG_WHOLE - edge)
		return (struct extent){at - width, at};
	return (struct extent){at - width / 2, at - width / 2 + width};
}

static bool
extents_apart(struct extent a, struct extent b)
{
	return a.to + APART <= b.from || b.to + APART <= a.from;
}

/* Would ${text} there touch a label of the others, on a line so wide? On a narrow one only some of them are there. */
static bool
label_fits(const struct axis_tick *tick, size_t count, unsigned share, const char *text, int pixels)
{
	struct extent own = extent_of(share, text, pixels, AXIS_EDGE);

	for (size_t i = 0; i < count; i++) {
		if (tick[i].label[0] == '\0' || (pixels == AXIS_NARROW && tick[i].wide))
			continue;
		if (!extents_apart(own, extent_of(tick[i].share, tick[i].label, pixels, AXIS_EDGE)))
			return false;
	}
	return true;
}

/* Gives the tick a label where there is room, and it its place. */
static bool
label_place(
    struct axis_tick *tick, size_t count, struct axis_tick *own, const char *text, bool narrow)
{
	own->wide = !narrow || !label_fits(tick, count, own->share, text, AXIS_NARROW);
	if (own->wide && !label_fits(tick, count, own->share, text, AXIS_WIDE))
		return false;
	snprintf(own->label, sizeof(own->label), "%s", text);
	return true;
}

/* One or the other. */
struct step {
	int64_t seconds, months;
};

static const struct step steps[] = {{1, 0}, {2, 0}, {5, 0}, {10, 0}, {15, 0}, {30, 0}, {60, 0},
    {120, 0}, {300, 0}, {600, 0}, {900, 0}, {1800, 0}, {3600, 0}, {7200, 0}, {10800, 0}, {21600, 0},
    {43200, 0}, {DAY, 0}, {2 * DAY, 0}, {7 * DAY, 0}, {14 * DAY, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 6},
    {0, 12}, {0, 24}, {0, 60}, {0, 120}, {0, 240}, {0, 600}, {0, 1200}, {0, 2400}};

enum {
	STEPS = sizeof(steps) / sizeof(steps[0])
};

static int64_t
step_length(const struct step *s)
{
	return s->months > 0 ? s->months * MONTH : s->seconds;
}

static bool
step_divides(const struct step *fine, const struct step *coarse)
{
	if (fine->months > 0 || coarse->months > 0)
		return fine->months > 0 && coarse->months > 0 && coarse->months % fine->months == 0;
	return coarse->seconds % fine->seconds == 0;
}

/* The finest that gives at most so many; one that divides ${of}, if there is one. */
static const struct step *
step_find(int64_t span, int64_t most, const struct step *of)
{
	for (size_t i = 0; i < STEPS; i++)
		if (span / step_length(&steps[i]) <= most &&
		    (of == NULL || step_divides(&steps[i], of)))
			return &steps[i];
	return of != NULL ? of : &steps[STEPS - 1];
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct date {
	uint16_t year;
	uint8_t month, day; /* from 1 */
};

/* Days from 1970 to the first of a month, counted from the year 0: years that begin in March have the odd day at their end. */
static int64_t
month_days(int64_t month)
{
	int64_t shifted = month - 2, year = floor_div(shifted, 12), rest = shifted - year * 12;

	return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400) +
	       (rest * 153 + 2) / 5 - 719468;
}

static struct date
date_of(int64_t days)
{
	/* A guess that is at most one too high, since no month is longer than 31 days. */
	int64_t month = floor_div(days * DAY, MONTH) + 1970 * 12 + 1;

	while (month_days(month) > days)
		month--;
	int64_t year = floor_div(month, 12);
	return (struct date){(uint16_t)year, (uint8_t)(month - year * 12 + 1),
	    (uint8_t)(days - month_days(month) + 1)};
}

/* The tick number ${n}, in seconds since 1970. */
static int64_t
tick_at(const struct step *s, int64_t n)
{
	if (s->months > 0)
		return month_days(n * s->months) * DAY;
	return n * s->seconds + (s->seconds % (7 * DAY) == 0 ? MONDAY : 0);
}

/* The first that is not before ${from}. */
static int64_t
tick_first(const struct step *s, int64_t from)
{
	int64_t n = floor_div(from, step_length(s)) - 1;

	if (s->months > 0)
		n += 1970 * 12 / s->months - 1;
	while (tick_at(s, n) < from)
		n++;
	return n;
}

static void
time_label(const struct step *s, int64_t at, char label[AXIS_LABEL], char context[AXIS_LABEL])
{
	static const char months[12][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t day = floor_div(at, DAY);
	struct date d = date_of(day);
	unsigned second = (unsigned)(at - day * DAY);

	context[0] = '\0';
	if (s->months % 12 == 0 && s->months > 0)
		snprintf(label, AXIS_LABEL, "%u", (unsigned)d.year);
	else if (s->months > 0)
		snprintf(label, AXIS_LABEL, "%s", months[d.month - 1]);
	else if (s->seconds >= DAY)
		snprintf(label, AXIS_LABEL, "%u %s", (unsigned)d.day, months[d.month - 1]);
	else if (s->seconds >= 60)
		snprintf(label, AXIS_LABEL, "%02u:%02u", second / 3600, second / 60 % 60);
	else
		snprintf(label, AXIS_LABEL, "%02u:%02u:%02u", second / 3600, second / 60 % 60,
		    second % 60);
	if (s->months == 0 && s->seconds < DAY)
		snprintf(context, AXIS_LABEL, "%04u-%02u-%02u", (unsigned)d.year, (unsigned)d.month,
		    (unsigned)d.day);
	else if (s->months % 12 != 0 || s->months == 0)
		snprintf(context, AXIS_LABEL, "%u", (unsigned)d.year);
}

/* The line below the labels: what is new since the last that stands there, where it has room. The first one says whose time it is. */
struct contexts {
	struct extent last;
	bool any;
	char text[AXIS_LABEL];
};

static void
context_place(struct contexts *c, struct axis_tick *t, const char *context)
{
	const char *zone = c->any ? "" : context[0] != '\0' ? " UTC" : "UTC";
	char text[AXIS_LABEL];

	if (t->wide || t->label[0] == '\0' || (c->any && strcmp(c->text, context) == 0))
		return;
	snprintf(text, sizeof(text), "%.12s%s", context, zone);
	struct extent own = extent_of(t->share, text, AXIS_NARROW, AXIS_CONTEXT_EDGE);
	if (c->any && !extents_apart(c->last, own))
		return;
	memcpy(t->context, text, sizeof(text));
	snprintf(c->text, sizeof(c->text), "%s", context);
	c->last = own;
	c->any = true;
}

struct time_axis {
	int64_t from_ns, to_ns;
	struct axis_tick *tick;
	size_t count;
	struct contexts contexts;
};

static void
ticks_add(struct time_axis *a, const struct step *s, const struct step *coarse)
{
	int64_t to = floor_div(a->to_ns, NS_PER_S);
	int64_t n = tick_first(s, floor_div(a->from_ns, NS_PER_S) + (a->from_ns % NS_PER_S != 0));

	for (; tick_at(s, n) <= to && a->count < AXIS_TICKS; n++) {
		char label[AXIS_LABEL], context[AXIS_LABEL];
		struct axis_tick own = {0};

		if (coarse != NULL &&
		    tick_at(coarse, tick_first(coarse, tick_at(s, n))) == tick_at(s, n))
			continue;
		own.share = axis_share(tick_at(s, n) * NS_PER_S, a->from_ns, a->to_ns);
		time_label(s, tick_at(s, n), label, context);
		if (!label_place(a->tick, a->count, &own, label, coarse == NULL))
			continue;
		context_place(&a->contexts, &own, context);
		a->tick[a->count++] = own;
	}
}

size_t
axis_time(int64_t from_ns, int64_t to_ns, struct axis_tick tick[AXIS_TICKS])
{
	struct time_axis a = {.from_ns = from_ns, .to_ns = to_ns, .tick = tick};
	int64_t span = floor_div(to_ns, NS_PER_S) - floor_div(from_ns, NS_PER_S);
	const struct step *coarse = step_find(span, MOST_NARROW, NULL);

	if (to_ns <= from_ns)
		return 0;
	ticks_add(&a, coarse, NULL);
	/* Of a step that is longer than the stretch there may be none in it. */
	while (a.count == 0 && coarse > steps)
		ticks_add(&a, --coarse, NULL);
	const struct step *fine = step_find(span, MOST_WIDE, coarse);
	if (fine != coarse)
		ticks_add(&a, fine, coarse);
	return a.count;
}

size_t
axis_ports(struct axis_tick tick[AXIS_TICKS])
{
	/* By weight. Without a label only those are shown that are bounds of ranges. */
	static const struct {
		uint16_t port;
		bool bound;
	} wanted[] = {{1024, true}, {65535, true}, {49152, true}, {5000, true}, {6005, true},
	    {20000, false}, {30000, false}, {40000, false}, {10000, false}, {60000, false}};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct axis_tick own = {
		    .share = axis_share(wanted[i].port, AXIS_PORT_FIRST, AXIS_PORT_LAST)};
		char label[AXIS_LABEL];

		snprintf(label, sizeof(label), "%u", (unsigned)wanted[i].port);
		if (label_place(tick, count, &own, label, true) || wanted[i].bound)
			tick[count++] = own;
	}
	return count;
}
