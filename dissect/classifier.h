/* classifier.h - what protocol something is that is not DCE/RPC, by nDPI. It never decides what is DCE/RPC: its test misses
 * PDUs that are split, joined or big-endian.
 *
 * nDPI is asked about few packets: candidates for new-mail notifications, and connections to learned ports that turned out to carry
 * something else (with `--classify all`: the first of all). Its module, some 6 MiB and 30 ms, is made when it is needed first. Each flow that
 * it is asked about takes one of CLASSIFIER_FLOWS places, 0.7 KiB each with nDPI 4.2; the one that was idle longest of eight
 * gives its place up. A token bucket in packet time bounds what all of it costs: what finds no token is counted and not asked about.
 * The first packet of a flow that it does not know takes it 23,000 instructions, some 5 microseconds; others take less.
 *
 * This and base/community_id.c are all that knows nDPI. Debian 12 has 4.2, and that alone is what was ever run. Later versions have other calls, for which
 * configure looks; these were compiled against headers written from their documentation (tests/lint/ndpi), and never linked or run:
 *   4.6   ndpi_detection_process_packet() has a sixth argument
 *   4.10  ndpi_init_detection_module() takes a global context, and ndpi_finalize_initialization() says whether it went well
 *   5.0   there is no NDPI_PROTOCOL_BITMASK, and all protocols are on; the result has the two protocols in a structure of their own */
#ifndef EPMWATCH_DISSECT_CLASSIFIER_H
#define EPMWATCH_DISSECT_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct classifier;
struct flow_key;

enum {
	CLASSIFIER_PACKETS = 8, /* of a flow that are worth asking about */
	CLASSIFIER_SETS = 32,
	CLASSIFIER_WAYS = 8,
	CLASSIFIER_FLOWS = CLASSIFIER_SETS * CLASSIFIER_WAYS,
	CLASSIFIER_RATE = 4096, /* packets a second of packet time, */
	CLASSIFIER_BURST = 8192 /* and so many at once */
};

struct classifier_stats {
	uint64_t flows;   /* that nDPI was asked about */
	uint64_t skipped; /* packets that it was not, for want of a token or of memory */
};

/* A packet, as much as matters. */
struct classifier_packet {
	const struct flow_key *key;
	int from; /* the side of ${key} that sent it */
	uint8_t proto;
	int64_t ts_ns;
	const uint8_t *payload; /* borrowed */
	size_t len;             /* what is beyond CLASSIFIER_PAYLOAD is not looked at */
};

enum {
	CLASSIFIER_PAYLOAD = 1460
};

/** classifier_new(out, stats, bounded) / classifier_free(&c): One that counts in ${stats}, which is borrowed; ${bounded}: its bucket is used. -ENOMEM. */
int classifier_new(struct classifier **out, struct classifier_stats *stats, bool bounded);
void classifier_free(struct classifier **c);

/** classifier_ask(c, packet): What nDPI says of the flow with its next ${packet}: a number for classifier_name(), the same in all classifiers;
 * 0 where it cannot tell, yet or at all. */
uint16_t classifier_ask(struct classifier *c, const struct classifier_packet *packet);

/** classifier_forget(c, key, proto): The flow is over; its place is free. */
void classifier_forget(struct classifier *c, const struct flow_key *key, uint8_t proto);

/** classifier_name(verdict): nDPI's name of that protocol; `unknown` for 0. Static storage. */
const char *classifier_name(uint16_t verdict);

/** classifier_is_rpc(verdict): nDPI takes it for DCE/RPC. */
bool classifier_is_rpc(uint16_t verdict);

#endif
