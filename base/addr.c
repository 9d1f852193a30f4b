/* addr.c - addresses to and from text. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/err.h"

static_assert(ADDR_TEXT >= INET6_ADDRSTRLEN, "the longest IPv6 text fits");

bool
addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zeros[16];

	if (addr_is_v4(a))
		return memcmp(a->b + 12, zeros, 4) == 0;
	return memcmp(a->b, zeros, sizeof(zeros)) == 0;
}

int
addr_parse(const char *text, struct addr *out)
{
	uint8_t octets[16];

	if (inet_pton(AF_INET, text, octets) == 1)
		*out = addr_from_v4(octets);
	else if (inet_pton(AF_INET6, text, octets) == 1)
		*out = addr_from_v6(octets);
	else
		return ERR_MALFORMED;
	return ERR_OK;
}

static char *
put_octet(char *p, unsigned octet)
{
	if (octet >= 100)
		*p++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*p++ = (char)('0' + octet / 10 % 10);
	*p++ = (char)('0' + octet % 10);
	return p;
}

/* By hand: addresses are written with each event and each row, and the library takes ten times as long. */
static void
format_v4(const uint8_t octets[4], char *p)
{
	for (int i = 0; i < 4; i++) {
		p = put_octet(p, octets[i]);
		*p++ = i < 3 ? '.' : '\0';
	}
}

/* The first of the longest runs of two or more groups that are 0 (RFC 5952 4.2): its length, and where it begins; nothing
 * is said of that where there is none. */
static int
zero_run(const uint16_t group[8], int *begin)
{
	int longest = 1;

	for (int i = 0, run = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			*begin = i - run + 1;
		}
	}
	return longest;
}

/* Without leading zeros. */
static char *
put_group(char *p, unsigned group)
{
	static const char digit[] = "0123456789abcdef";

	for (int shift = group >= 0x1000  ? 12
			 : group >= 0x100 ? 8
			 : group >= 0x10  ? 4
					  : 0;
	     shift >= 0; shift -= 4)
		*p++ = digit[group >> shift & 15];
	return p;
}

static void
format_v6(const uint8_t octets[16], char *p)
{
	uint16_t group[8];
	int begin = 8, run;

	for (int i = 0; i < 8; i++)
		group[i] = (uint16_t)(octets[2 * i] << 8 | octets[2 * i + 1]);
	run = zero_run(group, &begin);
	for (int i = 0; i < 8; i++) {
		if (i == begin) {
			*p++ = ':';
			i += run - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i > 0)
			*p++ = ':';
		p = put_group(p, group[i]);
	}
	*p = '\0';
}

/* ::, ::1 and the addresses once called IPv4-compatible, which have a form of their own (RFC 5952 5). */
static bool
is_low(const uint8_t octets[16])
{
	static const uint8_t zeros[12];

	return memcmp(octets, zeros, sizeof(zeros)) == 0;
}

char *
addr_format(const struct addr *a, char out[ADDR_TEXT])
{
	if (addr_is_v4(a))
		format_v4(a->b + 12, out);
	else if (!is_low(a->b))
		format_v6(a->b, out);
	/* Cannot fail: the family is known, and the longest text fits. */
	else if (inet_ntop(AF_INET6, a->b, out, ADDR_TEXT) == NULL)
		out[0] = '\0';
	return out;
}
