/* amount.c - digits, and at most one letter behind them. */
#include "app/amount.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* 0 where it begins with no digit, or is too much. */
static uint64_t
digits(const char *text, const char **end)
{
	char *stopped;

	*end = text;
	if (!isdigit((unsigned char)text[0]))
		return 0;
	errno = 0;
	unsigned long long n = strtoull(text, &stopped, 10);
	*end = stopped;
	return errno != 0 ? 0 : n;
}

uint64_t
amount_number(const char *text, uint64_t most)
{
	const char *end;
	uint64_t n = digits(text, &end);

	return *end != '\0' || n > most ? 0 : n;
}

/* How many bits a suffix shifts by. */
static unsigned
suffix_bits(const char *suffix)
{
	static const char letter[] = "KMG";
	const char *at =
	    suffix[0] == '\0' ? NULL : strchr(letter, toupper((unsigned char)suffix[0]));

	return at == NULL ? 0 : (unsigned)(at - letter + 1) * 10;
}

uint64_t
amount_size(const char *text, uint64_t most)
{
	const char *end;
	uint64_t n = digits(text, &end);
	unsigned bits = suffix_bits(end);

	if (end[bits > 0 ? 1 : 0] != '\0' || n > most >> bits)
		return 0;
	return n << bits;
}
