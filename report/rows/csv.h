/* csv.h - cells of RFC 4180 as spreadsheets may open them: the one writer of all that is CSV here.
 *
 * Spreadsheets run a cell that begins with = + - @ as a formula, also behind a tab or a return; such a cell gets a single
 * quote in front. So does what follows a semicolon or a tab inside of it: in many countries those separate cells.
 * Cells are separated by commas, lines end in CR LF. */
#ifndef EPMWATCH_REPORT_CSV_H
#define EPMWATCH_REPORT_CSV_H

#include <stdbool.h>
#include <stdio.h>

/** csv_text(out, text): A cell of text: guarded, quoted where it has to be, its quotes doubled. */
void csv_text(FILE *out, const char *text);

/** csv_is_formula(text): Would a program that shows tables take it for one? */
bool csv_is_formula(const char *text);

/** csv_line(out): End the line. */
void csv_line(FILE *out);

#endif
