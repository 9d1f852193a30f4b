/* traffic_talk.h - a client that asks the endpoint mapper of a server where an interface is, and goes there. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_TALK_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/traffic_frame.h"
#include "tests/bench/traffic_rpc.h"

/* What is in the packets that were taken. */
struct talk_counts {
	uint64_t packets; /* of talks */
	uint64_t pdus;    /* complete ones */
	uint64_t binds;   /* answered */
	uint64_t answers; /* of endpoint mappers, of one tower each */
};

/* Two connections after each other: to port 135 with questions, and to the port that was learned with calls. */
struct talk {
	uint64_t number; /* all there is to a talk follows from this */
	struct path path;
	uint32_t next[2];    /* sequence number of the client's next octet, and of the server's */
	unsigned step;       /* in the connection */
	unsigned pairs;      /* questions and answers, or calls, in the connection */
	unsigned calls;      /* in the connection to the service */
	bool at_service;     /* in the second connection */
	bool wide;           /* NDR64 */
	size_t length, sent; /* of pdu; what of it has been sent */
	uint8_t pdu[RPC_PDU_MAX];
};

/** talk_start(t, number, questions, calls): Begin. The servers, of which there are twenty, keep their ports for five
 * thousand numbers, then restart with other ports, one after the other. */
void talk_start(struct talk *t, uint64_t number, unsigned questions, unsigned calls);

/**
 * talk_next(t, noise, s, counts):
 * Make ${s} the next packet, and count what it completes; it lives until the next call. ${noise} is where stubs come
 * from, at least RPC_PDU_MAX octets. False when all is said.
 */
bool talk_next(struct talk *t, const uint8_t *noise, struct segment *s, struct talk_counts *counts);

#endif
