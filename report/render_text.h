/* render_text.h - a report as plain text: for a terminal, a mail, a log. */
#ifndef EPMWATCH_REPORT_RENDER_TEXT_H
#define EPMWATCH_REPORT_RENDER_TEXT_H

#include <stdbool.h>
#include <stdio.h>

struct report;

/**
 * render_text(r, out, colour):
 * Write the whole report. With ${colour} heads and broken rules are set off by escape sequences,
 * which no word of a stranger can contain. -EIO where ${out} failed, -ENOMEM.
 */
int render_text(const struct report *r, FILE *out, bool colour);

#endif
