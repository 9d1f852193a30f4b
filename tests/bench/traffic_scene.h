/* traffic_scene.h - what the kinds of traffic share: the capture, the state of their connections, random octets. */
#ifndef EPMWATCH_TESTS_BENCH_TRAFFIC_SCENE_H
#define EPMWATCH_TESTS_BENCH_TRAFFIC_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/traffic_bulk.h"
#include "tests/bench/traffic_file.h"
#include "tests/bench/traffic_frame.h"
#include "tests/bench/traffic_talk.h"

enum {
	SCENE_FLOWS = 100000, /* connections, where nothing else is asked for */
	SCENE_HTTP = 80,
	SCENE_HTTPS = 443,
};

/* How far a connection is. */
struct flow {
	uint32_t next[2]; /* octets that client and server have sent */
	uint32_t packets;
};

/* What is asked for, and what has been made of it. */
struct scene {
	struct traffic_file file;
	uint64_t packets, flows,
	    every;         /* how many; of which connections; an exchange every so many packets */
	struct flow *flow; /* one for each of flows */
	struct talk *talk; /* those that are under way */
	struct bulk *bulk; /* likewise */
	uint64_t talks;    /* begun so far */
	bool talking;      /* one is under way */
	struct talk_counts counts;
	uint8_t *noise; /* random octets, see scene_noise() */
};

/* A kind of traffic: what its state is, and its packet number scene.file.packets. */
struct kind {
	const char *name;
	uint64_t flows; /* default of scene.flows; 0: as many as packets */
	bool stateful;  /* scene.flow is used */
	size_t talks;   /* length of scene.talk */
	size_t bulks;   /* of scene.bulk */
	void (*packet)(struct scene *s);
};

extern const struct kind scene_quiet[], scene_mixed[], scene_shares[]; /* the last one has no name */

/** scene_open(s, kind), scene_close(s): Get what ${kind} needs, numbers and file apart, and give it back. False without memory. */
bool scene_open(struct scene *s, const struct kind *kind);
void scene_close(struct scene *s);

/** scene_random(s): A number for the packet at hand, always the same for the same packet. */
uint64_t scene_random(const struct scene *s);

/** scene_noise(s): Random octets for the packet at hand, at least RPC_PDU_MAX. */
const uint8_t *scene_noise(const struct scene *s);

/** scene_port(m): Where clients go on a network that is not about RPC, by the bits of ${m}; never a port of RPC or SMB. */
uint16_t scene_port(uint64_t m);

/** scene_path(f): Connection ${f}, over IPv4 and TCP. No two of the first sixteen million are the same. */
struct path scene_path(uint64_t f);

/** scene_send(s, segment): Write it. */
void scene_send(struct scene *s, const struct segment *segment);

/**
 * scene_flow_send(s, flow, segment):
 * Send the next packet of ${flow}: its handshake first, then ${segment}, of which path, payload, len and by_server count.
 */
void scene_flow_send(struct scene *s, struct flow *flow, const struct segment *segment);

/** scene_min_packet(s): A packet of minimum size: an acknowledgement, or six octets, which fit into it. */
void scene_min_packet(struct scene *s);

#endif
