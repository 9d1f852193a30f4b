/* ports.c - three ways to say a range. */
#include "policy/ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "track/policy.h"

enum {
	PORT_MOST = 65535
};

/* Large enough to say that a number is too large. */
#define NUMBER_MOST UINT32_MAX

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static bool
take_number(const char **text, uint32_t *out)
{
	const char *at = skip_blanks(*text);
	uint64_t value = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > NUMBER_MOST)
			value = NUMBER_MOST;
	}
	*out = (uint32_t)value;
	*text = skip_blanks(at);
	return true;
}

static const char *
from_to(uint32_t low, uint32_t high, struct port_range *out)
{
	if (low == 0 || low > PORT_MOST || high > PORT_MOST)
		return "ports from 1 to 65535";
	if (low > high)
		return "the lower port first";
	*out = (struct port_range){.low = (uint16_t)low, .high = (uint16_t)high};
	return NULL;
}

/* The last port is start + number - 1. */
static const char *
start_number(uint32_t start, uint32_t number, struct port_range *out)
{
	if (start == 0 || start > PORT_MOST)
		return "a first port from 1 to 65535";
	if (number == 0)
		return "a number of ports from 1 on";
	if (number > PORT_MOST + 1 - start)
		return "a range that ends at port 65535 or before (start + number - 1)";
	return from_to(start, start + number - 1, out);
}

/* The number that a line of netsh ends in, behind a colon, ASCII's or the wide one. */
static bool
line_number(const char *line, size_t len, uint32_t *out)
{
	static const char wide[] = "\xef\xbc\x9a";
	const char *end = line + len, *at = NULL;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == ':')
			at = line + i + 1;
		else if (len - i >= 3 && memcmp(line + i, wide, 3) == 0)
			at = line + i + 3;
	}
	return at != NULL && take_number(&at, out) && (at == end || (*at == '\r' && at + 1 == end));
}

static const char *
from_netsh(const char *text, struct port_range *out)
{
	uint32_t number[2], value;
	size_t found = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (line_number(text, len, &value)) {
			if (found == 2)
				return "two numbers, as netsh prints them, was a third";
			number[found++] = value;
		}
		text += len + (text[len] == '\n');
	}
	if (found < 2)
		return "what netsh prints: a line with the start port, one with the number of "
		       "ports";
	return start_number(number[0], number[1], out);
}

const char *
ports_parse(const char *text, struct port_range *out)
{
	const char *at = text;
	uint32_t first, second;

	if (strchr(text, '\n') != NULL && strchr(text, '\n')[1] != '\0')
		return from_netsh(text, out);
	if (!take_number(&at, &first))
		return "";
	char sign = *at;
	if (sign == '\0' || sign == '\n')
		return from_to(first, first, out);
	at++;
	if ((sign != '-' && sign != '+') || !take_number(&at, &second) ||
	    (*at != '\0' && *at != '\n'))
		return "";
	return sign == '-' ? from_to(first, second, out) : start_number(first, second, out);
}
