/* datagram_table.h - connectionless calls that are under way, or were a moment ago: found by who calls and the number of the call,
 * forgotten in the order of their last packets.
 *
 * Nothing is allocated before the first. A pointer to a call is valid until datagram_table_add() or _drop(). */
#ifndef EPMWATCH_DISSECT_DATAGRAM_TABLE_H
#define EPMWATCH_DISSECT_DATAGRAM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/datagram_body.h"
#include "dissect/observation.h"
#include "dissect/services.h"

struct budget;

enum {
	DATAGRAM_CALLS = 1024, /* at a time: 416 KiB; the one that was quiet longest makes room */
	DATAGRAM_SLOTS = 2048,
	DATAGRAM_NONE = 0xffff, /* no call's index */
};

/* Which call. The answer may come from anywhere, so the server is no part of it. Compared as bytes: no padding. */
struct datagram_key {
	struct uuid activity;
	struct addr client;
	uint32_t seqnum;
	uint16_t client_port;
	uint16_t realm;
};

_Static_assert(sizeof(struct datagram_key) == 40, "no padding");

struct datagram_call {
	struct datagram_key key;
	uint16_t chain, newer, older; /* DATAGRAM_NONE: nobody */
	bool asked;    /* its request was seen; without that server, port and opnum are not known */
	bool anybody;  /* to whoever hears it: the server is who answers */
	bool ignored;  /* it is none of ours */
	bool answered; /* what comes now are copies */
	struct if_id iface;
	struct addr server; /* to whom the request was addressed, ... */
	uint16_t server_port;
	int64_t since_ns;                      /* time of its last packet */
	const struct service *service;         /* NULL: its calls are not read */
	struct datagram_body question, answer; /* of a service */
	struct service_call known;
};

_Static_assert(sizeof(struct datagram_call) <= 416 - 4, "with its slots 416 bytes a call");

struct datagram_table {
	struct datagram_call *call; /* owned; NULL before the first */
	uint16_t *slot;             /* owned: the first of each chain */
	struct budget *budget;      /* borrowed */
	uint64_t secret;
	uint16_t unused, newest, oldest;
};

/** datagram_table_init(t, budget, secret) / datagram_table_deinit(t): An empty table whose order nobody can foresee without ${secret}. */
void datagram_table_init(struct datagram_table *t, struct budget *budget, uint64_t secret);
void datagram_table_deinit(struct datagram_table *t);

/** datagram_table_find(t, key): The call, or NULL. */
struct datagram_call *datagram_table_find(
    const struct datagram_table *t, const struct datagram_key *key);

/** datagram_table_oldest(t): The call that was quiet longest; NULL where there is none. */
struct datagram_call *datagram_table_oldest(const struct datagram_table *t);

/** datagram_table_is_full(t): True if one has to be dropped before another can be added. */
bool datagram_table_is_full(const struct datagram_table *t);

/** datagram_table_add(t, key): A call that was not there, the newest, zero but for ${key}. NULL without memory, or where the table is full. */
struct datagram_call *datagram_table_add(struct datagram_table *t, const struct datagram_key *key);

/** datagram_table_use(t, call, now_ns): ${call} is the newest now. */
void datagram_table_use(struct datagram_table *t, struct datagram_call *call, int64_t now_ns);

/** datagram_table_drop(t, call): Forget ${call} with all that it holds. */
void datagram_table_drop(struct datagram_table *t, struct datagram_call *call);

#endif
