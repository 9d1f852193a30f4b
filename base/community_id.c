/* community_id.c - one of the two files that include nDPI; the other is the classifier. */
#include "base/community_id.h"

#include <arpa/inet.h>
#include <ndpi_api.h>
#include <stddef.h>
#include <string.h>

#include "base/addr.h"

/* nDPI wants IPv4 addresses as numbers and ports in host order, and writes "1:", the base64 and a
 * NUL. */
static int
hash_v4(uint8_t proto, const struct addr *src, const struct addr *dst, uint16_t sport,
    uint16_t dport, char *out)
{
	uint32_t s, d;

	memcpy(&s, src->b + 12, sizeof(s));
	memcpy(&d, dst->b + 12, sizeof(d));
	return ndpi_flowv4_flow_hash(
	    proto, ntohl(s), ntohl(d), sport, dport, 0, 0, (u_char *)out, COMMUNITY_ID_TEXT);
}

static int
hash_v6(uint8_t proto, const struct addr *src, const struct addr *dst, uint16_t sport,
    uint16_t dport, char *out)
{
	struct ndpi_in6_addr s, d;

	memcpy(&s, src->b, sizeof(s));
	memcpy(&d, dst->b, sizeof(d));
	return ndpi_flowv6_flow_hash(
	    proto, &s, &d, sport, dport, 0, 0, (u_char *)out, COMMUNITY_ID_TEXT);
}

char *
community_id(uint8_t proto, const struct addr *src, const struct addr *dst, uint16_t sport,
    uint16_t dport, char out[COMMUNITY_ID_TEXT])
{
	bool v4 = addr_is_v4(src);
	int failed = 1;

	memset(out, 0, COMMUNITY_ID_TEXT);
	if (v4 == addr_is_v4(dst))
		failed = (v4 ? hash_v4 : hash_v6)(proto, src, dst, sport, dport, out);
	if (failed != 0)
		out[0] = '\0';
	out[COMMUNITY_ID_TEXT - 1] = '\0';
	return out;
}
