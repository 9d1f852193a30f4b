/* give.c - see give.h. */
#include "store/give.h"

#include <string.h>

#include "base/addr.h"

void
give_string(sqlite3_context *out, const char *text)
{
	give_text(out, text, strlen(text));
}

void
give_word(sqlite3_context *out, const char *text)
{
	if (text[0] != '\0')
		give_string(out, text);
}

void
give_addr(sqlite3_context *out, const struct addr *a)
{
	char text[ADDR_TEXT];

	addr_format(a, text);
	sqlite3_result_text64(out, text, strlen(text), SQLITE_TRANSIENT, SQLITE_UTF8);
}
