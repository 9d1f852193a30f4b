/* reg_text.c - the format: regedit.exe, "Windows Registry Editor Version 5.00". */
#include "export/reg_text.h"

#include <string.h>

enum {
	BREAK_AFTER =
	    76, /* the editor breaks a line behind the octet that goes beyond this column */
	INDENT = 2,
	REPLACEMENT = 0xfffd
};

void
reg_header(FILE *out)
{
	fputs("Windows Registry Editor Version 5.00\n\n", out);
}

void
reg_key(FILE *out, const char *key)
{
	fprintf(out, "[%s]\n", key);
}

void
reg_key_end(FILE *out)
{
	putc('\n', out);
}

/* Quoted; returns how many columns it took. */
static size_t
quoted(FILE *out, const char *text)
{
	size_t columns = 2;

	putc('"', out);
	for (; *text != '\0'; text++, columns++) {
		if (*text == '"' || *text == '\\') {
			putc('\\', out);
			columns++;
		}
		putc(*text, out);
	}
	putc('"', out);
	return columns;
}

void
reg_dword(FILE *out, const char *name, uint32_t n)
{
	quoted(out, name);
	fprintf(out, "=dword:%08x\n", (unsigned)n);
}

void
reg_sz(FILE *out, const char *name, const char *text)
{
	quoted(out, name);
	putc('=', out);
	quoted(out, text);
	putc('\n', out);
}

/* Octets in hexadecimal, a comma between two of them. */
struct hex {
	FILE *out;
	size_t column;
	int any;
};

static void
hex_octet(struct hex *h, uint8_t octet)
{
	if (h->any) {
		putc(',', h->out);
		h->column++;
	}
	if (h->any && h->column > BREAK_AFTER) {
		fputs("\\\n  ", h->out);
		h->column = INDENT;
	}
	fprintf(h->out, "%02x", (unsigned)octet);
	h->column += 2;
	h->any = 1;
}

static void
hex_unit(struct hex *h, uint16_t unit)
{
	hex_octet(h, (uint8_t)unit);
	hex_octet(h, (uint8_t)(unit >> 8));
}

void
reg_multi_sz(FILE *out, const char *name, const char *const *texts, size_t count)
{
	struct hex h = {.out = out, .column = quoted(out, name) + strlen("=hex(7):")};

	fputs("=hex(7):", out);
	for (size_t i = 0; i < count; i++) {
		for (const char *p = texts[i]; *p != '\0'; p++)
			hex_unit(&h, (uint8_t)*p);
		hex_unit(&h, 0);
	}
	hex_unit(&h, 0);
	putc('\n', out);
}

static void
put_unit(FILE *out, uint32_t unit)
{
	putc((int)(unit & 0xff), out);
	putc((int)(unit >> 8 & 0xff), out);
}

static void
put_code(FILE *out, uint32_t code)
{
	if (code == '\n')
		put_unit(out, '\r');
	if (code < 0x10000) {
		put_unit(out, code);
		return;
	}
	put_unit(out, 0xd800 + ((code - 0x10000) >> 10));
	put_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
}

/* How many octets follow the first of a character; 0 also where it begins none. */
static size_t
followers(uint8_t first)
{
	return first >= 0xf0 && first < 0xf5   ? 3
	       : first >= 0xe0 && first < 0xf0 ? 2
					       : first >= 0xc2 && first < 0xe0;
}

/* Overlong, a surrogate, or beyond what there is. */
static int
is_wrong(uint32_t code, size_t more)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

	return code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
}

static size_t
read_code(const uint8_t *p, size_t len, uint32_t *code)
{
	size_t more = followers(p[0]);

	*code = more == 0 ? p[0] : p[0] & (0x3fu >> more);
	if ((more == 0 && p[0] >= 0x80) || more >= len)
		goto wrong;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			goto wrong;
		*code = *code << 6 | (p[i] & 0x3fu);
	}
	if (more > 0 && is_wrong(*code, more))
		goto wrong;
	return more + 1;
wrong:
	*code = REPLACEMENT;
	return 1;
}

void
reg_encode(const char *text, size_t len, FILE *out)
{
	const uint8_t *p = (const uint8_t *)text;

	put_unit(out, 0xfeff);
	for (size_t at = 0; at < len;) {
		uint32_t code;

		at += read_code(p + at, len - at, &code);
		put_code(out, code);
	}
}
