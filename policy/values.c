/* values.c - strict readers: what has anything behind it is something else. */
#include "policy/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "track/policy.h"

#define SPAN_MOST_NS (INT64_C(3650) * 24 * POLICY_HOUR_NS)

enum {
	V4_SHIFT = 96, /* bits before an IPv4 address in struct addr */
	PPM_DIGITS = 4,
};

static const struct {
	const char *name;
	int64_t ns;
} unit[] = {
    {"d", 24 * POLICY_HOUR_NS},
    {"h", POLICY_HOUR_NS},
    {"m", 60 * POLICY_SECOND_NS},
    {"s", POLICY_SECOND_NS},
    {"ms", 1000000},
    {"us", 1000},
};

/* Digits from ${*text} on, which is moved behind them. */
static bool
digits(const char **text, uint64_t most, uint64_t *out)
{
	const char *at = *text;
	uint64_t value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (digit > most || value > (most - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (at == *text)
		return false;
	*text = at;
	*out = value;
	return true;
}

bool
values_number(const char *text, uint64_t most, uint64_t *out)
{
	uint64_t value;

	if (!digits(&text, most, &value) || *text != '\0')
		return false;
	*out = value;
	return true;
}

bool
values_span(const char *text, int64_t *out)
{
	uint64_t value;

	if (!digits(&text, INT64_MAX, &value))
		return false;
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (strcmp(text, unit[i].name) != 0)
			continue;
		if (value > (uint64_t)(SPAN_MOST_NS / unit[i].ns))
			return false;
		*out = (int64_t)value * unit[i].ns;
		return true;
	}
	return false;
}

char *
values_span_format(int64_t ns, char out[VALUES_TIME])
{
	size_t i = 0;

	/* A day is said in hours, since people write 24h. */
	while (i + 1 < sizeof(unit) / sizeof(unit[0]) &&
	       (ns % unit[i].ns != 0 || ns < (i == 0 ? 2 : 1) * unit[i].ns))
		i++;
	snprintf(out, VALUES_TIME, "%" PRId64 "%s", ns == 0 ? 0 : ns / unit[i].ns,
	    ns == 0 ? "s" : unit[i].name);
	return out;
}

bool
values_times(const char *text, uint32_t *count, int64_t *span)
{
	uint64_t value;
	int64_t within;

	if (!digits(&text, 1000, &value) || value == 0 || strncmp(text, " in ", 4) != 0)
		return false;
	if (!values_span(text + 4, &within) || within == 0)
		return false;
	*count = (uint32_t)value;
	*span = within;
	return true;
}

bool
values_share(const char *text, uint32_t *ppm)
{
	uint64_t whole, part = 0;
	int places = 0;

	if (!digits(&text, 100, &whole))
		return false;
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9' && places < PPM_DIGITS; text++, places++)
			part = part * 10 + (uint64_t)(*text - '0');
		if (places == 0)
			return false;
	}
	for (; places < PPM_DIGITS; places++)
		part *= 10;
	if (strcmp(text, "%") != 0 || whole * 10000 + part > 1000000)
		return false;
	*ppm = (uint32_t)(whole * 10000 + part);
	return true;
}

bool
values_until(const char *text, int64_t *out)
{
	bool day = strlen(text) == 10;
	int64_t ns;

	/* A span, such as 7d, would count from nowhere. */
	if (strlen(text) < 10 || text[4] != '-' || clock_parse(text, 0, &ns) != 0)
		return false;
	if (day && __builtin_add_overflow(ns, 24 * POLICY_HOUR_NS, &ns))
		ns = INT64_MAX;
	*out = ns;
	return true;
}

bool
values_flag(const char *text, bool *out)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "no") != 0)
		return false;
	*out = yes;
	return true;
}

/* Clears what lies behind the first ${bits}; true if that was clear. */
static bool
mask(struct addr *a, unsigned bits)
{
	struct addr was = *a;

	for (unsigned i = bits; i < 128; i++)
		a->b[i / 8] &= (uint8_t) ~(0x80u >> (i % 8));
	return addr_equal(&was, a);
}

bool
values_network(const char *text, struct policy_network *out, bool *whole)
{
	size_t len = strcspn(text, "/");
	char address[ADDR_TEXT];
	struct policy_network n;
	uint64_t bits;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (addr_parse(address, &n.base) != 0)
		return false;
	/* A mapped address in IPv6's spelling counts its bits as such. */
	unsigned shift = strchr(address, ':') == NULL ? V4_SHIFT : 0;
	bits = 128 - shift;
	if (text[len] == '/' && !values_number(text + len + 1, 128 - shift, &bits))
		return false;
	n.bits = (uint8_t)(bits + shift);
	*whole = mask(&n.base, n.bits);
	*out = n;
	return true;
}

bool
values_interface(const char *text, struct policy_interface *out)
{
	const char *at = strchr(text, '@');
	size_t len = at != NULL ? (size_t)(at - text) : strlen(text);
	struct policy_interface i = {.any_major = at == NULL};
	char uuid[UUID_TEXT];
	uint64_t major = 0;

	if (len != sizeof(uuid) - 1)
		return false;
	memcpy(uuid, text, len);
	uuid[len] = '\0';
	if (uuid_parse(uuid, &i.uuid) != 0 ||
	    (at != NULL && !values_number(at + 1, UINT16_MAX, &major)))
		return false;
	i.major = (uint16_t)major;
	*out = i;
	return true;
}
