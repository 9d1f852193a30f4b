/* dissector.h - one worker's dissection: packets in, observations out. No I/O, no clock, no log, no history. */
#ifndef EPMWATCH_DISSECT_DISSECTOR_H
#define EPMWATCH_DISSECT_DISSECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/classifier.h"
#include "dissect/fragments.h"

struct batch;
struct dissector;
struct hints;
struct obs_queue;
struct realms;

/* Bounds of everything that traffic can make grow. Zero means the default. */
struct dissect_limits {
	size_t flows;                    /* TCP connections followed at a time; default 16384 */
	size_t buffer_bytes;             /* of all stream, PDU and call buffers together; default 32 MiB */
	int64_t answer_ns;               /* how long answers are waited for, default 60 s, ... */
	int64_t hole_ns;                 /* ... and what fills a hole in a stream, default 10 s, where dissector_tick() is called */
	uint64_t salt;                   /* that of the sieve whose batches come; makes the flow table's hash one that nobody can aim at; changes no result */
	int64_t span_ns;                 /* how far apart copies of a datagram are at most, default 1 ms; below 0: there are none */
	bool no_smb;                     /* connections that carry SMB are not followed */
	bool no_ndpi;                    /* nDPI is asked about nothing */
	bool classify_all;               /* and otherwise about every connection and exchange of datagrams; no mark spares a packet then */
	const struct realms *realms;     /* borrowed; NULL: all addresses are of realm 0 */
};

/* Counters since the start. Damaged traffic is counted here, never logged. */
struct dissect_stats {
	uint64_t not_ip;                 /* packets without IPv4 or IPv6 */
	uint64_t malformed_packets;      /* link, IP or TCP header cut or contradictory */
	uint64_t too_deep;               /* packets with more tunnels than are passed */
	uint64_t sealed_frames;          /* MACsec */
	uint64_t duplicates;             /* datagrams that a mirror port delivered again */
	struct fragment_stats fragments; /* of IP */
	struct {
		uint64_t streams;        /* connections followed */
		uint64_t gaps;           /* holes skipped */
		uint64_t out_of_order;   /* segments held */
		uint64_t overlaps;       /* bytes sent twice with different content, as far as the first copy was still held; it won */
		uint64_t damaged;        /* segments dropped for their checksums */
		uint64_t strays;         /* segments too far from where their stream was */
		uint64_t evicted;        /* connections dropped for want of room */
		uint64_t given_up;       /* connections of a port of interest that turned out not to be DCE/RPC */
	} tcp;
	struct {
		uint64_t pdus;
		uint64_t malformed;      /* PDUs, stubs and towers that contradict themselves */
		uint64_t resync;         /* times a stream had to look for the next PDU */
		uint64_t sealed;         /* requests and responses at privacy level */
		uint64_t sealed_epm;     /* of these, to the endpoint mapper */
		uint64_t sealed_answers; /* of these, its responses, each once */
		uint64_t unanswered;     /* binds and questions without an answer */
	} rpc;
	struct {                         /* connectionless: over UDP; pdus, malformed, sealed and unanswered above are of these, too */
		uint64_t pdus;           /* PROFINET's included */
		uint64_t profinet;       /* packets of PROFINET's devices, and towers that their endpoint mappers name */
		uint64_t evicted;        /* calls without an answer so far, forgotten for want of room */
	} datagram;
	struct {                         /* for new-mail notifications */
		uint64_t told;           /* datagrams, and what speaks against them */
		uint64_t shed;           /* datagrams beyond what a second, or two ports, may have */
		uint64_t evicted;        /* exchanges forgotten for want of room */
	} candidates;
	struct {                         /* connections and exchanges that nDPI is asked about */
		uint64_t told;           /* as something else than DCE/RPC */
		uint64_t shed;           /* not asked about, since enough others of that port or in that second were */
		uint64_t evicted;        /* forgotten for want of room */
		uint64_t only_ndpi;      /* DCE/RPC for nDPI, and not for us, ... */
		uint64_t only_we;        /* ... and the reverse */
	} foreign;
	struct classifier_stats ndpi;
	uint64_t capped;                 /* things not kept because a bound was reached */
	size_t buffered;                 /* bytes in buffers now */
};

/**
 * dissector_new(out, limits, hints) / dissector_free(&d):
 * Make a dissector. ${limits} may be NULL. ${hints} is borrowed, may be NULL, and may change between packets. -ENOMEM.
 */
int dissector_new(struct dissector **out, const struct dissect_limits *limits, const struct hints *hints);
void dissector_free(struct dissector **d);

/** dissector_hints(d, hints): From the next packet on, ${hints} is what is known. Borrowed; may be NULL. */
void dissector_hints(struct dissector *d, const struct hints *hints);

/**
 * dissector_batch(d, batch, from, to, out):
 * Take the packets of ${batch} from index ${from} to before ${to}, up to and with the first that completes something; append that to
 * ${out}. The marks are those of a sieve with the salt of ${d}, or all MARK_ALWAYS; they spare time and change no result.
 * Returns the index behind the last packet taken, so that a loop that drains ${out} and calls again sees what
 * one packet taught before the next is looked at. Keeps nothing of the packets. Cannot fail.
 */
size_t dissector_batch(struct dissector *d, const struct batch *batch, size_t from, size_t to, struct obs_queue *out);

/**
 * dissector_tick(d, now_ns, out):
 * Packet time has come to ${now_ns}, whether or not packets have: append what has waited too long (binds without an answer as such, and what lies
 * behind holes that nothing filled), count questions to the endpoint mapper without an answer, and let go of what was kept for them. Each
 * call looks at an eighth of the connections, so that all have their turn in a few seconds where it is called once a second, and costs little.
 *
 * For live traffic. Of a file the connections' ends, and the file's, settle the same: an answer that comes after an hour is then an answer, and
 * what comes out depends on nothing but the packets. What waits is bounded there, too: by BINDS_PENDING, CALLS_OPEN and the budget.
 */
void dissector_tick(struct dissector *d, int64_t now_ns, struct obs_queue *out);

/** dissector_finish(d, out): The traffic has ended: append what waited for an answer, in the order in which the connections began, and forget all flows. */
void dissector_finish(struct dissector *d, struct obs_queue *out);

/** dissector_stats(d): The counters; valid as long as ${d}. */
const struct dissect_stats *dissector_stats(const struct dissector *d);

#endif
