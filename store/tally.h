/* tally.h - what a sensor counted in an hour of packet time: packets, what was lost of them and why, and how much of the calls could be
 * read. */
#ifndef EPMWATCH_STORE_TALLY_H
#define EPMWATCH_STORE_TALLY_H

#include <stdint.h>

struct query_filter;
struct store;

/* In the order of the table's columns: append only. */
enum tally_number {
	TALLY_PACKETS, /* dissected, or found to be of no use */
	TALLY_BYTES,
	TALLY_DROPPED_KERNEL,    /* packets: the ring was full */
	TALLY_DROPPED_INTERFACE, /* packets: by the network card or its driver */
	TALLY_DROPPED_QUEUE,     /* observations that found no room */
	TALLY_DROPPED_DECODE,    /* packets: headers cut or contradictory */
	TALLY_DROPPED_CAP,       /* things not kept because a bound was reached */
	TALLY_GAPS,              /* holes in streams that were skipped */
	TALLY_DAMAGED,           /* segments with a wrong checksum */
	TALLY_PDUS,
	TALLY_MALFORMED,      /* of these, and what is in them */
	TALLY_SEALED,         /* calls that cannot be read: requests and responses */
	TALLY_SEALED_ANSWERS, /* of these, answers of endpoint mappers */
	TALLY_ANSWERS,        /* of endpoint mappers, in clear */
	TALLY_BINDS,          /* endpoints accepted by a bind, at ports of their own */
	TALLY_UNANNOUNCED,    /* of these, without an answer before that named them */
	TALLY_UP,             /* nanoseconds that the sensor watched interfaces */
	TALLY_NUMBERS
};

#define TALLY_HOUR_NS INT64_C(3600000000000)

struct tally {
	uint64_t n[TALLY_NUMBERS];
};

/* What is kept of one hour, by one sensor in one realm. What cannot be told apart by realm is in the one that the run is of. */
struct query_tally {
	const char *sensor, *realm; /* borrowed until the callback returns */
	int64_t hour;               /* since 1970 */
	struct tally tally;
};

/** tally_hour(ts_ns): The hour that a time lies in, since 1970. */
int64_t tally_hour(int64_t ts_ns);

/** tally_name(number): Its name in the store and in what machines read. Static storage. */
const char *tally_name(enum tally_number number);

/** tally_add(t, more): Add up; what would overflow stays at the most. */
void tally_add(struct tally *t, const struct tally *more);

/** store_add_tally(s, realm, hour, t): Add to what is kept of that hour, within a transaction. */
int store_add_tally(struct store *s, uint8_t realm, int64_t hour, const struct tally *t);

/** query_tallies(s, f, row, ctx): Of ${f} sensor, realm and span: every hour that the span touches, by hour, sensor, realm. */
int query_tallies(struct store *s, const struct query_filter *f,
    int (*row)(void *ctx, const struct query_tally *x), void *ctx);

/** store_keep_up(s, ts_ns): A sensor that watches interfaces is still up, by its own clock, whether or not packets come. Of realm 0. */
int store_keep_up(struct store *s, int64_t ts_ns);

/** query_ups(s, row, ctx): Each sensor that ever watched interfaces, and when it was up last, by sensor, realm. */
int query_ups(struct store *s,
    int (*row)(void *ctx, const char *sensor, const char *realm, int64_t ts_ns), void *ctx);

#endif
