/* words.c - one table for each kind of number. Sources: C706 appendices E and N, MS-RPCE. */
#include "report/words/words.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

struct word {
	uint32_t number;
	const char *name;
};

/* DCE's numbers, then Windows' for the same. */
static const struct word ept_status[] = {
    {0, "ok"},
    {0x16c9a012, "rpc_s_no_memory"},
    {0x16c9a0cd, "ept_s_cant_perform_op"},
    {0x16c9a0ce, "ept_s_no_memory"},
    {0x16c9a0cf, "ept_s_database_invalid"},
    {0x16c9a0d0, "ept_s_cant_create"},
    {0x16c9a0d1, "ept_s_cant_access"},
    {0x16c9a0d2, "ept_s_database_already_open"},
    {0x16c9a0d3, "ept_s_invalid_entry"},
    {0x16c9a0d4, "ept_s_update_failed"},
    {0x16c9a0d5, "ept_s_invalid_context"},
    {0x16c9a0d6, "ept_s_not_registered"},
    {0x16c9a0d7, "ept_s_server_unavailable"},
    {0x16c9a0d8, "ept_s_underspecified_name"},
    {0x16c9a0d9, "ept_s_invalid_ns_handle"},
    {0x000006d7, "ept_s_invalid_entry"},
    {0x000006d8, "ept_s_cant_perform_op"},
    {0x000006d9, "ept_s_not_registered"},
};

static const struct word auth_type[] = {
    {0, "none"},
    {1, "krb5_dce"},
    {9, "spnego"},
    {10, "ntlmssp"},
    {14, "schannel"},
    {16, "kerberos"},
    {17, "dpa"},
    {18, "msn"},
    {21, "digest"},
    {68, "netlogon"},
    {100, "msmq"},
};

static const struct word auth_level[] = {
    {0, "default"},
    {1, "none"},
    {2, "connect"},
    {3, "call"},
    {4, "packet"},
    {5, "integrity"},
    {6, "privacy"},
};

static const struct word context_result[] = {
    {CONTEXT_ACCEPTANCE, "acceptance"},
    {CONTEXT_USER_REJECTION, "user_rejection"},
    {CONTEXT_PROVIDER_REJECTION, "provider_rejection"},
    {CONTEXT_NEGOTIATE_ACK, "negotiate_ack"},
    {CONTEXT_UNANSWERED, "unanswered"},
};

static const struct word context_reason[] = {
    {0, "reason_not_specified"},
    {1, "abstract_syntax_not_supported"},
    {2, "proposed_transfer_syntaxes_not_supported"},
    {3, "local_limit_exceeded"},
};

static const struct word reject_reason[] = {
    {0, "reason_not_specified"},
    {1, "temporary_congestion"},
    {2, "local_limit_exceeded"},
    {3, "called_paddr_unknown"},
    {4, "protocol_version_not_supported"},
    {5, "default_context_not_supported"},
    {6, "user_data_not_readable"},
    {7, "no_psap_available"},
    {8, "authentication_type_not_recognized"},
    {9, "invalid_checksum"},
};

/* NULL where there is none. */
static const char *
find(const struct word *word, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (word[i].number == number)
			return word[i].name;
	return NULL;
}

static const char *
find_or_decimal(const struct word *word, size_t count, uint32_t number, char out[WORDS_NUMBER])
{
	const char *name = find(word, count, number);

	if (name != NULL)
		return name;
	snprintf(out, WORDS_NUMBER, "%" PRIu32, number);
	return out;
}

#define FIND(table, number, out)                                                                   \
	find_or_decimal((table), sizeof(table) / sizeof((table)[0]), (number), (out))

const char *
words_ept_status(uint32_t status, char out[WORDS_NUMBER])
{
	const char *name = find(ept_status, sizeof(ept_status) / sizeof(ept_status[0]), status);

	if (name != NULL)
		return name;
	snprintf(out, WORDS_NUMBER, "0x%08" PRIx32, status);
	return out;
}

const char *
words_auth_type(uint8_t type, char out[WORDS_NUMBER])
{
	return FIND(auth_type, type, out);
}

const char *
words_auth_level(uint8_t level, char out[WORDS_NUMBER])
{
	return FIND(auth_level, level, out);
}

const char *
words_context_result(uint16_t result, char out[WORDS_NUMBER])
{
	return FIND(context_result, result, out);
}

const char *
words_context_reason(uint16_t reason, char out[WORDS_NUMBER])
{
	return FIND(context_reason, reason, out);
}

const char *
words_reject_reason(uint16_t reason, char out[WORDS_NUMBER])
{
	return FIND(reject_reason, reason, out);
}

const char *
words_oxid_operation(enum oxid_operation operation)
{
	static const char *const name[] = {
	    [OXID_SERVER_ALIVE2] = "ServerAlive2",
	    [OXID_RESOLVE] = "ResolveOxid",
	    [OXID_RESOLVE2] = "ResolveOxid2",
	    [OXID_REMOTE_ACTIVATION] = "RemoteActivation",
	    [OXID_CREATE_INSTANCE] = "RemoteCreateInstance",
	    [OXID_GET_CLASS_OBJECT] = "RemoteGetClassObject",
	};

	return name[operation];
}
