/* csv.c - see csv.h. */
#include "report/rows/csv.h"

#include <string.h>

bool
csv_is_formula(const char *text)
{
	return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

/* Where semicolons or tabs separate cells, quotes that do not begin a cell do not hold one together: behind them begins another. */
static bool
begins_formula(const char *separator)
{
	if (*separator != ';' && *separator != '\t')
		return false;
	return csv_is_formula(separator + 1 + strspn(separator + 1, " "));
}

void
csv_text(FILE *out, const char *text)
{
	bool guard = csv_is_formula(text);
	bool quote =
	    strpbrk(text, "\",;\t\r\n") != NULL; /* some programs separate cells by semicolons */

	if (quote)
		fputc('"', out);
	if (guard)
		fputc('\'', out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
		if (begins_formula(p))
			fputc('\'', out);
	}
	if (quote)
		fputc('"', out);
}

void
csv_line(FILE *out)
{
	fputs("\r\n", out);
}
