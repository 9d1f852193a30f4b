/* fleet.h - servers by how they stand: a row for each grade, a cell for each server, the more the longer. */
#ifndef EPMWATCH_PLOT_FLEET_H
#define EPMWATCH_PLOT_FLEET_H

#include <stddef.h>
#include <stdio.h>

#include "plot/panel.h"

enum {
	FLEET_CELLS = 60, /* of a row; where servers are more, a cell is several */
};

struct plot_server {
	const char *name;
	const char *tip; /* what is told of it; NULL: its name alone */
	enum plot_grade grade;
};

/* Everything is borrowed. */
struct fleet {
	struct panel panel;
	size_t count;
	const struct plot_server *server; /* in the order of the table */
};

/** fleet_write(out, f): Write it. -EIO. */
int fleet_write(FILE *out, const struct fleet *f);

#endif
