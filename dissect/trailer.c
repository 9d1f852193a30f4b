/* trailer.c - the verification trailer. */
#include "dissect/trailer.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/uuid.h"
#include "dissect/observation.h"
#include "dissect/pdu.h"
#include "dissect/syntax.h"

enum {
	SIGNATURE = 8,
	COMMAND_KIND = 0x3fff,
	COMMAND_END = 0x4000,
	PCONTEXT = 2,
	PCONTEXT_OCTETS = 40,
	CONNECT = 2, /* the lowest authentication level that has a verifier */
};

static const uint8_t signature[SIGNATURE] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};

/* interface: UUID  major:u16  minor:u16, transfer syntax: UUID  version:u32 (MS-RPCE 2.2.2.13.4). */
static void
parse_pcontext(struct cursor *c, struct obs_context *out)
{
	uint32_t version;

	out->iface.uuid = uuid_read(c);
	version = cur_u32(c);
	out->iface.major = (uint16_t)version;
	out->iface.minor = (uint16_t)(version >> 16);
	out->syntax_uuid = uuid_read(c);
	out->syntax = syntax_of(&out->syntax_uuid);
}

/* The commands behind a signature. True if one of them names the context, and the last one is there. */
static bool
parse_commands(struct cursor c, struct obs_context *out)
{
	bool named = false, end = false;

	while (!end && cur_ok(&c)) {
		uint16_t command = cur_u16(&c);
		struct cursor data = cur_sub(&c, cur_u16(&c));

		end = (command & COMMAND_END) != 0;
		if ((command & COMMAND_KIND) == PCONTEXT && cur_left(&data) == PCONTEXT_OCTETS) {
			parse_pcontext(&data, out);
			named = true;
		}
	}
	return named && cur_ok(&c);
}

/* Is there one from octet ${at} of the stub on? */
static bool
parse_at(const struct pdu *pdu, size_t at, struct obs_context *out)
{
	struct cursor c = cur_init(pdu->stub, pdu->stub_len, pdu->head.le);
	const uint8_t *octets;

	cur_skip(&c, at);
	octets = cur_take(&c, SIGNATURE);
	return octets != NULL && memcmp(octets, signature, SIGNATURE) == 0 &&
	       parse_commands(c, out);
}

bool
trailer_find_context(const struct pdu *pdu, struct obs_context *out)
{
	size_t first = pdu->stub_len > TRAILER_SEARCH ? pdu->stub_len - TRAILER_SEARCH : 0;
	size_t at = pdu->stub_len - pdu->stub_len % 4;

	if (!pdu->auth.present || pdu->auth.level < CONNECT || pdu->auth.level >= PDU_PRIVACY)
		return false;
	*out = (struct obs_context){.id = pdu->context_id, .result = CONTEXT_ACCEPTANCE};
	for (;; at -= 4) {
		if (parse_at(pdu, at, out))
			return true;
		if (at < first + 4)
			return false;
	}
}
