/* registry.c - the table, and the questions asked of it. */
#include "report/registry/registry.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/uuid.h"
#include "track/records.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SERVICES "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\"
#define SYSTEM_ATTENDANT(value)                                                                    \
	SERVICES "MSExchangeSA\\Parameters", value, "MSExchangeSA",                               \
	    "Microsoft Exchange System Attendant"
#define DIRECTORY(value)                                                                           \
	SERVICES "NTDS\\Parameters", value, NULL, "Active Directory Domain Services"
#define RPC_CLIENT_ACCESS(value)                                                                   \
	SERVICES "MSExchangeRPC\\ParametersSystem", value, "MSExchangeRPC",                       \
	    "Microsoft Exchange RPC Client Access"
#define RPC_VALUE(type, value)                                                                     \
	{                                                                                          \
		REGISTRY_UNKNOWN, type, NULL, none,                                                \
		    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Rpc\\Internet", value, NULL,         \
		    "Remote Procedure Call"                                                        \
	}
#define UUID_NSPI "f5cc5a18-4264-101a-8c59-08002b2f8426"
#define UUID_RFR "1544f5e0-613c-11d1-93df-00c04fd7bd09"
#define UUID_EMSMDB "a4f1db00-ca47-1067-b31f-00dd010662da"
#define UUID_EMSMDB_ASYNC "5261574a-4572-206e-b268-6b199213b4e4"

/* The groups of data/groups.yaml of the same names. */
static const char *const store[] = {
    UUID_EMSMDB,
    UUID_EMSMDB_ASYNC,
    "a4f1db00-ca47-1067-b31e-00dd010662da",
    "89742ace-a9ed-11cf-9c0c-08002be7ae86",
    "99e64010-b032-11d0-97a4-00c04fd6551d",
    "da107c01-2b50-44d7-9d5f-bfd4fd8e95ed",
    "0e4a0156-dd5d-11d2-8c2f-00c04fb6bcde",
    "10f24e8e-0fa6-11d2-a910-00c04f990f3b",
    "1453c42c-0fa6-11d2-a910-00c04f990f3b",
    "a9e05b20-6f57-4e24-a540-52412017e6ff",
    "bf6dd426-77b4-44b3-984e-d413fc075562",
    NULL,
};
static const char *const client_access[] = {UUID_EMSMDB, UUID_EMSMDB_ASYNC, NULL};
static const char *const rfr[] = {UUID_RFR, NULL};
static const char *const nspi[] = {UUID_NSPI, NULL};
static const char *const address_book[] = {UUID_NSPI, UUID_RFR, NULL};
static const char *const replication[] = {
    "e3514235-4b06-11d1-ab04-00c04fc2dcd2", "7c44d7d4-31d5-424c-bd5e-2b3e1f323d22", NULL};
static const char *const netlogon[] = {"12345678-1234-abcd-ef00-01234567cffb", NULL};
static const char *const files[] = {
    "f5cc59b4-4264-101a-8c59-08002b2f8426", "d049b186-814f-11d1-9a3c-00c04fc9b232", NULL};
static const char *const dfs[] = {"897e2e5f-93f3-4376-9c9c-fd2277495c27", NULL};
static const char *const none[] = {NULL};

static const struct registry_value table[] = {
    {REGISTRY_EXCHANGE_2007, REGISTRY_DWORD, "exchange-store", store,
	SERVICES "MSExchangeIS\\ParametersSystem", "TCP/IP Port", "MSExchangeIS",
	"Microsoft Exchange Information Store"},
    {REGISTRY_EXCHANGE_2007, REGISTRY_DWORD, "exchange-rfr", rfr, SYSTEM_ATTENDANT("TCP/IP Port")},
    {REGISTRY_EXCHANGE_2007, REGISTRY_DWORD, "exchange-nspi", nspi,
	SYSTEM_ATTENDANT("TCP/IP NSPI Port")},
    {REGISTRY_EXCHANGE_2010, REGISTRY_DWORD, "exchange-rpc-client-access", client_access,
	RPC_CLIENT_ACCESS("TCP/IP Port")},
    {REGISTRY_EXCHANGE_2010, REGISTRY_SZ, "exchange-address-book", address_book,
	SERVICES "MSExchangeAB\\Parameters", "RpcTcpPort", "MSExchangeAB",
	"Microsoft Exchange Address Book"},
    {REGISTRY_AD, REGISTRY_DWORD, "ad-replication", replication, DIRECTORY("TCP/IP Port")},
    {REGISTRY_AD, REGISTRY_DWORD, "exchange-nspi", nspi, DIRECTORY("TCP/IP Port")},
    {REGISTRY_AD, REGISTRY_DWORD, "netlogon", netlogon, SERVICES "Netlogon\\Parameters",
	"DCTcpipPort", "Netlogon", "Netlogon"},
    {REGISTRY_AD, REGISTRY_DWORD, "file-replication", files, SERVICES "NTFRS\\Parameters",
	"RPC TCP/IP Port Assignment", "NtFrs", "File Replication Service"},
    {REGISTRY_AD, REGISTRY_COMMAND, "dfs-replication", dfs, NULL, NULL, "DFSR", "DFS Replication"},
};

static const struct registry_value others[] = {
    [REGISTRY_RPC_PORTS] = RPC_VALUE(REGISTRY_MULTI_SZ, "Ports"),
    [REGISTRY_RPC_AVAILABLE] = RPC_VALUE(REGISTRY_SZ, "PortsInternetAvailable"),
    [REGISTRY_RPC_USE] = RPC_VALUE(REGISTRY_SZ, "UseInternetPorts"),
    [REGISTRY_OUTLOOK_UDP] = {REGISTRY_UNKNOWN, REGISTRY_DWORD, NULL, none,
	"HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\11.0\\Outlook\\RPC", "FixedUDPPort",
	"Outlook", "Microsoft Outlook 2003"},
    [REGISTRY_PUSH_ON] = {REGISTRY_EXCHANGE_2010, REGISTRY_DWORD, NULL, none,
	RPC_CLIENT_ACCESS("EnablePushNotifications")},
};

static const struct {
	const char *name, *label;
} products[] = {
    [REGISTRY_UNKNOWN] = {"unknown", "an unknown product"},
    [REGISTRY_EXCHANGE_2007] = {"exchange-2007", "Exchange 2007"},
    [REGISTRY_EXCHANGE_2010] = {"exchange-2010", "Exchange 2010"},
    [REGISTRY_AD] = {"ad", "Active Directory"},
};

const struct registry_value *
registry_table(size_t *count)
{
	*count = COUNT(table);
	return table;
}

const struct registry_value *
registry_other(enum registry_other which)
{
	assert((size_t)which < COUNT(others));
	return &others[which];
}

static bool
is(const struct uuid *uuid, const char *text)
{
	struct uuid other;

	return uuid_parse(text, &other) == 0 && uuid_equal(uuid, &other);
}

bool
registry_moves(const struct registry_value *v, const struct uuid *uuid)
{
	for (const char *const *text = v->interface; *text != NULL; text++) {
		if (is(uuid, *text))
			return true;
	}
	return false;
}

bool
registry_same(const struct registry_value *a, const struct registry_value *b)
{
	if (a == b)
		return true;
	return a->key != NULL && b->key != NULL && strcmp(a->key, b->key) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

/* An Exchange server may be a domain controller as well, but runs one Exchange. The address book alone is of all of them. */
static bool
fits(const struct registry_value *v, enum registry_product product, const struct uuid *uuid)
{
	if (product == REGISTRY_UNKNOWN || v->product == product)
		return true;
	if (v->product != REGISTRY_AD && product != REGISTRY_AD)
		return false;
	return !is(uuid, UUID_NSPI);
}

/* Major version 21 of the file replication's first interface is Exchange 5.5's. */
static bool
is_alien(const struct mapping_key *key)
{
	return key->major != 1 && is(&key->uuid, files[0]);
}

size_t
registry_find(const struct mapping_key *key, enum registry_product product,
    const struct registry_value *out[REGISTRY_MOST])
{
	size_t n = 0;

	if (key->protseq != PROTSEQ_TCP || is_alien(key))
		return 0;
	for (size_t i = 0; i < COUNT(table) && n < REGISTRY_MOST; i++) {
		if (registry_moves(&table[i], &key->uuid) && fits(&table[i], product, &key->uuid))
			out[n++] = &table[i];
	}
	return n;
}

const char *
registry_product_name(enum registry_product p)
{
	return products[p].name;
}

const char *
registry_product_label(enum registry_product p)
{
	return products[p].label;
}

int
registry_product_parse(const char *name, enum registry_product *out)
{
	for (size_t i = REGISTRY_UNKNOWN + 1; i < COUNT(products); i++) {
		if (strcmp(products[i].name, name) == 0) {
			*out = (enum registry_product)i;
			return 0;
		}
	}
	return ERR_MALFORMED;
}

char *
registry_short_key(const struct registry_value *v, char out[REGISTRY_TEXT])
{
	static const struct {
		const char *full, *brief;
	} hives[] = {{"HKEY_LOCAL_MACHINE", "HKLM"}, {"HKEY_CURRENT_USER", "HKCU"}};

	snprintf(out, REGISTRY_TEXT, "%s", v->key != NULL ? v->key : "");
	for (size_t i = 0; i < COUNT(hives); i++) {
		size_t len = strlen(hives[i].full);

		if (strncmp(out, hives[i].full, len) == 0)
			snprintf(out, REGISTRY_TEXT, "%s%s", hives[i].brief, v->key + len);
	}
	return out;
}

char *
registry_data(const struct registry_value *v, uint16_t port, char out[REGISTRY_TEXT])
{
	if (v->type == REGISTRY_DWORD)
		snprintf(out, REGISTRY_TEXT, "dword:%08x", (unsigned)port);
	else
		snprintf(out, REGISTRY_TEXT, "\"%u\"", (unsigned)port);
	return out;
}

char *
registry_say(const struct registry_value *v, uint16_t port, char out[REGISTRY_TEXT])
{
	char key[REGISTRY_TEXT], data[REGISTRY_TEXT];

	if (v->type == REGISTRY_COMMAND)
		snprintf(out, REGISTRY_TEXT,
		    "run dfsrdiag StaticRPC /port:%u /Member:SERVER there, and restart %s if "
		    "that does not move it",
		    (unsigned)port, v->restart);
	else
		snprintf(out, REGISTRY_TEXT, "set %.128s `%.40s' = %.20s, and restart %.40s",
		    registry_short_key(v, key), v->name, registry_data(v, port, data),
		    v->restart != NULL ? v->restart : "the computer");
	return out;
}
