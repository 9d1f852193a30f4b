/* pinholes.h - ports that the endpoint mapper names and nobody reaches: a firewall is between (EPM-013).
 *
 * The endpoint mapper named port P, and a client that was told so tried P within a minute. It got nothing for a minute, or a
 * reset. If three clients did, and nobody got through meanwhile, the port is blocked. It is open again when
 * somebody gets through, and the alert closes after the settling time; or when for a day nobody tried.
 *
 * Who was told what is remembered for a minute, in PINHOLE_ANSWERS places; who comes next takes a place over. Ports that are tried and
 * not reached are held in PINHOLE_PORTS places, the one that was quiet longest gives way to the next, those with an alert last.
 * About 180 KiB, made with the first answer. Who has which place follows from the traffic alone, so that a replay says the same: who forges
 * answers to crowd out others can hide a blocked port, and no more. */
#ifndef EPMWATCH_TRACK_PINHOLES_H
#define EPMWATCH_TRACK_PINHOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track/records.h"

struct obs;
struct octets;
struct octets_in;
struct rules;

enum {
	PINHOLE_ANSWERS = 1024,
	PINHOLE_PORTS = 128,
	PINHOLE_TRIES = PINHOLE_MOST, /* clients of a port that are waited for */
	PINHOLE_CLIENTS = 3,    /* so many have to fail */
	PINHOLE_INTERFACES = PINHOLE_MOST, /* of a port that are named */
	PINHOLE_SAVED = 64,     /* answers that survive a restart: the newest */
};

/* One answer: that port was named to that client. */
struct pinhole_answer {
	struct addr server, client;
	struct uuid uuid;
	int64_t ts_ns;
	uint16_t port; /* 0: the place is free */
	uint8_t realm;
};

/* A client that has not got through so far. */
struct pinhole_try {
	struct addr client;
	int64_t ts_ns;      /* its first SYN */
	bool refused;       /* by a reset; else nothing came so far */
};

struct pinhole_port {
	struct addr server;
	uint16_t port; /* 0: the place is free */
	uint8_t realm;
	uint8_t try_count, failed_count, uuid_count;
	bool told;          /* there is an alert, and it is open */
	bool refused;       /* ... because of resets alone */
	int64_t opened_ns, wrong_ns, right_ns; /* where told; right 0: not yet */
	int64_t last_ns;    /* something was tried or told of it */
	struct evidence evidence; /* of the last try */
	struct pinhole_try try[PINHOLE_TRIES];
	struct addr failed[PINHOLE_TRIES]; /* the clients that it was told for */
	struct uuid uuid[PINHOLE_INTERFACES];
};

struct pinholes {
	struct pinhole_answer *answer; /* owned; NULL before the first */
	struct pinhole_port *port;     /* owned, likewise */
	size_t used;                   /* places of ports that are taken */
	int64_t due;                   /* the smallest of theirs; a reading */
};

/** pinholes_judge(r, o): ${o} may tell what was named, tried or reached. -ENOMEM. */
int pinholes_judge(struct rules *r, const struct obs *o);

/** pinholes_ripe(r, now_ns): What is due at packet time ${now_ns}. -ENOMEM. */
int pinholes_ripe(struct rules *r, int64_t now_ns);

/** pinholes_encode(p, now_ns, out) / pinholes_decode(r, in): What is remembered, at packet time ${now_ns}. -ENOMEM; ERR_MALFORMED, and what was read
 * before counts. */
void pinholes_encode(const struct pinholes *p, int64_t now_ns, struct octets *out);
int pinholes_decode(struct rules *r, struct octets_in *in);

/** pinholes_deinit(p): Forget all. */
void pinholes_deinit(struct pinholes *p);

#endif
