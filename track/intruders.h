/* intruders.h - ports of DCE/RPC at which something else answers (EPM-011).
 *
 * The history has an endpoint at that port, and what comes from there is no DCE/RPC. What clients send there accuses nobody, however many
 * they are: a scanner may knock at a port that refuses it. The alert closes when DCE/RPC was accepted there again and
 * nothing else was seen for the settling time; and likewise when the history has the endpoint no more, since it
 * moved, vanished or was unseen for too long: then the port belongs to whoever took it.
 *
 * INTRUDER_PORTS places, 16 KiB, made with the first one; the one that was quiet longest gives way, those whose alert is open never: what finds no
 * place is counted. */
#ifndef EPMWATCH_TRACK_INTRUDERS_H
#define EPMWATCH_TRACK_INTRUDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct change;
struct mapping_key;
struct obs;
struct octets;
struct octets_in;
struct rules;
struct servers;
struct servers_entry;

#define RULES_INTRUDER "EPM-011"

enum {
	INTRUDER_PORTS = 128,
	INTRUDER_CLIENTS = 4, /* that are named */
	INTRUDER_NAME = 24,
};

struct intruder {
	struct addr server;
	uint16_t port; /* 0: the place is free */
	uint8_t realm;
	bool told; /* there is an alert, and it is open */
	bool gone; /* the history has no endpoint there */
	uint8_t client_count;
	int64_t last_ns;
	struct addr client[INTRUDER_CLIENTS];
	char protocol[INTRUDER_NAME]; /* the last one */
};

struct intruders {
	struct rules *rules;     /* borrowed */
	struct servers *servers; /* borrowed: alerts hang on them */
	/* Whether the history has an endpoint there; NULL: it is not asked. 0, or an error. */
	int (*answers)(
	    void *ctx, const struct addr *server, uint8_t realm, uint16_t port, bool *out);
	void *ctx;
	struct intruder *place; /* owned; NULL before the first */
	bool dirty;             /* what intruders_encode() writes has changed */
	uint64_t refused;
};

/** intruders_deinit(i): Forget all. Zeros with the borrowed parts set are a beginning. */
void intruders_deinit(struct intruders *i);

/** intruders_observe(i, o): ${o} may tell of one, or that DCE/RPC answers. -ENOMEM; the loader's error. */
int intruders_observe(struct intruders *i, const struct obs *o);

/** intruders_change(i, c): ${c} is told: endpoints may be gone. Errors likewise. */
int intruders_change(struct intruders *i, const struct change *c);

/** intruders_unseen(i, key, ts_ns): Endpoints of ${key} ended at ${ts_ns}, told or not. Errors likewise. */
int intruders_unseen(struct intruders *i, const struct mapping_key *key, int64_t ts_ns);

/** intruders_settle(i, e): Alerts of ${e} may have closed: their places are free for others. */
void intruders_settle(struct intruders *i, const struct servers_entry *e);

/** intruders_encode(i, out) / intruders_decode(i, in): What is remembered. False where it is damaged, or there is no memory. */
void intruders_encode(const struct intruders *i, struct octets *out);
bool intruders_decode(struct intruders *i, struct octets_in *in);

#endif
