/* reach.h - whether clients get through to the ports that answers named: what firewalls between them break.
 *
 * A SYN to a learned endpoint is told, and so is what comes of it: the server takes it (its SYN, or that the client goes on
 * to send), or resets it. That nothing comes is for whoever waits to say. The entry of the connection, which is there
 * for the SYN anyway, has all that is remembered. Whether the client had just been told of the port is asked where answers
 * are known, by whoever takes the observations.
 *
 * So that a flood of SYNs costs hardly more for it, REACH_MOST connections in a second of packet time are told of; the others go
 * unsaid, and are counted as capped. A client that gets nothing tries again. */
#ifndef EPMWATCH_DISSECT_REACH_H
#define EPMWATCH_DISSECT_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct assoc_env;
struct flow_key;
struct flow_origin;
struct hints;

enum {
	REACH_MOST = 256,
	REACH_FIRST_PORT = 1024,
};

/* Of a connection, in its struct flow_origin. */
enum reach_state {
	REACH_UNKNOWN, /* it goes nowhere that was learned, so far */
	REACH_AWAITED, /* the SYN was told */
	REACH_SETTLED, /* there is no more to say */
};

struct reach {             /* all zero: nothing told yet */
	int64_t second_ns; /* where the second began in which ... */
	unsigned told;     /* ... so many were told of */
};

/** reach_syn(r, env, hints, key, o, from, answers): Side ${from} of connection ${key} has sent a SYN, which ${answers} that of the other
 * side. ${o}->client is known. */
void reach_syn(struct reach *r, struct assoc_env *env, const struct hints *hints,
    const struct flow_key *key, struct flow_origin *o, int from, bool answers);

/** reach_rst(env, key, o, from): It was reset by ${from} before anything was sent. */
void reach_rst(struct assoc_env *env, const struct flow_key *key, struct flow_origin *o, int from);

/** reach_goes_on(env, key, o): Something was sent over it, so it was taken, whether or not that was seen. */
void reach_goes_on(struct assoc_env *env, const struct flow_key *key, struct flow_origin *o);

#endif
