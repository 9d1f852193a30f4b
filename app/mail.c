/* mail.c - see mail.h. */
#include "app/mail.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "app/mail_code.h"
#include "base/text.h"

/* Quoted-printable has no `_` behind a `=`, so no line of a part can be taken for it. */
static const char boundary[] = "=_epmwatch_report";

static bool
is_special(char c)
{
	return c <= ' ' || c == '\x7f' || strchr("()<>[]:;,\\\"`|", c) != NULL;
}

bool
mail_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	if (text[0] == '\0' || text[0] == '-' || text[0] == '@' || strlen(text) > MAIL_ADDRESS)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80 || is_special(*p))
			return false;
	return at == NULL || (at[1] != '\0' && strchr(at + 1, '@') == NULL);
}

static void
recipients_write(FILE *out, const struct mail *m)
{
	for (size_t i = 0; i < m->to_count; i++)
		fprintf(out, "%s%s", i == 0 ? "To: " : ",\n ", m->to[i]);
	fputc('\n', out);
}

static void
subject_write(FILE *out, const struct mail *m)
{
	char text[MAIL_SUBJECT], clean[MAIL_SUBJECT];
	bool prefixed = m->prefix != NULL && m->prefix[0] != '\0';
	int len = snprintf(text, sizeof(text), "%s%s%s", prefixed ? m->prefix : "",
	    prefixed ? " " : "", m->subject);
	size_t used = len < 0 ? 0 : len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1;

	text_clean((const uint8_t *)text, used, clean, sizeof(clean));
	mail_code_header(out, "Subject", clean);
}

void
mail_begin(FILE *out, const struct mail *m)
{
	if (m->from != NULL)
		fprintf(out, "From: %s\n", m->from);
	recipients_write(out, m);
	subject_write(out, m);
	fprintf(out,
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/alternative; boundary=\"%s\"\n",
	    boundary);
}

FILE *
mail_part_begin(FILE *out, const char *type)
{
	fprintf(out,
	    "\n--%s\n"
	    "Content-Type: %s; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n",
	    boundary, type);
	return mail_code_quoted(out);
}

int
mail_part_end(FILE *part)
{
	bool good = !ferror(part);

	return fclose(part) == 0 && good ? 0 : -EIO;
}

void
mail_end(FILE *out)
{
	fprintf(out, "\n--%s--\n", boundary);
}
