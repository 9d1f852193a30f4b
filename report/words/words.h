/* words.h - names for numbers of the protocol, as events and rows spell them.
 *
 * Where a number has no name the caller's buffer takes it in decimal (a status: 0x and eight
 * digits), so that a field is a string whatever the wire says. */
#ifndef EPMWATCH_REPORT_WORDS_H
#define EPMWATCH_REPORT_WORDS_H

#include <stdint.h>

#include "dissect/observation.h"

enum {
	WORDS_NUMBER = 12
};

/** words_ept_status(status, out): Status of the endpoint mapper: `ok`, `ept_s_not_registered`, ...
 * (PROTOCOL 3.7). */
const char *words_ept_status(uint32_t status, char out[WORDS_NUMBER]);

/** words_auth_type(type, out) / words_auth_level(level, out): `ntlmssp`, `spnego`, ...; `connect`
 * ... `privacy` (PROTOCOL 1.8). */
const char *words_auth_type(uint8_t type, char out[WORDS_NUMBER]);
const char *words_auth_level(uint8_t level, char out[WORDS_NUMBER]);

/** words_context_result(result, out): `acceptance`, `unanswered`, ... (PROTOCOL 1.5). */
const char *words_context_result(uint16_t result, char out[WORDS_NUMBER]);

/** words_context_reason(reason, out): Why the provider rejected (PROTOCOL 1.5). */
const char *words_context_reason(uint16_t reason, char out[WORDS_NUMBER]);

/** words_reject_reason(reason, out): Why a bind as a whole was rejected (PROTOCOL 1.6). */
const char *words_reject_reason(uint16_t reason, char out[WORDS_NUMBER]);

/** words_oxid_operation(operation): The call, as MS-DCOM names it (PROTOCOL 5). Static storage. */
const char *words_oxid_operation(enum oxid_operation operation);

#endif
