/* mail_code.c - see mail_code.h. */
#include "app/mail_code.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static const char digits[] = "0123456789ABCDEF";

/* Text as it is encoded. */
struct quoting {
	FILE *out;
	size_t column;
	char
	    held; /* a blank or tab whose successor is not known: at the end of a line it is encoded; 0: none */
};

/* Octets that must not be torn apart. The last column is the soft break's. */
static void
token_put(struct quoting *q, const char *token, size_t len)
{
	if (q->column + len > MAIL_CODE_LINE - 1) {
		fputs("=\n", q->out);
		q->column = 0;
	}
	fwrite(token, 1, len, q->out);
	q->column += len;
}

static void
encoded_put(struct quoting *q, char c)
{
	const unsigned char u = (unsigned char)c;
	const char token[] = {'=', digits[u >> 4], digits[u & 15]};

	token_put(q, token, sizeof(token));
}

static void
held_put(struct quoting *q, bool last)
{
	if (q->held != 0 && last)
		encoded_put(q, q->held);
	else if (q->held != 0)
		token_put(q, &q->held, 1);
	q->held = 0;
}

static bool
is_plain(const struct quoting *q, char c)
{
	/* the one that would begin a line, be it behind a soft break */
	bool first = q->column == 0 || q->column + 1 > MAIL_CODE_LINE - 1;

	if (first && (c == '.' || c == 'F'))
		return false;
	return c >= '!' && c <= '~' && c != '=';
}

static void
octet_put(struct quoting *q, char c)
{
	held_put(q, c == '\n');
	if (c == '\n') {
		fputc('\n', q->out);
		q->column = 0;
	} else if (c == ' ' || c == '\t') {
		q->held = c;
	} else if (is_plain(q, c)) {
		token_put(q, &c, 1);
	} else {
		encoded_put(q, c);
	}
}

static ssize_t
quoting_write(void *cookie, const char *data, size_t len)
{
	struct quoting *q = cookie;

	for (size_t i = 0; i < len; i++)
		octet_put(q, data[i]);
	/* 0 is how a cookie says that it failed */
	return ferror(q->out) ? 0 : (ssize_t)len;
}

static int
quoting_close(void *cookie)
{
	struct quoting *q = cookie;

	held_put(q, true);
	int failed = ferror(q->out);
	free(q);
	if (failed)
		errno = EIO;
	return failed ? -1 : 0;
}

FILE *
mail_code_quoted(FILE *out)
{
	static const cookie_io_functions_t functions = {
	    .write = quoting_write, .close = quoting_close};
	struct quoting *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->out = out;
	FILE *file = fopencookie(q, "w", functions);
	if (file == NULL)
		free(q);
	return file;
}

/* In an encoded word. */
static bool
is_word_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Octets of the character that begins there. */
static size_t
character_len(const char *text)
{
	size_t len = 1;

	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static size_t
character_cost(const char *text, size_t len)
{
	return len == 1 && (is_word_plain(text[0]) || text[0] == ' ') ? 1 : 3 * len;
}

static void
character_put(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char u = (unsigned char)text[i];

		if (u == ' ')
			fputc('_', out);
		else if (is_word_plain(text[i]))
			fputc(u, out);
		else
			fprintf(out, "=%c%c", digits[u >> 4], digits[u & 15]);
	}
}

/* Words of whole characters; blanks between words do not count, so those of the text are in them. */
static void
words_put(FILE *out, size_t column, const char *text)
{
	static const char begin[] = "=?UTF-8?Q?", end[] = "?=";
	const size_t around = sizeof(begin) - 1 + sizeof(end) - 1;

	column += around;
	fputs(begin, out);
	while (*text != '\0') {
		size_t len = character_len(text), cost = character_cost(text, len);

		if (column + cost > MAIL_CODE_LINE) {
			fprintf(out, "%s\n %s", end, begin);
			column = 1 + around;
		}
		character_put(out, text, len);
		column += cost;
		text += len;
	}
	fputs(end, out);
}

/* ASCII, folded at blanks. */
static void
folded_put(FILE *out, size_t column, const char *text)
{
	while (*text != '\0') {
		/* a word, with the blanks before it */
		size_t blanks = strspn(text, " "), len = blanks + strcspn(text + blanks, " ");

		/* a line of blanks alone would be the end of the headers */
		if (blanks > 0 && len > blanks && column + len > MAIL_CODE_LINE) {
			fputc('\n', out);
			column = 0;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len;
	}
}

static bool
needs_words(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return true;
	return strstr(text, "=?") != NULL;
}

void
mail_code_header(FILE *out, const char *name, const char *text)
{
	size_t column = strlen(name) + 2;

	fprintf(out, "%s: ", name);
	if (needs_words(text))
		words_put(out, column, text);
	else
		folded_put(out, column, text);
	fputc('\n', out);
}
