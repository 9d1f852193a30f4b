/* dualstring.c - DCOM's DUALSTRINGARRAY. */
#include "dissect/dualstring.h"

#include <stdint.h>
#include <string.h>

#include "base/addr.h"
#include "base/cursor.h"
#include "base/text.h"
#include "dissect/obs_queue.h"
#include "dissect/observation.h"

/* The text of one binding, as little-endian units whatever the stub's order is. */
struct address {
	size_t units;
	uint8_t octets[2 * DUALSTRING_ADDRESS];
};

/* A stretch of it. */
struct part {
	const uint8_t *octets;
	size_t len; /* octets */
};

/* wTowerId: the protocol identifiers of towers' fourth floors (C706 table I-2). */
static const struct {
	uint16_t tower;
	enum protseq protseq;
} kinds[] = {
    {0x07, PROTSEQ_TCP},
    {0x08, PROTSEQ_UDP},
    {0x0c, PROTSEQ_SPX},
    {0x0e, PROTSEQ_IPX},
    {0x0f, PROTSEQ_NP},
    {0x10, PROTSEQ_LRPC},
    {0x1f, PROTSEQ_HTTP},
};

static enum protseq
protseq_of_tower(uint16_t tower)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].tower == tower)
			return kinds[i].protseq;
	}
	return PROTSEQ_UNKNOWN;
}

bool
dualstring_parse(struct cursor *c, struct cursor *strings)
{
	uint32_t max_count;
	uint16_t entries, security;
	struct cursor units;

	cur_align(c, 4);
	max_count = cur_u32(c);
	entries = cur_u16(c);
	security = cur_u16(c);
	if (max_count != entries || security > entries)
		cur_fail(c, ERR_MALFORMED);
	units = cur_sub(c, (size_t)entries * 2);
	*strings = cur_sub(&units, (size_t)security * 2);
	return cur_ok(c);
}

/* One string binding as it stands. False at their end. What is too long to be an address comes out empty. */
static bool
next_address(struct cursor *c, uint16_t *tower, struct address *out)
{
	uint16_t unit;

	*tower = cur_u16(c);
	out->units = 0;
	if (*tower == 0)
		return false;
	for (size_t n = 0; (unit = cur_u16(c)) != 0; n++) {
		if (n >= DUALSTRING_ADDRESS)
			continue;
		out->octets[2 * n] = (uint8_t)unit;
		out->octets[2 * n + 1] = (uint8_t)(unit >> 8);
		out->units = n + 1 < DUALSTRING_ADDRESS ? n + 1 : 0;
	}
	return cur_ok(c);
}

static bool
is_at(const struct address *a, size_t i, char character)
{
	return a->octets[2 * i] == (uint8_t)character && a->octets[2 * i + 1] == 0;
}

/* The last place of a character; the number of units where there is none. */
static size_t
last_of(const struct address *a, char character)
{
	for (size_t i = a->units; i > 0; i--) {
		if (is_at(a, i - 1, character))
			return i - 1;
	}
	return a->units;
}

static struct part
part_of(const struct address *a, size_t from, size_t to)
{
	return (struct part){.octets = a->octets + 2 * from, .len = 2 * (to - from)};
}

/* Without the brackets that an IPv6 address may stand in. */
static struct part
unbracketed(const struct address *a, size_t units)
{
	if (units >= 2 && is_at(a, 0, '[') && is_at(a, units - 1, ']'))
		return part_of(a, 1, units - 1);
	return part_of(a, 0, units);
}

/* Tell `host[endpoint]` apart. Brackets with nothing before them are the host's. */
static void
split(const struct address *a, struct part *host, struct part *endpoint)
{
	size_t open = last_of(a, '[');
	bool named = open != 0 && open < a->units && is_at(a, a->units - 1, ']');

	*host = unbracketed(a, named ? open : a->units);
	*endpoint = named ? part_of(a, open + 1, a->units - 1) : (struct part){0};
}

/* Decimal digits and nothing else, 1 to 65535; 0 otherwise. */
static uint16_t
port_of(const struct part *endpoint)
{
	uint32_t port = 0;

	for (size_t i = 0; i < endpoint->len; i += 2) {
		uint8_t digit = (uint8_t)(endpoint->octets[i] - '0');

		if (digit > 9 || endpoint->octets[i + 1] != 0 || port > UINT16_MAX)
			return 0;
		port = port * 10 + digit;
	}
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* An address, of which a zone is no part, or a name. */
static bool
take_host(const struct part *host, struct obs_queue *queue, struct obs_binding *out)
{
	char text[3 * DUALSTRING_ADDRESS + 1], *zone;

	if (text_clean_utf16(host->octets, host->len, text, sizeof(text)) == 0)
		return false;
	zone = strchr(text, '%');
	if (zone != NULL)
		*zone = '\0';
	out->host_known = addr_parse(text, &out->host) == ERR_OK;
	if (!out->host_known)
		out->host_name = obs_queue_text_utf16(queue, host->octets, host->len);
	return true;
}

static bool
parse_binding(
    uint16_t tower, const struct address *a, struct obs_queue *queue, struct obs_binding *out)
{
	struct part host, endpoint;

	*out = (struct obs_binding){.protseq = protseq_of_tower(tower)};
	split(a, &host, &endpoint);
	if (endpoint.octets != NULL && protseq_has_port(out->protseq)) {
		out->port = port_of(&endpoint);
		if (out->port == 0)
			return false;
	} else if (endpoint.octets != NULL) {
		out->endpoint = obs_queue_text_utf16(queue, endpoint.octets, endpoint.len);
	}
	return take_host(&host, queue, out);
}

static size_t
count_bindings(struct cursor strings)
{
	struct address address;
	uint16_t tower;
	size_t count = 0;

	while (count < DUALSTRING_BINDINGS && next_address(&strings, &tower, &address))
		count++;
	return count;
}

const struct obs_binding *
dualstring_bindings(const struct cursor *strings, struct obs_queue *queue, size_t *count)
{
	struct cursor c = *strings;
	size_t left = count_bindings(c);
	struct obs_binding *binding;
	struct address address = {0};
	uint16_t tower;

	*count = 0;
	if (left == 0)
		return NULL;
	binding = obs_queue_alloc(queue, left * sizeof(*binding));
	if (binding == NULL)
		return NULL;
	for (; left > 0 && next_address(&c, &tower, &address); left--)
		*count += parse_binding(tower, &address, queue, &binding[*count]);
	return binding;
}
