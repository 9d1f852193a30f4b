/* figures.h - the pictures of a report: what each shows, gathered from the model and the store, and drawn by plot/.
 *
 * Everything that is drawn is bounded; what is left out is counted and said below the figure. */
#ifndef EPMWATCH_REPORT_FIGURES_H
#define EPMWATCH_REPORT_FIGURES_H

#include <stdbool.h>
#include <stdio.h>

#include "base/addr.h"

struct report;

/* Pictures; a renderer that draws none leaves them out, since tables have the same content. */
enum figure {
	FIGURE_FLEET,     /* servers by verdict */
	FIGURE_TIMELINES, /* a server's interfaces and endpoints over time */
	FIGURE_PORTS,     /* which ports are in use by which interface */
	FIGURE_NEWMAIL,   /* flows of new-mail datagrams by client */
};

/* Whose timelines they are. */
struct report_server {
	const char *sensor, *realm;
	struct addr server;
};

/**
 * figure_write(out, r, which, about):
 * Write a figure as HTML with one SVG in it: what belongs between `<figure>` and `</figure>` (plot/panel.h); nothing where
 * there is nothing to be drawn. ${about}: for FIGURE_TIMELINES the server (struct report_server), for FIGURE_PORTS what is there (struct
 * ports), else it is not looked at.
 * May be called while rows of the store are being told. -EIO where ${out} failed, -ENOMEM, ERR_STORE.
 */
int figure_write(FILE *out, const struct report *r, enum figure which, const void *about);

#endif
