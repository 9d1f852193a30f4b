/* html_figure.c - a figure in its frame; nothing where there is nothing to draw. */
#include "report/document/html_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/figures/figures.h"

static const struct {
	const char *name, *caption;
} figures[] = {
    [FIGURE_FLEET] = {"fleet", "Servers by verdict"},
    [FIGURE_TIMELINES] = {"timelines", "Endpoints over time"},
    [FIGURE_PORTS] = {"ports", "Ports in use, and the allowed ranges"},
    [FIGURE_NEWMAIL] = {"newmail", "New-mail datagrams by client"},
};

static void
figure_frame(FILE *out, enum figure which, const char *svg, size_t len)
{
	fprintf(out, "<figure class=\"fig-%s\">\n<figcaption>%s</figcaption>\n",
	    figures[which].name, figures[which].caption);
	fwrite(svg, 1, len, out);
	fputs("</figure>\n", out);
}

void
html_figure(struct document *d, enum figure which, const void *about)
{
	char *svg = NULL;
	size_t len = 0;
	FILE *room = open_memstream(&svg, &len);

	if (room == NULL) {
		document_fail(d, -ENOMEM);
		return;
	}
	int err = figure_write(room, document_report(d), which, about);
	if (fclose(room) != 0 && err == 0)
		err = -ENOMEM;
	if (err != 0)
		document_fail(d, err);
	html_close(d);
	if (err == 0 && len > 0)
		figure_frame(document_out(d), which, svg, len);
	free(svg);
}
