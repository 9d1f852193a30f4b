/* registry.h - which registry value of Windows pins which interfaces to a port, and what has to be restarted for it.
 *
 * Remedies of findings, `export reg` and `plan` all read this one table. Exchange 2007 and 2010 keep the same interfaces under
 * different keys, and a domain controller answers the address book, too; which of them a server runs is asked of the policy
 * and of what was seen (registry_product.h). Where neither tells, every value that may be meant is named.
 *
 * Sources: Microsoft KB 224196 and 319553 (Active Directory, NTFRS), KB 270836 and 302914 (Exchange up to 2007), the wiki of TechNet,
 * page 864 (Exchange 2010), KB 154596 (Rpc\Internet). */
#ifndef EPMWATCH_REPORT_REGISTRY_H
#define EPMWATCH_REPORT_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping_key;
struct uuid;

enum registry_product {
	REGISTRY_UNKNOWN, /* it cannot be told; in the table: of no product in particular */
	REGISTRY_EXCHANGE_2007,
	REGISTRY_EXCHANGE_2010,
	REGISTRY_AD,
};

enum registry_type {
	REGISTRY_DWORD,
	REGISTRY_SZ,
	REGISTRY_MULTI_SZ,
	REGISTRY_COMMAND, /* no value: a command sets it */
};

struct registry_value {
	enum registry_product product;
	enum registry_type type;
	const char *service;          /* group of interfaces, as policies name it; NULL: of none */
	const char *const *interface; /* those that it moves, as text; up to NULL */
	const char *key, *name;       /* the key in full; NULL of a command */
	const char *restart;          /* service of Windows to restart; NULL: the computer */
	const char *label;            /* what the service is called */
};

enum {
	REGISTRY_MOST = 4,   /* values that may be meant by one interface */
	REGISTRY_TEXT = 256, /* of registry_say() */
};

/* Values that pin no interface of a server. */
enum registry_other {
	REGISTRY_RPC_PORTS,     /* the whole host's range: REG_MULTI_SZ */
	REGISTRY_RPC_AVAILABLE, /* ... is open to the Internet: `Y` */
	REGISTRY_RPC_USE,       /* ... and taken by default: `Y` */
	REGISTRY_OUTLOOK_UDP,   /* the client's port for new-mail datagrams, Outlook 2003 */
	REGISTRY_PUSH_ON,       /* Exchange 2010 pushes new-mail datagrams: 1 */
};

/** registry_table(count): Every value that pins interfaces, in a fixed order. Static storage. */
const struct registry_value *registry_table(size_t *count);

/** registry_other(which): One that does not. Static storage. */
const struct registry_value *registry_other(enum registry_other which);

/** registry_moves(v, uuid): True if ${v} decides the TCP port of that interface. */
bool registry_moves(const struct registry_value *v, const struct uuid *uuid);

/** registry_same(a, b): True if both are one value: what domain controllers answer for the address
 * book goes where replication goes. */
bool registry_same(const struct registry_value *a, const struct registry_value *b);

/**
 * registry_find(key, product, out):
 * The values that may pin ${key} on a server that runs ${product}; their number, 0 where there is none: over TCP only. With
 * REGISTRY_UNKNOWN those of every product that has the interface.
 */
size_t registry_find(const struct mapping_key *key, enum registry_product product,
    const struct registry_value *out[REGISTRY_MOST]);

/** registry_product_name(p) / registry_product_parse(name, out): `exchange-2007`, `exchange-2010`, `ad`; `unknown` cannot be read.
 * ERR_MALFORMED. */
const char *registry_product_name(enum registry_product p);
int registry_product_parse(const char *name, enum registry_product *out);

/** registry_product_label(p): The same for people: `Exchange 2007`. */
const char *registry_product_label(enum registry_product p);

/** registry_short_key(v): Its key with HKLM or HKCU in front, as people write it; in ${out}, which it returns. */
char *registry_short_key(const struct registry_value *v, char out[REGISTRY_TEXT]);

/** registry_data(v, port, out): What the value is set to, as .reg files write it: `dword:0000dac1`, `"60002"`; returns ${out}. */
char *registry_data(const struct registry_value *v, uint16_t port, char out[REGISTRY_TEXT]);

/** registry_say(v, port, out): The remedy in a line: set HKLM\...\MSExchangeIS\ParametersSystem `TCP/IP Port` = dword:0000dac1, and
 * restart MSExchangeIS; returns ${out}. */
char *registry_say(const struct registry_value *v, uint16_t port, char out[REGISTRY_TEXT]);

#endif
