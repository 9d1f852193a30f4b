/* json.c - see json.h. */
#include "store/json.h"

#include <string.h>

char *
json_put_number(char *p, uint64_t n)
{
	char digits[JSON_NUMBER];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (len > 0)
		*p++ = digits[--len];
	return p;
}

/* What JSON has a letter for: line feed is n, and so on. */
static char
json_letter(char c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return '\0';
	}
}

static char *
json_put_control(char *p, char c)
{
	static const char hex[] = "0123456789abcdef";
	char letter = json_letter(c);

	*p++ = '\\';
	if (letter != '\0') {
		*p++ = letter;
		return p;
	}
	*p++ = 'u';
	*p++ = '0';
	*p++ = '0';
	*p++ = hex[c >> 4];
	*p++ = hex[c & 15];
	return p;
}

char *
json_put_string(char *p, const char *text, size_t max)
{
	*p++ = '"';
	for (size_t i = 0; i < max && text[i] != '\0'; i++) {
		char c = text[i];

		if ((unsigned char)c < ' ') {
			p = json_put_control(p, c);
			continue;
		}
		if (c == '"' || c == '\\')
			*p++ = '\\';
		*p++ = c;
	}
	*p++ = '"';
	return p;
}
