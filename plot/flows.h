/* flows.h - new-mail datagrams: a lane for each client and server, a bar for each port of the client. */
#ifndef EPMWATCH_PLOT_FLOWS_H
#define EPMWATCH_PLOT_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plot/panel.h"

enum {
	FLOWS_LANES = 40,
};

struct plot_flow {
	const char *client, *server; /* what they are called */
	uint16_t server_port, client_port;
	bool registered;         /* else inferred */
	uint64_t count, refused; /* datagrams; those that came back */
	int64_t first_ns, last_ns;
	enum plot_grade grade;
	uint64_t vain; /* registrations that nothing came for: then it is no flow; 0: it is one */
};

/* Everything is borrowed. */
struct flows {
	struct panel panel;
	int64_t from_ns, to_ns;
	size_t count;
	const struct plot_flow *flow; /* by client, server, first_ns; ports 0: not known */
};

/** flows_write(out, f): Write it; the first FLOWS_LANES lanes, but those of clients that asked in vain before others. How many lanes it left out stands behind the figure's own words on that. -EIO,
 * -ENOMEM. */
int flows_write(FILE *out, const struct flows *f);

#endif
