/* traffic_bulk.h - a client that reads and writes large files on a server, and now and then goes through a named pipe. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_BULK_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/traffic_frame.h"
#include "tests/bench/traffic_rpc.h"
#include "tests/bench/traffic_smb.h"
#include "tests/bench/traffic_talk.h"

enum {
	BULK_QUEUE = 16,    /* messages */
	BULK_PACKETS = 100, /* more than what goes through a pipe takes, once it begins */
};

/* A message that waits to be sent: its head, and then octets that are made up where there are no real ones. */
struct bulk_message {
	bool by_server;
	bool pdu, answer, bind;    /* what it completes */
	size_t head_len, data_len; /* of head; and behind it */
	uint8_t head[SMB_HEAD_MAX + RPC_PDU_MAX];
};

/* A connection. All that it says follows from its number, and from when it is asked for a pipe. */
struct bulk {
	uint64_t number;
	struct path path;
	bool sealed;      /* every message behind the session setup is encrypted */
	uint32_t next[2]; /* sequence number of the next octet of client and server */
	unsigned step;    /* of the handshake, then of the setup */
	unsigned unacked; /* full segments in a row */
	bool acks;        /* the next packet acknowledges them */
	bool last_by;     /* who sent them */
	bool piping;      /* the queue is about a pipe */
	uint64_t message, rounds, pipes;
	uint64_t files;   /* opened */
	size_t count, at; /* queue[at..count] has not been sent, */
	size_t sent;      /* but so many octets of the first */
	struct bulk_message queue[BULK_QUEUE];
	uint8_t payload[PAYLOAD_MAX]; /* of the packet at hand */
};

/** bulk_start(b, number, sealed): Begin. */
void bulk_start(struct bulk *b, uint64_t number, bool sealed);

/**
 * bulk_next(b, pipe, noise, s, counts):
 * Make ${s} the next packet, and count what it completes; it lives until the next call. Where ${*pipe} is set and what was
 * begun before is done, a pipe is opened and used, and ${*pipe} cleared. ${noise} is where data come from, at least
 * RPC_PDU_MAX octets.
 */
void bulk_next(struct bulk *b, bool *pipe, const uint8_t *noise, struct segment *s,
    struct talk_counts *counts);

#endif
