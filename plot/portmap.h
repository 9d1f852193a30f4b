/* portmap.h - which of the ports 1024 to 65535 are in use, by what, and where they may be. */
#ifndef EPMWATCH_PLOT_PORTMAP_H
#define EPMWATCH_PLOT_PORTMAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plot/panel.h"

enum {
	PORTMAP_SHOWN =
	    120, /* ports of a row; where there are more, those that are close are drawn as one */
};

struct plot_port {
	uint16_t port;
	uint32_t servers; /* where it is in use */
	enum plot_grade grade;
};

struct plot_range {
	uint16_t low, high;
};

struct plot_port_row {
	const char *label, *note; /* the interface; note may be NULL */
	size_t port_count, range_count;
	const struct plot_port *port;   /* by number; those below 1024 are left to the note */
	const struct plot_range *range; /* where it may be */
};

/* Everything is borrowed. */
struct portmap {
	struct panel panel;
	size_t count;
	const struct plot_port_row *row;
};

/** portmap_write(out, m): Write it. -EIO. */
int portmap_write(FILE *out, const struct portmap *m);

#endif
