/* axis.h - where ticks stand, and which of them have room for their labels: on a telephone (320 pixels) some, on a screen (720 and more)
 * others beside them. */
#ifndef EPMWATCH_PLOT_AXIS_H
#define EPMWATCH_PLOT_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AXIS_TICKS = 24,
	AXIS_LABEL = 24,
	AXIS_NARROW = 320, /* pixels, for which labels have room at least */
	AXIS_WIDE = 720,
	AXIS_EDGE =
	    1000, /* shares from either end in which a label stands beside its tick, to the inside */
	AXIS_CONTEXT_EDGE = 1500, /* the same of the second line, which is longer */
};

struct axis_tick {
	unsigned share;           /* of the line, up to SVG_WHOLE */
	bool wide;                /* its label has room on a screen only */
	char label[AXIS_LABEL];   /* empty: there is no room at all */
	char context[AXIS_LABEL]; /* a second line: the day, the year; empty: as before */
};

/** axis_share(value, from, to): Where ${value} stands between ${from} and ${to}; 0 or SVG_WHOLE where it is beyond them. */
unsigned axis_share(int64_t value, int64_t from, int64_t to);

/** axis_time(from_ns, to_ns, tick): Ticks in UTC at round times, from seconds to centuries; at least one has a label if the stretch is a second or
 * longer. Returns how many. */
size_t axis_time(int64_t from_ns, int64_t to_ns, struct axis_tick tick[AXIS_TICKS]);

enum {
	AXIS_PORT_FIRST = 1024,
	AXIS_PORT_LAST = 65535,
};

/** axis_ports(tick): Ticks of the ports 1024 to 65535, at bounds that Windows knows, and at round numbers where there is room. Returns how many. */
size_t axis_ports(struct axis_tick tick[AXIS_TICKS]);

#endif
