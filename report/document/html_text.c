/* html_text.c - text becomes markup here and nowhere else. */
#include "report/document/html_text.h"

#include <string.h>

#include "base/text.h"
#include "report/document/document.h"

enum {
	DATETIME = 32,
	SHORT_TIME = 19, /* 2026-11-22 01:40:48 */
	MILLISECONDS = 4 /* .123: a page's times have no more digits */
};

/* What stands for an octet; NULL: the octet itself. */
static const char *
entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

static void
octets_write(FILE *out, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *instead = entity((unsigned char)s[i]);

		if (instead == NULL)
			continue;
		fwrite(s + from, 1, i - from, out);
		fputs(instead, out);
		from = i + 1;
	}
	fwrite(s + from, 1, len - from, out);
}

/* How many octets at ${s} are one character; 0: none is well-formed. */
static size_t
character(const char *s, size_t left)
{
	for (size_t n = 1; n <= 4 && n <= left; n++)
		if (text_is_utf8(s, n))
			return n;
	return 0;
}

void
html_text(FILE *out, const char *s, size_t len)
{
	if (text_is_utf8(s, len)) {
		octets_write(out, s, len);
		return;
	}
	for (size_t i = 0; i < len;) {
		size_t n = character(s + i, len - i);

		if (n == 0)
			fputs("\xef\xbf\xbd", out);
		else
			octets_write(out, s + i, n);
		i += n > 0 ? n : 1;
	}
}

void
html_string(FILE *out, const char *s)
{
	html_text(out, s, strlen(s));
}

/* Does ${s} look like ${form}, in which 0 stands for a digit? */
static bool
has_form(const char *s, const char *form)
{
	for (; *form != '\0'; form++, s++) {
		bool digit = *s >= '0' && *s <= '9';

		if (*form == '0' ? !digit : *s != *form)
			return false;
	}
	return true;
}

/* The time at ${s} as a <time> wants it; false where it is none. */
static bool
datetime(const char *s, size_t len, char out[DATETIME])
{
	char text[DATETIME] = "";

	if (len < SHORT_TIME || len >= DATETIME)
		return false;
	memcpy(text, s, len);
	if (text[10] == ' ')
		text[10] = 'T';
	if (!has_form(text, "0000-00-00T00:00:00"))
		return false;
	char *fraction = text + SHORT_TIME;
	size_t keep = has_form(fraction, ".000") ? MILLISECONDS : 0;
	snprintf(out, DATETIME, "%.*sZ", (int)(SHORT_TIME + keep), text);
	return true;
}

/* What stands as HTML wants it says itself what it is. */
static void
time_write(FILE *out, const char *s, size_t len)
{
	char when[DATETIME];
	bool known = datetime(s, len, when);

	if (known && len == SHORT_TIME)
		fputs("<time>", out);
	else if (known)
		fprintf(out, "<time datetime=\"%s\">", when);
	html_text(out, s, len);
	if (known)
		fputs("</time>", out);
}

/* Rules stand in a row without blanks; a narrow cell breaks it between them, and nowhere else. */
static void
rules_write(FILE *out, const char *s, size_t len)
{
	const char *comma = memchr(s, ',', len);

	while (comma != NULL) {
		size_t n = (size_t)(comma - s) + 1;

		html_text(out, s, n);
		fputs("<wbr>", out);
		s += n;
		len -= n;
		comma = memchr(s, ',', len);
	}
	html_text(out, s, len);
}

static void
pieces_write(FILE *out, const struct line *l, bool times)
{
	static const struct {
		const char *begin, *end;
	} tag[] = {
	    [ROLE_PLAIN] = {"", ""},
	    [ROLE_STRONG] = {"<strong>", "</strong>"},
	    [ROLE_GOOD] = {"<span class=good>", "</span>"},
	    [ROLE_BAD] = {"<span class=bad>", "</span>"},
	    [ROLE_MUTED] = {"<span class=muted>", "</span>"},
	    [ROLE_CODE] = {"<code>", "</code>"},
	    [ROLE_TIME] = {"", ""},
	};

	for (size_t i = 0; i < l->count; i++) {
		const char *s = l->text + l->piece[i].from;
		enum role role = l->piece[i].role;

		fputs(tag[role].begin, out);
		if (role == ROLE_TIME && times)
			time_write(out, s, l->piece[i].len);
		else if (role == ROLE_BAD)
			rules_write(out, s, l->piece[i].len);
		else
			html_text(out, s, l->piece[i].len);
		fputs(tag[role].end, out);
	}
}

void
html_line(FILE *out, const struct line *l)
{
	pieces_write(out, l, true);
}

const char *
html_cell_class(const struct line *l)
{
	if (l->count != 1)
		return "";
	switch ((enum role)l->piece[0].role) {
	case ROLE_GOOD:
		return "good";
	case ROLE_BAD:
		return "bad";
	case ROLE_MUTED:
		return "muted";
	case ROLE_CODE:
		return "c";
	case ROLE_PLAIN:
	case ROLE_STRONG:
	case ROLE_TIME:
		break;
	}
	return "";
}

void
html_cell(FILE *out, const struct line *l)
{
	if (html_cell_class(l)[0] == '\0')
		pieces_write(out, l, false);
	else if (l->piece[0].role == ROLE_BAD)
		rules_write(out, l->text, l->used);
	else
		html_text(out, l->text, l->used);
}
